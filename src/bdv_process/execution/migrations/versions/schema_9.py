"""Schema 9: a bare key tells when it was damaged, and nobody when somebody first came."""

from base64 import b64decode

import sqlalchemy as sa
from alembic import op

from bdv_process.execution.subject import Keyring

revision = "9"
down_revision = "8"
branch_labels = None
depends_on = None

_SUBJECT = sa.table("subject_key", *map(sa.column, ("id", "person", "key")))
_KEY = 32  # bytes


def upgrade() -> None:
    """Forget when keys were made, and give those that stand bare a checksum."""
    op.drop_column("subject_key", "made")
    connection = op.get_bind()
    key = _SUBJECT.c.key
    for row in connection.execute(sa.select(_SUBJECT).where(key.startswith(":"))).all():
        bare = b64decode(row.key[1:])
        if len(bare) == _KEY:  # those of step 8 have one by now
            told = Keyring().wrap(bare, row.id, row.person)
            this = sa.update(_SUBJECT).where(_SUBJECT.c.id == row.id)
            connection.execute(this.values(key=told))
