"""The backlog, assembled: candidates, the requests counted for them, what was found, and a person's edits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from postlaunch.facts import Assumed, Derived, Evidence, Quantity, Unavailable
from postlaunch.ledger.records import ScopeEdits
from postlaunch.printing import value_text
from postlaunch.reports.backlog import TIER_TITLES, BacklogReport, Tier, TierName
from postlaunch.reports.judged import Sentence
from postlaunch.roster import Roster
from postlaunch.settings import Settings
from postlaunch.sources.candidates import CandidateTable
from postlaunch.tools.backlog_advice import backlog_advice, basis, headline
from postlaunch.tools.backlog_items import backlog_item, with_findings
from postlaunch.tools.backlog_requests import (
    LISTED_REQUESTS,
    counts_by_candidate,
    feature_requests,
    possible_requests,
    request_advice,
    requests_note,
    requests_of,
)
from postlaunch.tools.backlog_series import backlog_series
from postlaunch.tools.edits import EDITOR, apply_edits, checked_edits
from postlaunch.tools.fates import Fates
from postlaunch.tools.gathered import NOTHING, Gathered
from postlaunch.tools.measurement import MeasurementResult
from postlaunch.tools.planning import Appraisal, appraise
from postlaunch.tools.requirements import requirements
from postlaunch.tools.scope import Team, Work, scope_of, solve_scope, team_for, works_of
from postlaunch.tools.tiers import TierVerdict, assign_tiers
from postlaunch.windows import Window


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
    gathered: Gathered = NOTHING,
) -> Plan:
    """Appraise every candidate and give it its tier, in the backlog's order.

    Args:
        requests: of the measurement "request_groups" with `anchors_of(table.items)`.
        gathered: what was found elsewhere; it may require items.

    Raises:
        UsageError: the edits name what does not exist, or contradict one another.
    """
    roster = Roster.from_settings(settings)
    checked = checked_edits(edits or ScopeEdits(), table.items, roster)
    items = apply_edits(table.items, checked)
    counted = counts_by_candidate(requests)
    appraisals = [
        appraise(
            item,
            requests_of(item, requests, counted),
            settings.verdicts,
            effort_by=EDITOR if item.id in checked.effort else "",
            currency=settings.application.currency,
        )
        for item in items
    ]
    skills = {skill for item in items for skill in item.skills}
    team = team_for([item.effort for item in items], settings, roster, checked.capacity, skills=skills)
    must_days = settings.capacity.must_share * team.total
    required = requirements(table.items, gathered)
    tiers = assign_tiers(appraisals, pinned=checked.pin, required=required, must_days=must_days)
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
    gathered: Gathered = NOTHING,
) -> BacklogReport:
    """The whole backlog report; the same inputs give the same report.

    Args:
        requests: of the measurement "request_groups" with `anchors_of(table.items)`; None: no tickets source.
        window: the span looked at; the requests' own where some were counted.
        at: when the report is made.
        chosen: ids of a scope that a person put together, taken as it is; None: the best scope is solved for.
        gathered: what the other specialists, the scans and the notes say.

    Raises:
        UsageError: the edits name what does not exist, or contradict one another.
    """
    plan = plan_of(table, requests, settings, edits, gathered)
    scope = solve_scope(plan.works, plan.team) if chosen is None else scope_of(plan.works, plan.team, chosen)
    listed = feature_requests(requests)
    asked = {request.candidate: request for request in possible_requests(requests) if request.candidate}
    items = tuple(
        backlog_item(place, one, plan.tiers[one.item.id], scope, settings, asked.get(one.item.id), sprint)
        for place, one in enumerate(plan.appraisals, start=1)
    )
    fates = Fates.of(table.items, items, gathered, sprint)
    colleagues, security = fates.colleagues(gathered.colleagues), fates.security(gathered.security)
    features = fates.features(gathered.features)
    items = with_findings(items, colleagues, security, features)
    facts = requests.facts if requests is not None else ()
    return BacklogReport(
        application=settings.application.name,
        version=settings.application.version,
        currency=settings.application.currency,
        sprint=sprint,
        window=facts[0].window if facts else window,
        generated_at=at,
        headline=headline(sprint, scope, listed, colleagues, security),
        decides=", ".join(settings.approvers) or "anyone who gives a name",
        basis=basis(requests, colleagues, features),
        colleagues=colleagues,
        capacity_basis=_capacity_basis(settings),
        tiers=tuple(
            Tier(
                name=name,
                title=title,
                items=tuple(item for item in items if item.tier == name),
                share=_share(plan, name),
            )
            for name, title in TIER_TITLES.items()
        ),
        must_share=_share(plan, "Must"),
        feature_requests=listed[:LISTED_REQUESTS],
        feature_requests_note=requests_note(requests),
        request_advice=request_advice(listed, scope, sprint),
        feature_review=features,
        competition=gathered.competition,
        security=security,
        realised=gathered.realised,
        scope=scope,
        recommendations=backlog_advice(colleagues, security, features, gathered.competition, sprint),
        series=backlog_series(listed[:LISTED_REQUESTS], features, security),
        notes=tuple(
            Sentence(text=note)
            for note in (*table.notes, *_notes(plan), *(requests.notes if requests is not None else ()))
        ),
        problems=(requests.reason,) if requests is not None and requests.status == "error" else (),
        evidence=Evidence.of(*facts, *gathered.facts),
    )


# --- what is said of the whole ----------------------------------------------------------------------------


def _capacity_basis(settings: Settings) -> str:
    """What the days are that an owner can plan, in the settings' figures."""
    capacity = settings.capacity
    return (
        f"an owner's working days in the sprint, {value_text(capacity.sprint_days, 'number')} if not stated, "
        f"less a buffer of {value_text(capacity.buffer, 'ratio')}; Musts may take "
        f"{value_text(capacity.must_share, 'ratio')} of all"
    )


def _share(plan: Plan, tier: TierName) -> Quantity:
    """What of the plannable days a tier's effort would take."""
    if not plan.team.total:
        return Unavailable(reason="no party has a day to plan")
    effort = [a.effort for a in plan.appraisals if plan.tiers[a.item.id].tier == tier]
    capacity = Assumed(value=plan.team.total, unit="days", who="settings", basis="days less the buffer")
    days = Derived.of("sum", *effort, unit="days", statement=f"effort of the {tier}s")
    return Derived.of("ratio", days, capacity, unit="ratio", statement=f"{tier}s' share of plannable days")


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
