"""How good a log is: what it leaves out, and how fine its clock is."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from bdv_process.eventlog import event
from bdv_process.eventlog.door import refuse_no_log
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.table import Note
from bdv_process.faces import Shown, plain
from bdv_process.language import Language, text
from bdv_process.mining.charting import said_in
from bdv_process.picture import words
from bdv_process.picture.picture import Picture
from bdv_process.template.term import HERE

#: What findings lean on, by the name under which a reader meets it.
_EVIDENCE = {
    "time": event.TIMESTAMP,
    "resource": event.RESOURCE,
    "role": event.ROLE,
    "requester": event.REQUESTER,
    "outcome": event.OUTCOME,
    "linked": event.LINKED,
    "component": event.COMPONENT,
    "proposal": event.PROPOSAL,
    "due": event.DUE,
    "recorded": event.RECORDED,
}
_CLOCKS = {"day": "D", "hour": "h", "minute": "min", "second": "s"}  #: from coarse to fine


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Quality(Shown):
    """How far a log carries: what cases lack, and what became of the rows it was read from.

    `frame`: see `evidence`. `clock`: see `clock`. `rows`, `used`, `rejected`: of the file.
    `notes`: text keys with facts, of what may be a mistake.
    """

    frame: pd.DataFrame
    clock: str
    rows: int
    used: int
    rejected: int
    notes: tuple[Note, ...] = ()

    def chart(self, *, lang: Language | None = None) -> Picture:
        """Return as a picture in how many cases each kind of evidence is there."""
        from bdv_process.picture.axes import Bar
        from bdv_process.picture.ranking import ranking

        lang = said_in(lang)
        there = (1 - self.frame.set_index("evidence")["share"]).sort_values(
            ascending=False, kind="stable"
        )
        given = [
            Bar(name=text(f"evidence.{name}", lang), value=share, said=words.percent(share, lang))
            for name, share in there.items()
        ]
        return ranking(
            given,
            title=text("quality.title", lang),
            says=text("quality.says", lang),
            columns=(text("quality.evidence", lang), text("quality.share", lang)),
            percent=True,
            lang=lang,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        counted = {"rows": self.rows, "used": self.used, "rejected": self.rejected}
        said = [text(key, **facts) for key, facts in self.notes]
        told = {"clock": self.clock, **counted, "notes": said}
        return {"format": 1, **told, "evidence": plain(self.frame)}

    def __repr__(self) -> str:
        """Say how much of what findings lean on is there, on one line."""
        whole = int((self.frame["missing"] == 0).sum()) if self.frame["of"].any() else "-"
        doubted = f", {len(self.notes)} notes" if self.notes else ""
        return (
            f"<Quality: {whole} of {len(self.frame)} kinds of evidence in every case, "
            f"{self.rejected} of {self.rows} rows rejected, clock: {self.clock or 'none'}{doubted}>"
        )


def quality(log: EventLog) -> Quality:
    """Return how far a log carries, before anything is concluded from it.

    Raises:
        InputRefused: it is no log.
    """
    refuse_no_log(log)
    account = log.provenance
    return Quality(
        frame=evidence(log),
        clock=clock(log),
        rows=account.rows_in,
        used=account.used,
        rejected=len(account.rejected),
        notes=account.notes,
    )


def evidence(log: EventLog) -> pd.DataFrame:
    """Return how many cases lack what findings lean on: evidence, missing, of (all cases), share.

    A case lacks it when none of its events has a value.
    """
    cases = log.frame[event.CASE]
    of = cases.nunique()
    missing = [
        of - (cases[log.frame[column].notna()].nunique() if column in log.frame else 0)
        for column in _EVIDENCE.values()
    ]
    share = [lacking / max(of, 1) for lacking in missing]
    return pd.DataFrame({"evidence": list(_EVIDENCE), "missing": missing, "of": of, "share": share})


def clock(log: EventLog) -> str:
    """Return the coarsest clock that could have stamped every event: day .. second, fraction.

    "" without times. Days and hours may be those of UTC or of Dutch local time.
    """
    moments = log.coded[event.TIMESTAMP].dropna()
    if moments.empty:
        return ""
    zones = (moments, moments.dt.tz_convert(HERE).dt.tz_localize(None))
    fits = (
        name
        for name, unit in _CLOCKS.items()
        if any((zone == zone.dt.floor(unit)).all() for zone in zones)
    )
    return next(fits, "fraction")
