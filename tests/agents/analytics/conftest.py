"""A month of product events whose answers follow from their making, for tests of the analytics-specialist."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from postlaunch.agents.analytics_specialist import ANALYTICS_SPECIALIST
from postlaunch.agents.bench import Assignment, Bench, Findings
from postlaunch.agents.judgement import Provenance, VerifiedJudgement
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.settings import Application, Settings
from postlaunch.settings_analytics import (
    Analytics,
    Benchmark,
    Experiment,
    FeatureSettings,
    FunnelSettings,
    Guardrail,
    Metric,
)
from postlaunch.settings_sources import EventSource, Sources, TableSource
from postlaunch.sources.candidates import CandidateItem, CandidateTable
from postlaunch.sources.events import EventLog, open_events
from postlaunch.sources.tickets import Ticket, TicketTable
from postlaunch.testing import MemoryRecorder
from postlaunch.windows import Window, month_of

NOVEMBER = month_of(date(2025, 11, 1), "UTC")
NOW = datetime(2025, 12, 1, 7, tzinfo=UTC)
NO_MODEL = VerifiedJudgement(provenance=Provenance(reason="no model is configured"))

VISITORS, STARTED, SUBMITTED, JOINED, ENTERED = 100, 90, 60, 50, 45
"""Of November's visitors, how many went so far; and LATE more began on its last day."""

LATE = 4
OLD, ADMINS, ASSIGNED = 100, 20, 12
"""Users who joined in October, those of them who are admins, and the admins who assigned a role."""

ARM = 400
"""Users in each arm of the experiment, all of them October's, who come for it alone."""

CONVERTED = {"A": 348, "B": 280}

PLAN = Experiment(
    name="Login form layout",
    hypothesis="a picture makes people sign in",
    experiment="login-form",
    arms={"A": 0.5, "B": 0.5},
    descriptions={"A": "standard vertical layout", "B": "horizontal layout with image"},
    control="A",
    start=date(2025, 11, 1),
    end=date(2025, 11, 15),
    planned_n=400,
    exposure_event="form_shown",
    primary=Metric(name="Conversion Rate", event="form_sent"),
    secondary=(
        Metric(
            name="Avg Time to Submit",
            kind="mean",
            event="form_sent",
            property="seconds",
            better="lower",
            unit=" s",
        ),
    ),
    guardrails=(Guardrail(name="User Feedback", kind="mean", event="rated", property="stars", unit="/5"),),
    mde=0.05,
    analysis="sequential_then_fixed",
)

ANALYTICS = Analytics(
    signup_event="signed_up",
    labels={"view_register": "Visit /register", "dashboard": "View Dashboard"},
    funnels=(
        FunnelSettings(
            title="Registration",
            steps=("view_register", "start", "submit", "signed_up", "login"),
            names=("Visit /register", "Start form", "Submit form", "Email verification", "First login"),
        ),
    ),
    features=(
        FeatureSettings(title="Registration", event="signed_up"),
        FeatureSettings(title="Dashboard", event="dashboard"),
        FeatureSettings(title="Role Assignment (Admin)", event="assign_role", role="admin"),
    ),
    experiments=(PLAN,),
    benchmarks=(
        Benchmark(metric="day_1_retention", value=0.3, source="a survey of 2025", of="SaaS products"),
    ),
)


def rows() -> Iterator[dict[str, object]]:
    """The events: October's users, November's visitors, and the experiment's users."""

    def at(day: str, hour: float, user: str, event: str, **properties: object) -> dict[str, object]:
        moment = datetime.fromisoformat(f"2025-{day}T00:00:00+00:00") + timedelta(hours=hour)
        return {"time": moment.isoformat(), "user": user, "event": event, **properties}

    yield at("09-01", 0, "first", "signed_up", role="member")
    for n in range(OLD):
        role = "admin" if n < ADMINS else "member"
        yield at("10-02", 1 + n / 100, f"old-{n}", "signed_up", role=role)
        yield at("11-18", 14 + n / 100, f"old-{n}", "login", role=role)
        yield at("11-18", 14.2 + n / 100, f"old-{n}", "dashboard", role=role)
        if n < ASSIGNED:
            yield at("11-18", 14.3 + n / 100, f"old-{n}", "assign_role", role=role)
    for n in range(VISITORS):
        day = f"11-{2 + n % 10:02d}"
        yield at(day, 9, f"new-{n}", "view_register")
        if n < STARTED:
            yield at(day, 9.1, f"new-{n}", "start")
        if n < SUBMITTED:
            yield at(day, 9.2, f"new-{n}", "submit")
        if n < JOINED:
            yield at(day, 9.3, f"new-{n}", "signed_up", role="member")
        if n < ENTERED:
            yield at(day, 9.4, f"new-{n}", "login", role="member")
        if n < JOINED and n % 2:
            yield at(f"11-{3 + n % 10:02d}", 9, f"new-{n}", "dashboard", role="member")
    for n in range(LATE):
        yield at("11-30", 10, f"late-{n}", "view_register")
    for arm, converted in CONVERTED.items():
        for n in range(ARM):
            user = f"{arm}-{n}"
            yield at("10-03", 1 + n / 1000, user, "signed_up", role="member")
            yield at("11-10", 1, user, "form_shown", role="member", experiment="login-form", variant=arm)
            if n < converted:
                seconds = (45 if arm == "A" else 52) + n % 7
                yield at("11-10", 1.01, user, "form_sent", role="member", seconds=seconds)
                yield at("11-10", 1.02, user, "rated", role="member", stars=4 + n % 2)
    yield at("11-30", 23.99, "first", "logout", role="member")


