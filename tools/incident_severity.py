"""The verdict tables "Severity" and "E-mail to customers": pure functions over what was measured.

Each figure gives its own severity; the gravest is the incident's, and the figures that gave it are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from postlaunch.facts import Fact, Frozen
from postlaunch.printing import value_text
from postlaunch.reports.health import Severity
from postlaunch.reports.judged import Sentence, said
from postlaunch.settings import Verdicts
from postlaunch.settings_incidents import Incidents
from postlaunch.tools.verdicts import severity

LEAST_FAILURES = 10
"""An endpoint with fewer failures is too little to call a feature broken."""


@dataclass(frozen=True)
class SeverityFigures:
    """What the table reads; what was not measured is None.

    Attributes:
        failing: share of the incident's requests that failed.
        minutes, down: how long it lasted, and how long the application was down.
        burn_hour, burn_six_hours: burn rates.
        users, week_users: people hit, and people active in the week.
        endpoints: share of each endpoint's requests that failed; `n` is its requests.
        alert: severity of the alert that fired, for where no request was measured.
    """

    failing: Fact | None = None
    minutes: Fact | None = None
    down: Fact | None = None
    burn_hour: Fact | None = None
    burn_six_hours: Fact | None = None
    users: Fact | None = None
    week_users: Fact | None = None
    endpoints: tuple[Fact, ...] = ()
    alert: str = ""


class SeverityVerdict(Frozen):
    """The severity, the figures that decided it, and what the others would have given.

    Attributes:
        because: of the figures that gave this severity.
        others: of those that gave a lesser one.
    """

    severity: Severity
    because: tuple[Sentence, ...]
    others: tuple[Sentence, ...] = ()


def incident_severity(figures: SeverityFigures, verdicts: Verdicts, incidents: Incidents) -> SeverityVerdict:
    """Table "Severity"; with nothing measured it is SEV-4, and says that nothing was."""
    given = [
        *_outage(figures, incidents),
        *_failing(figures, verdicts),
        *_burning(figures, incidents),
        *_users(figures, incidents),
        *_feature(figures, incidents),
    ]
    if not given and figures.alert == "critical":
        told = "no failing requests were measured; the alert that fired is critical"
        return SeverityVerdict(severity="SEV-3", because=(Sentence(text=told),))
    if not given:
        return SeverityVerdict(
            severity="SEV-4", because=(Sentence(text="no failing requests were measured"),)
        )
    gravest = min(level for level, _ in given)
    return SeverityVerdict(
        severity=gravest,
        because=tuple(why for level, why in given if level == gravest),
        others=tuple(
            Sentence(text=f"{level} by itself: {why.text}", facts=why.facts)
            for level, why in given
            if level != gravest
        ),
    )


Given = Iterator[tuple[Severity, Sentence]]


def _outage(figures: SeverityFigures, incidents: Incidents) -> Given:
    down, minutes = figures.down, figures.minutes
    if down is None or minutes is None or not down.value:
        return
    if down.value >= incidents.outage_minutes or down.value * 2 >= minutes.value:
        yield "SEV-1", said("an outage: down for {down} of {minutes}", down=down, minutes=minutes)


def _failing(figures: SeverityFigures, verdicts: Verdicts) -> Given:
    if figures.failing is not None:
        yield (
            severity(figures.failing.value, verdicts),
            said("{share} of the requests failed", share=figures.failing),
        )


def _burning(figures: SeverityFigures, incidents: Incidents) -> Given:
    hour, six = figures.burn_hour, figures.burn_six_hours
    if hour is not None and hour.value >= incidents.burn_rate_2:
        yield (
            "SEV-2",
            said(
                "burn rate of {rate} over both 1 h and 5 min (threshold {least})",
                rate=hour,
                least=f"{incidents.burn_rate_2:g}",
            ),
        )
    if six is not None and six.value >= incidents.burn_rate_3:
        yield (
            "SEV-3",
            said(
                "burn rate of {rate} over both 6 h and 30 min (threshold {least})",
                rate=six,
                least=f"{incidents.burn_rate_3:g}",
            ),
        )


def _users(figures: SeverityFigures, incidents: Incidents) -> Given:
    users, week = figures.users, figures.week_users
    if users is None or week is None or not week.value:
        return
    share = users.value / week.value
    level: Severity = "SEV-4"
    if share >= incidents.many_users:
        level = "SEV-2"
    elif share >= incidents.some_users:
        level = "SEV-3"
    yield (
        level,
        said(
            "{users} of {week} users of the week were hit ({share})",
            users=users,
            week=week,
            share=value_text(share, "ratio"),
        ),
    )


def _feature(figures: SeverityFigures, incidents: Incidents) -> Given:
    for endpoint in figures.endpoints:
        if endpoint.value >= incidents.feature_broken and endpoint.value * endpoint.n >= LEAST_FAILURES:
            yield "SEV-3", said("a feature is broken: {rate} of {rate.entity} failed", rate=endpoint)


# --- e-mail -----------------------------------------------------------------------------------------------


class EmailVerdict(Frozen):
    """Whether customers are written to."""

    draft: bool
    because: Sentence


def email_to_customers(
    minutes: Fact | None, users_share: float | None, incidents: Incidents, *, over: bool = True
) -> EmailVerdict:
    """Table "E-mail to customers": none under 10 minutes and under 1 % of users; else one is drafted.

    What is not known is not small: then a person reads the draft and decides.

    Args:
        minutes: how long requests failed.
        users_share: of the users active in the week; None where no number of users is known.
        over: whether it has ended.
    """
    if minutes is None:
        return EmailVerdict(draft=True, because=Sentence(text="it is not known how long it lasted"))
    if not over:
        return EmailVerdict(
            draft=True, because=said("it has lasted {minutes} and is not over", minutes=minutes)
        )
    if users_share is None:
        return EmailVerdict(
            draft=True,
            because=said("it lasted {minutes}, and it is not known how many users were hit", minutes=minutes),
        )
    brief, few = minutes.value < incidents.email_minutes, users_share < incidents.email_users_share
    most, least = f"{incidents.email_minutes:g} min", value_text(incidents.email_users_share, "ratio")
    because = said(
        "it lasted {minutes} ({below}below {most}) and hit {share} of users ({under}below {least})",
        minutes=minutes,
        below="" if brief else "not ",
        most=most,
        share=value_text(users_share, "ratio"),
        under="" if few else "not ",
        least=least,
    )
    return EmailVerdict(draft=not (brief and few), because=because)
