"""Rules that hold between templates: one template against all others it is used with."""

from collections.abc import Iterator, Mapping

from bdv_process.template.condition import compile_condition
from bdv_process.template.finding import Spot, at
from bdv_process.template.model import Activity, Template


def one_key(template: Template, others: Mapping[str, Template]) -> Iterator[Spot]:
    """Refuse two files with one process id: a case would not know which it follows."""
    other = others[template.key]
    if other.path != template.path:
        yield at(template, other=other.path)


def called_template(template: Template, others: Mapping[str, Template]) -> Iterator[Spot]:
    """Refuse a fork to a template that does not exist, or never ends the way it waits for."""
    for fork in template.forks:
        called = others.get(fork.calls)
        if called is None:
            yield at(fork, calls=fork.calls or "-", known=", ".join(sorted(others)))
            continue
        ends = {node.case_outcome for node in called.nodes if node.case_outcome}
        for flow in template.flows:
            used = compile_condition(flow.condition).constants if flow.condition else {}
            for value in sorted(used.get(fork.id, frozenset()) - ends):
                known = ", ".join(sorted(ends))
                yield at(
                    flow, "rule.called-template.outcome", name=value, calls=fork.calls, known=known
                )


def call_cycle(template: Template, others: Mapping[str, Template]) -> Iterator[Spot]:
    """Refuse templates that call each other in a circle: a case would start cases for ever."""
    for fork in template.forks:
        path = _path(fork.calls, template.key, others)
        if path:
            yield at(fork, cycle=" -> ".join([template.key, *path]))


def shared_activity(template: Template, others: Mapping[str, Template]) -> Iterator[Spot]:
    """Refuse an activity that is not the same in every template: each exists once."""
    for activity in template.activities:
        for key, other in others.items():
            if key == template.key:
                break  # the first of two templates sets the example
            twin = other.by_id.get(activity.id)
            if isinstance(twin, Activity) and _meaning(twin) != _meaning(activity):
                yield at(activity, other=key, file=other.path.name)
                break


def _meaning(activity: Activity) -> tuple[object, ...]:
    return (
        activity.kind,
        activity.name,
        activity.name_en,
        activity.touchpoint,
        activity.documentation,
        activity.documentation_en,
        activity.outcomes,
    )


def _path(key: str, goal: str, others: Mapping[str, Template]) -> list[str]:
    """Return the calls from one template to another, nothing when there are none."""
    paths = [[key]]
    seen = {key}
    for path in paths:
        if path[-1] == goal:
            return path
        for fork in others[path[-1]].forks if path[-1] in others else ():
            if fork.calls not in seen:
                seen.add(fork.calls)
                paths.append([*path, fork.calls])
    return []
