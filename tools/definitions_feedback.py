"""What the figures about tickets and candidate items mean."""

from __future__ import annotations

from postlaunch.facts import Definition

SUPPORT_TICKETS = Definition(
    name="support_tickets",
    title="Support tickets",
    statement="tickets created in the window, of every kind",
    unit="count",
    better="lower",
)
TICKETS_OF_KIND = Definition(
    name="tickets_of_kind",
    title="Support tickets of a kind",
    statement="tickets created in the window whose kind, as filed, is the entity",
    unit="count",
)
FEATURE_REQUESTS = Definition(
    name="feature_requests",
    title="Feature requests",
    statement="tickets that ask for something new, by their kind or, where it says nothing, by their words",
    unit="count",
)
GROUP_REQUESTERS = Definition(
    name="group_requesters",
    title="User requests",
    statement="distinct requesters whose tickets ask for the same thing, whatever the case of their names",
    unit="count",
)
GROUP_TICKETS = Definition(
    name="group_tickets",
    title="Request tickets",
    statement="tickets that ask for the same thing",
    unit="count",
)
MATCHING_TICKETS = Definition(
    name="matching_tickets",
    title="Matching tickets",
    statement="tickets, of every kind, that contain one of the words or phrases in any inflection",
    unit="count",
)
MATCHING_REQUESTERS = Definition(
    name="matching_requesters",
    title="Matching requesters",
    statement="distinct requesters of the matching tickets; a ticket that names nobody counts as one",
    unit="count",
)
EFFORT_DAYS = Definition(
    name="effort_days",
    title="Effort",
    statement="working days of all owners, as declared in the candidates file; not measured",
    unit="days",
    better="lower",
)
RICE = Definition(
    name="rice",
    title="RICE",
    statement="reach × impact × confidence ÷ effort, each as declared in the candidates file",
    unit="number",
    better="higher",
)
