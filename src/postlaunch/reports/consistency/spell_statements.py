"""What a report states of one spell of failures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from postlaunch.reports.consistency.figures import Figure
from postlaunch.reports.consistency.resource_statements import Stating
from postlaunch.reports.consistency.statements import Observation, Share, Statement
from postlaunch.reports.consistency.time_statements import Span
from postlaunch.reports.health import Incident
from postlaunch.windows import Window


def spell_statements(
    report: str, window: Window, figure: Stating, spell: Incident, requests: Figure | None
) -> Iterator[Statement]:
    """Its shares, its span, and what is counted in it as part of what is counted in the window.

    Args:
        requests: of the whole window.
    """
    name = f"Incident #{spell.number}"
    failed, inside_it = figure(spell.failed), figure(spell.requests)
    for what, whole, share in (
        ("error rate", inside_it, figure(spell.error_rate)),
        ("share of the window", requests, figure(spell.window_share)),
    ):
        if failed is not None and whole is not None and share is not None:
            yield Share(
                report=report, window=window, what=f"{name}, {what}", part=failed, whole=whole, share=share
            )
    span = _span_of(figure, spell)
    if span is None:
        return
    start, end = span
    yield Span(report=report, window=window, what=name, start=start, end=end, length=figure(spell.duration))
    if end <= start:
        return
    inside = Window(start=start, end=end, zone=window.zone)
    failing = {"answer": "error", "family": "5xx"}
    for metric, value, of in (
        ("requests", inside_it, {}),
        ("requests", failed, failing),
        ("users", figure(spell.users), failing),
    ):
        if value is not None:
            yield Observation(report=report, window=inside, metric=metric, value=value, of=of)


def _span_of(figure: Stating, spell: Incident) -> tuple[datetime, datetime] | None:
    start, duration = figure(spell.start), figure(spell.duration)
    if start is None or duration is None:
        return None
    begin = datetime.fromtimestamp(float(start.value), UTC)
    return begin, begin + timedelta(minutes=float(duration.value))
