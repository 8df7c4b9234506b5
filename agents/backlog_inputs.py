"""What a plan is made from: candidates, requests, and what was found; stored, so that it can be made again.

A revision after a person's changes asks no source and no model: it starts from these inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import Field, JsonValue

from postlaunch.agents.backlog_colleagues import Heard, heard
from postlaunch.agents.bench import JSON_OBJECT, Assignment, Bench
from postlaunch.agents.realised import realised
from postlaunch.facts import Fact, Frozen
from postlaunch.reports.features import FeatureReview
from postlaunch.sources.candidates import CandidateItem, CandidateTable
from postlaunch.sources.opening import BrokenSource
from postlaunch.sources.tickets import TicketTable
from postlaunch.tools.backlog_requests import anchors_of, counted_under
from postlaunch.tools.competition import competition_of
from postlaunch.tools.feature_review import FIGURES, feature_review
from postlaunch.tools.gathered import Gathered
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.tools.security_review import security_review
from postlaunch.windows import Window

NAME = "product-analyst"
INPUTS = f"{NAME}/inputs"
"""The document that a plan is made from, so that it can be made again with other edits."""

NOT_CONFIGURED = "no feature and no funnel is configured under [analytics]"

USAGE_DAYS = 28
"""Days of usage that are measured where no analytics report is at hand."""


class PlanInputs(Frozen):
    """What the backlog is computed from.

    Attributes:
        requests: of the measurement "request_groups"; None where no tickets source is configured.
        gathered: what the other specialists, the scans and the notes on competitors say.
        texts: text from outside that belongs to what was gathered, for a model only fenced as data.
        problems: configured sources that failed.
    """

    fingerprint: str = ""
    items: tuple[CandidateItem, ...] = ()
    notes: tuple[str, ...] = ()
    requests: MeasurementResult | None = None
    gathered: Gathered = Gathered()
    texts: tuple[dict[str, JsonValue], ...] = ()
    problems: tuple[str, ...] = Field(default=())

    @property
    def table(self) -> CandidateTable:
        """The candidates as the planning rules take them."""
        return CandidateTable(fingerprint=self.fingerprint, items=self.items, notes=self.notes)


def collect(bench: Bench, assignment: Assignment, window: Window) -> PlanInputs:
    """Read the candidates, count the requests, read what the others found, the scans and the notes."""
    source = bench.sources.get("candidates")
    problems: list[str] = []
    table = CandidateTable(fingerprint="", items=())
    under_way: tuple[CandidateItem, ...] = ()
    if isinstance(source, CandidateTable):
        table, under_way = _without_committed(source, assignment.parameters.get("committed"))
    elif isinstance(source, BrokenSource):
        problems.append(f"candidates: {source.error}")
    asked_for = bench.sources.get("feature_requests")
    if isinstance(asked_for, BrokenSource):
        problems.append(f"feature_requests: {asked_for.error}")
    requests = _requests(bench, assignment, table)
    others = heard(bench, assignment)
    spans = {"window": window, "baseline": window.before()}
    scans = _measured(bench, "vulnerabilities", "vulnerabilities", spans)
    months = bench.settings.product.competitor_months
    notes = _measured(bench, "competitors", "competitor_notes", {"window": window, "months": months})
    features, usage = _features(bench, window, others)
    live = realised(bench, NAME, window.observed_end)
    for name, result in (("tickets", requests), ("vulnerabilities", scans), ("competitors", notes)):
        if result is not None and result.status == "error":
            problems.append(f"{name}: {result.reason}")
    found = [result for result in (scans, notes) if result is not None]
    facts = [*others.facts, *usage, *live.facts, *(fact for result in found for fact in result.facts)]
    return PlanInputs(
        fingerprint=table.fingerprint,
        items=table.items,
        notes=table.notes,
        requests=requests,
        gathered=Gathered(
            colleagues=others.colleagues,
            security=security_review(scans),
            features=features,
            competition=competition_of(notes),
            realised=live.items,
            facts=tuple({fact.id: fact for fact in facts}.values()),
            under_way=under_way,
        ),
        texts=tuple(text for result in found for text in result.texts),
        problems=tuple(problems),
    )


def _measured(bench: Bench, source: str, name: str, asked: Mapping[str, object]) -> MeasurementResult | None:
    """One measurement; None where its source is not configured."""
    return bench.measure(NAME, name, asked) if source in bench.sources else None


# --- candidates and requests ------------------------------------------------------------------------------


def _without_committed(
    table: CandidateTable, committed: JsonValue
) -> tuple[CandidateTable, tuple[CandidateItem, ...]]:
    """The candidates that no earlier sprint took, and those that one took.

    What depended on those that one took no longer waits.
    """
    gone = set(committed) if isinstance(committed, list) else set()
    left = tuple(
        item.model_copy(update={"depends_on": tuple(other for other in item.depends_on if other not in gone)})
        for item in table.items
        if item.id not in gone
    )
    taken = tuple(item for item in table.items if item.id in gone)
    names = ", ".join(item.id for item in taken)
    note = (f"committed in an earlier sprint, and so left out: {names}",) if taken else ()
    return replace(table, items=left, notes=(*table.notes, *note)), taken


def _requests(bench: Bench, assignment: Assignment, table: CandidateTable) -> MeasurementResult | None:
    if "tickets" not in bench.sources:
        return None
    anchors: JsonValue = [anchor.model_dump(mode="json") for anchor in anchors_of(table.items)]
    asked: dict[str, JsonValue] = {
        "anchors": anchors,
        **counted_under(assignment.parameters),
        **_until(bench, assignment),
    }
    return bench.measure(NAME, "request_groups", asked)


def _until(bench: Bench, assignment: Assignment) -> dict[str, JsonValue]:
    """The span of the tickets when a run looks back at a moment: what came later was not known then."""
    source, as_of = bench.sources.get("tickets"), assignment.parameters.get("as_of")
    if not isinstance(source, TicketTable) or not isinstance(as_of, str):
        return {}
    moments, end = [ticket.created_at for ticket in source.asking.tickets], datetime.fromisoformat(as_of)
    first = min(moments, default=end)
    if end <= first:
        return {}
    window = Window(start=first, end=end, zone=bench.settings.application.timezone)
    return {"window": JSON_OBJECT.validate_python(window.model_dump(mode="json"))}


# --- features ---------------------------------------------------------------------------------------------


def _features(bench: Bench, window: Window, others: Heard) -> tuple[FeatureReview, tuple[Fact, ...]]:
    """The review of the features, by the figures of the analytics-specialist, else by figures of its own."""
    report = others.of("analytics")
    if report is not None:
        facts = tuple(
            fact
            for fact in report.evidence.facts.values()
            if fact.name in FIGURES and _same_span(fact.window, report.window)
        )
        basis = (
            f"product events of {report.window.label or report.window.days()}, by the analytics-specialist"
        )
        reason = NOT_CONFIGURED if _unconfigured(bench) else "the analytics report holds no figure of use"
        return feature_review(facts, bench.settings, basis=basis, reason=reason), facts
    if "events" not in bench.sources:
        return FeatureReview(), ()
    span = _usage_span(window)
    results = [bench.measure(NAME, name, asked) for name, asked in _usage_asked(bench, span)]
    facts = tuple(fact for result in results for fact in result.facts if fact.name in FIGURES)
    reasons = dict.fromkeys(result.reason for result in results if result.reason)
    reason = "; ".join(reasons) or NOT_CONFIGURED
    return feature_review(
        facts, bench.settings, basis=f"product events of {span.days()}", reason=reason
    ), facts


def _same_span(one: Window, other: Window) -> bool:
    """Whether two windows are the same, wherever the data of each ended."""
    return (one.start, one.end) == (other.start, other.end)


def _unconfigured(bench: Bench) -> bool:
    analytics = bench.settings.analytics
    return not analytics.features and not analytics.funnels


def _usage_span(window: Window) -> Window:
    """The days up to the window's end, on the wall clock."""
    end = window.local(window.observed_end)
    return Window(start=end - timedelta(days=USAGE_DAYS), end=end, zone=window.zone)


def _usage_asked(bench: Bench, span: Window) -> list[tuple[str, dict[str, object]]]:
    """What is measured of features and funnels: adoption by audience, and each funnel."""
    analytics = bench.settings.analytics
    spans = {"window": span, "baseline": span.before()}
    users = {"signup_event": analytics.signup_event or None, "visitor_events": analytics.visitors}
    asked: list[tuple[str, dict[str, object]]] = []
    for role in dict.fromkeys(feature.role for feature in analytics.features):
        events = tuple(feature.event for feature in analytics.features if feature.role == role)
        asked.append(("feature_adoption", {**spans, **users, "features": events, "role": role or None}))
    for funnel in analytics.funnels:
        counted = {"steps": funnel.steps, "mode": funnel.mode, "days": funnel.days}
        asked.append(("funnel", {**spans, **counted, "session_minutes": analytics.session_minutes}))
    return asked
