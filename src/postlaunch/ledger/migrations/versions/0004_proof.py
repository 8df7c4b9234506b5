"""Who decided, proved: proofs of decisions, the gate's journal, tokens, amendments of commitments."""

from __future__ import annotations

from importlib.resources import files

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.String(32)  # ISO 8601 in UTC


def upgrade() -> None:
    """Make the tables and columns, then the triggers that keep them as they were written."""
    op.add_column("requests", sa.Column("trust", sa.String(16), nullable=False, server_default="local"))
    op.add_column("requests", sa.Column("signers", sa.JSON()))
    op.add_column("decisions", sa.Column("proof", sa.JSON()))
    op.add_column("decisions", sa.Column("journal", sa.String(64), nullable=False, server_default=""))
    _journal()
    _tokens()
    _amendments()
    script = (
        files("postlaunch.ledger.migrations.versions") / f"append_only_4.{op.get_bind().dialect.name}.sql"
    )
    for statement in script.read_text(encoding="utf-8").split("\n\n"):
        op.execute(statement)


def _journal() -> None:
    op.create_table(
        "gate_journal",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_gate_journal"),
        sa.UniqueConstraint("hash", name="uq_gate_journal_hash"),
    )


def _tokens() -> None:
    op.create_table(
        "approval_tokens",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.Column("hashed", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("trust", sa.String(16), nullable=False),
        sa.Column("proof", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_approval_tokens"),
    )
    op.create_index("ix_approval_tokens_person", "approval_tokens", ["person"])
    op.create_table(
        "token_revocations",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["token"], ["approval_tokens.id"], name="fk_token_revocations_token"),
        sa.PrimaryKeyConstraint("token", name="pk_token_revocations"),
    )


def _amendments() -> None:
    op.create_table(
        "amendments",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("decision", sa.String(64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["commitment"], ["commitments.id"], name="fk_amendments_commitment"),
        sa.ForeignKeyConstraint(["decision"], ["decisions.hash"], name="fk_amendments_decision"),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_amendments_request"),
        sa.PrimaryKeyConstraint("id", name="pk_amendments"),
        sa.UniqueConstraint("decision", name="uq_amendments_decision"),
    )
    op.create_index("ix_amendments_commitment", "amendments", ["commitment"])
