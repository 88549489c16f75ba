"""Schema 5, as the first program with migrations found it."""

import sqlalchemy as sa
from alembic import op

revision = "5"
down_revision = None
branch_labels = None
depends_on = None

_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make a new register."""
    op.create_table(
        "event",
        sa.Column("case", _NAME, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("template", _NAME, nullable=False),
        sa.Column("parent", _NAME),
        sa.Column("root", _NAME, nullable=False),
        sa.Column("requester", _NAME, nullable=False),
        sa.Column("activity", _NAME, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("item", _NAME),
        sa.Column("lifecycle", _NAME, nullable=False),
        sa.Column("timestamp", sa.String, nullable=False),
        sa.Column("recorded", sa.String, nullable=False),
        sa.Column("resource", _NAME),
        sa.Column("role", _NAME),
        sa.Column("behalf", _NAME),
        sa.Column("touchpoint", sa.Boolean, nullable=False),
        sa.Column("outcome", _NAME),
        sa.Column("linked", sa.Text),
        sa.Column("component", sa.Text),
        sa.Column("proposal", sa.Text),
        sa.Column("motivated", sa.Boolean),
        sa.Column("term", _NAME),
        sa.Column("due", sa.String),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_index("ix_event_item", "event", ["item"])
    op.create_table(
        "template",
        sa.Column("version", _NAME, primary_key=True),
        sa.Column("key", _NAME, nullable=False),
        sa.Column("source", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "case_file",
        sa.Column("id", _NAME, primary_key=True),
        sa.Column("template", _NAME, nullable=False),
        sa.Column("parent", _NAME),
        sa.Column("root", _NAME, nullable=False),
        sa.Column("requester", _NAME, nullable=False),
        sa.Column("opened", sa.String, nullable=False),
        sa.Column("closed", sa.String),
        sa.Column("outcome", _NAME),
        sa.Column("due", sa.String),
        sa.Column("seq", sa.Integer, nullable=False),
    )
    op.create_index("ix_case_file_parent", "case_file", ["parent"])
    op.create_index("ix_case_file_root", "case_file", ["root"])
    op.create_index("case_file_calls", "case_file", ["requester", "opened"])
    op.create_table(
        "work_item",
        sa.Column("id", _NAME, primary_key=True),
        sa.Column("case", _NAME, nullable=False),
        sa.Column("template", _NAME, nullable=False),
        sa.Column("activity", _NAME, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("role", _NAME),
        sa.Column("since", sa.String, nullable=False),
        sa.Column("state", _NAME, nullable=False),
        sa.Column("claimed_by", _NAME),
        sa.Column("claimed_as", _NAME),
        sa.Column("claimed_for", _NAME),
        sa.Column("due", sa.String, nullable=False),
    )
    op.create_index("ix_work_item_case", "work_item", ["case"])
    op.create_index("work_item_role", "work_item", ["role", "since"])
    held, free = sa.text("claimed_by IS NOT NULL"), sa.text("claimed_by IS NULL")
    op.create_index(
        "work_item_held", "work_item", ["claimed_by", "due"],
        sqlite_where=held, postgresql_where=held,
    )  # fmt: skip
    op.create_index(
        "work_item_free", "work_item",
        ["due", "since", "id", "activity", "template", "role", "claimed_by"],
        sqlite_where=free, postgresql_where=free,
    )  # fmt: skip
    op.create_table(
        "timer",
        sa.Column("case", _NAME, primary_key=True),
        sa.Column("element", _NAME, primary_key=True),
        sa.Column("due", sa.String, nullable=False),
    )
    op.create_index("ix_timer_due", "timer", ["due"])
    op.create_table(
        "command",
        sa.Column("key", _NAME, primary_key=True),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
    )
    counter = op.create_table(
        "counter",
        sa.Column("name", _NAME, primary_key=True),
        sa.Column("value", sa.Integer, nullable=False),
    )
    op.bulk_insert(counter, [{"name": "case", "value": 0}])
