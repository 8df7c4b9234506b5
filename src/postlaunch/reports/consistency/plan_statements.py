"""Statements on users, verdicts, plans and costs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from postlaunch.facts import Frozen
from postlaunch.reports.consistency.figures import Stated
from postlaunch.reports.consistency.statements import Entry, Statement


class FunnelStep(Frozen):
    """One step of a funnel: who reached it, as a share of the first, and how many were lost before it.

    Attributes:
        drop_in: "points": of the share of the first step; "relative": of the step before.
        in_progress: users who stand at it and may still go on, where they are told apart from the lost.
    """

    name: str
    users: Stated
    share: Stated | None = None
    drop: Stated | None = None
    drop_in: Literal["points", "relative"] = "points"
    in_progress: Stated | None = None


class Funnel(Statement):
    """Steps in order; each is reached only through the one before."""

    kind: Literal["funnel"] = "funnel"
    what: str
    steps: tuple[FunnelStep, ...]


class Attempts(Statement):
    """Tries at something, those that succeeded, and all failures that could be theirs.

    Attributes:
        failures: at most so many of the tries failed; it may count others' failures, too.
    """

    kind: Literal["attempts"] = "attempts"
    what: str
    tries: Stated
    successes: Stated
    failures: Stated


class Arm(Frozen):
    """One variant: its rate, and of how many; `n` None where that is not stated."""

    name: str
    rate: Stated
    n: Stated | None = None
    conversions: Stated | None = None


class Experiment(Statement):
    """A comparison of variants on one metric.

    Attributes:
        interval: of the difference between the winner and the rest, if stated: (low, high).
        p: of no difference, if stated; alpha: below which it is called one.
        winner: the arm declared better; empty where none is.
    """

    kind: Literal["experiment"] = "experiment"
    what: str
    better: Literal["higher", "lower"] = "higher"
    arms: tuple[Arm, ...]
    winner: str = ""
    interval: tuple[Stated, Stated] | None = None
    p: Stated | None = None
    alpha: float = Field(default=0.05, gt=0, lt=1)


class Target(Statement):
    """A target stated for a metric. `table`: it is the table of objectives that states it."""

    kind: Literal["target"] = "target"
    metric: str
    value: Stated
    direction: Literal["above", "below"]
    table: bool = False


class Row(Statement):
    """A figure set against its target, with the status it was given."""

    kind: Literal["row"] = "row"
    title: str
    value: Stated | None = None
    target: Stated | None = None
    direction: Literal["above", "below"] = "below"
    status: Literal["ok", "warning", "missed", "not available"]


class Graded(Statement):
    """A grade of health.

    Attributes:
        rows: the statuses of the table it stands over: title → status.
        incidents: how many the report lists.
        concerns: what else rules good health out: a spent error budget, a grave incident still open.
        grounds: what else may explain a bad grade: a budget that is spent in part.
    """

    kind: Literal["grade"] = "grade"
    grade: Literal["EXCELLENT", "GOOD", "NEEDS ATTENTION", "POOR", "NOT GRADED"]
    rows: dict[str, Literal["ok", "warning", "missed", "not available"]]
    incidents: int = Field(default=0, ge=0)
    concerns: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()


class Load(Frozen):
    """What one party would do, and the days it can plan."""

    owner: str
    days: Stated
    capacity: Stated


class SprintPlan(Statement):
    """The work of a sprint and what it is said to fit into.

    Attributes:
        capacity: days that one party can plan; None where `loads` say it for each.
        parties: who share the work; one, where the report names no more.
        buffer: said to leave room.
    """

    kind: Literal["plan"] = "plan"
    what: str
    items: tuple[Entry, ...]
    total: Stated
    capacity: Stated | None = None
    parties: int = Field(default=1, gt=0)
    loads: tuple[Load, ...] = ()
    fits: bool
    buffer: bool = False


class SprintAssignment(Statement):
    """An item put into a sprint, or put off to one "or later"."""

    kind: Literal["assignment"] = "assignment"
    item: str
    sprint: int = Field(gt=0)
    or_later: bool = False


class Scaling(Statement):
    """Advice to add instances in a scenario."""

    kind: Literal["scaling"] = "scaling"
    scenario: str
    current: int = Field(ge=0)
    least_added: int = Field(ge=0)
    most_added: int = Field(ge=0)


class CostLine(Statement):
    """What so many instances cost in a scenario; every line of one `resource` has the same price each."""

    kind: Literal["cost"] = "cost"
    scenario: str
    resource: str
    instances: int = Field(gt=0)
    cost: Stated


class Allowance(Statement):
    """An error budget: what a target allows over its window, and how much of that is gone.

    Attributes:
        failing: share that the target allows to fail: 0.1 % for a target of 99.9 %.
        whole: of which it is the share: the minutes, or the requests, of the objective's window.
        bad, spent, left: where stated; `spent` and `left` are shares of what is allowed.
    """

    kind: Literal["allowance"] = "allowance"
    what: str
    failing: Stated
    whole: Stated
    allowed: Stated
    bad: Stated | None = None
    spent: Stated | None = None
    left: Stated | None = None
