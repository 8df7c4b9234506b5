"""Measurements of the source "events"; importing this registers them all.

They are in `analytics_users`, `analytics_active`, `analytics_retention`, `analytics_adoption`,
`analytics_funnel`, `analytics_funnel_end`, `analytics_sessions`, `analytics_events`, `analytics_tracking`,
`tracking_plan_check`, `event_sql_query` and `experiments`, and, over tickets, in `analytics_support`;
definitions in `definitions_analytics`, `definitions_experiments` and `definitions_tracking`.
"""

from __future__ import annotations

from postlaunch.tools import (  # noqa: F401  (registers the measurements)
    analytics_active,
    analytics_adoption,
    analytics_events,
    analytics_funnel,
    analytics_funnel_end,
    analytics_retention,
    analytics_sessions,
    analytics_support,
    analytics_tracking,
    analytics_users,
    event_sql_query,
    experiments,
    tracking_plan_check,
)
