"""Numbers and dates as a reader writes them, in Dutch and in English."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bdv_process.language import Language, text

_HERE = ZoneInfo("Europe/Amsterdam")  # times are UTC inside, local on paper


def count(amount: int, lang: Language) -> str:
    """Return a whole number: 1.234 or 1,234."""
    return _points(f"{amount:,}", lang)


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


def fitness(value: float, lang: Language) -> str:
    """Return a fitness (0..1) in three digits; only a perfect one shows as 1."""
    return decimal(min(value, 0.999) if value < 1 else value, lang, digits=3)


def day(moment: datetime, lang: Language) -> str:
    """Return the local date: 3 maart 2026."""
    local = moment.astimezone(_HERE)
    month = text("report.months", lang).split()[local.month - 1]
    return f"{local.day}\u00a0{month}\u00a0{local.year}"


def minute(moment: datetime, lang: Language) -> str:
    """Return the local date and time: 3 maart 2026, 14:05."""
    return f"{day(moment, lang)}, {moment.astimezone(_HERE):%H:%M}"


def _points(written: str, lang: Language) -> str:
    return written if lang == "en" else written.translate({ord(","): ".", ord("."): ","})
