"""`bdv db key|seal|verify|audit` and `bdv privacy`: what keeps the register to be believed."""

import getpass
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from bdv_process.cli.opening import open_register
from bdv_process.cli.screen import (
    LocalPath,
    output_options,
    print_json,
    print_table,
    say,
    stage,
)
from bdv_process.errors import Conflict, IntegrityBroken, NotFound
from bdv_process.language import text
from bdv_process.template.term import HERE

_PURPOSES = ("signing", "master", "pseudonym")


def myself() -> str:
    """Return who runs this, as the machine knows them."""
    try:
        return f"os:{getpass.getuser()}"
    except (KeyError, OSError):  # nobody gave this number a name
        return f"os:{os.getuid()}"


@click.command()
@click.option(
    "-o", "--output", "target", required=True, type=LocalPath(), help="File to make.",
)  # fmt: skip
@click.option(
    "--for", "purpose", type=click.Choice(_PURPOSES), default="signing", show_default=True,
    help="Sign heads, wrap the keys of subjects, or make pseudonyms in exported logs.",
)  # fmt: skip
@output_options
def key(target: Path, purpose: str, as_json: bool) -> None:
    """Make a key, to keep outside the database; beside a signing key goes its public half."""
    from bdv_process.execution.keys import VARIABLE, Purpose, make_key

    made = make_key(Purpose(purpose), target)
    variable = VARIABLE[Purpose(purpose)]
    if as_json:
        print_json({"paths": [str(path) for path in made], "variable": variable})
    else:
        say("cli.key_made", paths=", ".join(map(str, made)), variable=variable, path=target)


@click.command()
@click.option("-o", "--output", "target", type=LocalPath(), help="File to make for the head.")
@output_options
def seal(target: Path | None, as_json: bool) -> None:
    """Seal what the register holds now: one hash over all cases, signed, to keep elsewhere.

    The key is the file in BDV_SIGNING_KEY; without one the head is made, but nobody signs it.
    """
    from bdv_process.execution.keys import signer

    if target and not target.parent.is_dir():
        raise NotFound("BDV-201", where=target.parent)
    if target and target.exists():
        raise Conflict("BDV-537", where=target)
    with open_register() as register:
        head = register.seal(signer())
    if target:
        try:
            head.write(target)
        except FileExistsError as error:
            raise Conflict("BDV-537", where=target) from error
    if as_json:
        print_json({**vars(head), "path": str(target) if target else None})
        return
    say("cli.sealed", number=head.number, cases=head.cases, root=head.root)
    say("cli.head_signed" if head.key else "cli.head_unsigned", public=head.key)
    if target:
        click.echo(target)


@click.command()
@click.option("--since", type=LocalPath(), metavar="HEAD", help="A head that was kept elsewhere.")
@output_options
def verify(since: Path | None, as_json: bool) -> None:
    """Verify every event, every head and the audit log; with HEAD also that nothing is gone since.

    Heads have to be signed with the key in BDV_SIGNING_KEY, of which the public half is enough.
    """
    from bdv_process.execution.keys import signer
    from bdv_process.execution.seal import Head

    head, who = Head.read(since) if since else None, signer()
    with open_register() as register, stage(text("cli.verifying"), register.size()) as progress:
        found = register.verify(since=head, trusted=who.trusted if who else None, progress=progress)
    counted = {
        "events": found.events, "cases": found.cases, "heads": found.heads,
        "signed": found.signed, "audits": found.audits,
    }  # fmt: skip
    if as_json:
        broken = [{**asdict(each), "said": _said(each.problem)} for each in found.broken]
        print_json({**counted, "trusted_key": who is not None, "number": found.number,
                    "broken": broken})  # fmt: skip
    else:
        say("cli.verified", **counted)
        if not found.heads:
            say("cli.never_sealed")
        if (found.signed or (head and head.key)) and who is None:
            say("cli.key_not_known")
        for each in found.broken[:20]:
            say("cli.broken", where=_where(each.case, each.seq), said=_said(each.problem))
    if found.broken:
        first = found.broken[0]
        raise IntegrityBroken(
            "BDV-531", where=_where(first.case, first.seq), name=_said(first.problem, "nl"),
            name_en=_said(first.problem, "en"), number=found.number,
        )  # fmt: skip


@click.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="From when on.")
@click.option("--person", metavar="PERSON", help="Who did it.")
@click.option("--case", "case_id", metavar="CASE", help="What it was done with.")
@output_options
def audit(since: datetime | None, person: str | None, case_id: str | None, as_json: bool) -> None:
    """Show who looked, took out, came in or was denied."""
    moment = since.replace(tzinfo=HERE) if since else None
    with open_register() as register:
        found = register.audit(since=moment, person=person, case=case_id)
    if as_json:
        print_json([asdict(entry) for entry in found])
    elif not found:
        say("cli.no_audit")
    else:
        columns = ("at", "actor", "action", "object", "result", "origin", "reason")
        print_table(columns, [[getattr(entry, name) for name in columns] for entry in found])


@click.group()
def privacy() -> None:
    """Keep to what people may ask of what is kept of them."""


@privacy.command()
@click.argument("subject")
@click.option(
    "--reason", required=True, metavar="TEXT",
    help="Why; it is kept in the audit log, so do not name anybody in it.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only tell what would be erased.")
@output_options
def erase(subject: str, reason: str, dry_run: bool, as_json: bool) -> None:
    """Destroy the key to what was kept of SUBJECT, who asked for cases that are all closed.

    The cases stay, and the chain stays valid. A backup made before now still holds the key.
    """
    with open_register() as register:
        found = register.erase(subject, by=myself(), reason=reason, dry_run=dry_run)
    if as_json:
        print_json({**asdict(found), "dry_run": dry_run})
        return
    count = len(found.cases)
    cases = ", ".join([*found.cases[:10], *(["..."] if count > 10 else [])])
    say("cli.would_erase" if dry_run else "cli.erased", number=count, cases=cases)
    say("cli.backups_keep" if found.wrapped else "cli.backups_keep_bare")
    if found.lingers:
        say("cli.lingers")


@privacy.command()
@click.option(
    "--from", "before", type=LocalPath(), metavar="FILE",
    help="The master key that they were wrapped in until now; none: they stood bare.",
)  # fmt: skip
@output_options
def wrap(before: Path | None, as_json: bool) -> None:
    """Wrap the keys of all requesters in the master key that BDV_MASTER_KEY names now.

    Stop what else runs first, and start it with the new key: who has the old one opens nothing.
    """
    from bdv_process.execution.keys import Purpose, secret

    old = secret(Purpose.MASTER, before) if before else None
    with open_register() as register:
        number, lingers = register.wrap(by=myself(), before=old)
    if as_json:
        print_json({"wrapped": number, "lingers": lingers})
        return
    say("cli.wrapped", number=number)
    if lingers:
        say("cli.lingers")


def _where(case: str | None, seq: int | None) -> str:
    return " ".join(str(part) for part in (case, f"#{seq}" if seq else None) if part)


def _said(problem: str, lang: str | None = None) -> str:
    return text(f"db.broken.{problem}", lang)  # type: ignore[arg-type]
