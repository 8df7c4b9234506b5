"""What was handed on stays as it was written, like the commitment that it is of."""

from __future__ import annotations

from importlib.resources import files

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the triggers."""
    dialect = op.get_bind().dialect.name
    script = files("postlaunch.ledger.migrations.versions") / f"append_only_11.{dialect}.sql"
    for statement in script.read_text(encoding="utf-8").split("\n\n"):
        op.execute(statement)
