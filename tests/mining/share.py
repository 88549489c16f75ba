"""An analysis as small as they come, where worker processes find it too."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bdv_process.eventlog.event import ACTIVITY
from bdv_process.eventlog.log import EventLog


@dataclass(frozen=True)
class Share:
    """How often each activity happens, per event of the whole log."""

    def survey(self, log: EventLog) -> int:
        return len(log)

    def surveyed(self, parts: Sequence[int]) -> int:
        return sum(parts)

    def partial(self, log: EventLog, can: int) -> Counter[str]:
        return Counter(log.coded[ACTIVITY])

    def merge(self, parts: Sequence[Counter[str]]) -> Counter[str]:
        return sum(parts, Counter())

    def finish(self, whole: Counter[str], can: int) -> dict[str, float]:
        return {name: count / can for name, count in whole.items()}
