"""Alembic's entry: it runs inside the transaction of the connection it is given, and opens none itself."""

from __future__ import annotations

from alembic import context

from postlaunch.ledger.schema import VERSION_TABLE
from postlaunch.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
