"""A case made again from all its events: a crash, a look and a move to another template need it."""

from collections.abc import Sequence

from bdv_process.eventlog.event import Event
from bdv_process.execution.case import Case, said, unfollowed
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure


def replayed(happened: Sequence[Event], template: Template, procedure: Procedure) -> Case:
    """Return the case that these events are the whole history of, on this template.

    Raises:
        IntegrityBroken: an event does not follow from those before it, or one that does is missing.
    """
    case = Case(template, procedure, happened[0])
    for event in happened[1:]:
        case.replay(event)
    if missing := case.outstanding:
        raise unfollowed(missing, "-", said(missing))
    return case
