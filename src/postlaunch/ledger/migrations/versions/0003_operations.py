"""Signals: what happened, on its way to the workflow that takes it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.String(32)  # ISO 8601 in UTC


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "signals",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("posted_at", MOMENT, nullable=False),
        sa.Column("to", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("handled_by", sa.String(64), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_signals"),
        sa.UniqueConstraint("application", "key", name="uq_signals_application_key"),
    )
    op.create_index("ix_signals_settled_at_to", "signals", ["settled_at", "to"])
