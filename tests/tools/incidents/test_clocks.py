"""The clocks of a response: kept, missed, not due, or not recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from postlaunch.facts import Assumed, Measured, Unavailable
from postlaunch.reports.incident_parts import Clock
from postlaunch.settings_incidents import Incidents, SeverityClocks
from postlaunch.sources.alerts import AlertRecord
from postlaunch.tools.definitions_incidents import ALERT_MOMENT
from postlaunch.tools.incident_clocks import (
    Response,
    business_days_after,
    end_of_next_business_day,
    response_clocks,
)
from postlaunch.tools.incident_records import AlertSeen

ZONE = "America/Los_Angeles"


def seen(helpers: Any, minute: float, kind: str, milestone: str = "") -> AlertSeen:
    at = helpers.at(minute)
    fact = helpers.fact(ALERT_MOMENT, at.timestamp(), entity=f"{kind} {minute}", source="alerts")
    return AlertSeen(fact, AlertRecord(at=at, kind=kind, alert="A", milestone=milestone))


def clocks(
    helpers: Any,
    *records: tuple[float, str] | tuple[float, str, str],
    severity: str = "SEV-2",
    detected: float | None = 2,
    ended: float | None = 8,
    now: float = 60,
    incidents: Incidents | None = None,
) -> dict[str, Clock]:
    alerts = tuple(seen(helpers, *record) for record in records)

    def moment(minute: float | None) -> Measured | None:
        if minute is None:
            return None
        return Measured.of(helpers.fact(ALERT_MOMENT, helpers.at(minute).timestamp(), entity=f"{minute}"))

    response = Response(
        severity=severity,  # type: ignore[arg-type]
        began=moment(0),
        detected=moment(detected),
        ended=moment(ended),
        alerts=alerts,
        now=helpers.at(now),
        zone=ZONE,
    )
    return {clock.name: clock for clock in response_clocks(response, incidents or Incidents())}


@pytest.mark.parametrize(
    ("severity", "minute", "verdict"),
    [
        ("SEV-1", 7, "kept"),
        ("SEV-1", 7.1, "missed"),
        ("SEV-2", 17, "kept"),
        ("SEV-2", 18, "missed"),
        ("SEV-3", 62, "kept"),
        ("SEV-3", 63, "missed"),
    ],
)
def test_an_answer_is_due_by_severity_from_detection(
    helpers: Any, severity: str, minute: float, verdict: str
) -> None:
    clock = clocks(helpers, (minute, "acknowledged"), severity=severity)["acknowledge"]
    assert clock.verdict == verdict
    assert clock.took.kind == "derived"


def test_sev_4_may_wait_until_the_end_of_the_next_business_day(helpers: Any) -> None:
    """The failures began on Tuesday at 14:15; Wednesday ends 33 h 45 min later."""
    kept = clocks(helpers, (33 * 60 + 44, "acknowledged"), severity="SEV-4")["acknowledge"]
    missed = clocks(helpers, (33 * 60 + 46, "acknowledged"), severity="SEV-4")["acknowledge"]
    assert (kept.verdict, missed.verdict) == ("kept", "missed")


@pytest.mark.parametrize(
    ("detected", "end"),
    [
        ("2025-11-18T14:15", "2025-11-20T00:00"),  # Tuesday: Wednesday's end
        ("2025-11-21T14:15", "2025-11-25T00:00"),  # Friday: Monday's end
        ("2025-11-22T14:15", "2025-11-25T00:00"),  # Saturday: Monday's end
    ],
)
def test_the_next_business_day_is_no_weekend(detected: str, end: str) -> None:
    from zoneinfo import ZoneInfo

    place = ZoneInfo(ZONE)
    moment = datetime.fromisoformat(detected).replace(tzinfo=place).timestamp()
    expected = datetime.fromisoformat(end).replace(tzinfo=place)
    assert end_of_next_business_day(moment, ZONE) == expected


def test_working_days_after_a_moment_leave_the_weekend_out() -> None:
    friday = datetime(2025, 11, 21, 22, tzinfo=UTC)
    days = [f"{day:%a %H:%M}" for day in business_days_after(friday, 3, ZONE)]
    assert days == ["Mon 10:00", "Tue 10:00", "Wed 10:00"]


def test_what_nobody_recorded_is_neither_kept_nor_missed(helpers: Any) -> None:
    found = clocks(helpers)
    assert {name: clock.verdict for name, clock in found.items()} == {
        "detect": "kept",
        "page": "not recorded",
        "acknowledge": "not recorded",
        "escalate": "not due",
        "communicate": "not due",
    }
    assert isinstance(found["page"].took, Unavailable)


def test_nobody_answering_while_it_goes_on_is_missed(helpers: Any) -> None:
    found = clocks(helpers, ended=None, now=30)
    assert found["acknowledge"].verdict == "missed"
    assert "goes on" in found["acknowledge"].because.text
    assert clocks(helpers, ended=None, now=10)["acknowledge"].verdict == "not recorded"


def test_detection_is_measured_from_the_start_of_the_failures(helpers: Any) -> None:
    assert clocks(helpers, detected=5)["detect"].verdict == "kept"
    assert clocks(helpers, detected=6)["detect"].verdict == "missed"
    assert clocks(helpers, detected=None)["detect"].verdict == "not recorded"


def test_an_answer_before_the_detection_counts_for_nothing(helpers: Any) -> None:
    assert clocks(helpers, (1, "acknowledged"))["acknowledge"].verdict == "not recorded"


def test_messages_fall_due_while_it_lasts(helpers: Any) -> None:
    assert clocks(helpers, severity="SEV-1", ended=40)["communicate"].because.text.startswith(
        "2 messages were"
    )
    assert clocks(helpers, severity="SEV-1", ended=16)["communicate"].verdict == "not due"
    over, going = (clocks(helpers, severity="SEV-1", ended=end, now=16)["communicate"] for end in (16, None))
    assert over.because.text == "It was over before a message was due"
    assert (going.verdict, going.because.text) == ("not due", "None was due so far")
    assert clocks(helpers, severity="SEV-2", ended=62)["communicate"].because.text.startswith("1 message was")
    assert clocks(helpers, severity="SEV-4", ended=9000)["communicate"].verdict == "not due"


@pytest.mark.parametrize(
    ("records", "ended", "verdict"),
    [
        (((10, "note", "decision"),), 40, "kept"),
        (((20, "note", "decision"),), 40, "missed"),
        (((9, "note", "fix_applied"),), 40, "kept"),
        ((), 16, "not due"),
        ((), 20, "not recorded"),
    ],
)
def test_a_rollback_is_to_be_considered_after_a_quarter_of_an_hour(
    helpers: Any, records: Any, ended: float, verdict: str
) -> None:
    assert clocks(helpers, *records, ended=ended)["escalate"].verdict == verdict


def test_after_half_an_hour_the_lead_is_to_be_told(helpers: Any) -> None:
    assert "lead" not in clocks(helpers, ended=20)["escalate"].because.text
    assert "the lead to be told" in clocks(helpers, ended=40)["escalate"].because.text


def test_the_settings_move_the_clocks(helpers: Any) -> None:
    lax = Incidents(clocks=SeverityClocks(sev_2=60), escalate_minutes=(1, 15, 30))
    found = clocks(helpers, (50, "acknowledged"), incidents=lax)
    assert (found["acknowledge"].verdict, found["detect"].verdict) == ("kept", "missed")


def test_a_detection_that_was_only_reported_starts_the_clocks_too(helpers: Any) -> None:
    alerts = (seen(helpers, 5, "acknowledged"),)
    reported = Assumed(value=helpers.at(1).timestamp(), unit="moment", who="a user", basis="as reported")
    response = Response(
        severity="SEV-2",
        began=None,
        detected=reported,
        ended=None,
        alerts=alerts,
        now=helpers.at(6),
        zone=ZONE,
    )
    found = {clock.name: clock for clock in response_clocks(response, Incidents())}
    assert (found["acknowledge"].verdict, found["detect"].verdict) == ("kept", "not recorded")
