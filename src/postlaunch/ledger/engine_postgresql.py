"""The ledger in a PostgreSQL database, and what PostgreSQL's errors mean.

Writers follow one another by an advisory lock that each takes as its transaction begins, and that ends
with it. The other way, SERIALIZABLE transactions that are tried again when they meet, would repeat what a
transaction does outside the database (a report's files get their names within one), and lets the writers
of the one chain of decisions fail in turns instead of waiting in line. After the lock every statement sees
what was committed before it (READ COMMITTED): a snapshot taken while the transaction waited would be an
old one.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from postlaunch.errors import PostLaunchError
from postlaunch.ledger import engine as engines
from postlaunch.ledger.engine import Database, Wording, begin_as_told, to_json
from postlaunch.ledger_place import PostgresPlace

SCHEMA = "postlaunch"
"""Where the ledger's tables live: the database may be shared with a host program's tables."""

OLDEST = 14
"""The oldest release of PostgreSQL that its own project still keeps."""

ONE_WRITER = 0x706F73746C61756E
"""The key of the writers' lock: "postlaun"."""

STANDING_STILL_SECONDS = 15.0
"""After which the server takes the lock from a process that stopped within a transaction, so that others go
on before they have waited too long. No transaction of the ledger rests for a second."""

CONNECT_SECONDS = 10

READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
NOT_WAITING_FOR_THE_DISK = "SET LOCAL synchronous_commit TO OFF"

WHAT_TO_DO: dict[str, tuple[str, str]] = {
    "55P03": (
        f"another process kept it locked for more than {engines.BUSY_SECONDS:.0f} s",
        "end the session that stands within a transaction (pg_stat_activity), and run the command again",
    ),
    "53100": (
        "the server's disk is full",
        "free some space and run the same command again; what was under way was not half written",
    ),
    "53300": (
        "the server has no connection left",
        "close other programs, or raise max_connections of the server",
    ),
    "42501": (
        "this user lacks a permission",
        "let the ledger's user own its schemas: GRANT CREATE ON DATABASE name TO user, before the first use",
    ),
    "25006": (
        "the server takes no writes",
        "name the primary server in ledger.url, not a standby",
    ),
    "25P03": (
        f"this process stood still for more than {STANDING_STILL_SECONDS:.0f} s within a transaction",
        "nothing of it was stored; run the same command again",
    ),
    "22001": ("a value is longer than its column", "shorten the name or key; nothing was stored"),
    "22P05": ("a text holds a character that PostgreSQL does not store", "take it out; nothing was stored"),
}
WHAT_TO_DO["22021"] = WHAT_TO_DO["22P05"]

AWAY = (
    "its server does not answer",
    "check that PostgreSQL runs, and host and port in ledger.url; what was under way was not half written",
)

ON_CONNECTING: tuple[tuple[str, tuple[str, str]], ...] = (
    (
        "password",
        (
            "the server refused the user or its password",
            "check the user in ledger.url, and the password in the variable that ledger.password_env names "
            "(or PGPASSWORD, ~/.pgpass)",
        ),
    ),
    (
        "pg_hba.conf",
        ("the server lets nobody in from here", "add a line for this user and address to its pg_hba.conf"),
    ),
    (
        "too many clients",
        ("the server has no connection left", "close other programs, or raise max_connections of the server"),
    ),
    (
        'role "',
        ("the server knows no such user", "create it (CREATE ROLE), or name another in ledger.url"),
    ),
    (
        'database "',
        ("the server has no such database", "create it (CREATE DATABASE), or name another in ledger.url"),
    ),
)
"""A refusal to connect carries no code: by what stands in its text, in this order."""


def driver() -> ModuleType:
    """psycopg, which is an extra.

    Raises:
        PostLaunchError: it is not installed.
    """
    try:
        import psycopg
    except ImportError as error:
        raise PostLaunchError(
            "the ledger is in PostgreSQL, whose driver is not installed", "pip install 'postlaunch[postgres]'"
        ) from error
    return psycopg


