"""Rules on the conditions by which a case chooses its way."""

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice, product

from bdv_process.errors import BdvError
from bdv_process.template.condition import Condition, compile_condition
from bdv_process.template.finding import Spot, at
from bdv_process.template.model import Activity, Flow, Fork, Kind, Template

_MAX_COMBINATIONS = 10_000


def condition_allowed(template: Template) -> Iterator[Spot]:
    """Refuse conditions that are more than comparisons of outcomes."""
    for flow in template.flows:
        if flow.condition is not None:
            try:
                compile_condition(flow.condition)
            except BdvError as error:
                yield at(flow, error.code, **error.facts)


def condition_placed(template: Template) -> Iterator[Spot]:
    """Refuse conditions where nothing is chosen: the engine ignores them."""
    for flow in template.flows:
        source = template.by_id[flow.source]
        splits = source.kind is Kind.EXCLUSIVE and len(template.outgoing(source.id)) > 1
        if flow.condition is not None and (flow.default or not splits):
            yield at(flow)


def condition_known(template: Template) -> Iterator[Spot]:
    """Refuse conditions on activities or outcomes that the template does not have."""
    activities = {activity.id: activity for activity in template.activities}
    for flow, condition in _conditions(template):
        for name, values in condition.constants.items():
            if name not in activities:
                yield _unknown(flow, condition, name, list(activities))
                continue
            outcomes = [outcome.id for outcome in activities[name].outcomes]
            if outcomes or not isinstance(activities[name], Fork):
                for value in sorted(values.difference(outcomes)):
                    yield _unknown(flow, condition, value, outcomes)


def split_complete(template: Template) -> Iterator[Spot]:
    """Refuse an exclusive split on which some outcome has no way, or two."""
    conditions = {flow.id: condition for flow, condition in _conditions(template)}
    for split in template.nodes:
        flows = template.outgoing(split.id)
        if split.kind is not Kind.EXCLUSIVE or len(flows) < 2:
            continue
        bare = [f.id for f in flows if f.condition is None and not f.default]
        if bare:
            yield at(split, "rule.split-complete.bare", flow=", ".join(bare))
            continue
        if any(f.condition is not None and f.id not in conditions for f in flows):
            continue
        used = [conditions[f.id] for f in flows if f.id in conditions]
        before = {flow.source for flow in template.incoming(split.id)}
        has_default = any(flow.default for flow in flows)
        for outcomes in _combinations(template, used, before):
            ways = sum(condition.holds(outcomes) for condition in used)
            if ways > 1 or (ways == 0 and not has_default):
                said = ", ".join(f"{name} = {value}" for name, value in outcomes.items())
                yield at(split, outcomes=said or "-", ways=ways)
                break


def _conditions(template: Template) -> Iterator[tuple[Flow, Condition]]:
    """Yield the conditions that compile; the others are found by `condition_allowed`."""
    for flow in template.flows:
        if flow.condition is not None:
            try:
                yield flow, compile_condition(flow.condition)
            except BdvError:
                continue


def _unknown(flow: Flow, condition: Condition, name: str, known: list[str]) -> Spot:
    near = get_close_matches(name, known, n=1)
    return at(flow, expression=condition.text, name=name, known=", ".join(near or known) or "-")


def _combinations(
    template: Template, conditions: list[Condition], before: set[str]
) -> Iterator[dict[str, str]]:
    """Yield what activities may have ended with at a split; those not just done may be undone."""
    constants: dict[str, set[str]] = {}
    for condition in conditions:
        for name, compared in condition.constants.items():
            constants.setdefault(name, set()).update(compared)
    choices: list[list[tuple[str, str | None]]] = []
    for name, values in constants.items():
        activity = template.by_id.get(name)
        declared = activity.outcomes if isinstance(activity, Activity) else ()
        ends: list[str | None] = [*([outcome.id for outcome in declared] or sorted(values))]
        # A called case may end in ways its caller has not heard of.
        if name not in before or isinstance(activity, Fork):
            ends.append(None)
        choices.append([(name, end) for end in ends])
    for combination in islice(product(*choices), _MAX_COMBINATIONS):
        yield {name: end for name, end in combination if end is not None}
