"""Feedback: what people decided about groups of feature requests."""

from __future__ import annotations

from importlib.resources import files

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table, then the triggers that keep it as it was written."""
    op.create_table(
        "feedback_decisions",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("groups", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("tickets", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_feedback_decisions"),
    )
    dialect = op.get_bind().dialect.name
    script = files("postlaunch.ledger.migrations.versions") / f"append_only_6.{dialect}.sql"
    for statement in script.read_text(encoding="utf-8").split("\n\n"):
        op.execute(statement)
