"""Which way an outcome leads: what may come next after an activity ended like this."""

from collections.abc import Callable, Collection, Iterator
from functools import cache

from bdv_process.template.condition import compile_condition
from bdv_process.template.model import Activity, Kind, Node, Template

END = ""  #: comes next when a case ends without anything visible

Contradicts = Callable[[str, str | None, str], bool]


def contradictions(template: Template, hidden: Collection[str] = frozenset()) -> Contradicts:
    """Return a test: does the outcome of an activity rule out what came next?

    Without an outcome the happy one counts. Only conditions on the activity itself are weighed.
    """
    shown = set(template.visible) - set(hidden)

    @cache
    def leads(activity: str, outcome: str) -> frozenset[str]:
        return frozenset(_leads(template, shown, activity, outcome))

    def contradicts(activity: str, outcome: str | None, following: str) -> bool:
        node = template.by_id.get(activity)
        if not isinstance(node, Activity) or not node.outcomes:
            return False
        return following not in leads(activity, outcome or node.outcomes[0].id)

    return contradicts


def message_after(template: Template, activity: str, outcome: str) -> Node | None:
    """Return what the requester is told at once when an activity ends like this."""
    found = set(_leads(template, template.visible, activity, outcome))
    return next((node for node in template.nodes if node.id in found and node.sends), None)


def _leads(
    template: Template, shown: Collection[str], activity: str, outcome: str
) -> Iterator[str]:
    """Yield what is shown first on each way that an outcome leaves open, or the end."""
    passed = {activity}
    for node in (todo := [activity]):
        for target in _targets(template, node, activity, outcome):
            if target in shown:
                yield target
            elif template.by_id[target].kind is Kind.END:
                yield END
            elif target not in passed:
                passed.add(target)
                todo.append(target)


def _targets(template: Template, node: str, activity: str, outcome: str) -> list[str]:
    """Return where the flows lead that `outcome` of `activity` leaves open at `node`."""
    flows = template.outgoing(node)
    conditions = {f.id: compile_condition(f.condition) for f in flows if f.condition}
    if any(test.names != {activity} for test in conditions.values()):
        return [flow.target for flow in flows]
    held = [
        f.target
        for f in flows
        if f.id in conditions and conditions[f.id].holds({activity: outcome})
    ]
    return held or [flow.target for flow in flows if flow.id not in conditions]
