"""Named moments of a command at which something happens to it: it is killed, or the disk is.

The hooks are SQLAlchemy's own; the product has no switches for this.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, Pool, event

#: What a statement begins with, and whether the moment comes before or after it.
STATEMENTS: Final = {
    "before the events": ("before", "INSERT INTO event"),
    "after the events": ("after", "INSERT INTO event"),
    "before the case list": ("before", "UPDATE case_file"),
    "after the case list": ("after", "UPDATE case_file"),
    "before the work list": ("before", "INSERT INTO work_item"),
    "after the work list": ("after", "INSERT INTO work_item"),
    "before the timers": ("before", "DELETE FROM timer"),
    "after the timers": ("after", "INSERT INTO timer"),
    "before the command row": ("before", "INSERT INTO command"),
    "after the command row": ("after", "INSERT INTO command"),
}
BEFORE_COMMIT: Final = "before the commit"
AFTER_COMMIT: Final = "after the commit"
BEFORE_ANSWER: Final = "before the answer"
POINTS: Final = (*STATEMENTS, BEFORE_COMMIT, AFTER_COMMIT, BEFORE_ANSWER)
#: Where what was asked is there to stay.
DONE: Final = (AFTER_COMMIT, BEFORE_ANSWER)


def die(_connection: object = None) -> None:
    """Kill this very process, as nobody can who still wants to clean up."""
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def at(point: str, act: Callable[[Any], None] = die) -> Iterator[None]:
    """Let `act` happen when a command comes by `point`, on any engine of this process."""
    committed = False

    def execute(connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith(STATEMENTS[point][1]):
            act(connection)

    def commit(connection: Connection) -> None:
        nonlocal committed
        committed = True
        if point == BEFORE_COMMIT:
            act(connection)

    def given_back(*_about: object) -> None:
        if committed:
            act(None)

    if point in STATEMENTS:
        hooks = [(Engine, f"{STATEMENTS[point][0]}_cursor_execute", execute)]
    else:
        hooks = [(Engine, "commit", commit)]
        if point == AFTER_COMMIT:
            hooks.append((Pool, "checkin", given_back))
    for hook in hooks:
        event.listen(*hook)
    try:
        yield
        if point == BEFORE_ANSWER:
            act(None)
    finally:
        for hook in hooks:
            event.remove(*hook)
