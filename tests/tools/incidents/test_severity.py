"""The tables "Severity" and "E-mail to customers"."""

from __future__ import annotations

from typing import Any

import pytest

from postlaunch.settings import Verdicts
from postlaunch.settings_incidents import Incidents
from postlaunch.tools import definitions_incidents as incidents
from postlaunch.tools import definitions_request_groups as groups
from postlaunch.tools import definitions_requests as requests
from postlaunch.tools.incident_severity import SeverityFigures, email_to_customers, incident_severity

DEFINED = {
    "failing": requests.INCIDENT_ERROR_RATE,
    "minutes": requests.INCIDENT_MINUTES,
    "down": incidents.INCIDENT_DOWN_MINUTES,
    "burn_hour": incidents.BURN_RATE_HOUR,
    "burn_six_hours": incidents.BURN_RATE_SIX_HOURS,
    "users": requests.INCIDENT_USERS,
    "week_users": incidents.INCIDENT_WEEK_USERS,
}


def figures(helpers: Any, endpoints: tuple[tuple[float, int], ...] = (), **values: float) -> SeverityFigures:
    rates = tuple(
        helpers.fact(groups.ENDPOINT_ERROR_RATE, share, n=n, entity=f"GET /{place}")
        for place, (share, n) in enumerate(endpoints)
    )
    return SeverityFigures(
        **{name: helpers.fact(DEFINED[name], value) for name, value in values.items()}, endpoints=rates
    )


def level(helpers: Any, **values: Any) -> str:
    return incident_severity(figures(helpers, **values), Verdicts(), Incidents()).severity


@pytest.mark.parametrize(
    ("failing", "expected"),
    [
        (0.25, "SEV-1"),
        (0.2499, "SEV-2"),
        (0.05, "SEV-2"),
        (0.0499, "SEV-3"),
        (0.001, "SEV-3"),
        (0.0009, "SEV-4"),
    ],
)
def test_by_the_share_of_requests_that_failed(helpers: Any, failing: float, expected: str) -> None:
    assert level(helpers, failing=failing) == expected


@pytest.mark.parametrize(
    ("down", "minutes", "expected"),
    [(5, 60, "SEV-1"), (4, 60, "SEV-4"), (2, 4, "SEV-1"), (2, 5, "SEV-4"), (0, 5, "SEV-4")],
)
def test_an_outage_is_five_minutes_or_half_of_it_down(
    helpers: Any, down: float, minutes: float, expected: str
) -> None:
    assert level(helpers, failing=0.0001, down=down, minutes=minutes) == expected


@pytest.mark.parametrize(
    ("burn", "expected"),
    [
        ({"burn_hour": 14.4}, "SEV-2"),
        ({"burn_hour": 14.3}, "SEV-4"),
        ({"burn_six_hours": 6.0}, "SEV-3"),
        ({"burn_six_hours": 5.9}, "SEV-4"),
    ],
)
def test_by_the_burn_rate(helpers: Any, burn: dict[str, float], expected: str) -> None:
    assert level(helpers, failing=0.0001, **burn) == expected


@pytest.mark.parametrize(
    ("users", "expected"), [(250, "SEV-2"), (249, "SEV-3"), (50, "SEV-3"), (49, "SEV-4")]
)
def test_by_the_share_of_users_hit(helpers: Any, users: float, expected: str) -> None:
    assert level(helpers, failing=0.0001, users=users, week_users=1000) == expected


@pytest.mark.parametrize(
    ("share", "n", "expected"), [(0.5, 20, "SEV-3"), (0.49, 100, "SEV-4"), (0.9, 10, "SEV-4")]
)
def test_a_broken_feature_needs_half_of_its_requests_and_ten_failures(
    helpers: Any, share: float, n: int, expected: str
) -> None:
    assert level(helpers, failing=0.0001, endpoints=((share, n),)) == expected


def test_the_gravest_decides_and_names_its_figures_and_the_others_theirs(helpers: Any) -> None:
    verdict = incident_severity(
        figures(helpers, failing=0.003, burn_hour=20, users=10, week_users=1000), Verdicts(), Incidents()
    )
    assert verdict.severity == "SEV-2"
    assert [why.text for why in verdict.because] == [
        "burn rate of 20 over both 1 h and 5 min (threshold 14.4)"
    ]
    assert [why.text for why in verdict.others] == [
        "SEV-3 by itself: 0.3% of the requests failed",
        "SEV-4 by itself: 10 of 1,000 users of the week were hit (1%)",
    ]


def test_the_settings_move_the_table(helpers: Any) -> None:
    strict = Incidents(burn_rate_2=2)
    verdict = incident_severity(figures(helpers, failing=0.0001, burn_hour=2), Verdicts(), strict)
    assert verdict.severity == "SEV-2"
    lax = incident_severity(figures(helpers, failing=0.3), Verdicts(severity_1=0.5), Incidents())
    assert lax.severity == "SEV-2"


def test_nothing_measured_is_sev_4_and_says_so_and_a_critical_alert_is_sev_3() -> None:
    nothing = incident_severity(SeverityFigures(), Verdicts(), Incidents())
    assert (nothing.severity, nothing.because[0].text) == ("SEV-4", "no failing requests were measured")
    critical = incident_severity(SeverityFigures(alert="critical"), Verdicts(), Incidents())
    assert critical.severity == "SEV-3"


@pytest.mark.parametrize(
    ("minutes", "share", "draft"),
    [
        (9, 0.009, False),
        (10, 0.009, True),
        (9, 0.01, True),
        (60, 0.5, True),
        (9, None, True),
        (None, 0.001, True),
    ],
)
def test_no_mail_below_both_limits_and_a_draft_otherwise(
    helpers: Any, minutes: float | None, share: float | None, draft: bool
) -> None:
    lasted = None if minutes is None else helpers.fact(requests.INCIDENT_MINUTES, minutes)
    assert email_to_customers(lasted, share, Incidents()).draft is draft


def test_an_incident_that_goes_on_is_written_about(helpers: Any) -> None:
    lasted = helpers.fact(requests.INCIDENT_MINUTES, 3)
    verdict = email_to_customers(lasted, 0.0001, Incidents(), over=False)
    assert verdict.draft
    assert "not over" in verdict.because.text
