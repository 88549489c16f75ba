"""The one door to pm4py: its answers to questions we answer ourselves, to check ours against."""

import os
import warnings
from collections.abc import Sequence
from typing import Any

from bdv_process.template.automaton import NOWHERE, Automaton
from bdv_process.template.net import Net, Transition

_MOVE = 10_000  # what pm4py charges for a move on one side; a silent step costs it 1


def pm4py_costs(
    net: Net,
    variants: Sequence[tuple[str, ...]],
    search: str = "VERSION_STATE_EQUATION_A_STAR",
) -> list[int]:
    """Return the cost of an optimal alignment of each variant, by a search of pm4py's `Variants`.

    A net with arcs or priorities that pm4py does not know is handed over as its automaton.
    """
    # pm4py reads this when it is imported.
    os.environ["PM4PY_SHOW_PROGRESS_BAR"] = "False"
    from pm4py.algo.conformance.alignments.petri_net import algorithm
    from pm4py.objects.log.obj import Event, Trace

    if any(t.within or t.empty or t.clears or t.instant for t in net.transitions):
        net = state_machine(Automaton.of(net))
    model, by = _handed_over(net), algorithm.Variants[search]
    traces = [Trace([Event({"concept:name": label}) for label in v]) for v in variants]
    with warnings.catch_warnings():
        # numpy finds pm4py's matrices old-fashioned.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return [algorithm.apply(trace, *model, variant=by)["cost"] // _MOVE for trace in traces]


def state_machine(automaton: Automaton) -> Net:
    """Return a net with a place for each state, and one more for the end."""
    end = len(automaton.steps)
    edges = [
        Transition(element="", label=label, consume=(state,), produce=(target,))
        for state, row in enumerate(automaton.steps)
        for label, target in zip(automaton.labels, row, strict=True)
        if target != NOWHERE
    ]
    ends = [
        Transition(element="", label=None, consume=(state,), produce=(end,))
        for state in sorted(automaton.accepting)
    ]
    return Net(
        places=tuple(map(str, range(end + 1))),
        transitions=(*edges, *ends),
        initial=(0,),
        final=(end,),
    )


def _handed_over(net: Net) -> tuple[Any, Any, Any]:
    """Return pm4py's net, initial and final marking."""
    from pm4py.objects.petri_net.obj import Marking, PetriNet
    from pm4py.objects.petri_net.utils.petri_utils import add_arc_from_to

    copy = PetriNet()
    places = [PetriNet.Place(f"{number} {name}") for number, name in enumerate(net.places)]
    copy.places.update(places)
    for number, step in enumerate(net.transitions):
        transition = PetriNet.Transition(str(number), step.label)
        copy.transitions.add(transition)
        for place in step.consume:
            add_arc_from_to(places[place], transition, copy)
        for place in step.produce:
            add_arc_from_to(transition, places[place], copy)
    initial, final = (Marking({places[p]: m.count(p) for p in m}) for m in (net.initial, net.final))
    return copy, initial, final
