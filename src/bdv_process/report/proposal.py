"""A finding as a proposal: what a report of its own says of it, to file with a call of a risk.

Loads no pandas: whoever files a call need not have mined the log.
"""

import hashlib
import json
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from bdv_process.errors import InputRefused, IntegrityBroken, NotFound
from bdv_process.template.xml import read_bytes

FORMAT = 1  #: of a report as data


def fingerprint(said: dict[str, Any]) -> str:
    """Return the SHA-256 of a report as data, its own fingerprint left out."""
    bare = {name: value for name, value in said.items() if name != "fingerprint"}
    canonical = json.dumps(bare, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def proposal(report: Path, finding: str) -> dict[str, Any]:
    """Return what a report (.json) says of one finding, as evidence for a call.

    Where several logs of a report have it, the first one speaks.

    Members: finding, template, says (what, how often and since when), advice, cases, of, share, low
    and high (None for a small group, which has no examples either), since, until, examples, log,
    period, and report: title, generated, fingerprint.

    Raises:
        NotFound: there is no such file, or no such finding in it.
        InputRefused: it is no report of ours.
        IntegrityBroken: it was changed after it was made.
    """
    said = _read(report)
    found = {
        each["finding"]: (each, chapter)
        for chapter in reversed(said["chapters"])
        for each in chapter["findings"]
    }
    if finding not in found:
        near = get_close_matches(finding, found, cutoff=0.3) or list(found)[:3] or ["-"]
        raise NotFound("BDV-506", where=finding, known=", ".join(near))
    told, chapter = found[finding]
    sentences = (told["says"], told["often"], told["when"])
    return {
        **{name: told[name] for name in ("finding", "template", "advice", "since", "until")},
        "says": " ".join(filter(None, sentences)),
        **{name: told["part"][name] for name in ("cases", "of", "share", "low", "high")},
        "examples": told["examples"],
        "log": chapter["name"],
        "period": chapter["period"],
        "report": {name: said[name] for name in ("title", "generated", "fingerprint")},
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(read_bytes(path))
    except (ValueError, RecursionError) as error:
        raise InputRefused("BDV-504", where=path) from error
    if not isinstance(said, dict) or said.get("format") != FORMAT or "fingerprint" not in said:
        raise InputRefused("BDV-504", where=path)
    if said["fingerprint"] != fingerprint(said):
        raise IntegrityBroken("BDV-505", where=path)
    return said
