"""PostgreSQL empties a table without deleting a row: what is append-only is kept from that, too."""

from __future__ import annotations

from importlib.resources import files

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the triggers; SQLite has no TRUNCATE."""
    if op.get_bind().dialect.name != "postgresql":
        return
    script = files("postlaunch.ledger.migrations.versions") / "append_only_8.postgresql.sql"
    for statement in script.read_text(encoding="utf-8").split("\n\n"):
        op.execute(statement)
