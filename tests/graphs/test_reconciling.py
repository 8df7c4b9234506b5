"""A contradiction does not withhold a report, nor pass in silence: report, run and events say it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from postlaunch.graphs.publishing import publish_report
from postlaunch.graphs.reconciling import _others, reconciled
from postlaunch.graphs.session import Session
from postlaunch.reports.backlog import BacklogReport, FeatureRequest
from postlaunch.reports.consistency.checking import contradictions_of
from postlaunch.reports.consistency.contradictions import Contradiction
from postlaunch.reports.reading import report_from
from postlaunch.reports.report import Report
from postlaunch.sync import PostLaunch

DOCUMENT = "product-analyst/report"
PERSON = "User"


@pytest.fixture
def planned(app: PostLaunch) -> str:
    """A run of sprint planning that waits at its gate; its backlog is published."""
    run = app.start("sprint_planning").id
    app.advance(run)
    return run


@pytest.fixture
def session(app: PostLaunch, planned: str) -> Iterator[Session]:
    services = app._inner.services
    yield services.open_session(planned)
    services.close_session(planned)


def out_of_order(session: Session) -> BacklogReport:
    """The run's backlog with what is asked for most at the end."""
    report = BacklogReport.model_validate(session.bench.document(DOCUMENT))
    turned: tuple[FeatureRequest, ...] = report.feature_requests[::-1]
    return report.model_copy(update={"feature_requests": turned})


def published(session: Session) -> dict[str, str]:
    """A contradictory backlog's files, by their endings."""
    session.bench.put_document(DOCUMENT, out_of_order(session).model_dump(mode="json"))
    paths = publish_report(session, DOCUMENT)
    return {Path(path).suffix: Path(path).read_text(encoding="utf-8") for path in paths}


def test_a_consistent_report_is_published_as_it_is(session: Session) -> None:
    report = BacklogReport.model_validate(session.bench.document(DOCUMENT))
    assert reconciled(session, report) is report
    assert session.problems == []


def test_a_contradiction_is_a_problem_of_the_report_in_every_format(session: Session) -> None:
    files = published(session)
    (problem, *_) = json.loads(files[".json"])["problems"]
    assert problem.startswith("contradiction (C4 ordering): Product Enhancement Backlog: Feature Requests: ")
    for text in files.values():
        assert "contradiction (C4 ordering)" in text
    assert files[".md"].index("contradiction (C4 ordering)") < files[".md"].index("High Priority")


def test_a_contradiction_degrades_the_run_and_is_told_once(session: Session) -> None:
    published(session)
    published(session)
    ledger = session.services.ledger
    told = [event.text for event in ledger.events(session.run.id) if event.kind == "degraded"]
    assert len(told) == len(set(told)) == len(session.problems) > 0
    session.settle("waiting")
    run = ledger.run(session.run.id)
    assert run.degraded
    assert list(run.problems) == told


def test_the_record_says_what_the_files_say(session: Session) -> None:
    files = published(session)
    (record,) = session.services.ledger.reports(run=session.run.id, kind="backlog")
    assert record.body == json.loads(files[".json"])


@pytest.mark.parametrize(
    ("application", "kinds"),
    [("User Management System", ["weekly_health", "analytics", "performance"]), ("Another", [])],
)
def test_a_report_is_held_against_the_newest_of_every_other_kind_of_its_application(
    folder: Path, session: Session, monkeypatch: pytest.MonkeyPatch, application: str, kinds: list[str]
) -> None:
    with PostLaunch(folder / "postlaunch.toml", environment={}) as other:
        other.advance(other.start("weekly_report").id)
    compared: list[str] = []

    def compare(report: Report, others: Sequence[Report]) -> tuple[Contradiction, ...]:
        compared.extend(each.kind for each in others)
        return contradictions_of(report, others)

    monkeypatch.setattr("postlaunch.graphs.reconciling.contradictions_of", compare)
    report = BacklogReport.model_validate(session.bench.document(DOCUMENT))
    reconciled(session, report.model_copy(update={"application": application}))
    assert compared == kinds


def test_a_sprint_that_was_called_off_contradicts_nothing(app: PostLaunch, planned: str) -> None:
    [backlog] = [report_from(one.body) for one in app.reports(planned) if one.kind == "backlog"]
    weekly = backlog.model_copy(update={"kind": "weekly_health"})

    def held_against() -> list[str]:
        session = app._inner.services.open_session(planned)
        try:
            return [other.kind for other in _others(session, weekly)]
        finally:
            app._inner.services.close_session(planned)

    assert held_against() == ["backlog"]
    [request] = app.pending()
    app.decide(request.id, "approve", by=PERSON)
    app.advance(planned)
    [commitment] = app.commitments()
    called_off = app.amend(commitment.id, "revoke", by=PERSON, reason="no budget")
    app.decide(called_off.id, "approve", by=PERSON, digest=called_off.digest)
    app.advance(planned)
    assert held_against() == []
