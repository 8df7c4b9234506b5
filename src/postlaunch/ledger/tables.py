"""The ledger's tables. A column carries the name of the record's field that it stores."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A moment as ISO 8601 in UTC of fixed width, so that text order is time order in every database."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """To text; a moment without a zone is refused."""
        return None if value is None else instant_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """From text, with its zone."""
        return None if value is None else datetime.fromisoformat(value)


def instant_text(moment: datetime) -> str:
    """A moment as the ledger writes it: "2026-02-11T09:30:00.000000+00:00"."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _json(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, JSON(none_as_null=True), nullable=nullable)


def _version() -> Column[int]:
    return Column("schema_version", Integer, nullable=False)


runs = Table(
    "runs",
    metadata,
    _version(),
    Column("id", String(64), primary_key=True),
    Column("key", Text, nullable=False, index=True),
    Column("question", Text, nullable=False, index=True),
    Column("workflow", Text, nullable=False),
    _json("parameters"),
    Column("state", String(16), nullable=False, index=True),
    Column("degraded", Boolean, nullable=False),
    _json("problems"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("superseded_by", ForeignKey("runs.id")),
    Column("error", Text, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("holder", Text, nullable=False),
    Column("token", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("released", Boolean, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("agent", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    _json("data"),
    Column("parent", Integer),
)

facts = Table(
    "facts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("run", ForeignKey("runs.id"), nullable=False),  # the first that measured it
    _json("body"),
    Column("at", Instant, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("digest", String(64), nullable=False),
    _json("body"),
    Column("at", Instant, nullable=False),
)

reports = Table(
    "reports",
    metadata,
    _version(),
    Column("id", Integer, primary_key=True),
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("title", Text, nullable=False),
    _json("body"),
    _json("paths"),
    Column("at", Instant, nullable=False),
    UniqueConstraint("run", "kind"),
    Index(None, "kind", "at"),
)

requests = Table(
    "requests",
    metadata,
    _version(),
    Column("id", String(64), primary_key=True),
    Column("gate", String(64), nullable=False),
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("round", Integer, nullable=False),
    _json("proposal"),
    Column("digest", String(64), nullable=False),
    _json("options"),
    _json("approvers"),
    _json("summary"),
    Column("requested_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("closed", Text, nullable=False),
    Column("trust", String(16), nullable=False, server_default="local"),
    _json("signers", nullable=True),  # the lines of allowed_signers when it was opened, where there was one
    Column("link_key", String(16)),  # name of the key that signed links when it was opened
    UniqueConstraint("run", "gate", "round"),
)

decisions = Table(
    "decisions",
    metadata,
    _version(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("request", ForeignKey("requests.id"), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    _json("scope", nullable=True),
    _json("edits", nullable=True),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("trust", String(16), nullable=False),
    _json("proof", nullable=True),
    Column("journal", String(64), nullable=False, server_default=text("''")),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)

link_uses = Table(
    "link_uses",
    metadata,
    Column("nonce", String(64), primary_key=True),
    Column("request", ForeignKey("requests.id"), nullable=False, unique=True),
    Column("person", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

gate_journal = Table(
    "gate_journal",
    metadata,
    _version(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("request", Text, nullable=False),  # as it was given: it may name none
    Column("by", Text, nullable=False),
    Column("text", Text, nullable=False),
    _json("data"),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)

approval_tokens = Table(
    "approval_tokens",
    metadata,
    _version(),
    Column("id", String(32), primary_key=True),
    Column("person", Text, nullable=False, index=True),
    Column("salt", String(64), nullable=False),
    Column("hashed", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("trust", String(16), nullable=False),
    _json("proof", nullable=True),
)

token_revocations = Table(
    "token_revocations",
    metadata,
    _version(),
    Column("token", ForeignKey("approval_tokens.id"), primary_key=True),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

commitments = Table(
    "commitments",
    metadata,
    _version(),
    Column("id", String(64), primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("request", ForeignKey("requests.id"), nullable=False),
    Column("decision", ForeignKey("decisions.hash"), nullable=False),
    _json("body"),
    Column("at", Instant, nullable=False),
)

amendments = Table(
    "amendments",
    metadata,
    _version(),
    Column("id", String(64), primary_key=True),
    Column("commitment", ForeignKey("commitments.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("request", ForeignKey("requests.id"), nullable=False),
    Column("decision", ForeignKey("decisions.hash"), nullable=False, unique=True),
    _json("body"),
    Column("at", Instant, nullable=False),
)

effects = Table(
    "effects",
    metadata,
    _version(),
    Column("id", String(64), primary_key=True),
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("request", ForeignKey("requests.id"), nullable=False, unique=True),
    Column("decision", ForeignKey("decisions.hash"), nullable=False),
    _json("body"),
    Column("at", Instant, nullable=False),
)

handoffs = Table(
    "handoffs",
    metadata,
    _version(),
    Column("id", String(64), primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("commitment", ForeignKey("commitments.id")),
    Column("run", ForeignKey("runs.id"), nullable=False, index=True),
    Column("phase", Integer, nullable=False),
    Column("item", Text, nullable=False),
    _json("packet"),
    Column("at", Instant, nullable=False),
)

deployments = Table(
    "deployments",
    metadata,
    _version(),
    Column("handoff", ForeignKey("handoffs.id"), primary_key=True),
    Column("version", String(200), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    _version(),
    Column("id", Integer, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("channel", String(32), nullable=False),
    _json("payload"),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    Column("error", Text, nullable=False),
    Column("claimed_until", Instant),
    Column("address", Text, nullable=False, server_default=text("''")),
    Index(None, "delivered_at", "next_at"),
)

feedback_decisions = Table(
    "feedback_decisions",
    metadata,
    _version(),
    Column("number", Integer, primary_key=True),
    Column("application", Text, nullable=False),
    Column("kind", String(8), nullable=False),
    _json("groups"),
    _json("tickets"),
    Column("undoes", Integer, nullable=False),
    Column("by", String(200), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    _version(),
    Column("key", String(200), primary_key=True),
    Column("id", String(16), nullable=False, index=True),
    Column("application", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Column("run", ForeignKey("runs.id"), nullable=False),
    _json("body"),
    UniqueConstraint("application", "year", "number"),
)

action_items = Table(
    "action_items",
    metadata,
    _version(),
    Column("incident_key", ForeignKey("incidents.key"), primary_key=True),
    Column("key", String(100), primary_key=True),
    Column("id", String(32), nullable=False, index=True),
    Column("application", Text, nullable=False),
    Column("incident", String(16), nullable=False),
    Column("owner", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("due", String(10), nullable=False),  # a date, ISO 8601
    Column("status", String(16), nullable=False),
    Column("closed_by", Text, nullable=False),
    Column("closed_at", Instant),
    Column("note", Text, nullable=False),
    Index(None, "status", "due"),
)

signals = Table(
    "signals",
    metadata,
    _version(),
    Column("id", String(64), primary_key=True),
    Column("application", Text, nullable=False),
    Column("key", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    _json("body"),
    Column("run", String(64), nullable=False),
    Column("posted_at", Instant, nullable=False),
    Column("to", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("handled_by", String(64), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("settled_at", Instant),
    UniqueConstraint("application", "key"),
    Index(None, "settled_at", "to"),
)
