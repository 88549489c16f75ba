"""Schema 8: events are chained by hashes, name requesters by an id, and hide what is personal."""

import json
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

from bdv_process.execution.chain import link
from bdv_process.execution.keys import Purpose, secret
from bdv_process.execution.subject import Keyring, new_subject, sealed

revision = "8"
down_revision = "7"
branch_labels = None
depends_on = None

_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
#: What is hashed, in order, as the tables stood when this step was made.
_ORDER = (
    "case", "seq", "template", "parent", "root", "requester", "activity", "label", "item",
    "lifecycle", "timestamp", "recorded", "resource", "role", "behalf", "touchpoint", "outcome",
    "linked", "component", "proposal", "motivated", "term", "due", "data", "personal",
)  # fmt: skip
_COMPONENTS = {"component", "added", "added_name", "added_kind", "added_owner", "retired"}
_EVENT = sa.table("event", *map(sa.column, (*_ORDER, "hash")))
_SUBJECT = sa.table("subject_key", *map(sa.column, ("id", "person", "key", "made")))
_COMMAND = sa.table("command", sa.column("key"), sa.column("request"))


def upgrade() -> None:
    """Make the tables, and give the events that are there what new ones get."""
    op.add_column("event", sa.Column("personal", sa.Text))
    op.add_column("event", sa.Column("hash", _NAME))
    op.create_table(
        "subject_key",
        sa.Column("id", _NAME, primary_key=True),
        sa.Column("person", _NAME),
        sa.Column("key", sa.Text),
        sa.Column("made", sa.String, nullable=False),
        sa.Column("erased", sa.String),
    )
    op.create_index("ix_subject_key_person", "subject_key", ["person"], unique=True)
    op.create_table(
        "head",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("cases", sa.Integer, nullable=False),
        sa.Column("root", _NAME, nullable=False),
        sa.Column("audit", sa.Integer, nullable=False),
        sa.Column("audit_hash", _NAME, nullable=False),
        sa.Column("previous", _NAME, nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("signature", sa.Text),
    )
    op.create_table(
        "head_case",
        sa.Column("case", _NAME, primary_key=True),
        sa.Column("head", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("hash", _NAME, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("actor", _NAME, nullable=False),
        sa.Column("action", _NAME, nullable=False),
        sa.Column("object", _NAME),
        sa.Column("result", _NAME, nullable=False),
        sa.Column("origin", _NAME, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("hash", _NAME, nullable=False),
    )
    op.create_index("ix_audit_actor", "audit", ["actor"])
    op.create_index("ix_audit_object", "audit", ["object"])
    connection = op.get_bind()
    _chain(connection)
    _shorten(connection)


def _chain(connection: sa.Connection) -> None:
    """Give each event its hash, name requesters by an id, and hide what they filled in."""
    keyring, known = Keyring(master=secret(Purpose.MASTER)), {}
    case, seq = _EVENT.c.case, _EVENT.c.seq
    begun = sa.select(case).where(seq == 1)
    for name in connection.execute(begun).scalars().all():
        before = ""
        rows = connection.execute(sa.select(_EVENT).where(case == name).order_by(seq)).all()
        for row in rows:
            facts = dict(row._mapping)
            who = facts["requester"]
            if who not in known:
                known[who], subject = new_subject(who, keyring)
                connection.execute(sa.insert(_SUBJECT), {**subject, "made": facts["recorded"]})
            facts |= _hidden(facts, *known[who])
            before = link(before, [_number(facts[each]) for each in _ORDER])
            changed = {
                each: facts[each]
                for each in ("requester", "resource", "behalf", "data", "personal")
            }
            this = sa.update(_EVENT).where(case == name, seq == row.seq)
            connection.execute(this.values(**changed, hash=before))


def _hidden(facts: dict[str, Any], subject: str, key: bytes) -> dict[str, Any]:
    who, data = facts["requester"], json.loads(facts["data"])
    names = {each: subject for each in ("requester", "resource", "behalf") if facts[each] == who}
    filled = facts["seq"] > 1 and facts["lifecycle"] == "complete" and facts["resource"]
    kept = _COMPONENTS if facts["activity"] == "change_register" else set()
    hidden = set(data) - kept if filled else {"call", "reason"}
    theirs = {name: data.pop(name) for name in hidden & set(data) if data[name] != {}}
    told = json.dumps(theirs, ensure_ascii=False, sort_keys=True).encode()
    return names | {
        "data": json.dumps(data, ensure_ascii=False, sort_keys=True),
        "personal": sealed(key, told, f"{facts['case']} #{facts['seq']}") if theirs else None,
    }


def _number(value: object) -> object:
    return int(value) if isinstance(value, bool) else value


def _shorten(connection: sa.Connection) -> None:
    """Keep of what was asked with a key only the hash."""
    for row in connection.execute(sa.select(_COMMAND)).all():
        digest = sha256(row.request.encode()).hexdigest()
        connection.execute(
            sa.update(_COMMAND).where(_COMMAND.c.key == row.key).values(request=digest)
        )
