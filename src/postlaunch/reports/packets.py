"""What an approved item carries to the phase it is routed to: one typed packet per phase.

A packet states what the backlog knows. What nobody declared says "not declared"; what only a mind can write
says "not written: needs a model". Nothing is filled in.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Literal, TypedDict

from jinja2 import Environment, StrictUndefined
from pydantic import Field

from postlaunch.facts import Evidence, Frozen, Measured, Quantity, Unavailable, measured_in
from postlaunch.printing import quantity_text, value_text, window_text
from postlaunch.reports.backlog import NOT_DECLARED, NOT_WRITTEN, BacklogItem
from postlaunch.reports.features import NO_FEATURE_USE
from postlaunch.reports.markdown import escaped
from postlaunch.windows import Moment

SCHEMA_VERSION = 1


NO_FORECAST = Unavailable(
    reason="no capacity forecast was made for this item", remedy="the monthly review forecasts capacity"
)


class Approval(Frozen):
    """Who decided that this goes on, when, and why.

    Attributes:
        trust: how it is known who decided (`docs/security.md`); "local": the name was typed.
    """

    by: str
    at: Moment
    reason: str = ""
    decision: str
    trust: str = "local"


class PacketBase(Frozen):
    """What every packet says of its item.

    Attributes:
        requests: distinct requesters; `tickets` are their tickets' ids.
        found: what other specialists and dependency scans found that it addresses.
        usage: what is known of how the feature is used.
        route: why it goes to this phase.
        success_measure, success_target: what is watched after release, and how much of it is wanted.
        approved: the decision it rests on; None before there is one.
        evidence: the facts that the quantities cite, so that they can be measured again.
    """

    schema_version: int = SCHEMA_VERSION
    item: str
    title: str
    description: str
    sprint: int = Field(ge=1)
    tier: str
    route: str
    requests: Quantity
    requests_note: str = ""
    tickets: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    usage: str = NO_FEATURE_USE
    business_impact: str
    effort: Quantity
    owners: dict[str, float] = Field(default_factory=dict)
    required_by: str
    success_measure: str
    success_target: str
    approved: Approval | None = None
    evidence: Evidence = Evidence()

    @property
    def requests_window(self) -> str:
        """The span in which the requests were counted; empty where they were not."""
        if not isinstance(self.requests, Measured) or self.requests.fact not in self.evidence.facts:
            return ""
        return window_text(self.evidence.facts[self.requests.fact].window)


class Phase1Brief(PacketBase):
    """A feature brief for discovery: a new major feature."""

    phase: Literal[1] = 1
    problem: str
    goal_metric: str
    goal_target: str
    constraints: tuple[str, ...] = ()
    compliance_hints: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()


class Phase2Change(PacketBase):
    """A complex change for architecture.

    Attributes:
        criteria_note: who wrote the acceptance criteria, where nobody declared them.
        query_patterns: what was observed of the requests it concerns.
        slo_at_risk: the objective that it serves or endangers.
    """

    phase: Literal[2] = 2
    change: str
    stories: tuple[str, ...]
    acceptance_criteria: tuple[str, ...]
    criteria_note: str = ""
    touches: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    capacity_forecast: Quantity
    query_patterns: tuple[str, ...]
    slo_at_risk: str


class Phase3Story(PacketBase):
    """A story that is ready for implementation.

    Attributes:
        criteria_note: who wrote the acceptance criteria, where nobody declared them.
    """

    phase: Literal[3] = 3
    story: str
    acceptance_criteria: tuple[str, ...]
    criteria_note: str = ""
    dependencies: tuple[str, ...] = ()
    risks: str = ""


Packet = Annotated[Phase1Brief | Phase2Change | Phase3Story, Field(discriminator="phase")]


class Written(Frozen):
    """What a person or a verified judgement wrote for an item, and what was observed of it; all optional."""

    problem: str = ""
    change: str = ""
    story: str = ""
    acceptance_criteria: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()
    query_patterns: tuple[str, ...] = ()
    slo_at_risk: str = ""
    capacity_forecast: Quantity | None = None


def packet_for(
    item: BacklogItem, *, sprint: int, evidence: Evidence | None = None, written: Written | None = None
) -> Phase1Brief | Phase2Change | Phase3Story:
    """The packet of an approved item for the phase of its route.

    Args:
        evidence: of the backlog; only the facts that the packet cites are taken over.
        written: what the phase needs beyond the declarations, where someone wrote it.
    """
    given = written or Written()
    common = _common(item, sprint, evidence or Evidence())
    if item.route.phase == 1:
        return Phase1Brief(
            **common,
            problem=given.problem or NOT_WRITTEN,
            goal_metric=common["success_measure"],
            goal_target=common["success_target"],
            constraints=_constraints(item),
            compliance_hints=_compliance(item),
            open_questions=given.open_questions or _open_questions(item) or (NOT_WRITTEN,),
        )
    if item.route.phase == 2:
        return Phase2Change(
            **common,
            change=given.change or item.description or NOT_WRITTEN,
            stories=(given.story or NOT_WRITTEN,),
            acceptance_criteria=_criteria(item, given),
            criteria_note=_criteria_note(item),
            touches=item.touches,
            components=item.components,
            dependencies=item.depends_on,
            capacity_forecast=given.capacity_forecast or NO_FORECAST,
            query_patterns=given.query_patterns or ("not available: none was measured for this item",),
            slo_at_risk=given.slo_at_risk or _slo_at_risk(item) or NOT_DECLARED,
        )
    return Phase3Story(
        **common,
        story=given.story or NOT_WRITTEN,
        acceptance_criteria=_criteria(item, given),
        criteria_note=_criteria_note(item),
        dependencies=item.depends_on,
        risks=item.risks or NOT_DECLARED,
    )


def discovery_brief(text: str, *, by: str, title: str, sprint: int) -> Phase1Brief:
    """The one brief that a person's call for new discovery leaves: their words, and no figure."""
    return Phase1Brief(
        item="discovery",
        title=title,
        description=NOT_DECLARED,
        sprint=sprint,
        tier=NOT_DECLARED,
        route=f"{by} asked for new discovery",
        requests=Unavailable(reason="no item of the backlog is behind this brief"),
        business_impact=NOT_DECLARED,
        effort=Unavailable(reason="nothing is estimated before discovery"),
        required_by=NOT_DECLARED,
        success_measure=NOT_DECLARED,
        success_target=NOT_DECLARED,
        problem=text.strip() or NOT_DECLARED,
        goal_metric=NOT_DECLARED,
        goal_target=NOT_DECLARED,
        open_questions=(NOT_WRITTEN,),
    )


