"""Measurements of the source "events"; importing this registers them all.

They are in `analytics_users`, `analytics_retention`, `analytics_adoption`, `analytics_funnel`,
`analytics_sessions`, `analytics_events` and `experiments`, and, over tickets, in `analytics_support`;
definitions are in `definitions_analytics` and `definitions_experiments`.
"""

from __future__ import annotations

from postlaunch.tools import (  # noqa: F401  (registers the measurements)
    analytics_adoption,
    analytics_events,
    analytics_funnel,
    analytics_retention,
    analytics_sessions,
    analytics_support,
    analytics_users,
    experiments,
)
