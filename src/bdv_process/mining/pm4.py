"""The one door to pm4py: models it finds, and its answers to what we answer, to check ours by."""

import os
import sys
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.template.automaton import NOWHERE, Automaton
from bdv_process.template.net import Net, Transition
from bdv_process.template.process_tree import Operator, ProcessTree

_MOVE = 10_000  # what pm4py charges for a move on one side; a silent step costs it 1
A_STAR = "VERSION_STATE_EQUATION_A_STAR"  #: pm4py's default


def pm4py_costs(
    net: Net,
    variants: Sequence[tuple[str, ...]],
    search: str = A_STAR,
    seconds: float = sys.maxsize,
) -> list[int | None]:
    """Return the cost of an optimal alignment of each variant, by a search of pm4py's `Variants`.

    It is None when the search took longer than `seconds` for a variant. A net with arcs or
    priorities that pm4py does not know is handed over as its automaton.
    """
    # pm4py reads this when it is imported.
    os.environ["PM4PY_SHOW_PROGRESS_BAR"] = "False"
    from pm4py.algo.conformance.alignments.petri_net import algorithm
    from pm4py.objects.log.obj import Event, Trace

    model = to_pm4py_net(net if net.plain else state_machine(Automaton.of(net)))
    by = algorithm.Variants[search]
    how = {
        algorithm.Parameters.PARAM_MAX_ALIGN_TIME_TRACE: seconds,
        # It would align an empty case with each variant.
        algorithm.Parameters.ENABLE_BEST_WORST_COST: False,
    }
    traces = [Trace([Event({"concept:name": label}) for label in v]) for v in variants]
    with warnings.catch_warnings():
        # numpy finds pm4py's matrices old-fashioned.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        found = [algorithm.apply(trace, *model, variant=by, parameters=how) for trace in traces]
    return [alignment and alignment["cost"] // _MOVE for alignment in found]


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


def inductive_tree(variants: Mapping[tuple[str, ...], int], noise: float = 0.2) -> ProcessTree:
    """Return the process tree that the inductive miner (infrequent) finds in variants with counts.

    What follows in less than `noise` of the most frequent case is left out. The same variants give
    the same tree. Leemans, Fahland and van der Aalst 2014.
    """
    os.environ["PM4PY_SHOW_PROGRESS_BAR"] = "False"
    from pm4py.algo.discovery.inductive.dtypes.im_ds import IMDataStructureUVCL
    from pm4py.algo.discovery.inductive.variants.imf import IMFUVCL
    from pm4py.objects.process_tree.utils.generic import fold

    log = IMDataStructureUVCL(Counter(dict(sorted(variants.items()))))
    settings = {"noise_threshold": noise}
    found = fold(IMFUVCL(settings).apply(log, settings))
    return _settled(from_pm4py_tree(found))


def object_flows(
    events: pd.DataFrame, objects: pd.DataFrame, related: pd.DataFrame
) -> pd.DataFrame:
    """Return the object-centric directly-follows graph: type, source, target, count, objects.

    Source "" is where an object begins, target "" where it ends; `objects` counts each once. Van
    der Aalst and Berti 2020.

    Args:
        events: id, activity, moment; by moment.
        objects: id, type.
        related: event, object; each pair once.
    """
    os.environ["PM4PY_SHOW_PROGRESS_BAR"] = "False"
    from pm4py.algo.discovery.ocel.ocdfg import algorithm
    from pm4py.algo.discovery.ocel.ocdfg.variants.classic import Parameters
    from pm4py.objects.ocel.obj import OCEL

    told = events.set_axis(["ocel:eid", "ocel:activity", "ocel:timestamp"], axis=1)
    known = objects.set_axis(["ocel:oid", "ocel:type"], axis=1)
    pairs = related.set_axis(["ocel:eid", "ocel:oid"], axis=1)
    pairs = told.merge(pairs, on="ocel:eid").merge(known, on="ocel:oid", how="inner")
    ocel = OCEL(told, known, pairs.sort_values(["ocel:timestamp", "ocel:eid"], kind="stable"))
    graph = algorithm.apply(ocel, parameters={Parameters.COMPUTE_EDGES_PERFORMANCE: False})
    parts = (
        ("start_activities", lambda step: ("", step)),
        ("end_activities", lambda step: (step, "")),
        ("edges", lambda pair: pair),
    )
    rows = [
        (kind, *ends(step), len(times), len(graph[part]["unique_objects"][kind][step]))
        for part, ends in parts
        for kind, steps in graph[part]["total_objects"].items()
        for step, times in steps.items()
    ]
    return pd.DataFrame(rows, columns=["type", "source", "target", "count", "objects"])


def _settled(tree: ProcessTree) -> ProcessTree:
    """Return a tree with the blocks whose order means nothing in one order."""
    children = tuple(_settled(child) for child in tree.children)
    if tree.operator in (Operator.CHOICE, Operator.PARALLEL):
        children = tuple(sorted(children, key=repr))
    return replace(tree, children=children)


def to_pm4py_net(net: Net) -> tuple[Any, Any, Any]:
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


def from_pm4py_net(net: Any, initial: Any, final: Any = None) -> Net:
    """Return pm4py's net as ours; without a final marking it ends with a token in its sink.

    Raises:
        InputRefused: an arc moves more than one token, or is an inhibitor or reset arc; or no final
            marking is given and there is no single place without arcs from it.
    """
    places = sorted(net.places, key=lambda place: str(place.name))
    number = {place: position for position, place in enumerate(places)}
    if any(arc.weight != 1 for arc in net.arcs) or {type(arc).__name__ for arc in net.arcs} - {
        "Arc"
    }:
        raise InputRefused("BDV-162", where=net.name)
    if not final:
        sinks = [place for place in places if not place.out_arcs]
        if len(sinks) != 1:
            raise InputRefused("BDV-166", where=net.name, number=len(sinks))
        final = {sinks[0]: 1}
    return Net(
        places=tuple(str(place.name) for place in places),
        transitions=tuple(
            Transition(
                element=str(step.name),
                label=step.label,
                consume=tuple(sorted(number[arc.source] for arc in step.in_arcs)),
                produce=tuple(sorted(number[arc.target] for arc in step.out_arcs)),
            )
            for step in sorted(net.transitions, key=lambda step: str(step.name))
        ),
        initial=tuple(sorted(number[p] for p in initial for _ in range(initial[p]))),
        final=tuple(sorted(number[p] for p in final for _ in range(final[p]))),
    )


def from_pm4py_tree(tree: Any) -> ProcessTree:
    """Return pm4py's process tree as ours.

    Raises:
        InputRefused: it has a block that we have no counterpart of.
    """
    children = tuple(from_pm4py_tree(child) for child in tree.children)
    if tree.operator is None:
        return ProcessTree(label=tree.label)
    name = tree.operator.name.replace("XOR", "CHOICE")
    if name not in Operator.__members__:
        raise InputRefused("BDV-169", where="pm4py", part=name, number=len(children))
    return ProcessTree.block(Operator[name], children, "pm4py")
