"""Let another process read a file that nobody vouches for, and take over what it found.

The other one is bound (`confinement.py`) and may die of the file; then the file is refused. It gets
a folder to write in and hands back columns and JSON. It ends when this process does.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from bdv_process.errors import (
    BdvError,
    InputRefused,
    LimitExceeded,
    NotAllowed,
    NotFound,
    StorageUnavailable,
)
from bdv_process.limits import limit
from bdv_process.reading.confinement import frugal

if TYPE_CHECKING:
    from bdv_process.template.finding import Finding

ASKED: Final = "asked.json"
ANSWER: Final = "answer.json"
_REFUSALS: Final[dict[int, type[BdvError]]] = {
    kind.exit_code: kind
    for kind in (InputRefused, NotFound, NotAllowed, StorageUnavailable, LimitExceeded)
}


@contextmanager
def handed_back(
    task: str, where: object, meanwhile: Callable[[], object] = lambda: None, /, **given: Any
) -> Iterator[tuple[Any, Path]]:
    """Give what a task in another process answered, and the folder with what it wrote.

    Args:
        task: one of `__main__.TASKS`.
        where: the file, for a refusal.
        meanwhile: what can be done here while the other process works.
        given: what the task needs, in JSON.

    Raises:
        BdvError: as the reader raises, with the same words.
        LimitExceeded: it took too much time or memory.
        InputRefused: it died of the file.
    """
    with TemporaryDirectory(prefix="bdv-") as name:
        folder = Path(name)
        (folder / ASKED).write_text(json.dumps({"task": task, "given": given}), encoding="utf-8")
        ended = _run(folder, where, meanwhile)
        try:
            answer = json.loads((folder / ANSWER).read_bytes())
        except (OSError, ValueError):
            raise _cause(ended, where) from None
        if "refused" in answer:
            raise _refusal(answer["refused"], where)
        yield answer["found"], folder


def _run(folder: Path, where: object, meanwhile: Callable[[], object]) -> int:
    """Return how the process ended; whatever happens here, it is gone afterwards."""
    deadline = limit("BDV_MAX_SECONDS")
    # In a session of its own, Ctrl-C reaches us only: whoever starts it, ends it.
    with subprocess.Popen(  # noqa: S603 - of the words only a folder varies, and it is ours
        [sys.executable, "-P", "-m", "bdv_process.reading", str(folder)],
        stdin=subprocess.PIPE,  # nothing goes through it: when it closes, the child ends
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=frugal(dict(os.environ)),
        start_new_session=True,
    ) as child:
        try:
            meanwhile()
            return child.wait(deadline)
        except subprocess.TimeoutExpired as error:
            raise LimitExceeded("BDV-553", where=where, limit=deadline) from error
        finally:
            child.kill()


def _cause(ended: int, where: object) -> BdvError:
    """Return why a process that said nothing ended."""
    number = -ended if ended < 0 else 0
    if number and number == getattr(signal, "SIGXCPU", None):
        return LimitExceeded("BDV-551", where=where, limit=limit("BDV_MAX_CPU_SECONDS"))
    if number and number == getattr(signal, "SIGKILL", None):  # the system was out of memory
        return LimitExceeded("BDV-552", where=where, limit=limit("BDV_MAX_MEMORY_BYTES"))
    known = number in [one.value for one in signal.Signals]
    problem = signal.Signals(number).name if known else f"exit {ended}"
    return InputRefused("BDV-554", where=where, problem=problem)


def _refusal(told: dict[str, Any], where: object) -> BdvError:
    kind, facts = _REFUSALS.get(told["exit"], InputRefused), told["facts"]
    if "finding" in facts:  # its words are made when they are asked for
        facts["finding"] = finding_in(facts["finding"])
    return kind(told["code"], where=told["where"] or where, **facts)


def finding_in(told: dict[str, Any]) -> "Finding":
    """Return what a rule found, from what JSON says of it."""
    from bdv_process.template.finding import Finding

    return Finding(**told | {"file": Path(told["file"])})
