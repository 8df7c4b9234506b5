"""The parts of an analytics report that state figures of users, features, funnels and tracking."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from postlaunch.facts import Change, Frozen, Quantity, Unavailable, change_between
from postlaunch.reports.health import RowStatus
from postlaunch.reports.judged import NEEDS_A_MODEL, Sentence
from postlaunch.reports.report import Listing
from postlaunch.reports.targets import Target

BenchmarkVerdict = Literal["better", "worse", "equal", "not available"]
EventStatus = Literal["seen", "not in the span", "never seen", "not used"]
PropertyStatus = Literal["filled", "missing in some", "missing", "not available"]


class KeyFigure(Frozen):
    """A figure with what it means, and what it was in the span before.

    Attributes:
        metric: the definition's name.
        share: the figure as a share of `share_of`; None where none belongs to it.
        definition: its semantics in one line; empty when nothing was measured.
        note: what a reader must know beside it: who the cohort is, when a session ends.
        n: observations behind `this`.
    """

    metric: str
    title: str
    this: Quantity
    last: Quantity
    change: Change | None = None
    share: Quantity | None = None
    share_of: str = ""
    definition: str = ""
    note: str = ""
    n: int | None = None

    @model_validator(mode="after")
    def _change_follows(self) -> KeyFigure:
        if isinstance(self.this, Unavailable) or isinstance(self.last, Unavailable):
            expected = None
        else:
            expected = change_between(self.last.value, self.this.value, self.this.unit)
        if self.change != expected:
            raise ValueError(f"{self.title}: the change stated is not the change between the two figures")
        return self


class RetentionDay(Frozen):
    """Retention on the calendar day N after joining, and on that or any later day."""

    day: int = Field(gt=0)
    on_day: KeyFigure
    unbounded: KeyFigure


class BenchmarkRow(Frozen):
    """A figure beside that of others.

    Attributes:
        benchmark: as declared in the settings; never measured here.
        of, source: whose figure it is, and where it is from.
    """

    metric: str
    title: str
    this: Quantity
    benchmark: Quantity
    of: str = ""
    source: str
    verdict: BenchmarkVerdict


class Benchmarks(Frozen):
    """How the users' figures stand against the objectives and the declared figures of others."""

    verdict: Sentence
    objectives: tuple[Sentence, ...] = ()
    rows: tuple[BenchmarkRow, ...] = ()
    remarks: tuple[Sentence, ...] = ()


class FeatureUse(Frozen):
    """One feature: who of its audience has tried it.

    Attributes:
        event: whose occurrence is its use.
        role: the audience's role; empty: all users.
        audience_name: what the audience is called: "users", "admins".
        rate: users ÷ audience; `last` is that of the span before.
    """

    feature: str
    event: str
    role: str = ""
    audience_name: str
    users: Quantity
    audience: Quantity
    rate: Quantity
    last: Quantity
    target: Target | None = None
    status: RowStatus
    because: Sentence


class FunnelStep(Frozen):
    """One step of a funnel.

    Attributes:
        event: as it is recorded; `label` as reports call it.
        from_first: users ÷ users of the first step; `from_previous`: ÷ users of the step before.
        dropped: users of the step before who did not come here and no longer can.
        drop_points: dropped ÷ users of the first step, in points; `drop`: ÷ users of the step before.
        in_progress: users who stand here and may still go on.
    """

    number: int = Field(ge=1)
    event: str
    label: str
    users: Quantity
    from_first: Quantity
    from_previous: Quantity | None = None
    dropped: Quantity | None = None
    drop_points: Quantity | None = None
    drop: Quantity | None = None
    in_progress: Quantity


class FunnelAction(Frozen):
    """What is to be done about one step that loses people.

    Attributes:
        event: the step that they do not reach.
        cause: why they leave: code cannot know.
    """

    event: str
    label: str
    action: Sentence
    cause: tuple[Sentence, ...] = (Sentence(text=NEEDS_A_MODEL),)


class Funnel(Frozen):
    """A funnel with how it counts, without which its figures say nothing.

    Attributes:
        whole_drop: users dropped at any step ÷ users of the first.
        whole_dropped: so many users.
        whole_in_progress: users of the first step who have neither finished nor dropped.
        opportunity: what that means, in one line.
        remarks: what the specialist adds.
    """

    title: str
    semantics: str
    steps: Listing[FunnelStep]
    whole_drop: Quantity
    whole_dropped: Quantity
    whole_in_progress: Quantity
    opportunity: Sentence
    actions: Listing[FunnelAction]
    remarks: tuple[Sentence, ...] = ()


class FlowStep(Frozen):
    """Something done in sessions: in which share of them, and at which step it comes first, on average."""

    event: str
    label: str
    share: Quantity
    place: Quantity


class Flow(Frozen):
    """The most common way through the product.

    Attributes:
        steps: in the order in which they come.
        path: how most sessions begin, step by step.
        remarks: what the specialist adds.
    """

    steps: Listing[FlowStep]
    path: Sentence
    remarks: tuple[Sentence, ...] = ()


class TrackedEvent(Frozen):
    """An event that the settings use, or that the data hold and nothing uses.

    Attributes:
        used_for: what is made from it: "sign-up", "funnel Registration, step 2"; empty: nothing.
    """

    event: str
    used_for: tuple[str, ...] = ()
    events: Quantity
    status: EventStatus
    note: str = ""


class TrackedProperty(Frozen):
    """A property that a figure needs, and the share of its events that have it."""

    event: str
    property: str
    used_for: tuple[str, ...]
    filled: Quantity
    status: PropertyStatus


class PlanDifference(Frozen):
    """One place where the recorded events differ from the tracking plan.

    Attributes:
        where: an event, or an event and a property of it.
        owner: of the event, as the plan names them; empty: nobody.
        found: how many, of `of`: what, says `counted`.
    """

    kind: str
    where: str
    owner: str = ""
    found: Quantity
    of: int
    counted: str


class PlanCheck(Frozen):
    """The recorded events against the tracking plan that people keep."""

    verdict: Sentence
    differences: tuple[PlanDifference, ...] = ()


NOT_CHECKED = PlanCheck(verdict=Sentence(text="not checked"))


class Tracking(Frozen):
    """The configured analytics against the data, and the data against the tracking plan."""

    verdict: Sentence
    events: Listing[TrackedEvent]
    properties: tuple[TrackedProperty, ...] = ()
    plan: PlanCheck = NOT_CHECKED
