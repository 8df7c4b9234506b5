"""The settings of incident response: when an incident is one, whom it hits, and who is told."""

from __future__ import annotations

from pydantic import Field

from postlaunch.facts import Frozen


class Incidents(Frozen):
    """How incidents are judged and told.

    Attributes:
        email_minutes, email_users_share: customers are not written to below both of them.
        internal_channel: where colleagues are told.
        revenue: what an incident costs in revenue, as declared; empty: not known.
        next_release: the release that long-term fixes are planned for; empty: the next one, unnamed.
    """

    email_minutes: float = Field(default=10, ge=0)
    email_users_share: float = Field(default=0.01, ge=0, le=1)
    internal_channel: str = "#engineering"
    revenue: str = ""
    next_release: str = ""
