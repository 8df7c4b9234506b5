"""The timeline of an incident, from evidence alone: every entry names the source that tells it.

People are named by what they do, never by their names: a post-mortem looks for causes, not for somebody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from postlaunch.facts import Fact, Measured
from postlaunch.reports.incident_parts import IncidentStatus, Milestone, TimelineEntry
from postlaunch.reports.judged import Sentence, said
from postlaunch.roster import Roster
from postlaunch.tools.incident_case import Case, first_of
from postlaunch.tools.incident_evidence import ending_changes, lines_said, telling_lines
from postlaunch.tools.incident_records import AlertSeen, ChangeSeen

MILESTONES: tuple[tuple[str, str], ...] = (
    ("alert", "Alert"),
    ("paged", "On-call paged"),
    ("acknowledged", "Acknowledged"),
    ("investigation", "Investigation started"),
    ("root_cause", "Root cause identified"),
    ("decision", "Fix decided"),
    ("fix_applied", "Change applied"),
    ("restarted", "Restarted"),
    ("recovered", "Metrics normal"),
    ("closed", "Closed"),
)
"""The steps of handling an incident, in the order in which they come."""

TITLES = dict(MILESTONES)

ON_CALL = "the on-call engineer"
LONG_BEFORE = timedelta(hours=1)
SOON = timedelta(hours=1)
LEAD = timedelta(minutes=5)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
TEXT_LENGTH = 200
MANY_LINES = 0.1


class Blameless:
    """Puts roles in the place of people's names."""

    def __init__(self, case: Case) -> None:
        self._roster = Roster.from_settings(case.settings)
        by = {seen.record.by for seen in case.alerts} | {seen.change.by for seen in case.changes}
        names = {name for name in by if name.strip() and not self._is_agent(name)}
        parts = {
            part
            for name in names
            for part in (name, *re.split(r"[\s@._-]+", name.partition("@")[0]))
            if len(part) > 2 and not self._is_role(part)
        }
        longest_first = sorted((re.escape(part) for part in parts), key=len, reverse=True)
        self._names = re.compile(rf"\b(?:{'|'.join(longest_first)})\b", re.IGNORECASE) if parts else None

    def _is_agent(self, name: str) -> bool:
        party = self._roster.find(name)
        return party is not None and party.kind == "agent"

    def _is_role(self, part: str) -> bool:
        """Whether a part of a name is a word for what somebody does: "on-call", "engineer"."""
        word = part.casefold()
        roles = (party.name for party in self._roster.parties)
        return any(word in role.casefold() for role in roles) or word in {"call", "ops", "sre", "team", "bot"}

    def role(self, by: str) -> str:
        """Who did something, by role; nobody for an empty name."""
        if not by.strip():
            return ""
        party = self._roster.find(by)
        if party is not None:
            return party.name if party.kind == "agent" else f"the {party.name.removeprefix('the ')}"
        return ON_CALL

    def text(self, words: str) -> str:
        """Words from outside, without names and addresses, in one line."""
        line = MAIL.sub("somebody", " ".join(words.split()))
        if self._names is not None:
            line = self._names.sub("somebody", line)
        return line if len(line) <= TEXT_LENGTH else f"{line[: TEXT_LENGTH - 1]}…"


def timeline(case: Case) -> tuple[TimelineEntry, ...]:
    """Everything that is known to have happened around the incident, in order of time."""
    blameless = Blameless(case)
    entries = [
        *_measured(case),
        *_logged(case),
        *(_change(case, seen, blameless) for seen in _near(case)),
        *(_record(seen, blameless) for seen in case.alerts),
    ]
    return tuple(sorted(entries, key=_moment))


def _moment(entry: TimelineEntry) -> float:
    return entry.at.value if isinstance(entry.at, Measured) else 0.0


def _measured(case: Case) -> Iterator[TimelineEntry]:
    """What the requests show: the first failing minute, the worst, the last."""
    start, end = case.fact("span", "incident_start"), case.fact("span", "incident_end")
    worst, peak = case.fact("span", "incident_worst_minute"), case.fact("span", "incident_peak_error_rate")
    if start is not None:
        yield _entry(start, Sentence(text="Requests begin to fail beyond the usual"), "requests")
    if worst is not None and peak is not None and start is not None and worst.value != start.value:
        yield _entry(worst, said("Worst minute: {peak} of the requests fail", peak=peak), "requests")
    if end is not None and case.ended:
        text = Sentence(text="Failures are back to the usual")
        yield _entry(end, text, "requests", milestone="recovered")


def _logged(case: Case) -> Iterator[TimelineEntry]:
    """The first line of each cause that errors named, and of kinds that name none where they are many."""
    telling = telling_lines(case)
    total = sum(fact.value for lines in telling.values() for fact in lines)
    for kind, lines in telling.items():
        if not kind and sum(fact.value for fact in lines) < MANY_LINES * total:
            continue
        firsts = [first for fact in lines if (first := case.fact("logs", "incident_log_first", fact.entity))]
        if firsts:
            first = min(firsts, key=lambda fact: fact.value)
            told = lines_said(lines)
            yield _entry(first, Sentence(text=f"First of {told.text}", facts=told.facts), "logs")


def _near(case: Case) -> tuple[ChangeSeen, ...]:
    """Changes from an hour before the start on; with no span, all that were looked at."""
    span = case.span
    if span is None:
        return case.changes
    return tuple(
        seen
        for seen in case.changes
        if seen.at >= span.start - LONG_BEFORE or (seen.change.ended_at or seen.at) >= span.start
    )


