"""Measurements of performance over time, capacity and cost; importing this registers them all.

They are in `performance_weeks`, `trend_measurements`, `performance_endpoints` and `performance_growth` (over
"requests"), `capacity_measurements` (over "resources"), `costs` and `performance_changes`; definitions are in
`definitions_performance` and `definitions_capacity`.
"""

from __future__ import annotations

from postlaunch.tools import (  # noqa: F401  (registers the measurements)
    capacity_measurements,
    costs,
    performance_changes,
    performance_endpoints,
    performance_growth,
    performance_weeks,
    trend_measurements,
)
