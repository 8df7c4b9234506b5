"""The settings of incident response: when an incident is one, whom it hits, and who is told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from postlaunch.facts import Frozen

DUE_DAYS: dict[Literal["SEV-1", "SEV-2", "SEV-3", "SEV-4"], tuple[int, int, int, int]] = {
    "SEV-1": (1, 2, 5, 7),
    "SEV-2": (2, 4, 7, 11),
    "SEV-3": (3, 7, 14, 21),
    "SEV-4": (7, 14, 21, 28),
}
"""The graver the incident, the sooner what follows from it is due."""


class SeverityClocks(Frozen):
    """Until when somebody must have answered, and how often those concerned are told, by severity.

    Attributes:
        sev_1, sev_2, sev_3: minutes from detection; SEV-4 waits until the end of the next business day.
        communicate_1, communicate_2, communicate_3: minutes from one message to the next; for SEV-4 none is
            due.
    """

    sev_1: float = Field(default=5, gt=0)
    sev_2: float = Field(default=15, gt=0)
    sev_3: float = Field(default=60, gt=0)
    communicate_1: float = Field(default=15, gt=0)
    communicate_2: float = Field(default=60, gt=0)
    communicate_3: float = Field(default=24 * 60, gt=0)


class Incidents(Frozen):
    """How incidents are judged and told.

    Attributes:
        email_minutes, email_users_share: customers are not written to below both of them.
        internal_channel: where colleagues are told.
        revenue: what an incident costs in revenue, as declared; empty: not known.
        next_release: the release that long-term fixes are planned for; empty: the next one, unnamed.
        clocks: until when to answer and to tell.
        outage_minutes: an incident is an outage when the application was down for so many minutes, or for
            half of it.
        burn_rate_2, burn_rate_3: burn rates from which an incident is SEV-2 (over an hour and 5 minutes) and
            SEV-3 (over 6 hours and 30 minutes).
        feature_broken: share of an endpoint's requests failing from which a feature is broken (SEV-3).
        many_users, some_users: share of a week's active users hit from which an incident is SEV-2, SEV-3.
        around_minutes: how long before and after the incident it is compared with.
        lookback_hours: changes so long before the start are looked at.
        shortly_before_minutes: a change so long before the start may have caused it.
        saturated: share of its limit from which a resource counts as used up.
        calm: below this share of its limit throughout, a resource is ruled out.
        one_place: share of the failures in one endpoint, or in one pod, that makes it the place.
        surge: requests a second, as a multiple of those before, from which traffic surged.
        quiet_minutes: so long without failures beyond the usual, and an incident is over.
        alert_at: share of a resource's limit at which to be told of it.
        escalate_minutes: until when nobody answering is passed on, a rollback considered, the lead told,
            where no runbook says otherwise.
        meeting_days: working days after the end until the post-mortem meeting.
        due_days: severity → days from detection until an action item is due: an alert, a repair, a test, a
            review.
    """

    email_minutes: float = Field(default=10, ge=0)
    email_users_share: float = Field(default=0.01, ge=0, le=1)
    internal_channel: str = "#engineering"
    revenue: str = ""
    next_release: str = ""
    clocks: SeverityClocks = SeverityClocks()
    outage_minutes: float = Field(default=5, gt=0)
    burn_rate_2: float = Field(default=14.4, gt=0)
    burn_rate_3: float = Field(default=6, gt=0)
    feature_broken: float = Field(default=0.5, gt=0, le=1)
    many_users: float = Field(default=0.25, gt=0, le=1)
    some_users: float = Field(default=0.05, gt=0, le=1)
    around_minutes: int = Field(default=60, ge=5, le=24 * 60)
    lookback_hours: float = Field(default=24, gt=0)
    shortly_before_minutes: float = Field(default=60, gt=0)
    saturated: float = Field(default=0.95, gt=0, le=1)
    calm: float = Field(default=0.80, gt=0, le=1)
    one_place: float = Field(default=0.90, gt=0.5, le=1)
    surge: float = Field(default=1.5, gt=1)
    quiet_minutes: float = Field(default=15, ge=0)
    alert_at: float = Field(default=0.80, gt=0, lt=1)
    escalate_minutes: tuple[float, float, float] = (5, 15, 30)
    meeting_days: int = Field(default=2, ge=1)
    due_days: dict[Literal["SEV-1", "SEV-2", "SEV-3", "SEV-4"], tuple[int, int, int, int]] = Field(
        default_factory=lambda: dict(DUE_DAYS)
    )

    @field_validator("due_days", mode="before")
    @classmethod
    def _refine_defaults(cls, data: object) -> object:
        """A file that names one severity keeps the days of the others."""
        return {**DUE_DAYS, **data} if isinstance(data, dict) else data
