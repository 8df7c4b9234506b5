"""What the launch left behind, as figures: when it was, the metrics just after it, what was set up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from postlaunch.facts import Definition
from postlaunch.sources.launch import LaunchRecord, LaunchSource
from postlaunch.tools import definitions_launch as definitions
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.windows import Window

STATED = "stated by the launch record, not measured here"
MILLION = 1_000_000
DAY = timedelta(days=1)


@REGISTRY.measurement("launch_baseline", source="launch", parameters=WindowParameters)
def launch_baseline(source: LaunchSource, parameters: WindowParameters, limits: Limits) -> Readings:
    """When the application was launched, its metrics just after that, the load that was tried before, and how
    many alert rules and runbooks were set up, by the launch record. The window gives the zone.
    """
    record = source.record
    window = _day(record, parameters.window)
    stated = [(definition, value) for definition, value in _stated(record) if value is not None]
    return Readings(
        readings=tuple(
            Reading(definition=definition, value=value, n=1, window=window, note=STATED)
            for definition, value in stated
        ),
        reason="" if stated else "the launch record states neither a date nor a figure",
        texts=tuple(rule.model_dump(mode="json", exclude_defaults=True) for rule in record.alert_rules),
        notes=source.notes,
    )


def _day(record: LaunchRecord, asked: Window) -> Window:
    """The day after the launch; the window asked for, where the record has no date."""
    if record.launched_at is None:
        return asked
    return Window(start=record.launched_at, end=record.launched_at + DAY, zone=asked.zone)


def _stated(record: LaunchRecord) -> Iterator[tuple[Definition, float | None]]:
    if record.launched_at is not None:
        yield definitions.LAUNCHED_AT, record.launched_at.timestamp()
    if (baseline := record.baseline) is not None:
        yield definitions.LAUNCH_PODS, baseline.pods
        yield definitions.LAUNCH_MEAN, baseline.mean_ms
        yield definitions.LAUNCH_P95, baseline.p95_ms
        yield definitions.LAUNCH_ERROR_RATE, baseline.error_rate
        yield definitions.LAUNCH_REQUESTS_PER_SECOND, baseline.requests_per_second
        memory = baseline.memory_mb_per_pod
        yield definitions.LAUNCH_MEMORY, None if memory is None else memory * MILLION
        yield definitions.LAUNCH_CPU, baseline.cpu_share_per_pod
    yield definitions.LAUNCH_POOL, record.pool.size if record.pool else None
    yield definitions.LAUNCH_LOAD, record.load_profile.requests_per_second if record.load_profile else None
    yield definitions.LAUNCH_ALERT_RULES, len(record.alert_rules) or None
    yield definitions.LAUNCH_RUNBOOKS, len(record.runbooks) or None