def _change(case: Case, seen: ChangeSeen, blameless: Blameless) -> TimelineEntry:
    milestone = ""
    if seen in ending_changes(case) or seen.change.incident:
        milestone = "restarted" if seen.change.kind == "restart" else "fix_applied"
    planned = " (planned)" if seen.change.planned else ""
    kind = seen.change.kind.capitalize() if seen.change.kind != "other" else "Change"
    text = f"{kind}{planned}: {blameless.text(seen.title)}"
    return _entry(seen.fact, Sentence(text=text), "changes", milestone=milestone)


def _record(seen: AlertSeen, blameless: Blameless) -> TimelineEntry:
    record = seen.record
    words = blameless.text(record.text)
    tail = f": {words}" if words else ""
    who = blameless.role(record.by)
    match record.kind:
        case "fired":
            level = f" ({record.severity})" if record.severity else ""
            return _entry(
                seen.fact, Sentence(text=f"Alert: {seen.name} fired{level}{tail}"), "alerts", "alert"
            )
        case "resolved":
            return _entry(seen.fact, Sentence(text=f"Alert resolved: {seen.name}{tail}"), "alerts")
        case "paged":
            return _entry(seen.fact, Sentence(text=_paged(who or ON_CALL, words)), "alerts", "paged")
        case "acknowledged":
            return _entry(
                seen.fact,
                Sentence(text=f"Acknowledged by {who or ON_CALL}{tail}"),
                "alerts",
                "acknowledged",
            )
        case "user_report":
            return _entry(seen.fact, Sentence(text=f"A user reports{tail or ' trouble'}"), "alerts", "alert")
    title = TITLES.get(record.milestone, "Note")
    return _entry(seen.fact, Sentence(text=f"{title}{tail}"), "alerts", record.milestone)


def _paged(who: str, words: str) -> str:
    """Who is paged, once: a record that names the role itself is told in its own words."""
    if who.casefold() not in words.casefold():
        return f"{_capital(who)} is paged{f': {words}' if words else ''}"
    return f"Paged {words}" if words.casefold().startswith("to ") else f"Paged: {words}"


def _entry(fact: Fact, event: Sentence, source: str, milestone: str = "") -> TimelineEntry:
    cited = Sentence(text=event.text, facts=tuple(dict.fromkeys((fact.id, *event.facts))))
    return TimelineEntry(at=Measured.of(fact), event=cited, source=source, milestone=milestone)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def milestones(entries: Sequence[TimelineEntry]) -> tuple[Milestone, ...]:
    """Every step of the handling: when it was, or that nothing tells.

    What those who handled it recorded as a step goes before what a change or the requests let infer: the
    timeline shows the record under the step's own name.
    """
    told: dict[str, TimelineEntry] = {}
    for entry in sorted(entries, key=lambda entry: entry.source != "alerts"):
        told.setdefault(entry.milestone, entry)
    return tuple(
        Milestone(name=name, title=title, at=told[name].at, source=told[name].source)
        if name in told
        else Milestone(name=name, title=title)
        for name, title in MILESTONES
    )


def status_of(case: Case, steps: Iterable[Milestone]) -> IncidentStatus:
    """Where the incident stands, by what is measured and recorded.

    Without failures beyond the usual it is not confirmed. While requests fail, it is as far as the records
    tell. Once they no longer do, it is resolved when it was closed, or when the quiet has lasted long enough.
    """
    if case.span is None:
        return "Not confirmed"
    reached = {step.name for step in steps if step.at.kind == "measured"}
    if case.over or (case.ended and ("closed" in reached or _alerts_resolved(case))):
        return "Resolved"
    if case.ended:
        return "Monitoring"
    if reached & {"root_cause", "decision", "fix_applied", "restarted"}:
        return "Identified"
    if reached & {"acknowledged", "investigation"}:
        return "Investigating"
    return "Detected"


def _alerts_resolved(case: Case) -> bool:
    fired = {seen.record.alert for seen in case.alerts if seen.record.kind == "fired"}
    resolved = {seen.record.alert for seen in case.alerts if seen.record.kind == "resolved"}
    return bool(fired) and fired <= resolved


def detection(case: Case) -> AlertSeen | None:
    """The first alert that fired or user who reported it, from five minutes before the failures on; else the
    first at all. None where neither is recorded.
    """
    told = [seen for seen in case.alerts if seen.record.kind in ("fired", "user_report")]
    span = case.span
    near = [seen for seen in told if span is None or seen.at >= span.start - LEAD]
    return next(iter(near or told), None)


def resolution(case: Case) -> Fact | None:
    """The moment at which it was over: the first record within an hour after the failures that says so (its
    alert resolved, or the incident closed), else the end of the failures. None while it goes on.
    """
    end = case.fact("span", "incident_end")
    if not case.ended:
        return None
    if end is None:
        over = [seen.fact for seen in case.alerts if seen.record.kind == "resolved"]
        closed = first_of(case.alerts, "recovered", "closed")
        return over[-1] if over else (closed.fact if closed else None)
    noticed = detection(case)
    alert = noticed.record.alert if noticed is not None else ""

    def says_so(seen: AlertSeen) -> bool:
        same = seen.record.kind == "resolved" and seen.record.alert == alert
        return same or seen.record.milestone == "closed"

    last = end.value + SOON.total_seconds()
    told = (seen.fact for seen in case.alerts if says_so(seen) and end.value <= seen.fact.value <= last)
    return min(told, key=lambda fact: fact.value, default=end)
