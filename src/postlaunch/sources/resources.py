"""The source "resources": memory, CPU, disk and database connections of each pod over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from postlaunch.errors import SourceError
from postlaunch.settings import Settings
from postlaunch.settings_sources import FilesSource
from postlaunch.sources.queries import sql
from postlaunch.sources.row_formats import POD_ALIASES, TIME_ALIASES, Aliases, Kind, RowFormat, RowShape
from postlaunch.sources.row_reading import RowReader
from postlaunch.sources.row_staging import StagedKind, open_rows
from postlaunch.sources.staged_log import StagedLog
from postlaunch.windows import Clock, system_clock

if TYPE_CHECKING:
    import duckdb

ALIASES: Aliases = {
    "time": TIME_ALIASES,
    "pod": POD_ALIASES,
    "memory_bytes": (
        "memory_bytes", "memory", "mem", "memory_used", "memory_usage", "memory_usage_bytes",
        "container_memory_working_set_bytes", "container_memory_usage_bytes",
        "process_resident_memory_bytes", "rss", "rss_bytes", "memory_mb", "memory_mib", "mem_mb", "mem_bytes",
        "usage.memory", "MEMORY(bytes)",
    ),
    "memory_limit_bytes": (
        "memory_limit_bytes", "memory_limit", "mem_limit", "memory_limit_mb", "memory_limit_mib",
        "container_spec_memory_limit_bytes", "kube_pod_container_resource_limits_memory_bytes",
        "limits.memory", "resources.limits.memory",
    ),
    "cpu_cores": (
        "cpu_cores", "cpu", "cpu_usage", "cpu_usage_cores", "cpu_used", "cpu_millicores",
        "container_cpu_usage_cores", "usage.cpu", "CPU(cores)",
    ),
    "cpu_limit_cores": (
        "cpu_limit_cores", "cpu_limit", "cpu_limit_millicores",
        "kube_pod_container_resource_limits_cpu_cores", "limits.cpu", "resources.limits.cpu",
    ),
    "disk_bytes": (
        "disk_bytes", "disk", "disk_used", "disk_used_bytes", "disk_usage_bytes", "disk_mb", "disk_gb",
        "container_fs_usage_bytes", "kubelet_volume_stats_used_bytes", "fs_used_bytes",
    ),
    "disk_limit_bytes": (
        "disk_limit_bytes", "disk_limit", "disk_size", "disk_size_bytes", "disk_total", "disk_total_bytes",
        "disk_limit_mb", "disk_limit_gb", "container_fs_limit_bytes", "kubelet_volume_stats_capacity_bytes",
        "fs_size_bytes",
    ),
    "pool_in_use": (
        "pool_in_use", "db_pool_in_use", "connections_in_use", "db_connections_in_use", "active_connections",
        "pool_active", "pool_checked_out", "hikaricp_connections_active", "go_sql_in_use_connections",
        "db_client_connections_usage",
    ),
    "pool_size": (
        "pool_size", "db_pool_size", "pool_max", "max_connections", "db_connections_max",
        "hikaricp_connections_max", "go_sql_max_open_connections", "db_client_connections_max",
    ),
}  # fmt: skip

FIGURES = tuple(name for name in ALIASES if name not in ("time", "pod"))

UNIT_IN_NAME: Mapping[str, float] = {
    "_kb": 1e3,
    "_mb": 1e6,
    "_gb": 1e9,
    "_kib": 2.0**10,
    "_mib": 2.0**20,
    "_gib": 2.0**30,
    "_millicores": 1e-3,
}
"""Ends of keys that say their own unit; every other plain number is bytes, cores or connections. A figure
that names its unit itself, "187Mi" or "250m", keeps it."""

SHAPE = RowShape(
    source="resources",
    noun="a sample of resources",
    aliases=ALIASES,
    required=("time",),
    part="resource_part.sql",
)


class ResourceLog(StagedLog):
    """Staged samples of resources.

    The table `resources` has: ts TIMESTAMP (UTC, naive), day DATE (application's zone), pod VARCHAR, and as
    DOUBLE memory_bytes, memory_limit_bytes, cpu_cores, cpu_limit_cores, disk_bytes, disk_limit_bytes,
    pool_in_use, pool_size (database connections). A figure that a sample does not have is NULL.
    """

    name = "resources"


class ResourceReader(RowReader):
    """Reads samples of resources, file by file."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: FilesSource,
        zone: str,
        latest: datetime,
        folder: Path,
    ) -> None:
        super().__init__(connection, SHAPE, source.format, source.fields, zone, latest, folder)
        connection.execute(sql("quantity_macros.sql"))

    def form_of(self, path: Path, kind: Kind, first_rows: Sequence[str]) -> RowFormat:
        """Where the rows hold the time and at least one figure."""
        form = super().form_of(path, kind, first_rows)
        if form.fields and not any(name in form.fields for name in FIGURES):
            raise SourceError(
                f"the rows of {path} have nothing that is known to hold a figure of resources",
                '[sources.resources.fields] maps them, e.g. memory_bytes = "mem_used"; '
                f"figures: {', '.join(FIGURES)}",
                source="resources",
            )
        return form

    def parameters(self, form: RowFormat) -> dict[str, object]:
        """What makes bytes and cores of each figure's plain numbers."""
        return {"factors": [_factor(form.fields.get(name, "")) for name in FIGURES]}


def _factor(key: str) -> float:
    ends = (factor for end, factor in UNIT_IN_NAME.items() if key.casefold().endswith(end))
    return next(ends, 1.0)


KIND = StagedKind(
    shape=SHAPE,
    what="the samples of resources",
    reader=ResourceReader,
    write="write_resources.sql",
    coverage="resource_coverage.sql",
)


def open_resources(settings: Settings, clock: Clock = system_clock) -> ResourceLog:
    """Open the samples of the settings; staged on first use, found again by content afterwards.

    Args:
        clock: samples dated more than a day after it are counted and left out.

    Raises:
        SourceError: no file is there, one cannot be read, none of its rows is a sample, or the staging folder
            cannot be written.
    """
    source = settings.sources.resources
    if source is None:
        raise SourceError("no resources are configured", "add [sources.resources] paths to postlaunch.toml")
    opened = open_rows(settings, source, KIND, clock)
    return ResourceLog(opened.parquet, opened.coverage, opened.zone, opened.fingerprint)
