"""The product enhancement backlog as a typed report: tiers, requests, scope, and what each rests on."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from postlaunch.facts import Frozen, Quantity, Unavailable
from postlaunch.reports.colleagues import Colleague
from postlaunch.reports.competition import Competition
from postlaunch.reports.features import NO_FEATURE_USE, FeatureReview
from postlaunch.reports.judged import NEEDS_A_MODEL, Recommendation, Sentence
from postlaunch.reports.realised import NOT_WATCHED, RealisedItem
from postlaunch.reports.report import Listing, Report
from postlaunch.reports.scope import Scope
from postlaunch.reports.security import SecurityReview
from postlaunch.reports.series import Series

NOT_WRITTEN = NEEDS_A_MODEL
NOT_DECLARED = "not declared"
TICKETS_PRINTED = 12

TierName = Literal["Must", "Should", "Could"]
Decision = Literal["Must", "Should", "Could", "Defer"]
RoiBand = Literal["High", "Medium", "Low"]

TIER_TITLES: dict[TierName, str] = {
    "Must": "High Priority (Must Have)",
    "Should": "Medium Priority (Should Have)",
    "Could": "Low Priority (Nice to Have)",
}


class ReturnOnInvestment(Frozen):
    """What an item is expected to bring against its cost.

    Attributes:
        value: (monthly benefit × months − cost) ÷ cost; 1.5 is 150 %.
        band: None where there are no figures and no declared revenue to judge by.
        because: the figures or the statement that decided the band.
        formula: the figure with its formula and every input, or why there is none.
    """

    value: Quantity
    band: RoiBand | None
    because: str
    formula: str = ""


class Route(Frozen):
    """Which phase an approved item goes to, and by which rule."""

    phase: Literal[1, 2, 3]
    because: str


class FeatureRequest(Frozen):
    """What users ask for, as grouped from tickets.

    Attributes:
        requesters: distinct people who ask.
        low, high: the count without, and with, the tickets that are borderline.
        against: ids of tickets that ask for the opposite; they are not counted.
        apart: numbers of the decisions by which a person set it apart from another group.
        candidate: id of the candidate item it matches; empty where there is none.
    """

    rank: int = Field(ge=1)
    group: str
    label: str
    requesters: Quantity
    low: int | None = None
    high: int | None = None
    note: str = ""
    candidate: str = ""
    tickets: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    apart: tuple[int, ...] = ()
    terms: tuple[str, ...] = ()

    @property
    def evidence(self) -> str:
        """The tickets counted, the first of many: "T1, T2, T3 and 40 more"; all stand in the JSON."""
        left = len(self.tickets) - TICKETS_PRINTED
        shown = ", ".join(self.tickets[:TICKETS_PRINTED])
        return f"{shown} and {left} more" if left > 0 else shown


class BacklogItem(Frozen):
    """One candidate item with its verdicts.

    Attributes:
        number: its place in the backlog, from 1.
        requests: distinct requesters; measured from tickets, or assumed as declared.
        effort_by_owner: days; `effort` is their sum, with who declared it.
        effort_assumed: a single total was split evenly over the owners.
        rice_formula: the score with its formula and every input, or why there is none.
        tier: where it stands by its worth; `decision` is that, or "Defer" where the scope left it out.
        because: the rule and the inputs that gave the tier.
        left_out_because: why the scope left it out; empty where it did not.
        defer_to: the sprint it is put off to; empty where it is not.
        tickets: ids of the tickets that ask for it.
        found: what other specialists and the scans found that it addresses.
        usage: what is known of how its feature is used.
        required_by: what requires it: as declared, and as measured.
        acceptance_note: why there are no acceptance criteria, or who wrote those that nobody declared.
    """

    number: int = Field(ge=1)
    id: str
    title: str
    description: str = ""
    requests: Quantity
    requests_note: str = ""
    business_impact: str = ""
    effort: Quantity
    effort_by_owner: dict[str, float]
    effort_assumed: bool = False
    owners: tuple[str, ...]
    roi: ReturnOnInvestment
    rice: Quantity
    rice_formula: str = ""
    tier: TierName
    decision: Decision
    because: str
    left_out_because: str = ""
    route: Route
    in_scope: bool
    defer_to: str = ""
    tickets: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    found: tuple[Sentence, ...] = ()
    usage: str = NO_FEATURE_USE
    acceptance_criteria: tuple[str, ...] = ()
    acceptance_note: str = ""
    required_by: str = ""
    depends_on: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()
    success_measure: str = ""
    success_target: str = ""
    risks: str = ""
    notes: str = ""


class Tier(Frozen):
    """The items of one tier, in order.

    Attributes:
        share: of the plannable capacity that the tier's effort would take; in the scope or not.
    """

    name: TierName
    title: str
    items: tuple[BacklogItem, ...] = ()
    share: Quantity = Unavailable(reason="no capacity is stated")


class BacklogReport(Report):
    """The backlog and the proposed scope of one sprint.

    Attributes:
        window: the span that the requests were counted in, and the application's health was looked at.
        sprint: number of the sprint planned.
        headline: what to decide, in a few sentences; the first by the rules.
        decides: who may.
        basis: what the priorities rest on, as far as it was there.
        capacity_basis: what an owner's plannable days are.
        must_share: share of plannable capacity that the Musts take.
        colleagues: what the other specialists found, and what becomes of it.
        request_advice: what becomes of what people ask for most.
        realised: what items of earlier sprints were to bring, and brought.
        recommendations: what to do beside the scope: the rules' first.
        *_remarks: what the specialist adds to each section.
    """

    kind: Literal["backlog"] = "backlog"
    title: str = "Product Enhancement Backlog"
    sprint: int = Field(ge=1)
    headline: tuple[Sentence, ...]
    decides: str
    basis: str
    colleagues: tuple[Colleague, ...] = ()
    tiers: tuple[Tier, ...]
    capacity_basis: str = ""
    must_share: Quantity
    feature_requests: tuple[FeatureRequest, ...] = ()
    feature_requests_note: str = ""
    request_advice: tuple[Sentence, ...] = ()
    feature_review: FeatureReview = FeatureReview()
    competition: Competition = Competition()
    security: SecurityReview = SecurityReview()
    realised: Listing[RealisedItem] = NOT_WATCHED
    scope: Scope
    finding_remarks: tuple[Sentence, ...] = ()
    request_remarks: tuple[Sentence, ...] = ()
    priority_remarks: tuple[Sentence, ...] = ()
    feature_remarks: tuple[Sentence, ...] = ()
    competition_remarks: tuple[Sentence, ...] = ()
    security_remarks: tuple[Sentence, ...] = ()
    scope_remarks: tuple[Sentence, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    series: tuple[Series, ...] = ()

    @property
    def stem(self) -> str:
        """As its files are named: "backlog-sprint-4"."""
        return f"backlog-sprint-{self.sprint}"

    @property
    def items(self) -> tuple[BacklogItem, ...]:
        """Every item, in the backlog's order."""
        return tuple(item for tier in self.tiers for item in tier.items)

    def item(self, identity: str) -> BacklogItem | None:
        """The item of this id, if there is one."""
        return next((item for item in self.items if item.id == identity), None)
