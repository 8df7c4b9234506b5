"""Requests that stopped coming before the day was over: a finding, where more should have come by now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from postlaunch.agents.daily_measured import SILENCE
from postlaunch.agents.daily_sections import alerts_fired
from postlaunch.agents.health_week import Week
from postlaunch.reports.daily import Finding
from postlaunch.reports.judged import Sentence, said
from postlaunch.tools.request_silence import WEEK
from postlaunch.windows import Window

DO = "Look whether the application serves, then at how its log arrives"
ALERTS_NAMED = 3


def silences(week: Week) -> Iterator[Finding]:
    """That requests end, with what was to be expected and the alerts since. Unknown is not an outage: it is
    as grave as requests that were lost, and never as grave as an application known to be down.
    """
    end = week.fact("log_quality", "log_end")
    if SILENCE not in week.results or end is None:
        return
    ended = datetime.fromtimestamp(end.value, UTC)
    parts = [
        said("the last came at {end}, and what was after it is unknown: neither calm nor an outage", end=end),
        *_expected(week),
        *_alerts_since(week, ended),
    ]
    yield Finding(
        key=f"finding/{week.settings.application.name}/requests_end/{ended:%Y-%m-%dT%H:%MZ}",
        kind="requests_end",
        severity="SEV-2",
        title=f"Requests end at {week.window.local(ended):%H:%M}",
        subject="application",
        text="; ".join(part.text for part in parts),
        facts=tuple(fact for part in parts for fact in part.facts),
        do=DO,
        window=Window(start=ended, end=week.records.observed_end, zone=week.window.zone),
    )


def _expected(week: Week) -> Iterator[Sentence]:
    requests = week.fact(SILENCE, "total_requests")
    if requests is not None:
        hours = requests.window.observed_end - requests.window.start
        when = "the week before" if hours >= WEEK else "the same hours a week before"
        yield said(f"{when} had {{requests}} requests", requests=requests)


def _alerts_since(week: Week, ended: datetime) -> Iterator[Sentence]:
    since = [fired for fired in alerts_fired(week) if fired.at >= ended]
    for fired in since[:ALERTS_NAMED]:
        yield said("{name} fired at {moment}", name=fired.name, moment=fired.fact)
