"""Costs on a model that is too large for all else: pm4py searches, and time may run out."""

from collections.abc import Sequence
from dataclasses import dataclass

from bdv_process.mining.pm4 import pm4py_costs
from bdv_process.template.net import Net

SECONDS = 10.0  #: for each variant


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a variant costs lies between these; they are one where the search came to its end."""

    lower: int
    upper: int | None  #: None: not even the shortest path of the model is known


def bounds(
    net: Net, variants: Sequence[tuple[str, ...]], seconds: float = SECONDS
) -> tuple[list[Bounds], int | None]:
    """Return what each variant costs, and the length of the shortest path of the model.

    Every event that the model does not know is a log move, and as many model moves are needed as
    the shortest path is longer than the others. At worst, no event fits it.
    """
    labels = {transition.label for transition in net.transitions}
    shortest, *found = pm4py_costs(net, [(), *variants], seconds=seconds)
    told = []
    for variant, cost in zip(variants, found, strict=True):
        known = sum(label in labels for label in variant)
        lower = len(variant) - known + max(0, (shortest or 0) - known)
        upper = None if shortest is None else len(variant) + shortest
        told.append(
            Bounds(lower=lower, upper=upper) if cost is None else Bounds(lower=cost, upper=cost)
        )
    return told, shortest
