"""Who and how: the procedure that gives every activity its roles, separations, norms and terms.

A procedure of a service derives from another: it says what differs, the rest is as it was there. A
step that refines another is done by who does that one, and kept apart from what that one is.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from bdv_process.language import Named, Said
from bdv_process.template.form import Field
from bdv_process.template.model import Template


@dataclass(frozen=True, kw_only=True)
class Role(Named):
    """A role that people fulfil."""


@dataclass(frozen=True, kw_only=True)
class Raci:
    """Who does, answers for, is consulted on and is told of one activity."""

    responsible: tuple[str, ...]  #: roles that may do it; the first is the usual one
    accountable: str
    consulted: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """Return every role that has to do with it."""
        return (*self.responsible, self.accountable, *self.consulted, *self.informed)


@dataclass(frozen=True, kw_only=True)
class Separation(Named):
    """Two sets of activities one person may not both do, in a case, its parents and children.

    Its name is the rule, in one sentence.
    """

    one: frozenset[str]  #: activity ids
    other: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """Who does what, who may not do both, how long it should take and how long it may."""

    roles: tuple[Role, ...]
    raci: dict[str, Raci]  #: by activity id
    separations: tuple[Separation, ...]
    requester_separated: bool  #: whether a requester may never handle the own case
    norms: dict[str, timedelta]  #: processing time that is normal, by activity id
    terms: dict[str, timedelta]  #: term of decision of a case, by the process it opens with
    recorded_within: timedelta  #: how long after it occurred an event is written down, at most
    path: Path
    #: by activity id: how it is done, for who does it
    instructions: dict[str, Said] = field(default_factory=dict)
    forms: dict[str, tuple[Field, ...]] = field(default_factory=dict)  #: by activity id

    @staticmethod
    def read(path: Path | str, activities: Collection[str] = ()) -> "Procedure":
        """Read a procedure from TOML; with `activities` it has to cover exactly these.

        Raises:
            NotFound: there is no such file.
            InputRefused: it is not complete, names an unknown role or activity, or an activity has
                not exactly one A and at least one R.
            LimitExceeded: it is larger than the limits.
        """
        # The reader makes these values, so it can only be called from here.
        from bdv_process.template.procedure_file import read_procedure

        return read_procedure(Path(path), activities)

    def derive(self, path: Path | str, template: Template) -> "Procedure":
        """Read the procedure of a service that goes by `template`: what differs from this one.

        Raises:
            NotFound: there is no such file.
            InputRefused: it is of another template, or as `read` refuses.
            LimitExceeded: it is larger than the limits.
        """
        from bdv_process.template.procedure_file import derived_procedure

        return derived_procedure(Path(path), template, self)

    @cached_property
    def role_ids(self) -> frozenset[str]:
        """Return the ids of all roles."""
        return frozenset(role.id for role in self.roles)

    @cached_property
    def accountable(self) -> frozenset[str]:
        """Return the ids of the roles that answer for a step."""
        return frozenset(raci.accountable for raci in self.raci.values())

    @cached_property
    def working(self) -> frozenset[str]:
        """Return the ids of the roles that do or answer for a step: those inside."""
        return frozenset(
            role for raci in self.raci.values() for role in (*raci.responsible, raci.accountable)
        )
