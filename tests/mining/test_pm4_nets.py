"""Nets and trees of pm4py become ours, and mean the same."""

from pathlib import Path

import pytest

from bdv_process.errors import InputRefused
from bdv_process.mining.pm4 import from_pm4py_net, from_pm4py_tree, to_pm4py_net
from bdv_process.template.automaton import Automaton
from bdv_process.template.pnml import read_pnml
from bdv_process.template.process_tree import Operator, ProcessTree


@pytest.mark.parametrize("name", ["a12", "synthetic_and_k3", "synthetic_xor_loop"])
def test_a_net_comes_back_from_pm4py_as_it_went(shared: Path, name: str) -> None:
    net = read_pnml(shared / "data" / "models" / f"{name}.pnml")
    there, initial, final = to_pm4py_net(net)
    for ending in (final, None):
        back = Automaton.of(from_pm4py_net(there, initial, ending))
        assert set(back.words(14)) == set(Automaton.of(net).words(14)) != set()


def test_a_net_of_pm4py_that_is_more_than_plain_is_refused() -> None:
    from pm4py.objects.petri_net.obj import InhibitorNet, PetriNet
    from pm4py.objects.petri_net.utils.petri_utils import add_arc_from_to

    for kind, facts in ((PetriNet, {"weight": 2}), (InhibitorNet, {"type": "inhibitor"})):
        net = kind("net")
        place, step = PetriNet.Place("p"), PetriNet.Transition("t", "t")
        net.places.add(place)
        net.transitions.add(step)
        add_arc_from_to(place, step, net, **facts)
        with pytest.raises(InputRefused) as refusal:
            from_pm4py_net(net, {place: 1}, {place: 1})
        assert refusal.value.code == "BDV-162"


def test_a_net_without_an_end_of_its_own_is_refused() -> None:
    from pm4py.objects.petri_net.obj import PetriNet

    net = PetriNet("net")
    places = [PetriNet.Place("p"), PetriNet.Place("q")]
    net.places.update(places)
    with pytest.raises(InputRefused) as refusal:
        from_pm4py_net(net, {places[0]: 1})
    assert (refusal.value.code, refusal.value.facts["number"]) == ("BDV-166", 2)


def test_a_tree_of_pm4py_becomes_ours() -> None:
    from pm4py.objects.process_tree.utils.generic import parse

    found = from_pm4py_tree(parse("->( 'a', *( 'b', tau ), +( 'c', X( 'd', tau ) ) )"))
    a, b, c, d, silent = (ProcessTree(label=label) for label in ("a", "b", "c", "d", None))
    loop = ProcessTree(operator=Operator.LOOP, children=(b, silent))
    choice = ProcessTree(operator=Operator.CHOICE, children=(d, silent))
    both = ProcessTree(operator=Operator.PARALLEL, children=(c, choice))
    assert found == ProcessTree(operator=Operator.SEQUENCE, children=(a, loop, both))
    with pytest.raises(InputRefused) as refusal:
        from_pm4py_tree(parse("O( 'a', 'b' )"))
    assert refusal.value.code == "BDV-169"
