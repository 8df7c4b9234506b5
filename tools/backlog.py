"""The backlog, assembled: candidates, the requests counted for them, and a person's edits, by the rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from postlaunch.facts import (
    Assumed,
    Derived,
    Evidence,
    Fact,
    Measured,
    Quantity,
    Unavailable,
)
from postlaunch.ledger.records import ScopeEdits
from postlaunch.printing import value_text
from postlaunch.reports.backlog import (
    NOT_WRITTEN,
    TIER_TITLES,
    BacklogItem,
    BacklogReport,
    FeatureRequest,
    Tier,
)
from postlaunch.reports.judged import Sentence
from postlaunch.reports.scope import Scope
from postlaunch.roster import Roster
from postlaunch.settings import Settings
from postlaunch.sources.candidates import CandidateItem, CandidateTable
from postlaunch.tools.edits import EDITOR, apply_edits, checked_edits
from postlaunch.tools.feedback_groups import Anchor
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.tools.planning import Appraisal, appraise
from postlaunch.tools.routing import route_of
from postlaunch.tools.scope import Team, Work, scope_of, solve_scope, team_for, works_of
from postlaunch.tools.tiers import TierVerdict, assign_tiers
from postlaunch.windows import Window

LISTED_REQUESTS = 15


def anchors_of(items: Sequence[CandidateItem]) -> tuple[Anchor, ...]:
    """The candidates as `request_groups` matches tickets to them."""
    return tuple(
        Anchor(candidate=item.id, title=item.title, keywords=item.keywords, description=item.description)
        for item in items
    )


@dataclass(frozen=True)
class Plan:
    """A backlog's verdicts before they are printed: what a person's edited scope is checked against.

    Attributes:
        edits: checked, with every party under its roster name.
        must_days: the most days that Musts may take.
    """

    appraisals: tuple[Appraisal, ...]
    tiers: Mapping[str, TierVerdict]
    works: tuple[Work, ...]
    team: Team
    edits: ScopeEdits
    must_days: float


def plan_of(
    table: CandidateTable,
    requests: MeasurementResult | None,
    settings: Settings,
    edits: ScopeEdits | None = None,
) -> Plan:
    """Appraise every candidate and give it its tier, in the backlog's order.

    Args:
        requests: of the measurement "request_groups" with `anchors_of(table.items)`.

    Raises:
        UsageError: the edits name what does not exist, or contradict one another.
    """
    roster = Roster.from_settings(settings)
    checked = checked_edits(edits or ScopeEdits(), table.items, roster)
    items = apply_edits(table.items, checked)
    counted = _counts(requests)
    appraisals = [
        appraise(
            item,
            _requests_of(item, requests, counted),
            settings.verdicts,
            effort_by=EDITOR if item.id in checked.effort else "",
            currency=settings.application.currency,
        )
        for item in items
    ]
    team = team_for([item.effort for item in items], settings, roster, checked.capacity)
    must_days = settings.capacity.must_share * team.total
    tiers = assign_tiers(appraisals, pinned=checked.pin, must_days=must_days)
    ordered = tuple(sorted(appraisals, key=lambda appraisal: _order(appraisal, tiers)))
    return Plan(ordered, tiers, works_of(ordered, tiers, checked), team, checked, must_days)


def _order(appraisal: Appraisal, tiers: Mapping[str, TierVerdict]) -> tuple[int, float, str]:
    """By tier, then RICE; items without a score after those with one; then by id."""
    score = appraisal.rice.value if isinstance(appraisal.rice, Derived) else -1.0
    return (list(TIER_TITLES).index(tiers[appraisal.item.id].tier), -score, appraisal.item.id)


def build_backlog(
    table: CandidateTable,
    requests: MeasurementResult | None,
    settings: Settings,
    *,
    sprint: int,
    window: Window,
    at: datetime,
    edits: ScopeEdits | None = None,
    chosen: Collection[str] | None = None,
) -> BacklogReport:
    """The whole backlog report; the same inputs give the same report.

    Args:
        requests: of the measurement "request_groups" with `anchors_of(table.items)`; None: no tickets source.
        window: the span looked at; the requests' own where some were counted.
        at: when the report is made.
        chosen: ids of a scope that a person put together, taken as it is; None: the best scope is solved for.

    Raises:
        UsageError: the edits name what does not exist, or contradict one another.
    """
    plan = plan_of(table, requests, settings, edits)
    scope = solve_scope(plan.works, plan.team) if chosen is None else scope_of(plan.works, plan.team, chosen)
    listed = feature_requests(requests)
    by_candidate = {request.candidate: request for request in listed if request.candidate}
    items = [
        _item(place, appraisal, plan, scope, settings, by_candidate.get(appraisal.item.id), sprint)
        for place, appraisal in enumerate(plan.appraisals, start=1)
    ]
    facts = requests.facts if requests is not None else ()
    return BacklogReport(
        application=settings.application.name,
        version=settings.application.version,
        currency=settings.application.currency,
        sprint=sprint,
        window=facts[0].window if facts else window,
        generated_at=at,
        headline=(_headline(sprint, scope, listed),),
        decides=", ".join(settings.approvers) or "anyone who gives a name",
        basis=_basis(requests),
        capacity_basis=_capacity_basis(settings),
        tiers=tuple(
            Tier(name=name, title=title, items=tuple(item for item in items if item.tier == name))
            for name, title in TIER_TITLES.items()
        ),
        must_share=_must_share(plan),
        feature_requests=listed[:LISTED_REQUESTS],
        feature_requests_note=_requests_note(requests),
        request_advice=request_advice(listed, scope, sprint),
        scope=scope,
        notes=tuple(
            Sentence(text=note)
            for note in (*table.notes, *_notes(plan), *(requests.notes if requests is not None else ()))
        ),
        problems=(requests.reason,) if requests is not None and requests.status == "error" else (),
        evidence=Evidence.of(*facts),
    )


def _headline(sprint: int, scope: Scope, listed: Sequence[FeatureRequest]) -> Sentence:
    """What there is to decide, and the one thing people ask for most."""
    days = value_text(scope.total_days, "days")
    fits = "fits" if scope.fits else "does not fit"
    items = "1 item" if len(scope.ids) == 1 else f"{len(scope.ids)} items"
    left = ", ".join(item.title for item in scope.left_out)
    decide = (
        f"Decide on sprint {sprint}: {items}, {days} of work with testing and documentation; {fits}"
        + (f". Left out: {left}" if left else "")
        if scope.ids
        else f"Nothing can be put into sprint {sprint}: no candidate item fits, or none is declared"
    )
    if not listed or not isinstance(listed[0].requesters, Measured):
        return Sentence(text=f"{decide}.")
    top = listed[0]
    people = value_text(listed[0].requesters.value, "count")
    return Sentence(
        text=f"{decide}. Most asked for: {top.label}, by {people} people.", facts=(listed[0].requesters.fact,)
    )


# --- requests ---------------------------------------------------------------------------------------------


def feature_requests(requests: MeasurementResult | None) -> tuple[FeatureRequest, ...]:
    """What users ask for, most requesters first; candidates that nobody asks for are left out."""
    if requests is None:
        return ()
    counts = {fact.entity: fact for fact in requests.named("group_requesters")}
    rows = [(text, counts[str(text["group"])]) for text in requests.texts if str(text["group"]) in counts]
    rows.sort(key=lambda row: -row[1].value)
    return tuple(
        _feature_request(rank, text, fact)
        for rank, (text, fact) in enumerate((row for row in rows if row[1].value > 0), start=1)
    )


def _feature_request(rank: int, text: Mapping[str, JsonValue], fact: Fact) -> FeatureRequest:
    return FeatureRequest(
        rank=rank,
        group=str(text["group"]),
        label=str(text["label"]),
        requesters=Measured.of(fact),
        low=_whole(text["low"]),
        high=_whole(text["high"]),
        note=fact.note,
        candidate=str(text["candidate"]),
        tickets=_texts(text["tickets"]),
        against=_texts(text["against"]),
        terms=_texts(text["terms"]),
    )


def _whole(value: JsonValue) -> int | None:
    return value if isinstance(value, int) else None


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _counts(requests: MeasurementResult | None) -> dict[str, Fact]:
    """Candidate id → the fact that counts its requesters."""
    if requests is None:
        return {}
    facts = {fact.entity: fact for fact in requests.named("group_requesters")}
    return {
        str(text["candidate"]): facts[str(text["group"])]
        for text in requests.texts
        if text["candidate"] and str(text["group"]) in facts
    }


def _requests_of(
    item: CandidateItem, requests: MeasurementResult | None, counted: Mapping[str, Fact]
) -> Quantity:
    """Counted from tickets; declared where no tickets are read; else why there is no count."""
    if item.id in counted:
        return Measured.of(counted[item.id])
    configured = requests is not None and requests.measurement.fingerprint != ""
    if configured and requests is not None:
        return Unavailable(reason=requests.reason or "not among the groups measured")
    if item.requests is not None:
        return Assumed(
            value=item.requests, unit="count", who=item.declared_by, basis="declared; no tickets are read"
        )
    return Unavailable(reason="no source of tickets", remedy="add [sources.tickets] to postlaunch.toml")


def _requests_note(requests: MeasurementResult | None) -> str:
    if requests is None:
        return "not available: no source of tickets is configured"
    if requests.status != "ok":
        return f"not available: {requests.reason}"
    return "Counted by distinct requester: one who asks twice counts once."


def request_advice(listed: Sequence[FeatureRequest], scope: Scope, sprint: int) -> tuple[Sentence, ...]:
    """What becomes of what people ask for most: in the sprint's scope, put off, or in no candidate item."""
    asked = listed[:LISTED_REQUESTS]
    fates = (
        (f"sprint {sprint} should take", [one for one in asked if one.candidate in scope.ids]),
        ("to be put off", [one for one in asked if one.candidate and one.candidate not in scope.ids]),
        ("to be made a candidate item first", [one for one in asked if not one.candidate]),
    )
    return tuple(
        Sentence(text=f"{fate}: {', '.join(one.label for one in some)}", facts=_cited(some))
        for fate, some in fates
        if some
    )


