"""What the figures about notes on competitors mean."""

from __future__ import annotations

from postlaunch.facts import Definition

COMPETITORS_NOTED = Definition(
    name="competitors_noted",
    title="Competitors",
    statement="competitors of which a note says something on or before the window's last day",
    unit="count",
)
COMPETITOR_CLAIMS = Definition(
    name="competitor_claims",
    title="Claims",
    statement="claims on competitors and on our positioning, dated on or before the window's last day; those "
    "on the entity, where it is a competitor",
    unit="count",
)
STALE_CLAIMS = Definition(
    name="stale_claims",
    title="Stale claims",
    statement="claims whose day lies more than the months asked for before the window's last day",
    unit="count",
    better="lower",
)
