"""Read one file in a process of its own: `sandbox.py` starts it, and hears what came of it.

Its argument is a folder: in it stands what is asked, and the answer comes there, last of all. When
standard input closes, whoever asked is gone: then so are folder and process.
"""

import json
import os
import shutil
import sys
import threading
from collections.abc import Callable
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

from bdv_process.errors import BdvError, InputRefused, LimitExceeded, StorageUnavailable
from bdv_process.limits import limit
from bdv_process.reading.confinement import confine, peak_memory
from bdv_process.reading.sandbox import ANSWER, ASKED

_NEARLY = 0.9  # of the memory there is: a reader that is refused more may call a file damaged


def _log(folder: Path, path: str, mapping: Any, **options: Any) -> dict[str, Any]:
    from bdv_process.eventlog.mapping import Mapping
    from bdv_process.reading.answer import write_log
    from bdv_process.reading.logs import read

    known = Mapping.from_dict(mapping) if isinstance(mapping, dict) else mapping
    return write_log(read(path, mapping=known, **options), folder)


def _objects(folder: Path, path: str, **options: Any) -> dict[str, Any]:
    from bdv_process.eventlog.object_log import ObjectLog
    from bdv_process.reading.answer import write_objects

    return write_objects(ObjectLog.read(path, **options), folder)


def _net(_folder: Path, path: str) -> None:
    from bdv_process.template.pnml import read_pnml
    from bdv_process.template.process_tree import read_ptml

    (read_ptml if path.endswith(".ptml") else read_pnml)(path)


def _template(_folder: Path, path: str) -> None:
    from bdv_process.template.model import Template

    Template.read(path)


def _diagrams(_folder: Path, paths: list[str]) -> list[dict[str, Any]]:
    from bdv_process.template.library import shipped
    from bdv_process.template.rules import check

    return [vars(finding) for finding in check(map(Path, paths), beside=shipped())]


TASKS: dict[str, Callable[..., Any]] = {
    "log": _log, "objects": _objects, "net": _net, "template": _template, "diagrams": _diagrams,
}  # fmt: skip


def _answer(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    memory = limit("BDV_MAX_MEMORY_BYTES")
    try:
        found = TASKS[request["task"]](folder, **request["given"])
    except MemoryError:
        return _refused(LimitExceeded("BDV-552", limit=memory))
    except BdvError as error:
        if isinstance(error, InputRefused) and peak_memory() > memory * _NEARLY:
            return _refused(LimitExceeded("BDV-552", limit=memory))
        return _refused(error)
    except OSError as error:  # as the command line says it of a file that may not be read
        problem = error.strerror or str(error)
        return _refused(StorageUnavailable("BDV-602", where=error.filename or "", problem=problem))
    except Exception as error:  # whatever it is: the file did it
        return _refused(InputRefused("BDV-554", problem=type(error).__name__))
    return {"found": found}


def _refused(error: BdvError) -> dict[str, Any]:
    told = {"exit": error.exit_code, "code": error.code, "where": error.where}
    return {"refused": told | {"facts": error.facts}}


def _plain(value: object) -> object:
    return vars(value) if is_dataclass(value) else str(value)


def _end_with(folder: Path) -> None:
    """Wait until the other side is gone, and leave nothing."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def main() -> None:
    """Read what is asked for, bound before anything is loaded that reads."""
    folder = Path(sys.argv[1])
    try:
        confine()
        threading.Thread(target=_end_with, args=(folder,), daemon=True).start()
        answer = _answer(json.loads((folder / ASKED).read_bytes()), folder)
    except BdvError as error:
        answer = _refused(error)
    draft = folder / "draft.json"
    draft.write_text(json.dumps(answer, default=_plain), encoding="utf-8")
    draft.replace(folder / ANSWER)
    os._exit(0)  # at once: what is in memory is of no use any more


if __name__ == "__main__":
    main()