def _cited(requests: Sequence[FeatureRequest]) -> tuple[str, ...]:
    return tuple(one.requesters.fact for one in requests if isinstance(one.requesters, Measured))


# --- items ------------------------------------------------------------------------------------------------


def _item(
    number: int,
    appraisal: Appraisal,
    plan: Plan,
    scope: Scope,
    settings: Settings,
    request: FeatureRequest | None,
    sprint: int,
) -> BacklogItem:
    item, verdict = appraisal.item, plan.tiers[appraisal.item.id]
    inside = item.id in scope.ids
    return BacklogItem(
        number=number,
        id=item.id,
        title=item.title,
        description=item.description,
        requests=appraisal.requests,
        requests_note=request.note if request else "",
        business_impact=item.business_impact,
        effort=appraisal.effort,
        effort_by_owner=item.effort,
        effort_assumed=item.effort_assumed,
        owners=tuple(item.effort),
        roi=appraisal.roi,
        rice=appraisal.rice,
        tier=verdict.tier,
        decision=verdict.tier if inside else "Defer",
        because=verdict.because,
        left_out_because=next((left.reason for left in scope.left_out if left.id == item.id), ""),
        route=route_of(item, settings.verdicts),
        in_scope=inside,
        defer_to="" if inside else item.defer_to or f"Sprint {sprint + 1}",
        tickets=request.tickets if request else (),
        against=request.against if request else (),
        acceptance_criteria=item.acceptance_criteria,
        acceptance_note="" if item.acceptance_criteria else NOT_WRITTEN,
        required_by=item.required_by,
        depends_on=item.depends_on,
        components=item.components,
        touches=item.touches,
        success_measure=item.success_measure,
        success_target=item.success_target,
        risks=item.risks,
        notes=item.notes,
    )


