"""Measurements of the source "logs"; importing this registers them all. Definitions are in
`definitions_logs`.
"""

from __future__ import annotations

from postlaunch.tools import log_levels, log_slow_queries, log_templates  # noqa: F401  (registers the measurements)
