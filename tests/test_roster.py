"""Names find their parties."""

from __future__ import annotations

import pytest

from postlaunch.errors import UsageError
from postlaunch.roster import Roster
from postlaunch.settings import Capacity, Party, Settings

NAMED = (
    "monitoring-specialist",
    "incident-responder",
    "performance-monitor",
    "analytics-specialist",
    "product-analyst",
    "devops-cicd-expert",
    "performance-optimizer",
    "database-architect",
    "django-backend-expert",
    "react-component-architect",
    "security-expert",
    "tailwind-css-expert",
    "testing-expert",
    "release-manager",
    "security-auditor",
    "User",
    "on-call engineer",
    "team",
    "Support",
    "customers",
    "stakeholders",
)


@pytest.mark.parametrize("name", NAMED)
def test_every_named_party_is_known_without_settings(name: str) -> None:
    assert Roster.from_settings(Settings()).resolve(name)


@pytest.mark.parametrize(
    ("registered", "routed"),
    [
        ("Python Security Expert", "security-expert"),
        ("Python Testing Expert", "testing-expert"),
        ("Python DevOps/CI-CD Expert", "devops-cicd-expert"),
        ("tailwind-frontend-expert", "tailwind-css-expert"),
        ("performance-monitor", "performance-optimizer"),
        ("DJANGO backend_expert", "django-backend-expert"),
    ],
)
def test_a_registered_name_finds_the_party_it_is_routed_by(registered: str, routed: str) -> None:
    assert Roster.from_settings(Settings()).resolve(registered).name == routed


def test_an_unknown_name_is_refused_with_its_near_matches() -> None:
    with pytest.raises(UsageError, match="django-backend-expert") as caught:
        Roster.from_settings(Settings()).resolve("django-backend-exprt")
    assert "[[roster]]" in caught.value.remedy


def test_a_party_of_the_settings_refines_the_default_of_its_name() -> None:
    settings = Settings(roster=(Party(name="security-expert", days=4, aliases=("sec",)),))
    party = Roster.from_settings(settings).resolve("sec")
    assert party.days == 4
    assert party.role == "code-level security implementation and review"
    assert "Python Security Expert" in party.aliases


def test_a_party_of_the_settings_is_added() -> None:
    settings = Settings(roster=(Party(name="Ann", kind="person", approver=True),))
    roster = Roster.from_settings(settings)
    assert roster.resolve("ann").kind == "person"
    assert roster.approvers() == ("User", "Ann")


def test_two_parties_may_not_share_a_name() -> None:
    settings = Settings(roster=(Party(name="Ann", aliases=("security-expert",)),))
    with pytest.raises(UsageError, match="both security-expert and Ann"):
        Roster.from_settings(settings)


def test_days_are_the_sprints_where_the_party_states_none() -> None:
    settings = Settings(capacity=Capacity(sprint_days=8), roster=(Party(name="security-expert", days=3),))
    roster = Roster.from_settings(settings)
    assert roster.days("Python Security Expert", settings) == 3
    assert roster.days("testing-expert", settings) == 8
    assert roster.days("customers", settings) == 0
