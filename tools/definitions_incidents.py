"""What each figure about an incident means. `docs/definitions.md`, "Incident response", carries these on.

Figures that a week's report states of an incident too (its start, length, failures, users) keep their
definitions in `definitions_requests`.
"""

from __future__ import annotations

from typing import NamedTuple

from postlaunch.facts import Definition, Unit

# --- the span -----------------------------------------------------------------------------------------

INCIDENT_END = Definition(
    name="incident_end", title="End", statement="end of the last elevated minute", unit="moment"
)
INCIDENT_WORST_MINUTE = Definition(
    name="incident_worst_minute",
    title="Worst minute",
    statement="start of the incident's minute with the highest share of 5xx, of those with ≥ 10 requests",
    unit="moment",
)
INCIDENT_PEAK_ERROR_RATE = Definition(
    name="incident_peak_error_rate",
    title="Error rate in the worst minute",
    statement="5xx ÷ all requests of the incident's worst minute, of those with ≥ 10 requests",
    unit="ratio",
    better="lower",
)
INCIDENT_DOWN_MINUTES = Definition(
    name="incident_down_minutes",
    title="Down minutes in the incident",
    statement="minutes of the incident with ≥ 10 requests of which ≥ 50 % are 5xx",
    unit="minutes",
    better="lower",
)
MINUTE_REQUESTS = Definition(
    name="minute_requests",
    title="Requests in the minutes",
    statement="all requests from the time named until the next; times without any are not listed",
    unit="count",
)
MINUTE_ERROR_RATE = Definition(
    name="minute_error_rate",
    title="Error rate in the minutes",
    statement="5xx ÷ all requests from the time named until the next",
    unit="ratio",
    better="lower",
)

# --- users, load, allowance ---------------------------------------------------------------------------

INCIDENT_ACTIVE_USERS = Definition(
    name="incident_active_users",
    title="Users active in the incident",
    statement="distinct users with a request between the incident's start and end",
    unit="count",
)
INCIDENT_WEEK_USERS = Definition(
    name="incident_week_users",
    title="Users active in the 7 days",
    statement="distinct users with a request in the 7 days up to the incident's end",
    unit="count",
)
INCIDENT_EVENT_USERS = Definition(
    name="incident_event_users",
    title="Users with an event in the incident",
    statement="distinct users with a product event between the incident's start and end",
    unit="count",
)
INCIDENT_EVENT_WEEK_USERS = Definition(
    name="incident_event_week_users",
    title="Users with an event in the 7 days",
    statement="distinct users with a product event in the 7 days up to the incident's end",
    unit="count",
)
INCIDENT_PEAK_REQUESTS = Definition(
    name="incident_peak_requests_per_second",
    title="Peak requests per second in the incident",
    statement="requests of the incident's busiest minute ÷ 60",
    unit="per_second",
)
INCIDENT_PEAK_USERS = Definition(
    name="incident_peak_users",
    title="Most users in a minute of the incident",
    statement="distinct users with a request in one minute, the most of any minute of the incident",
    unit="count",
)
EARLIER_PEAK_REQUESTS = Definition(
    name="earlier_peak_requests_per_second",
    title="Peak requests per second of the days before",
    statement="requests ÷ 60 of the busiest minute from 7 days to one hour before the incident",
    unit="per_second",
)
HOUR_BEFORE_PEAK_REQUESTS = Definition(
    name="hour_before_peak_requests_per_second",
    title="Peak requests per second of the hour before",
    statement="requests ÷ 60 of the busiest minute of the hour before the incident",
    unit="per_second",
)
ALLOWANCE_REQUESTS = Definition(
    name="allowance_requests",
    title="Requests in the objective's window",
    statement="all requests in the objective's window up to the incident's end, as far as the log reaches",
    unit="count",
)
ALLOWANCE_FAILED = Definition(
    name="allowance_failed",
    title="Failed in the objective's window",
    statement="5xx in the objective's window up to the incident's end, as far as the log reaches",
    unit="count",
    better="lower",
)
ALLOWANCE_DOWN = Definition(
    name="allowance_down_minutes",
    title="Down minutes in the objective's window",
    statement=(
        "minutes with ≥ 10 requests of which ≥ 50 % are 5xx, in the objective's window up to the incident's "
        "end, as far as the log reaches"
    ),
    unit="minutes",
    better="lower",
)
ALLOWANCE_COVERED = Definition(
    name="allowance_minutes_covered",
    title="Minutes covered in the objective's window",
    statement=(
        "minutes with at least one request ÷ minutes of the objective's window up to the incident's end, as "
        "far as the log reaches"
    ),
    unit="ratio",
    better="higher",
)
BURN_RATE_HOUR = Definition(
    name="burn_rate_hour",
    title="Burn rate (1 h and 5 min)",
    statement=(
        "share of 5xx ÷ the share that the objective allows, over the last hour and over the last 5 minutes, "
        "the lesser of both; the highest at any minute of the incident"
    ),
    unit="number",
    better="lower",
)
BURN_RATE_SIX_HOURS = Definition(
    name="burn_rate_six_hours",
    title="Burn rate (6 h and 30 min)",
    statement=(
        "share of 5xx ÷ the share that the objective allows, over the last 6 hours and over the last 30 "
        "minutes, the lesser of both; the highest at any minute of the incident"
    ),
    unit="number",
    better="lower",
)

