"""What each figure read from samples of resources means; `docs/definitions.md` carries these on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from postlaunch.facts import Definition, Unit

ResourceName = Literal["memory", "cpu", "disk", "pool"]


@dataclass(frozen=True)
class ResourceDefinitions:
    """The figures of one resource.

    Attributes:
        name: as settings, series and keys of findings call it.
        title: as a report prints it.
        used, limit, share: means, and how much of the limit they are.
        p95, peak: of the share, over the samples.
        level, slope, low, high, recent: where the share stands, and how it moves from week to week.
        hour, hour_high: the highest share of an unusual hour, and what was expected at most.
    """

    name: ResourceName
    title: str
    used: Definition
    limit: Definition
    share: Definition
    p95: Definition
    peak: Definition
    level: Definition
    slope: Definition
    low: Definition
    high: Definition
    recent: Definition
    hour: Definition
    hour_high: Definition

    @property
    def all(self) -> tuple[Definition, ...]:
        """Every one of them."""
        return (
            *(self.used, self.limit, self.share, self.p95, self.peak),
            *(self.level, self.slope, self.low, self.high, self.recent, self.hour, self.hour_high),
        )


def _resource(name: ResourceName, title: str, what: str, limit: str, unit: Unit) -> ResourceDefinitions:
    def named(suffix: str, words: str, statement: str, unit: Unit, rated: bool = True) -> Definition:
        better: Literal["lower"] | None = "lower" if rated else None
        return Definition(
            name=f"{name}_{suffix}", title=f"{title}{words}", statement=statement, unit=unit, better=better
        )

    share = f"{what} ÷ {limit}"
    weekly = (
        f"change per week of the daily mean of {share}: median over all pairs of the same weekday (seasonal "
        "Kendall slope)"
    )
    return ResourceDefinitions(
        name=name,
        title=title,
        used=named("used", "", f"{what}, mean over the samples", unit),
        limit=named(
            "limit", ", limit", f"{limit}, mean over the samples since its last change", unit, rated=False
        ),
        share=named(
            "share", ", share of the limit", f"mean {what} ÷ mean {limit} since its last change", "ratio"
        ),
        p95=named(
            "share_p95",
            ", share of the limit, p95",
            f"95th percentile over the samples since the limit's last change, exact, nearest rank, of "
            f"{share}",
            "ratio",
        ),
        peak=named("share_peak", ", share of the limit, highest", f"highest sample of {share}", "ratio"),
        level=named(
            "level",
            ", share of the limit lately",
            f"mean over the last 7 days of the daily mean of {share}",
            "ratio",
        ),
        slope=named("slope", ", change a week", weekly, "points"),
        low=named("slope_low", ", change a week, from", "lower end of its 95 % interval", "points"),
        high=named("slope_high", ", change a week, to", "upper end of its 95 % interval", "points"),
        recent=named(
            "slope_recent", ", change a week lately", f"{weekly}, over the newer half of the weeks", "points"
        ),
        hour=named(
            "hour_peak", ", highest of the hour", f"highest sample of {share} in an unusual hour", "ratio"
        ),
        hour_high=named(
            "hour_expected_high",
            ", expected at most",
            f"upper end of what the highest sample of {share} is expected to be in the hour",
            "ratio",
            rated=False,
        ),
    )


MEMORY = _resource("memory", "Memory", "memory used", "memory limit", "bytes")
CPU = _resource("cpu", "CPU", "CPU used, of one core,", "CPU limit, of one core,", "ratio")
DISK = _resource("disk", "Disk", "disk used", "disk limit", "bytes")
POOL = _resource("pool", "Connection pool", "connections in use", "connections in the pool", "number")

RESOURCES = (MEMORY, CPU, DISK, POOL)
"""In the order in which reports list them."""

PODS_SEEN = Definition(
    name="pods_seen", title="Pods", statement="distinct pods with a sample in the window", unit="count"
)
RESOURCE_SAMPLES = Definition(
    name="resource_samples", title="Samples", statement="samples of resources in the window", unit="count"
)
MEMORY_FALLS = Definition(
    name="memory_falls",
    title="Sharp falls of memory",
    statement="times a pod's memory fell by more than 15 % from one sample to the next, as after a restart",
    unit="count",
    better="lower",
)

OF_THE_APPLICATION = (PODS_SEEN, RESOURCE_SAMPLES, MEMORY_FALLS)
