"""What of a day somebody should know: the rules that make findings, each with a key that outlives the day.

A finding's key names the thing and not the day it was seen on, so that the next check does not raise it
again: a spell by its first minute, unusual hours by their first hour, a kind of error by its words, an alert
by its name. What goes on for long is raised again after a while: a rising resource each month, a growing
error each week.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from postlaunch.agents.daily_anomalies import Danger, Run, beside, danger_of
from postlaunch.agents.daily_sections import (
    GRAVE,
    alert_status,
    alerts_fired,
    answer_to,
    minutes_allowed,
)
from postlaunch.agents.daily_silence import silences
from postlaunch.agents.health_resources import at_the_limit, titled
from postlaunch.agents.health_sections import goes_on, spell_window
from postlaunch.agents.health_week import Week
from postlaunch.facts import Fact, Forecast
from postlaunch.ledger.incidents import incident_key
from postlaunch.printing import value_text
from postlaunch.reports.daily import Finding, FindingKind, LogKind
from postlaunch.reports.health import Incident, Resources, ResourceTrend, Severity
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.report import Listing
from postlaunch.tools.definitions_resources import RESOURCES
from postlaunch.tools.incident_records import AlertSeen
from postlaunch.windows import Window

QUIET = "None: nothing crossed a threshold"
SAME_SPELL = timedelta(minutes=5)


def findings(
    week: Week,
    spells: Sequence[Incident],
    runs: Sequence[Run],
    kinds: Sequence[LogKind],
    resources: Resources,
) -> Listing[Finding]:
    """Every finding, the gravest first; or why there is none."""
    found = [
        *silences(week),
        *_spells(week, spells),
        *_anomalies(week, runs, spells),
        *_errors(week, kinds, spells),
        *_trends(week, resources),
        *([] if spells else _limits(week)),
        *_alerts(week),
    ]
    once: dict[str, Finding] = {}
    for finding in found:
        once.setdefault(finding.key, finding)
    ranked = tuple(sorted(once.values(), key=lambda finding: finding.severity))
    if ranked:
        return Listing[Finding](items=ranked)
    seen = week.fact("request_summary", "total_requests") is not None
    reason = QUIET if seen else f"not available: {week.reason('request_summary', 'nothing was measured')}"
    return Listing[Finding](reason=reason)


def _key(week: Week, kind: FindingKind, *parts: str) -> str:
    return "/".join(("finding", week.settings.application.name, kind, *parts))


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


# --- failures -----------------------------------------------------------------------------------------------


def _spells(week: Week, spells: Sequence[Incident]) -> Iterator[Finding]:
    """Each spell of failures, under the key of the incident that it is."""
    for spell in spells:
        window = spell_window(week, spell)
        failed, requests = week.fact_of(spell.failed), week.fact_of(spell.requests)
        rate = week.fact_of(spell.error_rate)
        if window is None or failed is None or requests is None or rate is None:
            continue
        text = said(
            "{failed} of {requests} requests failed ({rate})", failed=failed, requests=requests, rate=rate
        )
        going = ", and it goes on" if spell.status == "Open" and goes_on(week, window.end) else ""
        yield _finding(
            incident_key(week.settings.application.name, window.start),
            "error_spell",
            spell.severity,
            spell.title,
            "application",
            Sentence(text=f"{text.text} from {_clock(week, window.start)}{going}", facts=text.facts),
            _do_about(spell),
            window,
        )


def _do_about(spell: Incident) -> str:
    """An incident that is over and on record has been taken up."""
    read = spell.record and spell.status == "Resolved"
    return f"Read {spell.record}" if read else "Triage with the incident-responder"


def _finding(
    key: str,
    kind: FindingKind,
    severity: Severity,
    title: str,
    subject: str,
    text: Sentence,
    do: str,
    window: Window,
) -> Finding:
    return Finding(
        key=key,
        kind=kind,
        severity=severity,
        title=title,
        subject=subject,
        text=text.text,
        facts=text.facts,
        do=do,
        window=window,
    )


def _clock(week: Week, moment: datetime) -> str:
    return value_text(moment.timestamp(), "moment", zone=week.window.zone)


# --- unusual hours ------------------------------------------------------------------------------------------


def _anomalies(week: Week, runs: Sequence[Run], spells: Sequence[Incident]) -> Iterator[Finding]:
    """Unusual hours that endanger something that is set, and did not come with a spell of failures."""
    for run in runs:
        danger = danger_of(week, run)
        if danger is None or beside(run, spells):
            continue
        yield _finding(
            _key(week, "anomaly", run.figure.name, run.entity, _minute(run.began)),
            "anomaly",
            danger.severity,
            f"Unusual: {run.title}",
            run.figure.name if run.entity == "application" else run.entity,
            _unusual(run, danger),
            "See what was different in these hours: deployments, traffic, one endpoint or all",
            run.window,
        )


def _unusual(run: Run, danger: Danger) -> Sentence:
    bound = run.low if run.too_few else run.high
    told = said("{title} {worst} in {hours}", title=run.title, worst=run.worst, hours=run.hours)
    least = "at least" if run.too_few else "at most"
    expected = said(f", {least} {{bound}} expected", bound=bound) if bound else Sentence(text="")
    return Sentence(
        text=f"{told.text}{expected.text}; {danger.what}",
        facts=tuple(dict.fromkeys((*told.facts, *expected.facts, *danger.facts))),
    )


# --- errors logged ------------------------------------------------------------------------------------------


def _errors(week: Week, kinds: Sequence[LogKind], spells: Sequence[Incident]) -> Iterator[Finding]:
    """Errors never logged before, and errors logged far more often than usual; those of a spell are the
    spell's.
    """
    for kind in kinds:
        lines, first = week.fact_of(kind.lines), week.fact_of(kind.first_seen)
        if lines is None or first is None or kind.level not in GRAVE or kind.novelty == "known":
            continue
        if lines.value < week.settings.monitoring.template_least or _of_a_spell(week, kind, first, spells):
            continue
        new = kind.novelty == "new"
        usual = week.fact_of(kind.usual)
        told = said(
            "{lines} lines of {level}: {what}{more}",
            lines=lines,
            level=kind.level,
            what=kind.template,
            more=f" (first at {_clock(week, datetime.fromtimestamp(first.value, UTC))})"
            if new
            else f" ({value_text(usual.value, 'number') if usual else 'none'} a day usually)",
        )
        again = () if new else (_iso_week(week),)
        yield _finding(
            _key(week, "log_template" if new else "log_growth", kind.entity.replace(" ", "-"), *again),
            "log_template" if new else "log_growth",
            "SEV-4",
            "An error that was never logged before" if new else "An error that is logged far more often",
            kind.logger or "the application's log",
            Sentence(text=told.text, facts=(lines.id, first.id, *((usual.id,) if usual else ()))),
            "Look at its first lines, and at what changed before them",
            week.window,
        )


def _of_a_spell(week: Week, kind: LogKind, first: Fact, spells: Sequence[Incident]) -> bool:
    """Whether a new kind of error began in a spell of failures."""
    moment = datetime.fromtimestamp(first.value, UTC)
    windows = filter(None, (spell_window(week, spell) for spell in spells))
    inside = any(span.start - SAME_SPELL <= moment <= span.end + SAME_SPELL for span in windows)
    return kind.novelty == "new" and inside


# --- resources and alerts -----------------------------------------------------------------------------------


def _trends(week: Week, resources: Resources) -> Iterator[Finding]:
    """A resource that meets its limit soon, once a month; of single pods where all together do not."""
    days = week.settings.monitoring.limit_weeks * 7
    soon = [trend for trend in resources.trends if _within(trend, days)]
    of_all = {trend.resource for trend in soon if trend.entity == "application"}
    for trend in soon:
        if not isinstance(trend.reaches, Forecast) or (
            trend.entity != "application" and trend.resource in of_all
        ):
            continue
        yield _finding(
            _key(
                week,
                "resource_trend",
                trend.resource,
                trend.entity,
                f"{week.window.local(week.window.start):%Y-%m}",
            ),
            "resource_trend",
            "SEV-4",
            f"{_of(trend)} meets its limit soon",
            trend.title if trend.entity == "application" else trend.entity,
            Sentence(
                text=f"{trend.because.text}; it meets its limit in "
                f"{value_text(trend.reaches.value, 'days')} (forecast)",
                facts=trend.because.facts,
            ),
            "Find what uses it up, or raise the limit in time",
            week.window,
        )


def _limits(week: Week) -> Iterator[Finding]:
    """A resource that was all in use in a pod on a day without failures: the next time may fail; once a
    week.
    """
    for resource in RESOURCES:
        for fact in at_the_limit(week, resource):
            yield _finding(
                _key(week, "resource_limit", resource.name, fact.entity, _iso_week(week)),
                "resource_limit",
                "SEV-4",
                f"{titled(resource, fact.entity)} reached its limit",
                fact.entity,
                said("{peak} of the limit in the highest sample", peak=fact),
                "See what used it up, and raise the limit or alert before it is reached",
                week.window,
            )


def _iso_week(week: Week) -> str:
    calendar = week.window.local(week.window.start).isocalendar()
    return f"{calendar.year}-W{calendar.week:02d}"


def _within(trend: ResourceTrend, days: float) -> bool:
    return isinstance(trend.reaches, Forecast) and trend.reaches.value <= days


def _of(trend: ResourceTrend) -> str:
    return trend.title if trend.entity == "application" else f"{trend.title} of {trend.entity}"


def _alerts(week: Week) -> Iterator[Finding]:
    """An alert that nobody took up in time."""
    for fired in alerts_fired(week):
        status = alert_status(week, fired)
        if status not in ("unacknowledged", "acknowledged late"):
            continue
        critical = fired.record.severity == "critical"
        yield _finding(
            _key(week, "alert", fired.record.alert or f"{fired.name}@{_minute(fired.at)}"),
            "alert",
            "SEV-2" if critical and status == "unacknowledged" else "SEV-4",
            f"{fired.name} was {status}",
            fired.name,
            _waited(week, fired),
            "Take it up, and see why nobody was reached",
            Window(start=fired.at, end=_until(week, fired), zone=week.window.zone),
        )


def _waited(week: Week, fired: AlertSeen) -> Sentence:
    allowed = value_text(minutes_allowed(week, fired), "minutes")
    answer = answer_to(week, fired, "acknowledged")
    told = said("{name} fired at {fired}", name=fired.name, fired=fired.fact)
    taken = (
        said("acknowledged at {taken}", taken=answer.fact) if answer else Sentence(text="not acknowledged")
    )
    return Sentence(
        text=f"{told.text}, {taken.text}; {allowed} are allowed", facts=(*told.facts, *taken.facts)
    )


def _until(week: Week, fired: AlertSeen) -> datetime:
    taken = answer_to(week, fired, "acknowledged") or answer_to(week, fired, "resolved")
    waited = fired.at + timedelta(minutes=minutes_allowed(week, fired))
    return max(taken.at if taken else waited, fired.at + timedelta(minutes=1))