# --- resources ----------------------------------------------------------------------------------------


class ResourceFigures(NamedTuple):
    """The definitions of one resource's figures; each is measured for every pod."""

    peak: Definition
    limit: Definition
    peak_share: Definition
    mean_share: Definition
    at_limit: Definition


def _resource(name: str, title: str, unit: Unit, used: str, limit: str) -> ResourceFigures:
    return ResourceFigures(
        peak=Definition(
            name=f"incident_{name}_peak",
            title=f"{title}, peak",
            statement=f"most {used} in any sample",
            unit=unit,
        ),
        limit=Definition(
            name=f"incident_{name}_limit",
            title=f"{title}, limit",
            statement=f"{limit}, as in the newest sample that states it",
            unit=unit,
        ),
        peak_share=Definition(
            name=f"incident_{name}_peak_share",
            title=f"{title}, peak share",
            statement=f"{used} ÷ {limit}, the highest of any sample",
            unit="ratio",
            better="lower",
        ),
        mean_share=Definition(
            name=f"incident_{name}_mean_share",
            title=f"{title}, mean share",
            statement=f"{used} ÷ {limit}, the mean of the samples",
            unit="ratio",
            better="lower",
        ),
        at_limit=Definition(
            name=f"incident_{name}_at_limit",
            title=f"{title}, samples at the limit",
            statement=f"samples in which {used} ÷ {limit} is at least the share asked for ÷ all samples",
            unit="ratio",
            better="lower",
        ),
    )


RESOURCE_FIGURES = {
    "pool": _resource(
        "pool", "Database connections", "count", "database connections in use", "size of the pool"
    ),
    "memory": _resource("memory", "Memory", "bytes", "memory in use", "memory limit"),
    "cpu": _resource("cpu", "CPU cores", "number", "CPU cores in use", "CPU limit"),
    "disk": _resource("disk", "Disk", "bytes", "disk in use", "disk limit"),
}
"""Resource → its figures, in the order in which they are looked at."""

INCIDENT_PODS = Definition(
    name="incident_pods",
    title="Pods with samples",
    statement="distinct pods with samples of their resources in the window, until its end",
    unit="count",
)
INCIDENT_POD_RESTARTS = Definition(
    name="incident_pod_restarts",
    title="Restarts seen",
    statement=(
        "times that a pod's memory fell by more than 40 % from one sample to the next, or that it had no "
        "sample for three times the usual gap"
    ),
    unit="count",
    better="lower",
)
RESOURCE_SHARE_AT = Definition(
    name="incident_resource_share",
    title="Share of the limit",
    statement="use ÷ limit of the resource asked for, the peak of the minutes, in the pod that uses most",
    unit="ratio",
    better="lower",
)

# --- application log, changes, alerts -----------------------------------------------------------------

INCIDENT_LOG_ERRORS = Definition(
    name="incident_log_errors",
    title="Errors logged",
    statement="lines of level error or critical in the window",
    unit="count",
    better="lower",
)
INCIDENT_LOG_LINES = Definition(
    name="incident_log_lines",
    title="Lines of one kind",
    statement="lines of level error or critical with the same template in the window",
    unit="count",
    better="lower",
)
INCIDENT_LOG_FIRST = Definition(
    name="incident_log_first",
    title="First line of its kind",
    statement="moment of the first line with the template in the window",
    unit="moment",
)
INCIDENT_CHANGES = Definition(
    name="incident_changes",
    title="Changes",
    statement="changes recorded in the window",
    unit="count",
)
CHANGE_MOMENT = Definition(
    name="change_moment", title="Change", statement="when the change was made, as recorded", unit="moment"
)
CHANGE_END = Definition(
    name="change_end",
    title="Change ended",
    statement="when the change was done, as recorded",
    unit="moment",
)
INCIDENT_ALERTS = Definition(
    name="incident_alerts",
    title="Records of alerts",
    statement="records of alerts, pages, notes and user reports in the window",
    unit="count",
)
ALERT_MOMENT = Definition(
    name="alert_moment",
    title="Record of an alert",
    statement="when it happened, as recorded: an alert, a page, an answer, a note, a user's report",
    unit="moment",
)

DEFINITIONS: tuple[Definition, ...] = (
    *(value for value in list(globals().values()) if isinstance(value, Definition)),
    *(figure for figures in RESOURCE_FIGURES.values() for figure in figures),
)
"""All of them, for those who list them."""
