"""Deployments: which hand-off went live, told by the pipeline that built it."""

from __future__ import annotations

from importlib.resources import files

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.String(32)  # ISO 8601 in UTC


def upgrade() -> None:
    """Make the table, then the triggers that keep it as it was written."""
    op.create_table(
        "deployments",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("handoff", sa.String(64), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["handoff"], ["handoffs.id"], name="fk_deployments_handoff"),
        sa.PrimaryKeyConstraint("handoff", "version", name="pk_deployments"),
    )
    dialect = op.get_bind().dialect.name
    script = files("postlaunch.ledger.migrations.versions") / f"append_only_5.{dialect}.sql"
    for statement in script.read_text(encoding="utf-8").split("\n\n"):
        op.execute(statement)
