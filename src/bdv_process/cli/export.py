"""`bdv log export`: take the event log out of the register, people named by pseudonyms."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bdv_process.cli.custody import myself
from bdv_process.cli.opening import open_register
from bdv_process.cli.screen import output_options
from bdv_process.cli.writing import target_option, tell_written
from bdv_process.language import text

if TYPE_CHECKING:
    from bdv_process.eventlog.log import EventLog
    from bdv_process.eventlog.table import Note
    from bdv_process.execution.register import CaseRegister


@click.command()
@target_option
@click.option("--clear", is_flag=True, help="Name people as the register does; say why.")
@click.option("--reason", metavar="TEXT", help="Why --clear; it is kept in the audit log.")
@output_options
def export(target: Path, clear: bool, reason: str | None, as_json: bool) -> None:
    """Write the register's event log; people and citizens go by pseudonyms.

    With a key in BDV_PSEUDONYM_KEY the same person has the same pseudonym in every export (bdv db
    key --for pseudonym makes one); without, in this one only. The export is audited.
    """
    from bdv_process.eventlog.log import EventLog

    if clear != bool(reason and reason.strip()):
        raise click.UsageError(text("cli.clear_pair"))
    with open_register() as register:
        made = EventLog.of(register.events(shown=False))
        if not clear:
            made = _pseudonymised(made)
        made.write(target, first=lambda: _audit(register, target, reason))
    tell_written(made, target, as_json)


def _pseudonymised(made: "EventLog") -> "EventLog":
    """Name people by a key of ours, or by one that is thrown away."""
    from dataclasses import replace
    from secrets import token_bytes

    from bdv_process.eventlog.log import EventLog
    from bdv_process.eventlog.pseudonym import pseudonymised
    from bdv_process.execution.keys import Purpose, secret

    key = secret(Purpose.PSEUDONYM)
    named = pseudonymised(made, key or token_bytes(32))
    note: Note = ("cli.pseudonyms_kept" if key else "cli.pseudonyms_once", {})
    origin = replace(named.provenance, notes=(*named.provenance.notes, note))
    return EventLog.kept(named.coded, origin)


def _audit(register: "CaseRegister", target: Path, reason: str | None) -> None:
    """Write down that a log is taken out, before it is: what nobody may know of is not made."""
    from bdv_process.execution.audit import Act

    deed = Act.EXPORT_CLEAR if reason else Act.EXPORT
    register.note(myself(), deed, str(target), reason=reason, must=True)
