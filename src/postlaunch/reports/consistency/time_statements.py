"""Statements on time: growth and what it becomes, dates, availability, alerts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from postlaunch.reports.consistency.figures import Stated
from postlaunch.reports.consistency.statements import Statement
from postlaunch.windows import Moment


class Growth(Statement):
    """A rate of compound growth."""

    kind: Literal["growth"] = "growth"
    metric: str
    rate: Stated
    per: Literal["week", "month"]


class Projection(Statement):
    """What a figure is expected to become by the growth of `basis`."""

    kind: Literal["projection"] = "projection"
    what: str
    basis: str
    start: Stated
    end: Stated
    horizon: int = Field(gt=0)
    unit: Literal["week", "month"] = "month"


class Lifetime(Statement):
    """Since when the application has been live."""

    kind: Literal["lifetime"] = "lifetime"
    live_since: Moment


class Observed(Statement):
    """Something said to have been observed over `window`: an experiment's run, a week of a trend."""

    kind: Literal["observed"] = "observed"
    what: str


class Retention(Statement):
    """Retention on day `day`, as known at `known_at`."""

    kind: Literal["retention"] = "retention"
    day: int = Field(gt=0)
    value: Stated
    known_at: Moment


class Span(Statement):
    """Something that began, ended and lasted; `window` is the one it is reported for.

    Attributes:
        resolution: seconds to which the two moments are printed; 0 where they are known.
        steps: moments between start and end, in the order printed.
    """

    kind: Literal["span"] = "span"
    what: str
    start: Moment
    end: Moment
    length: Stated | None = None
    resolution: int = Field(default=0, ge=0)
    steps: tuple[Moment, ...] = ()


class Uptime(Statement):
    """A share of minutes up.

    Attributes:
        minutes: of which it is the share: those observed.
        down: every downtime that the report lists for the window; None where it lists none at all.
    """

    kind: Literal["uptime"] = "uptime"
    value: Stated
    minutes: Stated
    down: tuple[Stated, ...] | None = None


class Downtime(Statement):
    """Minutes that some report counts against an objective of uptime, within `window`."""

    kind: Literal["downtime"] = "downtime"
    what: str
    minutes: Stated


class AlertRule(Statement):
    """An alert: it fires when a figure has been beyond the threshold for so long."""

    kind: Literal["alert"] = "alert"
    name: str
    threshold: Stated
    fires: Literal["above", "below"] = "above"
    lasting: Stated


class Firing(Statement):
    """An alert said to have fired.

    Attributes:
        extreme: the figure at its worst meanwhile.
        after: minutes from the start of the trouble.
    """

    kind: Literal["firing"] = "firing"
    alert: str
    extreme: Stated
    after: Stated
