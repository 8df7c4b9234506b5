"""The source "resources": memory, CPU, disk and database connections of each pod over time."""

from __future__ import annotations

from postlaunch.sources.staged_log import StagedLog


class ResourceLog(StagedLog):
    """Staged samples of resources.

    The table `resources` has: ts TIMESTAMP (UTC, naive), day DATE (application's zone), pod VARCHAR, and as
    DOUBLE memory_bytes, memory_limit_bytes, cpu_cores, cpu_limit_cores, disk_bytes, disk_limit_bytes,
    pool_in_use, pool_size (database connections). A figure that a sample does not have is NULL.
    """

    name = "resources"
