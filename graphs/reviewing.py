"""The monthly review put together: what three reports of the month say, the scans, the notes, the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from postlaunch.agents.bench import JSON_OBJECT, Bench, Document
from postlaunch.agents.realised import Realised, realised
from postlaunch.facts import Evidence, Fact, measured_in
from postlaunch.graphs.periods import ANALYTICS, MONITORING, PERFORMANCE, nothing_to_look_at
from postlaunch.graphs.session import Session
from postlaunch.ledger.records import IncidentRecord
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.analytics_figures import KeyFigure
from postlaunch.reports.health import HealthReport
from postlaunch.reports.judged import Sentence
from postlaunch.reports.performance import PerformanceReport
from postlaunch.reports.reading import report_from
from postlaunch.reports.report import Listing, Report, cited_in
from postlaunch.reports.review import (
    MonthlyReview,
    OpenAction,
    Part,
    ReviewedIncident,
    ReviewedReport,
    Scaling,
    ToDecide,
)
from postlaunch.reports.security import SecurityReview, Vulnerability
from postlaunch.tools import competitors, security_scans  # noqa: F401  (registers what is measured)
from postlaunch.tools.competition import competition_of
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.tools.security_review import security_review
from postlaunch.windows import Window

AGENT = "product-analyst"
"""Who reviews patches and competitors."""
QUESTION = "What did the month bring beside, and what is to be decided?"
REVIEW = "monthly-review/report"
HORIZON = 3
"""Months ahead that a review decides on capacity for."""

R = TypeVar("R", bound=Report)


@dataclass(frozen=True)
class _Month:
    """What the review is put together from."""

    session: Session
    window: Window
    health: HealthReport | None
    performance: PerformanceReport | None
    analytics: AnalyticsReport | None
    scans: MeasurementResult | None
    notes: MeasurementResult | None
    live: Realised

    @property
    def reports(self) -> tuple[Report, ...]:
        """Those that there are."""
        return tuple(one for one in (self.health, self.performance, self.analytics) if one is not None)


def compose_review(session: Session) -> str:
    """Put the review together and keep it; gives the name of its document. Blocking; may run again."""
    window = Window.model_validate(session.run.parameters["window"])
    root = session.recorder.emit("question", QUESTION, agent=AGENT)
    bench = session.bench.beneath(root.seq)
    month = _Month(
        session=session,
        window=window,
        health=_report(session, MONITORING, HealthReport),
        performance=_report(session, PERFORMANCE, PerformanceReport),
        analytics=_report(session, ANALYTICS, AnalyticsReport),
        scans=_measured(session, bench, "vulnerabilities", "vulnerabilities", window),
        notes=_measured(session, bench, "competitors", "competitor_notes", window),
        live=realised(bench, AGENT, window.observed_end),
    )
    review = _review(month)
    session.bench.put_document(REVIEW, JSON_OBJECT.validate_python(review.model_dump(mode="json")))
    return REVIEW


def _report(session: Session, specialist: str, kind: type[R]) -> R | None:
    """A report that a specialist made in this run."""
    body = session.bench.document(f"{specialist}/report")
    found = report_from(body) if body is not None else None
    return found if isinstance(found, kind) else None


def _measured(
    session: Session, bench: Bench, source: str, name: str, window: Window
) -> MeasurementResult | None:
    """What the review measures itself; None where the source is not configured."""
    if source not in bench.sources:
        return None
    result = bench.measure(AGENT, name, {"window": window, "baseline": window.before()})
    if result.status == "error":
        problem = f"{source}: {result.reason}"
        said: Document = {"reason": result.reason}
        session.recorder.emit("degraded", problem, agent=AGENT, parent=bench.under, data=said)
        session.problems.append(problem)
    return result


def _review(month: _Month) -> MonthlyReview:
    settings = month.session.bench.settings
    security = security_review(month.scans)
    application = settings.application
    draft = MonthlyReview(
        application=application.name,
        version=application.version,
        currency=application.currency,
        window=month.window,
        generated_at=month.session.bench.clock(),
        grade=month.health.headline.grade if month.health else "NOT GRADED",
        headline=tuple(_headline(month)),
        decide=_to_decide(month, security),
        reports=(
            _reviewed(month, "health", MONITORING, month.health, _health_says(month.health)),
            _reviewed(
                month, "performance", PERFORMANCE, month.performance, _performance_says(month.performance)
            ),
            _reviewed(month, "analytics", ANALYTICS, month.analytics, _analytics_says(month.analytics)),
        ),
        metrics=_listing(month.health.metrics if month.health else (), _why_not(month, MONITORING)),
        scaling=_scaling(month),
        usage=_listing(_usage(month.analytics), _why_not(month, ANALYTICS)),
        business=_listing(month.analytics.business if month.analytics else (), _why_not(month, ANALYTICS)),
        incidents=_incidents(month),
        actions=_actions(month),
        realised=month.live.items,
        security=security,
        competition=competition_of(month.notes),
        problems=tuple(dict.fromkeys(problem for report in month.reports for problem in report.problems)),
        notes=tuple(dict.fromkeys(note for report in month.reports for note in report.notes)),
        evidence=Evidence.of(*_every_fact(month)),
    )
    return _with_what_it_cites(draft)


Item = TypeVar("Item")


def _listing(items: Sequence[Item], reason: str) -> Listing[Item]:
    found = tuple(items)
    return Listing(items=found, reason="" if found else f"None: {reason or 'nothing was measured'}")


def _why_not(month: _Month, specialist: str) -> str:
    """Why a specialist took no part; "" where it did."""
    services = month.session.services
    return nothing_to_look_at(services, "monthly_review", specialist, month.window)


def _every_fact(month: _Month) -> Iterator[Fact]:
    for report in month.reports:
        yield from report.evidence.facts.values()
    yield from month.live.facts
    for result in (month.scans, month.notes):
        if result is not None:
            yield from result.facts


def _with_what_it_cites(review: MonthlyReview) -> MonthlyReview:
    """The review with those facts alone that it prints: the reports carry their own."""
    used = {quantity.fact for quantity in measured_in(review)} | set(cited_in(review))
    facts = [fact for identity, fact in review.evidence.facts.items() if identity in used]
    return MonthlyReview.model_validate({**dict(review), "evidence": Evidence.of(*facts)})


# --- what the reports say ---------------------------------------------------------------------------------


def _reviewed(
    month: _Month, part: Part, specialist: str, report: Report | None, says: tuple[Sentence, ...]
) -> ReviewedReport:
    titles = {"health": "Health Report", "performance": "Performance Trend Report"}
    title = report.title if report else titles.get(part, "Product Analytics Report")
    if report is None:
        reason = _why_not(month, specialist) or f"the {specialist} made no report"
        return ReviewedReport(part=part, title=title, reason=reason)
    return ReviewedReport(part=part, title=title, file=report.stem, says=says)


def _health_says(report: HealthReport | None) -> tuple[Sentence, ...]:
    return (*report.headline.why, report.trend) if report else ()


def _performance_says(report: PerformanceReport | None) -> tuple[Sentence, ...]:
    return (_trend(report), report.trend.because, report.conclusion) if report else ()


def _trend(report: PerformanceReport) -> Sentence:
    return Sentence(text=report.trend.verdict)


def _analytics_says(report: AnalyticsReport | None) -> tuple[Sentence, ...]:
    return report.headline.know if report else ()


def _usage(report: AnalyticsReport | None) -> tuple[KeyFigure, ...]:
    return (*report.growth, *(day.on_day for day in report.retention)) if report else ()


def _headline(month: _Month) -> Iterator[Sentence]:
    """What the month was: the first reason of the grade, the trend, the first thing to know of the use."""
    if month.health:
        yield from month.health.headline.why[:1]
    if month.performance:
        yield _trend(month.performance)
    if month.analytics:
        yield from month.analytics.headline.know[:1]
    if not month.reports:
        yield Sentence(text="nothing was measured: no source of requests or events is configured")


def _scaling(month: _Month) -> Scaling:
    report = month.performance
    if report is None:
        return Scaling(projections=Listing(reason=f"None: {_why_not(month, PERFORMANCE)}"))
    return Scaling(
        pods=report.capacity.current.pods,
        projections=Listing(items=report.capacity.projections, reason="None: nothing is projected"),
        scenarios=report.cost.scenarios,
        per_user=report.cost.per_user,
    )


# --- what is to be decided --------------------------------------------------------------------------------


def _to_decide(month: _Month, security: SecurityReview) -> Listing[ToDecide]:
    """The most pressing first: patches, what is overdue, then what each report asks for."""
    found = [*_patches(month, security), *_overdue(month), *_asked_for(month), *_capacity(month)]
    return Listing(items=tuple(found), reason="" if found else "Nothing: no threshold was crossed")


def _patches(month: _Month, security: SecurityReview) -> Iterator[ToDecide]:
    decides = _approvers(month)
    for one in security.listed.items:
        if one.severity in ("critical", "high"):
            yield ToDecide(about="Security", what=_patch(one), decides=decides)


def _patch(one: Vulnerability) -> Sentence:
    to = f"patch {one.package} to {one.fixed_in}" if one.fixed_in else f"find a way around {one.id}"
    facts = [quantity.fact for quantity in measured_in(one)]
    return Sentence(
        text=f"{to}: {one.name} is {one.rating}; {one.becomes}", facts=tuple(dict.fromkeys(facts))
    )


def _overdue(month: _Month) -> Iterator[ToDecide]:
    """Who is to do it stands with it; a person decides whether it is done, moved or dropped."""
    decides = _approvers(month)
    for item in _actions(month).items:
        if item.overdue:
            told = f"To do: [{item.owner}] {item.action} ({item.id}, overdue since {item.due.isoformat()})"
            yield ToDecide(about="Incidents", what=Sentence(text=told), decides=decides)


def _asked_for(month: _Month) -> Iterator[ToDecide]:
    """What each report puts first. A report with nothing to do says so, and is not repeated here."""
    if month.health and month.health.recommendations:
        head = month.health.headline
        yield ToDecide(about="Health", what=head.do, decides=head.decides)
    if month.performance and month.performance.opportunities.items:
        speed = month.performance.headline
        yield ToDecide(about="Performance", what=speed.do, decides=speed.decides)
    if month.analytics:
        use = month.analytics.headline
        for said in use.decide:
            if not said.text.casefold().startswith("nothing"):
                yield ToDecide(about="Usage", what=said, decides=use.decides)


def _capacity(month: _Month) -> Iterator[ToDecide]:
    """What the next months need, where the performance report does not put it first anyway."""
    if month.performance is None:
        return
    head = month.performance.headline
    for projection in month.performance.capacity.projections:
        if projection.months <= HORIZON and projection.add:
            if projection.advice.text not in head.do.text:
                yield ToDecide(about="Capacity", what=projection.advice, decides=head.decides)
            return


def _approvers(month: _Month) -> str:
    return ", ".join(month.session.bench.settings.approvers) or "whoever approves sprints"


# --- the ledger -------------------------------------------------------------------------------------------


def _incidents(month: _Month) -> Listing[ReviewedIncident]:
    ledger, name = month.session.services.ledger, month.session.bench.settings.application.name
    found = tuple(
        _incident(month, record)
        for record in reversed(ledger.incidents())
        if record.application == name
        and record.started_at < month.window.observed_end
        and record.ended_at >= month.window.start
    )
    return Listing(items=found, reason="" if found else "None was opened for this month")


def _incident(month: _Month, record: IncidentRecord) -> ReviewedIncident:
    published = month.session.services.ledger.reports(record.run, kind="incident")
    return ReviewedIncident(
        id=record.id,
        severity=record.severity,
        status=record.status,
        started_at=record.started_at,
        ended_at=record.ended_at,
        summary=str(record.body.get("root_cause") or record.body.get("title") or ""),
        file=published[0].title if published else "",
    )


def _made_at(month: _Month) -> datetime:
    """The moment that due dates are held against: the one that the run looks back to, else the present."""
    as_of = month.session.run.parameters.get("as_of")
    return datetime.fromisoformat(as_of) if isinstance(as_of, str) else month.session.bench.clock()


def _actions(month: _Month) -> Listing[OpenAction]:
    ledger, name = month.session.services.ledger, month.session.bench.settings.application.name
    today = month.window.local(_made_at(month)).date()
    begun = {record.id for record in ledger.incidents() if record.started_at < month.window.observed_end}
    found = tuple(
        OpenAction(id=item.id, owner=item.owner, action=item.action, due=item.due, overdue=item.due < today)
        for item in ledger.action_items("open")
        if item.application == name and item.incident in begun
    )
    return Listing(
        items=found, reason="" if found else "None: everything is closed, or nothing was asked for"
    )
