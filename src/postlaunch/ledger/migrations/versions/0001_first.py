"""The first schema."""

from __future__ import annotations

from importlib.resources import files

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.String(32)  # ISO 8601 in UTC


def upgrade() -> None:
    """Make the tables, then the triggers that keep decisions and commitments as they were written."""
    _tables()
    _triggers()


def _triggers() -> None:
    dialect = op.get_bind().dialect.name
    script = files("postlaunch.ledger.migrations.versions") / f"append_only.{dialect}.sql"
    for statement in script.read_text(encoding="utf-8").split("\n\n"):
        op.execute(statement)


def _tables() -> None:
    op.create_table(
        "outbox",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("delivered_at", MOMENT),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("claimed_until", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    op.create_index("ix_outbox_delivered_at_next_at", "outbox", ["delivered_at", "next_at"])
    op.create_table(
        "runs",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("degraded", sa.Boolean(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("superseded_by", sa.String(64)),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["superseded_by"], ["runs.id"], name="fk_runs_superseded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_key", "runs", ["key"])
    op.create_index("ix_runs_question", "runs", ["question"])
    op.create_index("ix_runs_state", "runs", ["state"])
    op.create_table(
        "documents",
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_documents_run"),
        sa.PrimaryKeyConstraint("run", "name", name="pk_documents"),
    )
    op.create_table(
        "events",
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("parent", sa.Integer()),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_events_run"),
        sa.PrimaryKeyConstraint("run", "seq", name="pk_events"),
    )
    op.create_table(
        "facts",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_facts_run"),
        sa.PrimaryKeyConstraint("id", name="pk_facts"),
    )
    op.create_table(
        "leases",
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_leases_run"),
        sa.PrimaryKeyConstraint("run", name="pk_leases"),
    )
    op.create_table(
        "reports",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("paths", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_reports_run"),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("run", "kind", name="uq_reports_run_kind"),
    )
    op.create_index("ix_reports_kind_at", "reports", ["kind", "at"])
    op.create_table(
        "requests",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("gate", sa.String(64), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("proposal", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("approvers", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("closed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_requests_run"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.UniqueConstraint("run", "gate", "round", name="uq_requests_run_gate_round"),
    )
    op.create_table(
        "decisions",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("scope", sa.JSON()),
        sa.Column("edits", sa.JSON()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("trust", sa.String(16), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_decisions_request"),
        sa.PrimaryKeyConstraint("seq", name="pk_decisions"),
        sa.UniqueConstraint("hash", name="uq_decisions_hash"),
        sa.UniqueConstraint("request", name="uq_decisions_request"),
    )
    op.create_table(
        "commitments",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("decision", sa.String(64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["decision"], ["decisions.hash"], name="fk_commitments_decision"),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_commitments_request"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_commitments_run"),
        sa.PrimaryKeyConstraint("id", name="pk_commitments"),
        sa.UniqueConstraint("key", name="uq_commitments_key"),
    )
    op.create_table(
        "handoffs",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("commitment", sa.String(64)),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("packet", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["commitment"], ["commitments.id"], name="fk_handoffs_commitment"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_handoffs_run"),
        sa.PrimaryKeyConstraint("id", name="pk_handoffs"),
        sa.UniqueConstraint("key", name="uq_handoffs_key"),
    )
    op.create_index("ix_handoffs_run", "handoffs", ["run"])
