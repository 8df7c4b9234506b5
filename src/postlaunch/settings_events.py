"""The settings of stores that product events are copied from: a PostgreSQL table, or PostHog."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from postlaunch.facts import Frozen
from postlaunch.ledger_place import POSTGRESQL, problem_with
from postlaunch.settings_handoffs import VARIABLE, EnvironmentVariable, TokenAddress

MOST_ROWS = 50_000_000
POSTHOG_PAGE = 50_000
"""The most rows that PostHog gives in one answer."""


def _postgresql(url: str) -> str:
    if not url.startswith(POSTGRESQL):
        raise ValueError("the address of a PostgreSQL database is written postgresql://user@host/name")
    if problem := problem_with(url, "sources.events.postgresql.password_env"):
        raise ValueError(problem)
    return url


def _table(name: str) -> str:
    if not all(name.split(".")) or name.count(".") > 1:
        raise ValueError('a table is named "table" or "schema.table"')
    return name


class EventStoreSettings(Frozen):
    """What holds for every store that events are copied from.

    Attributes:
        since: the first day, in the application's zone, whose events are copied.
        rows: a copy of more events is refused: half of them would give wrong figures.
        fresh_minutes: a copy that is no older is used without asking the store again.
        timeout_seconds: for one answer of the store.
        copy_seconds: for the whole copy.
    """

    since: date | None = None
    rows: int = Field(default=20_000_000, gt=0, le=MOST_ROWS)
    fresh_minutes: float = Field(default=60, ge=0)
    timeout_seconds: float = Field(default=60, gt=0)
    copy_seconds: float = Field(default=3_600, gt=0)


class PostgresEvents(EventStoreSettings):
    """A table or view of a PostgreSQL database, a row for each event.

    Attributes:
        url: "postgresql://reader@db.example.com/shop", without a password.
        password_env: the environment variable that holds the password; "" leaves it to libpq: PGPASSWORD or
            ~/.pgpass.
        table: "events", or "schema.events".
    """

    url: Annotated[str, AfterValidator(_postgresql)]
    password_env: Annotated[str, Field(pattern=rf"^$|{VARIABLE}")] = ""
    table: Annotated[str, AfterValidator(_table)]


class PostHogEvents(EventStoreSettings):
    """The events of a PostHog project, over its query API.

    Attributes:
        project: its number.
        host: where the project is: "https://us.posthog.com", "https://eu.posthog.com", or your own.
        api_key_env: the environment variable that holds a personal API key with the scope `query:read`.
        since: needed: PostHog is asked for one span of time after another.
        page_rows: rows of one answer.
    """

    project: int = Field(gt=0)
    host: TokenAddress = "https://us.posthog.com"
    api_key_env: EnvironmentVariable = "POSTHOG_PERSONAL_API_KEY"
    since: date
    page_rows: int = Field(default=POSTHOG_PAGE, gt=0, le=POSTHOG_PAGE)
