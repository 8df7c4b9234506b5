"""Published reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import and_, insert, select, update

from postlaunch.errors import UsageError
from postlaunch.ledger.fence import require_lease
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import Lease, ReportRecord
from postlaunch.ledger.rows import all_of, values_of
from postlaunch.ledger.tables import reports


class Reports(LedgerPart):
    """Publish reports and find them again."""

    def publish(
        self, lease: Lease, report: ReportRecord, put_in_place: Callable[[], None] = lambda: None
    ) -> None:
        """Store a report; a run has one of each kind, and publishing again replaces it.

        Args:
            put_in_place: gives the report's files their names. It is called inside the transaction, in which
                nobody can take the run over, so that who lost it replaces no file either.

        Raises:
            LeaseLost: the run passed to another process.
        """
        if report.run != lease.run:
            raise UsageError(f"the report is of run {report.run}, not of run {lease.run}")
        mine = and_(reports.c.run == report.run, reports.c.kind == report.kind)
        with self._database.write() as connection:
            require_lease(connection, lease)
            known = connection.execute(select(reports.c.id).where(mine)).one_or_none()
            if known is None:
                connection.execute(insert(reports).values(values_of(report)))
            else:
                connection.execute(update(reports).where(mine).values(values_of(report)))
            put_in_place()

    def reports(
        self, run: str | None = None, kind: str | None = None, limit: int = 50
    ) -> tuple[ReportRecord, ...]:
        """Reports, the newest first; those of one run or of one kind."""
        query = select(reports).order_by(reports.c.at.desc(), reports.c.id.desc()).limit(limit)
        if run is not None:
            query = query.where(reports.c.run == run)
        if kind is not None:
            query = query.where(reports.c.kind == kind)
        with self._database.read() as connection:
            return all_of(connection, query, ReportRecord)

    def latest_report(self, kind: str, before: datetime | None = None) -> ReportRecord | None:
        """The newest report of a kind, or the newest published before a moment; None if there is none."""
        query = select(reports).where(reports.c.kind == kind)
        if before is not None:
            query = query.where(reports.c.at < before)
        newest = query.order_by(reports.c.at.desc(), reports.c.id.desc()).limit(1)
        with self._database.read() as connection:
            found = all_of(connection, newest, ReportRecord)
        return found[0] if found else None
