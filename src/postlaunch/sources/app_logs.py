"""The source "logs": what the application logged, with levels, and lines alike grouped by their template."""

from __future__ import annotations

from postlaunch.sources.staged_log import StagedLog


class ApplicationLog(StagedLog):
    """Staged lines of an application's log.

    The table `logs` has: ts TIMESTAMP (UTC, naive), day DATE (application's zone), level VARCHAR ("debug",
    "info", "warning", "error", "critical"), logger, pod, message, and template (the message with numbers, ids
    and quoted values as "<*>"), all VARCHAR.
    """

    name = "logs"