class PostgresWording(Wording):
    """What psycopg's errors mean."""

    place: PostgresPlace

    @property
    def driver_errors(self) -> type[Exception]:
        """Of psycopg."""
        errors: type[Exception] = driver().Error
        return errors

    def known(self, cause: BaseException) -> tuple[str, str] | None:
        """By SQLSTATE, or by the words of a refusal to connect."""
        code = getattr(cause, "sqlstate", None)
        if code is not None:
            return AWAY if code[:2] in ("08", "57") else WHAT_TO_DO.get(code)
        if isinstance(cause, driver().DataError):  # found by the driver itself, such as a NUL in a text
            return WHAT_TO_DO["22P05"]
        if not isinstance(cause, driver().OperationalError):
            return None
        said = str(cause)
        happened, remedy = next((words for sign, words in ON_CONNECTING if sign in said), AWAY)
        return f"{happened} ({' '.join(said.split())})", remedy


def connection_arguments(place: PostgresPlace, schema: str) -> dict[str, Any]:
    """How to connect to a place so that unqualified names are those of one schema."""
    stated = make_url(place.url).query
    ours = (  # after the stated options, which they overrule
        f"-c search_path={schema}",
        f"-c lock_timeout={int(engines.BUSY_SECONDS * 1000)}",
        f"-c idle_in_transaction_session_timeout={int(STANDING_STILL_SECONDS * 1000)}",
    )
    options = str(stated.get("options", ""))
    arguments = {"autocommit": True, "options": " ".join((options, *ours)).strip()}
    if "connect_timeout" not in stated:
        arguments["connect_timeout"] = CONNECT_SECONDS
    if "application_name" not in stated:
        arguments["application_name"] = "postlaunch"
    if place.password:
        arguments["password"] = place.password
    return arguments


def refuse_if_unfit(connection: Any, place: PostgresPlace) -> None:
    """Look at the server that a fresh psycopg connection reached.

    Raises:
        PostLaunchError: it is too old, or its database does not keep every character.
    """
    version = connection.info.server_version // 10_000
    if version < OLDEST:
        raise PostLaunchError(
            f"the ledger {place} cannot be used: its server is PostgreSQL {version}",
            f"update it to PostgreSQL {OLDEST} or newer",
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise PostLaunchError(
            f"the ledger {place} cannot be used: the database keeps texts as {encoding}",
            "create it with ENCODING 'UTF8' TEMPLATE template0",
        )


class PostgresDatabase(Database):
    """One database of a PostgreSQL server."""

    def __init__(self, place: PostgresPlace) -> None:
        driver()
        super().__init__(_engine(place), PostgresWording(place))

    def _begin_reading(self) -> tuple[str, ...]:
        return (READ,)

    def _begin_writing(self, durable: bool) -> tuple[str, ...]:
        how = "" if durable else f"; {NOT_WAITING_FOR_THE_DISK}"
        return (f"{WRITE}{how}; SELECT pg_advisory_xact_lock({ONE_WRITER})",)

    def make_room(self, connection: Connection) -> None:
        """The ledger's schema."""
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")


def sqlalchemy_url(place: PostgresPlace) -> URL:
    """The address for SQLAlchemy; what `connection_arguments` states stands there alone."""
    return make_url(place.url).set(drivername="postgresql+psycopg").difference_update_query(["options"])


def _engine(place: PostgresPlace) -> Engine:
    engine = create_engine(
        sqlalchemy_url(place),
        connect_args=connection_arguments(place, SCHEMA),
        json_serializer=to_json,
        pool_pre_ping=True,  # a server that was restarted in between is no error
        use_native_hstore=False,  # saves a question at every start
    )

    def look(connection: Any, _entry: ConnectionPoolEntry) -> None:
        refuse_if_unfit(connection, place)

    event.listen(engine, "connect", look)
    event.listen(engine, "begin", begin_as_told)
    return engine
