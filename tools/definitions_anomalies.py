"""What each figure of an unusual hour means; `docs/definitions.md` carries these on."""

from __future__ import annotations

from postlaunch.facts import Definition

HOURS_JUDGED = Definition(
    name="hours_judged",
    title="Hours judged",
    statement="whole hours of the window that could be compared with the same hour of enough weeks before",
    unit="count",
)
UNUSUAL_HOURS = Definition(
    name="unusual_hours",
    title="Unusual hours",
    statement="hours judged whose figure lies outside what is expected of the same hour of the weeks before",
    unit="count",
    better="lower",
)
UNUSUAL_REQUESTS = Definition(
    name="unusual_requests",
    title="Requests in an unusual hour",
    statement="all requests of an hour that has unusually many or few of them",
    unit="count",
)
EXPECTED_REQUESTS = Definition(
    name="expected_requests",
    title="Requests expected",
    statement=(
        "median of the same weekday and hour of the weeks before, each brought to the level of the 168 hours "
        "before the day"
    ),
    unit="count",
)
EXPECTED_REQUESTS_LOW = Definition(
    name="expected_requests_low",
    title="Requests expected, from",
    statement="lower end of what an ordinary hour has",
    unit="count",
)
EXPECTED_REQUESTS_HIGH = Definition(
    name="expected_requests_high",
    title="Requests expected, to",
    statement="upper end of what an ordinary hour has",
    unit="count",
)
UNUSUAL_ERROR_RATE = Definition(
    name="unusual_error_rate",
    title="Error rate in an unusual hour",
    statement="5xx ÷ all requests of an hour in which more fail than chance and usual variation explain",
    unit="ratio",
    better="lower",
)
EXPECTED_ERROR_RATE = Definition(
    name="expected_error_rate",
    title="Error rate expected",
    statement="5xx ÷ all requests of the weeks before, hours that are unusual themselves left out",
    unit="ratio",
    better="lower",
)
EXPECTED_ERROR_RATE_HIGH = Definition(
    name="expected_error_rate_high",
    title="Error rate expected, to",
    statement="highest error rate that an ordinary hour with as many requests has",
    unit="ratio",
    better="lower",
)
UNUSUAL_RESPONSE_TIME = Definition(
    name="unusual_response_time",
    title="95th percentile in an unusual hour",
    statement="95th percentile of an hour that is unusually slow, exact, nearest rank",
    unit="ms",
    better="lower",
)
EXPECTED_RESPONSE_TIME = Definition(
    name="expected_response_time",
    title="95th percentile expected",
    statement=(
        "median of the 95th percentiles of the same weekday and hour of the weeks before, each brought to "
        "the level of the 168 hours before the day"
    ),
    unit="ms",
    better="lower",
)
EXPECTED_RESPONSE_TIME_HIGH = Definition(
    name="expected_response_time_high",
    title="95th percentile expected, to",
    statement="upper end of what the 95th percentile of an ordinary hour is",
    unit="ms",
    better="lower",
)

OF_REQUESTS = (
    *(UNUSUAL_REQUESTS, EXPECTED_REQUESTS, EXPECTED_REQUESTS_LOW, EXPECTED_REQUESTS_HIGH),
    *(UNUSUAL_ERROR_RATE, EXPECTED_ERROR_RATE, EXPECTED_ERROR_RATE_HIGH),
    *(UNUSUAL_RESPONSE_TIME, EXPECTED_RESPONSE_TIME, EXPECTED_RESPONSE_TIME_HIGH),
)
