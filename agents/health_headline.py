"""The first lines of the health report: the grade and why, what changed, what to do, who decides."""

from __future__ import annotations

from collections.abc import Sequence

from postlaunch.agents.health_week import Week
from postlaunch.facts import Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.health import Headline, Incident, MetricRow
from postlaunch.reports.judged import Recommendation, Sentence, said
from postlaunch.reports.report import period_name
from postlaunch.reports.standing import Standing, StandingRow
from postlaunch.settings import Settings
from postlaunch.tools.verdicts import GradeVerdict, worse_by

ON_CALL = "the on-call engineer"
NOTHING_EARLIER = "cannot be told: this is the first report, and the data does not cover {before}"
BEFORE = {"week": "last week", "month": "last month", "day": "the day before", "span": "the span before"}
"""What the window before is called, by what the window is."""

MOST_CHANGES = 3
STEADY = ("error_rate", "p95_response_time", "mean_response_time", "total_requests")
"""What is told of a week in which no row's status is remarkable, where it was measured."""


def headline(
    week: Week,
    grade: GradeVerdict,
    rows: Sequence[MetricRow],
    incidents: Sequence[Incident],
    advice: Sequence[Recommendation],
    previous: Standing | None,
) -> Headline:
    """The headline by rules alone; what a model has to say is added to it, never put in its place."""
    if previous is None:
        since, changed = _since_window_before(week), _against_window_before(week, rows)
    else:
        since, changed = _since_report(week, previous), _against_report(week, grade, rows, previous)
    if incidents:
        changed = (*changed, _incidents_told(week, incidents))
    return Headline(
        grade=grade.grade,
        why=grade.because,
        since=since,
        changed=changed,
        do=_first_thing(advice),
        decides=who_decides(week.settings),
    )


def _incidents_told(week: Week, incidents: Sequence[Incident]) -> Sentence:
    """How many there were, how bad the worst was, and whether any is still going on."""
    number, worst = len(incidents), min(incident.severity for incident in incidents)
    period = period_name(week.window)
    still = sum(incident.status == "Open" for incident in incidents)
    if number == 1:
        return Sentence(text=f"1 incident in the {period} ({worst}, {'still open' if still else 'resolved'})")
    state = f"{still} still open" if still else "all resolved"
    return Sentence(text=f"{number} incidents in the {period} (the worst {worst}; {state})")


def who_decides(settings: Settings) -> str:
    """Those whom the settings name as approvers, or the on-call engineer."""
    return ", ".join(settings.approvers) or ON_CALL


def _first_thing(advice: Sequence[Recommendation]) -> Sentence:
    if not advice:
        return Sentence(text="nothing now: no threshold was crossed")
    first = advice[0]
    return Sentence(
        text=f"{first.action.text} for {first.target} ({first.rationale.text})",
        facts=tuple(dict.fromkeys((*first.action.facts, *first.rationale.facts))),
    )


def _since_window_before(week: Week) -> str:
    before = BEFORE[period_name(week.window)]
    if all(fact.baseline is None for fact in week.every_fact()):
        return before
    part = f"the same part of {before}" if week.window.partial else before
    return f"{part} (the first report)"


def _since_report(week: Week, previous: Standing) -> str:
    label = previous.window.label or previous.window.days()
    if previous.window.start == week.window.start:
        made = value_text(previous.generated_at.timestamp(), "moment", zone=week.window.zone)
        return f"the last report on this {period_name(week.window)} ({made})"
    return f"the last report ({label})"


def _against_window_before(week: Week, rows: Sequence[MetricRow]) -> tuple[Sentence, ...]:
    remarkable = (row for row in rows if row.status in ("missed", "warning"))
    told = sorted(remarkable, key=lambda row: _weight(week, row))
    told += [row for name in STEADY for row in rows if row.metric == name and row not in told]
    moved = (_moved(week, row) for row in told)
    lines = tuple(line for line in moved if line)[:MOST_CHANGES]
    return lines or (Sentence(text=NOTHING_EARLIER.format(before=BEFORE[period_name(week.window)])),)


def _weight(week: Week, row: MetricRow) -> tuple[bool, float]:
    """Sorts missed targets first, then by how much worse a row became."""
    fact = week.fact_of(row.this)
    return row.status != "missed", -worse_by(fact) if fact else 0.0


def _moved(week: Week, row: MetricRow) -> Sentence | None:
    """How a row moved since the week before, or None where it cannot be compared."""
    fact = week.fact_of(row.this)
    if fact is None or fact.change is None:
        return None
    if fact.change.kind == "none":
        return said("{title} unchanged at {it}", title=row.title, it=fact)
    return said("{title} {it.before} → {it} ({it.change})", title=row.title, it=fact)


def _against_report(
    week: Week, grade: GradeVerdict, rows: Sequence[MetricRow], previous: Standing
) -> tuple[Sentence, ...]:
    """Grade and rows against the last report; a row is told when its status changed or is remarkable."""
    before = previous.headline.grade
    told = "grade unchanged" if before == grade.grade else f"grade {before} → {grade.grade}"
    pairs = [(row, old) for row in rows if (old := previous.row(row.metric)) and _worth_telling(row, old)]
    pairs.sort(key=lambda pair: (pair[0].status == pair[1].status, *_weight(week, pair[0])))
    lines = [_status_line(week, row, old) for row, old in pairs[:MOST_CHANGES]]
    return (Sentence(text=told), *lines)


def _worth_telling(row: MetricRow, old: StandingRow) -> bool:
    """A status that changed or is remarkable; not that a figure of the first report is now rated."""
    if row.status == old.status:
        return row.status in ("missed", "warning")
    return old.status != "not available" or isinstance(old.this, Unavailable)


def _status_line(week: Week, row: MetricRow, old: StandingRow) -> Sentence:
    status = f"still {row.status}" if old.status == row.status else f"{old.status} → {row.status}"
    slots = {"title": row.title, "was": _printed(old, week), "status": status}
    fact = week.fact_of(row.this)
    if fact is None:
        return said("{title} {was} → not available ({status})", **slots)
    return said("{title} {was} → {it} ({status})", it=fact, **slots)


def _printed(row: StandingRow, week: Week) -> str:
    if isinstance(row.this, Unavailable):
        return "not available"
    return value_text(row.this.value, row.this.unit, zone=week.window.zone)