# --- what is said of the whole ----------------------------------------------------------------------------


def _basis(requests: MeasurementResult | None) -> str:
    """Which of usage data, requests and ROI there were, and where they come from."""
    counted = requests is not None and requests.status == "ok"
    feedback = "requests counted from support tickets" if counted else "requests as declared"
    return (
        f"Based on {feedback}, and ROI from benefit and cost as declared in the candidates file; "
        "usage data is not available: no source of feature use"
    )


def _capacity_basis(settings: Settings) -> str:
    """What the days are that an owner can plan, in the settings' figures."""
    capacity = settings.capacity
    return (
        f"an owner's working days in the sprint, {value_text(capacity.sprint_days, 'number')} if not stated, "
        f"less a buffer of {value_text(capacity.buffer, 'ratio')}; Musts may take "
        f"{value_text(capacity.must_share, 'ratio')} of all"
    )


def _must_share(plan: Plan) -> Quantity:
    if not plan.team.total:
        return Unavailable(reason="no party has a day to plan")
    effort = [a.effort for a in plan.appraisals if plan.tiers[a.item.id].tier == "Must"]
    capacity = Assumed(value=plan.team.total, unit="days", who="settings", basis="days less the buffer")
    musts = Derived.of("sum", *effort, unit="days", statement="effort of the Musts")
    return Derived.of("ratio", musts, capacity, unit="ratio", statement="Musts' share of plannable days")


def _notes(plan: Plan) -> tuple[str, ...]:
    notes = []
    bases = {a.reach_basis for a in plan.appraisals} - {""}
    if len(bases) > 1:
        counted = [a.item.id for a in plan.appraisals if a.reach_basis == "requesters"]
        notes.append(
            f"RICE of {', '.join(counted)} rests on counted requesters, a floor of reach; that of the others "
            "on declared reach: compare them with care"
        )
    bound = sum(a.item.effort_days for a in plan.appraisals if plan.tiers[a.item.id].bound)
    if bound > plan.must_days + 1e-9:
        notes.append(
            f"required and pinned Musts take {bound:g} days; the ceiling for Musts is {plan.must_days:g}"
        )
    return tuple(notes)
