"""The schema's history; `postlaunch.ledger.schema` runs it over its own connection, without alembic.ini."""
