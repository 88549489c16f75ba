"""Moments as the register stores them: sortable UTC text."""

from datetime import UTC, datetime

from sqlalchemy import Dialect, String
from sqlalchemy.types import TypeDecorator

from bdv_process.errors import IntegrityBroken

_NEVER = "~"  # sorts after every year


def moment_text(moment: datetime) -> str:
    """Return an aware moment as it is stored."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class Moment(TypeDecorator[datetime]):
    """An aware moment as sortable UTC text: SQLite forgets zones, and people read these tables."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Return the text that is stored."""
        return moment_text(value) if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Return the moment that was stored."""
        try:
            return datetime.fromisoformat(value) if value else None
        except ValueError as error:
            raise IntegrityBroken("BDV-334", where=value, problem=error) from error


class Deadline(Moment):
    """A moment by which something is due; what is never due comes after all that is."""

    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str:
        """Return the text that is stored."""
        return super().process_bind_param(value, dialect) or _NEVER

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Return the moment that was stored."""
        return None if value == _NEVER else super().process_result_value(value, dialect)