class _Common(TypedDict):
    """The fields of `PacketBase`, as the constructors of all packets take them."""

    item: str
    title: str
    description: str
    sprint: int
    tier: str
    route: str
    requests: Quantity
    requests_note: str
    tickets: tuple[str, ...]
    found: tuple[str, ...]
    usage: str
    business_impact: str
    effort: Quantity
    owners: dict[str, float]
    required_by: str
    success_measure: str
    success_target: str
    evidence: Evidence


def _common(item: BacklogItem, sprint: int, evidence: Evidence) -> _Common:
    cited = {fact.fact for quantity in (item.requests, item.effort) for fact in measured_in(quantity)}
    return _Common(
        item=item.id,
        title=item.title,
        description=item.description or NOT_DECLARED,
        sprint=sprint,
        tier=item.tier,
        route=item.route.because,
        requests=item.requests,
        requests_note=item.requests_note,
        tickets=item.tickets,
        found=tuple(said.text for said in item.found),
        usage=item.usage,
        business_impact=item.business_impact or NOT_DECLARED,
        effort=item.effort,
        owners=item.effort_by_owner,
        required_by=item.required_by or NOT_DECLARED,
        success_measure=item.success_measure or NOT_DECLARED,
        success_target=item.success_target or NOT_DECLARED,
        evidence=Evidence.of(*(fact for fact in evidence.facts.values() if fact.id in cited)),
    )


def _slo_at_risk(item: BacklogItem) -> str:
    """What requires the item, where that is an objective."""
    return item.required_by if "objective" in item.required_by else ""


def _criteria(item: BacklogItem, given: Written) -> tuple[str, ...]:
    return item.acceptance_criteria or given.acceptance_criteria or (NOT_WRITTEN,)


def _criteria_note(item: BacklogItem) -> str:
    """Why a reader should look twice: criteria that a model wrote are no declaration."""
    return item.acceptance_note if item.acceptance_criteria else ""


def _constraints(item: BacklogItem) -> tuple[str, ...]:
    """What the declarations hold it to."""
    found = [f"estimated at {quantity_text(item.effort)} for {', '.join(item.owners)}"]
    if item.depends_on:
        found.append(f"depends on {', '.join(item.depends_on)}")
    if item.touches:
        found.append(f"touches: {', '.join(touch.replace('_', ' ') for touch in item.touches)}")
    if item.risks:
        found.append(f"risk: {item.risks}")
    return tuple(found)


def _compliance(item: BacklogItem) -> tuple[str, ...]:
    return (f"required by: {item.required_by}",) if item.required_by else (NOT_DECLARED,)


def _open_questions(item: BacklogItem) -> tuple[str, ...]:
    """What the declarations leave open."""
    questions = []
    if not item.success_measure:
        questions.append("By what measure will it be seen to have worked?")
    if item.success_measure and not item.success_target:
        questions.append(f"What should {item.success_measure} become?")
    if item.effort_assumed:
        questions.append("How is the effort divided? One total was split evenly over the owners.")
    if item.against:
        questions.append(f"Some users ask for the opposite ({', '.join(item.against[:5])}): what is theirs?")
    return tuple(questions)


# --- Markdown ---------------------------------------------------------------------------------------------


def packet_markdown(packet: Phase1Brief | Phase2Change | Phase3Story, *, currency: str = "$") -> str:
    """The packet as Markdown for the people and agents of its phase."""
    environment = Environment(
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - the output is Markdown; `plain` prints outside text as it stands
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["plain"] = escaped
    environment.filters["days"] = lambda days: value_text(days, "days")
    environment.filters["quantity"] = lambda quantity: quantity_text(quantity, currency=currency)
    template = files("postlaunch.reports").joinpath("packet.md.j2").read_text(encoding="utf-8")
    return environment.from_string(template).render(packet=packet)
