"""Incidents, numbered by application and year, and the action items that follow from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.String(32)  # ISO 8601 in UTC


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "incidents",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("resolved_at", MOMENT),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_incidents_run"),
        sa.PrimaryKeyConstraint("key", name="pk_incidents"),
        sa.UniqueConstraint("application", "year", "number", name="uq_incidents_application_year_number"),
    )
    op.create_index("ix_incidents_id", "incidents", ["id"])
    op.create_index("ix_incidents_status", "incidents", ["status"])
    op.create_table(
        "action_items",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("incident_key", sa.String(200), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("incident", sa.String(16), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("due", sa.String(10), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident_key"], ["incidents.key"], name="fk_action_items_incident_key"),
        sa.PrimaryKeyConstraint("incident_key", "key", name="pk_action_items"),
    )
    op.create_index("ix_action_items_id", "action_items", ["id"])
    op.create_index("ix_action_items_status_due", "action_items", ["status", "due"])
