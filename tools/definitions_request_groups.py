"""What each figure on a part of the requests means: an endpoint, a status, an hour, a day, a pod, the mix."""

from __future__ import annotations

from postlaunch.facts import Definition

# --- endpoints ----------------------------------------------------------------------------------------

ENDPOINT_REQUESTS = Definition(
    name="endpoint_requests", title="Requests", statement="all requests to the endpoint", unit="count"
)
ENDPOINT_SHARE = Definition(
    name="endpoint_share",
    title="Share of requests",
    statement="requests to the endpoint ÷ all requests",
    unit="ratio",
)
ENDPOINT_ERRORS = Definition(
    name="endpoint_errors",
    title="Errors",
    statement="requests to the endpoint answered with the status, or the class of statuses, asked for",
    unit="count",
    better="lower",
)
ENDPOINT_ERROR_RATE = Definition(
    name="endpoint_error_rate",
    title="Error rate",
    statement="requests with the status, or class of statuses, asked for (5xx if none) ÷ the endpoint's",
    unit="ratio",
    better="lower",
)
ENDPOINT_MEAN_RESPONSE_TIME = Definition(
    name="endpoint_mean_response_time",
    title="Avg",
    statement="mean over the endpoint's requests with a response time",
    unit="ms",
    better="lower",
)
ENDPOINT_P50_RESPONSE_TIME = Definition(
    name="endpoint_p50_response_time",
    title="p50",
    statement="50th percentile of the endpoint's response times, exact, nearest rank",
    unit="ms",
    better="lower",
)
ENDPOINT_P95_RESPONSE_TIME = Definition(
    name="endpoint_p95_response_time",
    title="p95",
    statement="95th percentile of the endpoint's response times, exact, nearest rank",
    unit="ms",
    better="lower",
)
ENDPOINT_P99_RESPONSE_TIME = Definition(
    name="endpoint_p99_response_time",
    title="p99",
    statement="99th percentile of the endpoint's response times, exact, nearest rank",
    unit="ms",
    better="lower",
)
ENDPOINT_USERS = Definition(
    name="endpoint_users",
    title="Users",
    statement="distinct users with a request to the endpoint",
    unit="count",
)
STATUS_COUNT = Definition(
    name="status_count",
    title="Count",
    statement="requests answered with the status",
    unit="count",
    better="lower",
)
STATUS_SHARE = Definition(
    name="status_share",
    title="% of Total",
    statement="requests answered with the status ÷ all answered with 4xx or 5xx",
    unit="ratio",
)

# --- over time, by pod, by mix ------------------------------------------------------------------------

HOUR_REQUESTS = Definition(
    name="hour_requests",
    title="Requests in the hour",
    statement="all requests in the hour of the application's clock; hours without any are not listed",
    unit="count",
)
HOUR_ERROR_RATE = Definition(
    name="hour_error_rate",
    title="Error rate in the hour",
    statement="5xx ÷ all requests of the hour",
    unit="ratio",
    better="lower",
)
DAY_REQUESTS = Definition(
    name="day_requests",
    title="Requests on the day",
    statement="all requests on the day of the application's clock; days without any are not listed",
    unit="count",
)
DAY_ERROR_RATE = Definition(
    name="day_error_rate",
    title="Error rate on the day",
    statement="5xx ÷ all requests of the day",
    unit="ratio",
    better="lower",
)
DAY_MEAN_RESPONSE_TIME = Definition(
    name="day_mean_response_time",
    title="Avg response time on the day",
    statement="mean over the day's requests with a response time",
    unit="ms",
    better="lower",
)
POD_REQUESTS = Definition(
    name="pod_requests", title="Requests", statement="all requests answered by the pod", unit="count"
)
POD_ERROR_RATE = Definition(
    name="pod_error_rate",
    title="Error rate",
    statement="5xx ÷ all requests answered by the pod",
    unit="ratio",
    better="lower",
)
POD_MEAN_RESPONSE_TIME = Definition(
    name="pod_mean_response_time",
    title="Avg",
    statement="mean over the pod's requests with a response time",
    unit="ms",
    better="lower",
)
POD_P95_RESPONSE_TIME = Definition(
    name="pod_p95_response_time",
    title="p95",
    statement="95th percentile of the pod's response times, exact, nearest rank",
    unit="ms",
    better="lower",
)
RATE_EFFECT = Definition(
    name="rate_effect",
    title="Change from speed",
    statement=(
        "change of the mean response time because endpoints became slower or faster: sum over endpoints of "
        "their mean share × the change of their mean"
    ),
    unit="ms",
    better="lower",
)
MIX_EFFECT = Definition(
    name="mix_effect",
    title="Change from mix",
    statement=(
        "change of the mean response time because traffic moved between endpoints: sum over endpoints of "
        "the change of their share × their mean of the two means"
    ),
    unit="ms",
    better="lower",
)
ENDPOINTS_SLOWER = Definition(
    name="endpoints_slower",
    title="Endpoints slower",
    statement="endpoints with requests in both windows whose mean response time rose",
    unit="count",
    better="lower",
)
ENDPOINTS_FASTER = Definition(
    name="endpoints_faster",
    title="Endpoints faster",
    statement="endpoints with requests in both windows whose mean response time fell",
    unit="count",
    better="higher",
)