@dataclass(frozen=True)
class Usage:
    """The month's events, and reports on them under changed settings.

    Attributes:
        settings: those of the month; `changed` changes them.
        happened: when which user did something.
    """

    log: EventLog
    settings: Settings
    window: Window = NOVEMBER
    plan: Experiment = PLAN
    analytics: Analytics = ANALYTICS
    sources: dict[str, Any] = field(default_factory=dict)
    happened: tuple[tuple[datetime, str], ...] = ()

    def changed(self, **changes: Any) -> Settings:
        """The settings with some of the analytics otherwise."""
        return self.settings.model_copy(update={"analytics": self.analytics.model_copy(update=changes)})

    def bench(self, settings: Settings | None = None, **sources: Any) -> Bench:
        """A bench over the events, and what else is named; a source that is None is not there."""
        given = {"events": self.log, **self.sources, **sources}
        return Bench(
            settings=settings or self.settings,
            sources={name: source for name, source in given.items() if source is not None},
            recorder=MemoryRecorder(),
            clock=lambda: NOW,
        )

    def assigned(self, window: Window | None = None, **parameters: Any) -> Assignment:
        """The monthly assignment, or one over another window."""
        window = window or self.window
        return Assignment(
            workflow="monthly_review",
            question="How is it used?",
            window=window,
            baseline=window.before(),
            parameters=parameters,
        )

    def found(
        self, settings: Settings | None = None, window: Window | None = None, **sources: Any
    ) -> Findings:
        """What step 1 hands on."""
        return ANALYTICS_SPECIALIST.measure(self.bench(settings, **sources), self.assigned(window))

    def report(
        self,
        settings: Settings | None = None,
        window: Window | None = None,
        judged: VerifiedJudgement | Callable[[Findings], VerifiedJudgement] = NO_MODEL,
        parameters: dict[str, Any] | None = None,
        **sources: Any,
    ) -> AnalyticsReport:
        """The report as the loop would make it."""
        bench, assignment = self.bench(settings, **sources), self.assigned(window, **(parameters or {}))
        found = ANALYTICS_SPECIALIST.measure(bench, assignment)
        verified = judged if isinstance(judged, VerifiedJudgement) else judged(found)
        return AnalyticsReport.model_validate(
            ANALYTICS_SPECIALIST.compose(bench, assignment, found, verified)
        )


def tickets() -> TicketTable:
    """Two wishes: 60 people want to reset the password by SMS, 20 the dark mode; and 20 complain."""
    wishes = [
        *(("Password reset via SMS", "Please let me reset my password by SMS") for _ in range(60)),
        *(("Dark mode", "Please add a dark mode to the application") for _ in range(20)),
    ]
    asked = [
        Ticket(
            id=f"T-{n}",
            created_at=datetime(2025, 11, 1, tzinfo=UTC) + timedelta(hours=9 * n),
            kind="feature request",
            requester=f"person-{n}",
            subject=subject,
            text=text,
        )
        for n, (subject, text) in enumerate(wishes)
    ]
    return TicketTable(fingerprint="tickets", tickets=tuple(asked), zone="UTC")


def candidates() -> CandidateTable:
    """One candidate item: the password's reset."""
    item = CandidateItem(
        id="password-reset",
        title="Password Reset via SMS",
        keywords=("password reset", "reset my password"),
        effort={"django-backend-expert": 3.0},
    )
    return CandidateTable(fingerprint="candidates", items=(item,))


@pytest.fixture(scope="session")
def usage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Usage]:
    """November of the made-up application."""
    folder: Path = tmp_path_factory.mktemp("usage")
    lines = sorted(rows(), key=lambda row: str(row["time"]))
    listed = [{"id": place, **row} for place, row in enumerate(lines)]
    (folder / "events.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in listed), encoding="utf-8")
    names = ("experiment", "variant", "seconds", "stars")
    settings = Settings(
        folder=folder,
        application=Application(name="User Management System", version="1.0.0"),
        sources=Sources(
            events=EventSource(paths=("events.jsonl",), properties={name: name for name in names}),
            tickets=TableSource(path="tickets.csv"),
        ),
        analytics=ANALYTICS,
    )
    log = open_events(settings, lambda: NOW)
    happened = tuple((datetime.fromisoformat(str(row["time"])), str(row["user"])) for row in listed)
    others = {"tickets": tickets(), "candidates": candidates()}
    yield Usage(log, settings, sources=others, happened=happened)
    log.close()


@pytest.fixture(scope="session")
def november(usage: Usage) -> AnalyticsReport:
    """The report on November by rules alone."""
    return usage.report(parameters={"sprint": 4})
