"""Siblings: templates that cannot be told apart until the fork that makes the difference."""

from collections.abc import Iterable

from bdv_process.template.model import Fork, Template


def siblings(template: Template, among: Iterable[Template]) -> tuple[Template, ...]:
    """Return the templates that share every step with `template`, but not where its forks lead."""
    return tuple(
        other for other in among if _steps(other) == _steps(template) and parted(template, other)
    )


def parted(one: Template, other: Template) -> tuple[Fork, ...]:
    """Return the forks of `one` that lead elsewhere in `other`."""
    calls = {fork.id: fork.calls for fork in other.forks}
    return tuple(fork for fork in one.forks if calls.get(fork.id) != fork.calls)


def _steps(template: Template) -> tuple[object, ...]:
    """Return what siblings share: how they begin, and their steps with how these can end."""
    return (
        template.start.id,
        *(
            (step.id, step.kind, [each.id for each in step.outcomes])
            for step in template.activities
        ),
    )
