"""Effects: what an approved decision did outside of the ledger, once."""

from __future__ import annotations

from importlib.resources import files

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table, then the triggers that keep it as it was written."""
    op.create_table(
        "effects",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("decision", sa.String(64), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_effects_run"),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_effects_request"),
        sa.ForeignKeyConstraint(["decision"], ["decisions.hash"], name="fk_effects_decision"),
        sa.PrimaryKeyConstraint("id", name="pk_effects"),
        sa.UniqueConstraint("request", name="uq_effects_request"),
    )
    dialect = op.get_bind().dialect.name
    script = files("postlaunch.ledger.migrations.versions") / f"append_only_9.{dialect}.sql"
    for statement in script.read_text(encoding="utf-8").split("\n\n"):
        op.execute(statement)
