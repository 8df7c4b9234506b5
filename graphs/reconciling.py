"""Reports are held against each other before they are published: what contradicts is said in the report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from postlaunch.errors import UsageError
from postlaunch.graphs.session import Session
from postlaunch.ledger.records import ReportRecord
from postlaunch.reports.consistency.checking import contradictions_of
from postlaunch.reports.consistency.statements import overlap
from postlaunch.reports.reading import KINDS, AnyReport, report_from
from postlaunch.reports.report import Report

R = TypeVar("R", bound=Report)


def reconciled(session: Session, report: R, agent: str = "") -> R:
    """The report, with every contradiction in it, or between it and another, among its problems.

    Figures are measured, so a contradiction is a fault of the data or of the program. It does not withhold
    the report: the reader is told, and the run is degraded. Blocking; may run again.
    """
    found = contradictions_of(report, tuple(_others(session, report)))
    problems = [f"contradiction ({item.rule}): {item.message}" for item in found]
    for problem in problems:
        if problem not in session.problems:
            session.recorder.emit("degraded", problem, agent=agent)
            session.problems.append(problem)
    if not problems:
        return report
    return report.model_copy(update={"problems": tuple(dict.fromkeys((*report.problems, *problems)))})


def _others(session: Session, report: Report) -> Iterator[AnyReport]:
    """One report of every other kind: this run's, else the newest, where its window meets this one's."""
    called_off = _runs_called_off(session)
    for kind in KINDS:
        record = _newest(session, kind) if kind != report.kind else None
        other = _read(record) if record is not None else None
        if record is None or other is None or other.application != report.application:
            continue
        if record.run in called_off:
            continue  # a sprint that nobody will do contradicts nothing
        if overlap(other.window, report.window):
            yield other


def _runs_called_off(session: Session) -> frozenset[str]:
    """The runs whose sprint was committed and called off afterwards."""
    ledger = session.services.ledger
    revoked = {one.commitment for one in ledger.amendments() if one.kind == "revoke"}
    return frozenset(one.run for one in ledger.commitments() if one.id in revoked) if revoked else frozenset()


def _newest(session: Session, kind: str) -> ReportRecord | None:
    ledger = session.services.ledger
    own = ledger.reports(run=session.run.id, kind=kind, limit=1)
    return own[0] if own else ledger.latest_report(kind)


def _read(record: ReportRecord) -> AnyReport | None:
    """The typed report; None where another version wrote it so that it does not load any more."""
    try:
        return report_from(record.body)
    except UsageError:
        return None
