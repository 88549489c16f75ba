"""Everything that can be refused, and the exit code that tells a script why.

BdvError
├── InputRefused         3  a file, diagram, log or mapping that cannot be trusted
├── NotFound             4  no such case, item, template or file
├── Conflict             5  somebody else was first, or the moment has passed
│   └── Stale            5  it is no longer as it was when somebody looked
├── NotAllowed           6  a role or a separation of duties forbids it
├── StorageUnavailable   7  the database cannot be reached or written: try again
├── IntegrityBroken      8  what is stored contradicts itself
└── LimitExceeded        9  larger than the product promises to handle

An error is a code with facts; its words stand in `texts/*.toml` under that code: `nl` and `en` say
what is wrong, `nl_do` and `en_do` say what to do next.
"""

import re
from typing import Final

from bdv_process.language import Language, catalogue, preferred

_COMMAND: Final = re.compile(r" (?:met|with): bdv .*$")


class BdvError(Exception):
    """Refuse with one sentence: what is wrong, where, and what to do."""

    exit_code = 1

    def __init__(self, code: str, *, where: object = "", **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.where = str(where)
        self.facts = facts

    def what(self, lang: Language | None = None) -> str:
        """Return what is wrong."""
        return catalogue()[self.code][lang or preferred()].format(**self.facts)

    def hint(self, lang: Language | None = None, *, typed: bool = True) -> str:
        """Return what to do next; who types no commands is told of none."""
        said = catalogue()[self.code][(lang or preferred()) + "_do"].format(**self.facts)
        return said if typed else _COMMAND.sub("", said)

    def render(self, lang: Language | None = None) -> str:
        """Return the whole refusal on one line."""
        parts = [f"{self.code}: {self.what(lang)}", self.where, self.hint(lang)]
        return " ".join(" - ".join(part for part in parts if part).split())

    def __str__(self) -> str:
        return self.render()

    def to_dict(self, lang: Language | None = None) -> dict[str, object]:
        """Return the refusal as the members of problem+json (RFC 9457)."""
        return {
            "type": f"urn:bdv-process:error:{self.code.lower()}",
            "title": self.what(lang),
            "code": self.code,
            "where": self.where,
            "hint": self.hint(lang),
        }


class InputRefused(BdvError):
    """A file, diagram, log or mapping that cannot be trusted."""

    exit_code = 3


class NotFound(BdvError):
    """No such case, item, template or file."""

    exit_code = 4


class Conflict(BdvError):
    """Somebody else was first, or the moment has passed."""

    exit_code = 5


class Stale(Conflict):
    """It is no longer as it was when somebody looked."""


class NotAllowed(BdvError):
    """A role or a separation of duties forbids it."""

    exit_code = 6


class StorageUnavailable(BdvError):
    """The database cannot be reached or written."""

    exit_code = 7


class IntegrityBroken(BdvError):
    """What is stored contradicts itself."""

    exit_code = 8


class LimitExceeded(BdvError):
    """Larger than the product promises to handle."""

    exit_code = 9
