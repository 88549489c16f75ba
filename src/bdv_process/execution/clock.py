"""Where the register gets its time from: the wall, or a hand that moves it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """Return now, in UTC."""
    return datetime.now(UTC)


class VirtualClock:
    """Time that stands still until it is moved, for simulations and tests."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)

    def __call__(self) -> datetime:
        """Return the moment at which time stands."""
        return self.now

    def move_to(self, moment: datetime) -> None:
        """Move to `moment`; time never goes back."""
        self.now = max(self.now, moment.astimezone(UTC))

    def pass_time(self, span: timedelta) -> None:
        """Let `span` go by."""
        self.move_to(self.now + span)
