"""Who is there: the five specialists of the phase-7 specification, and whom each may ask."""

from __future__ import annotations

from postlaunch.graphs.colleagues import COLLEAGUES
from postlaunch.roster import Roster
from postlaunch.settings import Settings


def test_the_five_state_status_priority_and_role_as_the_specification_does() -> None:
    stated = {one.name: (one.status, one.priority) for one in COLLEAGUES.values()}
    assert stated == {
        "monitoring-specialist": ("new", "CRITICAL"),
        "incident-responder": ("new", "CRITICAL"),
        "performance-monitor": ("existing", stated["performance-monitor"][1]),
        "analytics-specialist": ("new", "MEDIUM"),
        "product-analyst": ("new", "LOW"),
    }
    assert all(one.role for one in COLLEAGUES.values())


def test_each_may_ask_only_colleagues_and_never_itself() -> None:
    for name, one in COLLEAGUES.items():
        assert set(one.consults) <= set(COLLEAGUES) - {name}


def test_each_is_a_party_of_the_roster() -> None:
    roster = Roster.from_settings(Settings())
    assert all(roster.find(name) for name in COLLEAGUES)
