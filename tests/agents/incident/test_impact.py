"""What an incident did to users, to what is allowed, and to revenue."""

from __future__ import annotations

from typing import Any

import pytest

from postlaunch.printing import quantity_text
from postlaunch.reports.markdown import render_markdown
from postlaunch.settings_incidents import Incidents


def shown(quantity: Any) -> str:
    return quantity_text(quantity, zone="America/Los_Angeles")


def test_users_are_counted_where_the_log_names_them(exhausted: Any) -> None:
    users = exhausted.report().users
    assert (users.estimated, users.count.kind) == (False, "measured")
    assert users.count.value <= 40
    assert users.share.value == users.count.value / 40


def test_users_are_estimated_from_events_and_marked_so(exhausted: Any, moment: Any) -> None:
    exhausted.users = 0
    exhausted.events = [
        {"time": moment(minute).isoformat(), "user": f"p{number}", "event": "login"}
        for minute, number in ((-60, 1), (-50, 2), (1, 3), (2, 4), (3, 5), (4, 5), (60, 9))
    ]
    report = exhausted.report()
    assert report.users.estimated
    assert report.users.count.kind == "derived"
    assert report.users.count.value == pytest.approx(3 * report.error_rate.value)
    page = render_markdown(report)
    assert "**Users Affected**: ~1 (est. " in page


def test_users_that_nobody_counts_are_not_available_and_the_mail_is_a_persons_decision(
    exhausted: Any,
) -> None:
    exhausted.users = 0
    report = exhausted.report()
    assert "does not name users" in shown(report.users.count)
    assert report.communication.email.text
    assert "not known how many users" in report.communication.email.because.text


def test_the_allowance_is_told_by_time_and_by_requests(exhausted: Any) -> None:
    by = {one.by: one for one in exhausted.report().allowances}
    assert (by["time"].verdict, by["requests"].verdict) == ("within", "exceeded")
    assert "43.2 min allowed" in by["time"].because.text
    assert "lower bound" in by["time"].because.text
    assert by["requests"].spent.value >= by["requests"].used.value


def test_minutes_without_requests_leave_the_allowance_by_time_open_and_that_by_requests_told(
    exhausted: Any,
) -> None:
    exhausted.per_minute = lambda minute: 36 if minute % 4 or 0 <= minute < 10 else 0
    report = exhausted.report()
    by = {one.by: one for one in report.allowances}
    assert (by["time"].verdict, by["requests"].verdict) == ("not available", "exceeded")
    assert by["time"].because.text.startswith("no probe: the log has requests in 76")
    assert shown(report.down) == "0 min", "of its own minutes none is missing"


def test_an_incident_with_minutes_without_requests_does_not_say_for_how_long_it_was_down(
    exhausted: Any,
) -> None:
    exhausted.per_minute = lambda minute: 36 if minute != 3 else 0
    report = exhausted.report()
    by = {one.by: one for one in report.allowances}
    assert by["time"].verdict == "not available"
    assert shown(report.down).startswith("not available: no probe: the log has requests in less than 90%")


def test_revenue_is_as_declared_or_not_available(exhausted: Any) -> None:
    assert "not available" in exhausted.report().revenue.text
    exhausted.settings = {"incidents": Incidents(revenue="None: no transactions")}
    assert exhausted.report().revenue.text == "None: no transactions (declared in the settings)"
