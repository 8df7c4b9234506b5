"""What each figure read from a request log means. `docs/definitions.md`, "Requests", carries these on."""

from __future__ import annotations

from postlaunch.facts import Definition

# --- the application ----------------------------------------------------------------------------------

TOTAL_REQUESTS = Definition(
    name="total_requests",
    title="Total Requests",
    statement="all requests in the window, bots included",
    unit="count",
)
ERROR_RATE = Definition(
    name="error_rate",
    title="Error Rate",
    statement="5xx ÷ all requests, request-weighted over the window",
    unit="ratio",
    better="lower",
)
CLIENT_ERROR_RATE = Definition(
    name="client_error_rate",
    title="Client Errors",
    statement="4xx ÷ all requests",
    unit="ratio",
    better="lower",
)
AVAILABILITY = Definition(
    name="availability",
    title="Availability (requests)",
    statement="good ÷ valid requests: every request with a status is valid, and good unless it is 5xx",
    unit="ratio",
    better="higher",
)
BOT_SHARE = Definition(
    name="bot_share",
    title="Bots",
    statement="requests of known bots and of clients that name no user agent ÷ requests with one logged",
    unit="ratio",
)
ACTIVE_USERS = Definition(
    name="active_users",
    title="Active Users",
    statement="distinct values of the log's user field; addresses are not users",
    unit="count",
    better="higher",
)
MEAN_RESPONSE_TIME = Definition(
    name="mean_response_time",
    title="Avg Response Time",
    statement="mean over all requests with a response time",
    unit="ms",
    better="lower",
)
P50_RESPONSE_TIME = Definition(
    name="p50_response_time",
    title="50th Percentile",
    statement="exact, nearest rank: the least response time that half of the requests do not exceed",
    unit="ms",
    better="lower",
)
P95_RESPONSE_TIME = Definition(
    name="p95_response_time",
    title="95th Percentile",
    statement="exact, nearest rank: the least response time that 95 % of the requests do not exceed",
    unit="ms",
    better="lower",
)
P99_RESPONSE_TIME = Definition(
    name="p99_response_time",
    title="99th Percentile",
    statement="exact, nearest rank: the least response time that 99 % of the requests do not exceed",
    unit="ms",
    better="lower",
)
REQUESTS_PER_SECOND = Definition(
    name="requests_per_second",
    title="Requests per second",
    statement="requests ÷ seconds of the window observed",
    unit="per_second",
)
PEAK_REQUESTS_PER_SECOND = Definition(
    name="peak_requests_per_second",
    title="Peak requests per second",
    statement="requests of the busiest minute ÷ 60",
    unit="per_second",
)
MINUTES_COVERED = Definition(
    name="minutes_covered",
    title="Minutes covered",
    statement="minutes with at least one request ÷ minutes of the window observed",
    unit="ratio",
)
NEW_REGISTRATIONS = Definition(
    name="new_registrations",
    title="New Registrations",
    statement="requests to a registration endpoint that were answered with 2xx",
    unit="count",
    better="higher",
)

# --- availability -------------------------------------------------------------------------------------

UPTIME = Definition(
    name="uptime",
    title="Uptime",
    statement=(
        "1 − down minutes ÷ minutes with requests; a minute is down with ≥ 10 requests of which ≥ 50 % are "
        "5xx; from the request log, planned maintenance included"
    ),
    unit="ratio",
    better="higher",
)
UPTIME_UNPLANNED = Definition(
    name="uptime_unplanned",
    title="Uptime without planned maintenance",
    statement=(
        "1 − down minutes ÷ minutes with requests, minutes that touch planned maintenance left out of both"
    ),
    unit="ratio",
    better="higher",
)
PLANNED_DOWN_MINUTES = Definition(
    name="planned_down_minutes",
    title="Down in planned maintenance",
    statement="down minutes that touch planned maintenance",
    unit="minutes",
)
DOWN_MINUTES = Definition(
    name="down_minutes",
    title="Down minutes",
    statement="minutes with ≥ 10 requests of which ≥ 50 % are 5xx",
    unit="minutes",
    better="lower",
)
OUTAGES = Definition(
    name="outages",
    title="Outages",
    statement="runs of down minutes without a minute between them",
    unit="count",
    better="lower",
)
OUTAGE_START = Definition(
    name="outage_start", title="Start", statement="start of the first down minute", unit="moment"
)
OUTAGE_MINUTES = Definition(
    name="outage_minutes",
    title="Duration",
    statement="down minutes in a row",
    unit="minutes",
    better="lower",
)
OUTAGE_ERROR_SHARE = Definition(
    name="outage_error_share",
    title="Failed in the outage",
    statement="5xx ÷ all requests of the outage's minutes",
    unit="ratio",
    better="lower",
)

# --- incidents ----------------------------------------------------------------------------------------

INCIDENTS = Definition(
    name="incidents",
    title="Incidents",
    statement=(
        "spells in which 5xx exceed both 5 × their usual rate in the window and 0.1 %, beyond chance "
        "(Poisson, 0.1 % for the whole window), with ≥ 10 failed requests"
    ),
    unit="count",
    better="lower",
)
INCIDENT_START = Definition(
    name="incident_start", title="Start", statement="start of the first elevated minute", unit="moment"
)
INCIDENT_MINUTES = Definition(
    name="incident_minutes",
    title="Duration",
    statement="from the first elevated minute to the end of the last",
    unit="minutes",
    better="lower",
)
INCIDENT_FAILED_REQUESTS = Definition(
    name="incident_failed_requests",
    title="Failed requests",
    statement="5xx between the incident's start and end",
    unit="count",
    better="lower",
)
INCIDENT_REQUESTS = Definition(
    name="incident_requests",
    title="Requests in the incident",
    statement="all requests between the incident's start and end",
    unit="count",
)
INCIDENT_ERROR_RATE = Definition(
    name="incident_error_rate",
    title="Error rate in the incident",
    statement="5xx ÷ all requests between the incident's start and end",
    unit="ratio",
    better="lower",
)
INCIDENT_SHARE_OF_WINDOW = Definition(
    name="incident_share_of_window",
    title="Share of the window's requests that failed in it",
    statement="5xx of the incident ÷ all requests of the window",
    unit="ratio",
    better="lower",
)
INCIDENT_USERS = Definition(
    name="incident_users",
    title="Users affected",
    statement="distinct users with a 5xx between the incident's start and end",
    unit="count",
    better="lower",
)

# --- the log itself -----------------------------------------------------------------------------------

LINES_READ = Definition(
    name="lines_read",
    title="Lines read",
    statement="lines of the whole log that are not blank",
    unit="count",
)
LINES_REJECTED = Definition(
    name="lines_rejected",
    title="Lines rejected",
    statement="lines that are not a whole line of the format, or have no readable time or no status 100–599",
    unit="count",
    better="lower",
)
LINES_FUTURE = Definition(
    name="lines_future",
    title="Lines from the future",
    statement="lines dated more than a day after the clock, left out",
    unit="count",
    better="lower",
)
LOG_START = Definition(
    name="log_start", title="Log begins", statement="moment of the log's first request", unit="moment"
)
LOG_END = Definition(
    name="log_end", title="Log ends", statement="moment of the log's last request", unit="moment"
)
LOG_MINUTES = Definition(
    name="log_minutes",
    title="Minutes with requests",
    statement="distinct minutes of the whole log with at least one request",
    unit="count",
)
