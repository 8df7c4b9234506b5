"""The address of the issue that a hand-off was filed as, beside the message that filed it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column; what was filed before has none."""
    op.add_column("outbox", sa.Column("address", sa.Text(), nullable=False, server_default=""))
