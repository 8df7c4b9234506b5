"""An incident report that contradicts itself or another report is found out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from postlaunch.facts import Assumed, Definition, Derived, Evidence, Fact, Measured, Measurement, Unavailable
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.consistency.statements import Observation, Statement
from postlaunch.reports.consistency.time_statements import Uptime
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.incident_parts import (
    AlertFired,
    Allowance,
    Communication,
    Drafted,
    Hotfix,
    IncidentHeadline,
    PostMortem,
    RootCause,
    SeverityStated,
    UsersAffected,
)
from postlaunch.reports.judged import Sentence
from postlaunch.reports.report import Listing
from postlaunch.reports.targets import Target
from postlaunch.windows import Window

START = 1_763_504_100.0
SPAN = Window(
    start=datetime.fromtimestamp(START, UTC), end=datetime.fromtimestamp(START + 480, UTC), zone="UTC"
)
AROUND = Window(
    start=datetime.fromtimestamp(START - 3600, UTC), end=datetime.fromtimestamp(START + 7200, UTC), zone="UTC"
)
SAID = Sentence(text="so it is")
NONE = Unavailable(reason="not measured")
UPTIME = Target(
    objective="uptime", title="Uptime", value=0.999, unit="ratio", direction="above", window="30d"
)
FACTS: dict[str, Fact] = {}


def measured(name: str, value: float, unit: Any = "count") -> Measured:
    fact = Fact(
        name=name,
        value=value,
        unit=unit,
        window=SPAN,
        definition=Definition(name=name, title=name, statement=name, unit=unit),
        measurement=Measurement(name="made", source="requests", fingerprint="f"),
        n=int(abs(value)),
    )
    FACTS[fact.id] = fact
    return Measured.of(fact)


def declared(value: float, unit: Any) -> Assumed:
    return Assumed(value=value, unit=unit, who="the settings", basis="as set")


def report(**changes: Any) -> IncidentReport:
    """A report that holds together; what is named is changed."""
    failed, requests, users = measured("failed", 374), measured("requests", 12_450), measured("users", 150)
    week, spent, all_requests = measured("week", 4_523), measured("spent", 400), measured("all", 1_000_000)
    began, ended = measured("began", START, "moment"), measured("ended", START + 480, "moment")
    detected, resolved = measured("fired", START + 120, "moment"), measured("closed", START + 540, "moment")
    drafted = Drafted(to="somebody", text="")
    fields: dict[str, Any] = {
        "application": "Shop",
        "window": AROUND,
        "generated_at": AROUND.end,
        "incident_id": "INC-2025-001",
        "headline": IncidentHeadline(state=SAID, do=SAID, decides="nobody"),
        "severity": SeverityStated(level="SEV-3"),
        "status": "Resolved",
        "began": began,
        "ended": ended,
        "impact_duration": measured("minutes", 8, "minutes"),
        "detected": detected,
        "resolved": resolved,
        "duration": Derived.of("minutes between", detected, resolved, unit="minutes"),
        "summary": (SAID,),
        "timeline": Listing[Any](reason="nothing"),
        "milestones": (),
        "users": UsersAffected(count=users, share=Derived.of("ratio", users, week, unit="ratio")),
        "failed": failed,
        "requests": requests,
        "error_rate": measured("rate", 374 / 12_450, "ratio"),
        "peak_error_rate": measured("peak", 0.12, "ratio"),
        "down": measured("down", 2, "minutes"),
        "peak_load": measured("load", 30, "per_second"),
        "revenue": SAID,
        "tickets": SAID,
        "allowances": (
            Allowance(
                by="time",
                target=UPTIME,
                used=measured("down", 2, "minutes"),
                spent=measured("down_all", 5, "minutes"),
                allowed=declared(43.2, "minutes"),
                verdict="within",
                because=SAID,
            ),
            Allowance(
                by="requests",
                target=UPTIME,
                used=failed,
                spent=spent,
                allowed=Derived.of("product", declared(0.001, "ratio"), all_requests, unit="count"),
                verdict="within",
                because=SAID,
            ),
        ),
        "fired": (
            AlertFired(
                name="HighErrorRate",
                threshold=declared(0.05, "ratio"),
                lasting=declared(2, "minutes"),
                extreme=measured("peak", 0.12, "ratio"),
                after=Derived.of("minutes between", began, detected, unit="minutes"),
            ),
        ),
        "symptom": (SAID,),
        "root_cause": RootCause(title="?", confidence="low", because=SAID),
        "immediate_fix": (SAID,),
        "hotfix": Hotfix(needed=False, because=SAID),
        "post_mortem": PostMortem(),
        "communication": Communication(internal=drafted, meeting=SAID, status_page=drafted, email=drafted),
    }
    return IncidentReport(**{**fields, **changes}, evidence=Evidence.of(*FACTS.values()))


def rules(*stated: IncidentReport | Statement) -> set[str]:
    return {found.rule.split()[0] for found in check(*stated)}


def test_a_report_that_holds_together_passes() -> None:
    assert rules(report()) == set()


def test_without_figures_there_is_nothing_to_contradict() -> None:
    bare = dict.fromkeys(
        ("began", "ended", "impact_duration", "detected", "resolved", "duration", "failed", "requests",
         "error_rate", "peak_error_rate", "down", "peak_load"),
        NONE,
    )  # fmt: skip
    users = UsersAffected(count=NONE, share=NONE)
    assert rules(report(**bare, users=users, allowances=(), fired=())) == set()


WRONG: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "more failed than there were": ("C1", lambda: {"failed": measured("failed", 12_451)}),
    "more users hit than active": (
        "C1",
        lambda: {
            "users": UsersAffected(
                count=measured("users", 5_000),
                share=Derived.of("ratio", measured("users", 5_000), measured("week", 4_523), unit="ratio"),
            )
        },
    ),
    "down for longer than it lasted": ("C1", lambda: {"down": measured("down", 9, "minutes")}),
    "more requests than the peak allows": ("C2", lambda: {"peak_load": measured("load", 20, "per_second")}),
    "a share that is another": ("C3", lambda: {"error_rate": measured("rate", 0.003, "ratio")}),
    "a duration that does not fit its ends": (
        "C8",
        lambda: {
            "impact_duration": measured("minutes", 12, "minutes"),
            "down": measured("down", 1, "minutes"),
        },
    ),
    "resolved before it was detected": (
        "C8",
        lambda: {"resolved": measured("closed", START, "moment"), "duration": measured("d", 2, "minutes")},
    ),
    "an alert below its threshold": (
        "C10",
        lambda: {
            "fired": (
                AlertFired(
                    name="HighErrorRate",
                    threshold=declared(0.05, "ratio"),
                    lasting=declared(2, "minutes"),
                    extreme=measured("peak", 0.003, "ratio"),
                    after=declared(2, "minutes"),
                ),
            )
        },
    ),
    "an alert sooner than its rule": (
        "C10",
        lambda: {
            "fired": (
                AlertFired(
                    name="Any",
                    threshold=declared(0.05, "ratio"),
                    lasting=declared(2, "minutes"),
                    extreme=measured("peak", 0.12, "ratio"),
                    after=declared(0, "minutes"),
                ),
            )
        },
    ),
}


@pytest.mark.parametrize("what", list(WRONG))
def test_a_report_that_contradicts_itself_is_found(what: str) -> None:
    rule, changes = WRONG[what]
    assert rule in rules(report(**changes()))


def test_a_week_with_fewer_errors_than_its_incident_is_found() -> None:
    week = Window(start=AROUND.start, end=AROUND.end, zone="UTC")
    errors = Observation(
        report="Weekly Health Report",
        window=week,
        metric="requests",
        value="34",  # type: ignore[arg-type]
        of={"answer": "error", "family": "5xx"},
    )
    assert rules(report(), errors) == {"C1"}


def test_an_uptime_that_leaves_less_down_than_the_incident_is_found() -> None:
    week = Window(start=AROUND.start, end=AROUND.end, zone="UTC")
    up = Uptime(report="Weekly", window=week, value="99.99%", minutes="180 min", down=None)  # type: ignore[arg-type]
    assert rules(report(), up) == {"C9"}


def test_an_incident_that_spent_more_than_all_was_spent_is_found() -> None:
    first, second = report().allowances
    more = second.model_copy(update={"spent": measured("spent", 300)})
    assert "C1" in rules(report(allowances=(first, more)))


def test_an_allowance_that_is_not_its_share_is_found() -> None:
    first, second = report().allowances
    wrong = first.model_copy(update={"allowed": declared(500, "minutes")})
    assert rules(report(allowances=(wrong, second)))
