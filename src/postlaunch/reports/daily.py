"""The daily check, typed: the day against the day before and the same weekday, and what was found in it.

It holds what was measured and what the rules decided; it computes neither. Findings are what a workflow acts
on.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from postlaunch.facts import Change, Frozen, Quantity, Unavailable, change_between
from postlaunch.reports.health import Incident, Resources, RowStatus, Severity
from postlaunch.reports.judged import Recommendation, Sentence
from postlaunch.reports.report import Listing, Report
from postlaunch.reports.series import Series
from postlaunch.reports.targets import Target
from postlaunch.windows import Window

FindingKind = Literal[
    "requests_end",  # no request came any more, and nobody knows why
    "error_spell",  # requests failed far more often than usual for some minutes
    "anomaly",  # an hour unlike those before it, and an objective endangered by it
    "log_template",  # an error that was never logged before
    "log_growth",  # an error logged far more often than usual
    "resource_trend",  # a resource that meets its limit soon
    "resource_limit",  # a resource that was all in use, though nothing failed
    "alert",  # an alert that nobody acknowledged in time
]
AlertStatus = Literal["acknowledged", "acknowledged late", "unacknowledged", "resolved", "waiting"]
Novelty = Literal["new", "growing", "known"]


class Finding(Frozen):
    """Something that somebody should know of.

    Attributes:
        key: its business key: the same thing has the same one on the next day, and is not raised again.
        subject: what it is about: "application", a metric, a pod, an alert.
        text: with its figures printed; `facts` are the ids of those behind it.
        do: what follows from it.
        window: when it was.
    """

    key: str
    kind: FindingKind
    severity: Severity
    title: str
    subject: str
    text: str
    facts: tuple[str, ...] = ()
    do: str
    window: Window


class DayRow(Frozen):
    """One metric of the day, against the day before and the same weekday of the week before.

    Attributes:
        status, because: by the target, and against the same weekday where it is known.
        n: observations behind `this`.
    """

    metric: str
    title: str
    this: Quantity
    before: Quantity
    change: Change | None = None
    usual: Quantity
    usual_change: Change | None = None
    target: Target | None = None
    status: RowStatus
    because: Sentence
    definition: str = ""
    n: int | None = None

    @model_validator(mode="after")
    def _changes_follow(self) -> DayRow:
        for then, change in ((self.before, self.change), (self.usual, self.usual_change)):
            if isinstance(self.this, Unavailable) or isinstance(then, Unavailable):
                expected = None
            else:
                expected = change_between(then.value, self.this.value, self.this.unit)
            if change != expected:
                raise ValueError(f"{self.title}: a change stated is not the change between the two figures")
        return self


class Anomaly(Frozen):
    """Hours in a row that are unlike the same hours of the weeks before; the figures are of the worst of
    them.

    Attributes:
        figure: what was unusual: "Requests", "Memory of pod web-1".
        low, high: what was expected, from and to.
        endangers: the objective or limit that it brings near; empty where it brings none.
        beside: the spell of failures that it came with; empty where there was none.
    """

    figure: str
    hours: str
    window: Window
    value: Quantity
    expected: Quantity
    low: Quantity
    high: Quantity
    endangers: str = ""
    beside: str = ""


class LevelLine(Frozen):
    """Log lines of one level, against the day before."""

    level: str
    lines: Quantity
    before: Quantity
    change: Change | None = None


class LogKind(Frozen):
    """Warnings or errors alike, taken together.

    Attributes:
        entity: how facts name it.
        template: what the lines say: text from outside.
        usual: lines a day, over the 7 days before.
    """

    entity: str
    level: str
    logger: str = ""
    template: str
    lines: Quantity
    before: Quantity
    usual: Quantity
    first_seen: Quantity
    novelty: Novelty = "known"


class AlertLine(Frozen):
    """One alert of the day: when it fired, was acknowledged and went away."""

    alert: str
    rule: str
    severity: str = ""
    fired: Quantity
    acknowledged: Quantity
    resolved: Quantity
    status: AlertStatus


class DailyHeadline(Frozen):
    """What a person at seven in the morning needs.

    Attributes:
        state: "quiet", or how many findings and the gravest.
        do: what to do now; "nothing" is said, not left out.
        decides: who.
        remarks: what the specialist adds.
    """

    state: Sentence
    do: Sentence
    decides: str
    remarks: tuple[Sentence, ...] = ()


class DailyReport(Report):
    """One day of the application.

    Attributes:
        coverage: what the data covers.
        spells: the spells of failures of the day.
        judged: how many hours could be judged for anomalies, and how many were unusual.
        log_remarks, anomaly_remarks: what the specialist adds.
    """

    kind: Literal["daily_check"] = "daily_check"
    title: str = "Daily Check"
    coverage: tuple[Sentence, ...]
    headline: DailyHeadline
    metrics: tuple[DayRow, ...]
    findings: Listing[Finding]
    spells: Listing[Incident]
    anomalies: Listing[Anomaly]
    judged: tuple[Sentence, ...] = ()
    anomaly_remarks: tuple[Sentence, ...] = ()
    levels: Listing[LevelLine]
    kinds: Listing[LogKind]
    log_remarks: tuple[Sentence, ...] = ()
    resources: Resources
    resource_remarks: tuple[Sentence, ...] = ()
    alerts: Listing[AlertLine]
    recommendations: tuple[Recommendation, ...] = ()
    series: tuple[Series, ...] = ()

    @model_validator(mode="after")
    def _findings_stand_in_evidence(self) -> DailyReport:
        keys = [finding.key for finding in self.findings.items]
        if len(set(keys)) < len(keys):
            raise ValueError("two findings have the same key")
        cited = (fact for finding in self.findings.items for fact in finding.facts)
        for fact in cited:
            if fact not in self.evidence.facts:
                raise ValueError(f"a finding cites the fact {fact}, which is not in the evidence")
        return self
