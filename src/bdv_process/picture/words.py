"""Numbers and dates as a reader writes them, in Dutch and in English."""

import datetime as dt
import re

from bdv_process.language import Language, catalogue, text
from bdv_process.privacy import FEW
from bdv_process.template.term import HERE  # times are UTC inside, local on paper

_NONE, _MINUTE, _HOUR, _DAY = (
    dt.timedelta(),
    dt.timedelta(minutes=1),
    dt.timedelta(hours=1),
    dt.timedelta(days=1),
)


def count(amount: int | None, lang: Language) -> str:
    """Return a whole number: 1.234 or 1,234; a hidden one as fewer than it takes to show."""
    return text("words.few", lang, few=FEW) if amount is None else _points(f"{amount:,}", lang)


def decimal(value: float, lang: Language, digits: int = 1) -> str:
    """Return a number with a fixed number of digits: 12,3 or 12.3."""
    return _points(f"{value:,.{digits}f}", lang)


def percent(share: float, lang: Language) -> str:
    """Return a share (0..1) as a percentage that never rounds to all or to nothing."""
    lowest, highest = 0.1, 99.9
    below = "< " if 0 < share * 100 < lowest / 2 else ""
    shown = max(share * 100, lowest) if below else share * 100
    shown = min(shown, highest) if share < 1 else shown
    sign = "%" if lang == "en" else "\u00a0%"
    return f"{below}{decimal(shown, lang)}{sign}"


def points(difference: float, lang: Language) -> str:
    """Return a difference of two shares (-1..1) in percentage points, with its sign."""
    sign = "+" if difference > 0 else "\u2212" if difference < 0 else "±"
    return sign + decimal(abs(difference) * 100, lang)


def fitness(value: float, lang: Language) -> str:
    """Return a fitness (0..1) in three digits; only a perfect one shows as 1."""
    return decimal(min(value, 0.999) if value < 1 else value, lang, digits=3)


def day(moment: dt.datetime, lang: Language) -> str:
    """Return the local date: 3 maart 2026."""
    return date(moment.astimezone(HERE), lang)


def month(written: str, lang: Language) -> str:
    """Return a month, written as 2026-03: maart 2026."""
    year, number = written.split("-")
    return f"{text('words.months', lang).split()[int(number) - 1]}\u00a0{year}"


def date(day_: dt.date, lang: Language) -> str:
    """Return a date: 3 maart 2026."""
    return f"{day_.day}\u00a0{month(f'{day_:%Y-%m}', lang)}"


def minute(moment: dt.datetime, lang: Language) -> str:
    """Return the local date and time: 3 maart 2026, 14:05."""
    return f"{day(moment, lang)}, {moment.astimezone(HERE):%H:%M}"


def _points(written: str, lang: Language) -> str:
    return written if lang == "en" else written.translate({ord(","): ".", ord("."): ","})


def pattern(written: str, lang: Language) -> str:
    """Return a pattern of streams: herstellen → (wijzigen → uitvoeren, uitvoeren)."""
    named = re.sub(r"[^>(), ]+", lambda word: _process(word[0], lang), written)
    return named.replace(">", " → ")


def _process(name: str, lang: Language) -> str:
    key = f"process.{name}"
    return text(key, lang) if key in catalogue() else name


def span(lasted: dt.timedelta, lang: Language, *, day: dt.timedelta = _DAY) -> str:
    """Return a duration in a few signs: 17 min, 5,2 u, 1,7 d; `day` is how long a day counts."""
    amount, unit = _measured(lasted, lang, day)
    return f"{amount}\u00a0{text(f'words.{unit}', lang)}"


def lasting(lasted: dt.timedelta, lang: Language, *, day: dt.timedelta = _DAY) -> str:
    """Return a duration in full: 17 minuten, 5,2 uur, 1,7 dagen."""
    amount, unit = _measured(lasted, lang, day)
    return f"{amount}\u00a0{text(f'words.{unit}s', lang)}"


def _measured(lasted: dt.timedelta, lang: Language, day: dt.timedelta) -> tuple[str, str]:
    if lasted < _HOUR:
        minutes = round(lasted / _MINUTE)
        return "< 1" if lasted > _NONE and not minutes else str(minutes), "minute"
    unit, size = ("hour", _HOUR) if lasted < day else ("day", day)
    amount = lasted / size
    return decimal(amount, lang, 0 if amount >= 100 else 1), unit


def hours(day: dt.timedelta, lang: Language) -> str:
    """Return how many hours a day counts: 24, or 8,5."""
    amount = day / _HOUR
    return decimal(amount, lang, 0 if amount == round(amount) else 1)


def hidden(lang: Language) -> str:
    """Return what stands for a number that is too small to show, or that would give one away."""
    return text("words.hidden", lang)
