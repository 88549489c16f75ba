"""Logs that name nobody: people and citizens go by keyed pseudonyms, the same one everywhere.

HMAC-SHA256 under a key that stays outside the log: a plain hash is undone by trying all names, or
all citizen service numbers. Whoever did something, stood in for somebody or asked keeps one name in
the whole log, so separations of duties and journeys can still be seen.
"""

from hashlib import sha256
from hmac import new
from typing import Final

from bdv_process.eventlog.event import BEHALF, ERASED, REQUESTER, RESOURCE
from bdv_process.eventlog.log import EventLog

PEOPLE: Final = (REQUESTER, RESOURCE, BEHALF)
_LENGTH: Final = (
    16  # of 64 hexadecimals: two of a million people share one once in ten million logs
)


def pseudonym(person: str, key: bytes) -> str:
    """Return what a person is called under a key; who was erased keeps that mark."""
    if person.startswith(f"{ERASED}-"):
        return person
    return "p" + new(key, person.encode(), sha256).hexdigest()[:_LENGTH]


def pseudonymised(log: EventLog, key: bytes) -> EventLog:
    """Return the log with a pseudonym for each person in it."""
    coded = log.coded
    named = {
        column: coded[column].cat.rename_categories(
            {person: pseudonym(person, key) for person in coded[column].cat.categories}
        )
        for column in PEOPLE
    }
    return EventLog.kept(coded.assign(**named), log.provenance)
