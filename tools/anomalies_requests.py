"""Hours unlike the same hour of the weeks before: in requests, in their failures, in their response times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from postlaunch.sources.requests import RequestLog
from postlaunch.tools import definitions_anomalies as definitions
from postlaunch.tools.anomalies import Expected, expected_hours
from postlaunch.tools.anomalies_failures import Counted, usual_failures
from postlaunch.tools.anomalies_hours import AnomalyParameters, Hour, by_day, judged, reading, whole_hours
from postlaunch.tools.embedded_query import Row
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings
from postlaunch.tools.request_query import nothing, rows, spans_of
from postlaunch.windows import Window

LEAST_EXPECTED = 20
"""Requests that an hour is expected to have, for their number to be judged."""

LEAST_TIMED = 30
"""Requests with a response time that an hour has, for its 95th percentile to be judged."""

PERCENTILE_NOISE = 0.03
"""Relative spread that the 95th percentile of an hour has at the least."""

ByHour = Mapping[datetime, Row]


@REGISTRY.measurement("request_anomalies", source="requests", parameters=AnomalyParameters, compares=False)
def request_anomalies(log: RequestLog, parameters: AnomalyParameters, limits: Limits) -> Readings:
    """Hours of the window unlike the same weekday and hour of the weeks before: unusually many or few
    requests, more failures, a slower 95th percentile; each with what was expected.
    """
    spans = spans_of(log, parameters.model_copy(update={"baseline": None}), limits)
    if not spans.requests:
        return nothing(log, spans)
    hours = whole_hours(spans.window, log.coverage)
    if not hours:
        return Readings(reason="no whole hour of the window was observed", notes=spans.notes)
    history = parameters.history(spans.window)
    found = _by_hour(rows(log, "request_hours", history, limits, zone=history.zone))
    before = [hour for hour in whole_hours(history, log.coverage) if hour.local < hours[0].local]
    filled = {hour.local: found.get(hour.local, NO_REQUEST) for hour in (*before, *hours)}
    readings = [
        *_traffic(spans.window, hours, filled, parameters),
        *_failures(spans.window, hours, before, filled, parameters),
        *_slowness(spans.window, hours, filled, parameters),
    ]
    listed = readings[: limits.rows]
    cut = (
        (f"only {len(listed)} of {len(readings)} figures are listed",) if len(listed) < len(readings) else ()
    )
    return Readings(readings=tuple(listed), notes=spans.notes + cut + _short(parameters, before))


NO_REQUEST: Row = {"requests": 0, "failed": 0, "timed": 0, "p95": None}


def _by_hour(found: Sequence[Row]) -> dict[datetime, Row]:
    """By the hour of the clock; of an hour that it repeats, the mean, and the slower 95th percentile."""
    hours: dict[datetime, Row] = {}
    for row in found:
        same = hours.get(row["local"])
        if same is None:
            hours[row["local"]] = row
            continue
        times = [time for time in (same["p95"], row["p95"]) if time is not None]
        hours[row["local"]] = {
            **{name: round((same[name] + row[name]) / 2) for name in ("requests", "failed", "timed")},
            "p95": max(times, default=None),
        }
    return hours


def _short(parameters: AnomalyParameters, before: Sequence[Hour]) -> tuple[str, ...]:
    weeks = len(before) / 168
    if weeks > parameters.least:
        return ()
    return (
        f"anomalies need {parameters.least + 1} weeks of requests before the window; there are {weeks:.1f}",
    )


def _traffic(
    window: Window, hours: Sequence[Hour], filled: ByHour, parameters: AnomalyParameters
) -> Iterator[Reading]:
    method = parameters.method(sides="both", offset=0.5, counted=True)
    counts = {local: float(row["requests"]) for local, row in filled.items()}
    unusual, known = [], 0
    for day in by_day(hours):
        expected = expected_hours(counts, [hour.local for hour in day], method)
        for hour in day:
            range_ = expected.get(hour.local)
            if range_ is None or range_.value < LEAST_EXPECTED:
                continue
            known += 1
            if range_.unusual(counts[hour.local]):
                unusual.append((hour, range_))
    yield from judged(window, "requests", known, len(unusual), len(hours))
    for hour, range_ in unusual:
        requests = int(counts[hour.local])
        yield reading(definitions.UNUSUAL_REQUESTS, (requests, requests), hour.window, hour.name)
        for definition, value in (
            (definitions.EXPECTED_REQUESTS, range_.value),
            (definitions.EXPECTED_REQUESTS_LOW, range_.low),
            (definitions.EXPECTED_REQUESTS_HIGH, range_.high),
        ):
            yield reading(definition, (round(value), range_.weeks), hour.window, hour.name)


def _failures(
    window: Window,
    hours: Sequence[Hour],
    before: Sequence[Hour],
    filled: ByHour,
    parameters: AnomalyParameters,
) -> Iterator[Reading]:
    usual = usual_failures([_counted(filled, hour) for hour in before])
    if usual is None:
        yield from judged(window, "error rate", 0, 0, len(hours))
        return
    unusual = []
    for day in by_day(hours):
        unusual += [
            hour for hour in day if usual.unusual(_counted(filled, hour), parameters.alarms, len(day))
        ]
    with_requests = [hour for hour in hours if filled[hour.local]["requests"]]
    yield from judged(window, "error rate", len(with_requests), len(unusual), len(hours))
    for hour in unusual:
        counted = _counted(filled, hour)
        most = usual.most(counted.requests, parameters.alarms, 24)
        for definition, value, n in (
            (definitions.UNUSUAL_ERROR_RATE, counted.failed / counted.requests, counted.requests),
            (definitions.EXPECTED_ERROR_RATE, usual.rate, usual.hours),
            (definitions.EXPECTED_ERROR_RATE_HIGH, most / counted.requests, usual.hours),
        ):
            yield reading(definition, (value, n), hour.window, hour.name)


def _counted(filled: ByHour, hour: Hour) -> Counted:
    row = filled[hour.local]
    return Counted(requests=int(row["requests"]), failed=int(row["failed"]))


def _slowness(
    window: Window, hours: Sequence[Hour], filled: ByHour, parameters: AnomalyParameters
) -> Iterator[Reading]:
    method = parameters.method(noise=PERCENTILE_NOISE)
    times = {local: float(row["p95"]) for local, row in filled.items() if row["timed"] >= LEAST_TIMED}
    unusual: list[tuple[Hour, Expected]] = []
    known = 0
    for day in by_day(hours):
        timed = [hour for hour in day if hour.local in times]
        expected = expected_hours(times, [hour.local for hour in timed], method)
        known += len(expected)
        unusual += [
            (hour, range_)
            for hour in timed
            if (range_ := expected.get(hour.local)) is not None and range_.unusual(times[hour.local])
        ]
    yield from judged(window, "95th percentile", known, len(unusual), len(hours))
    for hour, range_ in unusual:
        for definition, value, n in (
            (definitions.UNUSUAL_RESPONSE_TIME, times[hour.local], filled[hour.local]["timed"]),
            (definitions.EXPECTED_RESPONSE_TIME, range_.value, range_.weeks),
            (definitions.EXPECTED_RESPONSE_TIME_HIGH, range_.high, range_.weeks),
        ):
            yield reading(definition, (value, n), hour.window, hour.name)
