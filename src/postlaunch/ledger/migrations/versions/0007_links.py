"""Links that decide: which were used, and under which key they count."""

from __future__ import annotations

from importlib.resources import files

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.String(32)  # ISO 8601 in UTC


def upgrade() -> None:
    """Make the table and the column, then the triggers that keep them as they were written."""
    op.add_column("requests", sa.Column("link_key", sa.String(16)))
    op.create_table(
        "link_uses",
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_link_uses_request"),
        sa.PrimaryKeyConstraint("nonce", name="pk_link_uses"),
        sa.UniqueConstraint("request", name="uq_link_uses_request"),
    )
    script = (
        files("postlaunch.ledger.migrations.versions") / f"append_only_7.{op.get_bind().dialect.name}.sql"
    )
    for statement in script.read_text(encoding="utf-8").split("\n\n"):
        op.execute(statement)
