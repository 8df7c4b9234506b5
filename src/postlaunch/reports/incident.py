"""The incident report, typed. It holds what was measured, recorded and decided; it computes none of it.

The rules are in `postlaunch.tools.incident_*`; the sections are put together by the incident-responder.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from postlaunch.facts import Quantity
from postlaunch.reports.incident_parts import (
    ActionLine,
    AlertFired,
    Allowance,
    CauseConsidered,
    Clock,
    Communication,
    Hotfix,
    IncidentHeadline,
    IncidentStatus,
    LongTermFix,
    Milestone,
    PostMortem,
    RootCause,
    RunbookUsed,
    SeverityStated,
    TimelineEntry,
    UsersAffected,
)
from postlaunch.reports.judged import Recommendation, Sentence
from postlaunch.reports.report import Listing, Report, span_name
from postlaunch.reports.series import Series


class IncidentReport(Report):
    """One incident, from its start to what follows from it.

    Attributes:
        window: the span looked at, with ordinary time around the incident.
        incident_id: "INC-2025-001"; empty while the ledger has not opened it.
        trigger: how it became known.
        lifecycle: the states that it passed through, up to the present one.
        began, ended: start and end of the impact; `detected` and `resolved` are of the response.
        duration: resolved − detected.
        impact_duration: ended − began.
        peak_load: requests a second in the busiest minute of it.
        fired: alerts on failing requests, against their rules.
        where: endpoints, statuses and pods that failed.
        revenue: the impact on revenue as declared, or why it is not known.
        runbook: of the alert that fired, as the launch left it; None where there is none.
        considered: every supposed cause, with its evidence.
        release: that long-term fixes are planned for; empty: the next, unnamed.
        cause_remarks, impact_remarks: what the specialist adds.
    """

    kind: Literal["incident"] = "incident"
    title: str = "Incident Report"
    incident_id: str = ""
    trigger: str = ""
    headline: IncidentHeadline
    severity: SeverityStated
    status: IncidentStatus
    lifecycle: tuple[IncidentStatus, ...] = ()
    detected: Quantity
    resolved: Quantity
    duration: Quantity
    began: Quantity
    ended: Quantity
    impact_duration: Quantity
    summary: tuple[Sentence, ...]
    timeline: Listing[TimelineEntry]
    milestones: tuple[Milestone, ...]
    users: UsersAffected
    failed: Quantity
    requests: Quantity
    error_rate: Quantity
    peak_error_rate: Quantity
    down: Quantity
    peak_load: Quantity
    fired: tuple[AlertFired, ...] = ()
    revenue: Sentence
    allowances: tuple[Allowance, ...] = ()
    clocks: tuple[Clock, ...] = ()
    tickets: Sentence
    where: tuple[Sentence, ...] = ()
    impact_remarks: tuple[Sentence, ...] = ()
    symptom: tuple[Sentence, ...]
    root_cause: RootCause
    considered: tuple[CauseConsidered, ...] = ()
    why_missed: tuple[Sentence, ...] = ()
    cause_remarks: tuple[Sentence, ...] = ()
    immediate_fix: tuple[Sentence, ...]
    long_term: tuple[LongTermFix, ...] = ()
    release: str = ""
    hotfix: Hotfix
    runbook: RunbookUsed | None = None
    post_mortem: PostMortem
    actions: tuple[ActionLine, ...] = ()
    communication: Communication
    recommendations: tuple[Recommendation, ...] = ()
    series: tuple[Series, ...] = ()

    @model_validator(mode="after")
    def _in_order_of_time(self) -> IncidentReport:
        moments = [entry.at.value for entry in self.timeline.items if entry.at.kind == "measured"]
        if moments != sorted(moments):
            raise ValueError("a timeline stands in the order of time")
        return self

    @property
    def stem(self) -> str:
        """As its files are named: "incident-INC-2025-001"; by its day while it has no number."""
        return f"incident-{self.incident_id or span_name(self.window)}"

    @property
    def overdue(self) -> tuple[ActionLine, ...]:
        """The action items whose day was past when the report was made."""
        return tuple(line for line in self.actions if line.overdue)

    @property
    def ruled_out(self) -> tuple[CauseConsidered, ...]:
        """The causes that what was measured excludes."""
        return tuple(one for one in self.considered if one.state == "ruled out")

    @property
    def not_looked_at(self) -> tuple[CauseConsidered, ...]:
        """The causes that no configured source could have shown."""
        return tuple(one for one in self.considered if one.state == "not looked at")
