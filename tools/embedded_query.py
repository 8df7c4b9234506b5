"""Queries of `tools/sql` over staged data: bounded in time, with failures in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol

from postlaunch.errors import SourceError
from postlaunch.tools.measurement import Deadline, Limits

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]
"""One row of a query, by column."""

Run = Callable[[str, Mapping[str, object]], list[Row]]
"""Runs one query by its file name without the ending, with its parameters."""


class StagedData(Protocol):
    """Staged rows that can be queried."""

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own."""
        ...


class _Interruptible(Protocol):
    def interrupt(self) -> None: ...


@cache
def sql(name: str) -> str:
    """A query of this package, by its file name without the ending."""
    return (files("postlaunch.tools") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def queries(data: StagedData, what: str, limits: Limits) -> Iterator[Run]:
    """Queries on one connection, so that one may leave a temporary table to the next.

    Args:
        what: how an error calls the data: "the request log".
        limits: their seconds are for all the queries together.

    Raises:
        SourceError: the queries took too long, or needed more memory than they may use.
    """
    with bounded(data, what, limits) as cursor:

        def run(query: str, parameters: Mapping[str, object]) -> list[Row]:
            cursor.execute(sql(query), dict(parameters))
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

        yield run


@contextmanager
def bounded(data: StagedData, what: str, limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """One connection whose queries are interrupted when their time is over.

    Raises:
        SourceError: as `queries` does.
    """
    import duckdb

    with closing(data.cursor()) as cursor, Deadline(limits.seconds, _interrupt(cursor)) as deadline:
        try:
            yield cursor
        except duckdb.InterruptException as error:
            if not deadline.expired:
                raise
            raise SourceError(
                f"the query over {what} took longer than {limits.seconds:g} seconds",
                "measure a shorter window, or raise [budget] query_seconds",
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise SourceError(
                f"the query over {what} needs more memory than it may use",
                "measure a shorter window",
            ) from error
        except duckdb.Error as error:
            raise SourceError(
                f"{what}, as staged, could not be read: {str(error).splitlines()[0]}",
                "delete the staging folder and run again",
            ) from error


def _interrupt(cursor: _Interruptible) -> Callable[[], None]:
    """Stops what the cursor runs; a cursor that has just been closed runs nothing."""
    import duckdb

    def interrupt() -> None:
        try:
            cursor.interrupt()
        except duckdb.ConnectionException:
            return

    return interrupt
