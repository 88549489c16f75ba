"""Schema 7: an outbox, and timers in the order they are fired."""

import sqlalchemy as sa
from alembic import op

revision = "7"
down_revision = "5"
branch_labels = None
depends_on = None

_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table, and another index."""
    op.create_table(
        "outbox",
        sa.Column("id", _NAME, primary_key=True),
        sa.Column("envelope", sa.Text, nullable=False),
        sa.Column("due", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text),
    )
    op.create_index("ix_outbox_due", "outbox", ["due"])
    op.drop_index("ix_timer_due", "timer")
    op.create_index("timer_order", "timer", ["due", "case", "element"])
