"""The words of time and of what figures are about, as data. Everything is lower case, without accents."""

from __future__ import annotations

from collections.abc import Mapping

from postlaunch.agents.slot_words import words

# --- time ---------------------------------------------------------------------------------------------

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
SHORT_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHORT_MONTHS = ("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec")
TIMES_OF_DAY: Mapping[str, tuple[int, int]] = {
    "morning": (5, 12),
    "noon": (11, 14),
    "afternoon": (12, 18),
    "evening": (17, 23),
    "night": (20, 30),
    "overnight": (20, 30),
    "midnight": (23, 25),
    "dawn": (4, 8),
}
"""Hours of the wall clock, [from, to); past 24 they run into the next day."""

PERIOD_DAYS: Mapping[str, tuple[float, float]] = {
    "hour": (1 / 24, 1 / 24),
    "day": (0.95, 1.05),
    "weekend": (1.9, 2.1),
    "week": (6.9, 7.1),
    "sprint": (6.9, 31.5),
    "month": (27.9, 31.1),
    "quarter": (89, 93),
    "year": (364, 367),
}
"""How long a window is, in days, that may be called so."""

PERIOD_WORDS: Mapping[str, str] = {
    "weekly": "week",
    "daily": "day",
    "hourly": "hour",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
    "annual": "year",
    "annually": "year",
}
PLURAL_SPANS = words(
    """seconds minutes hours days weeks weekends months quarters years decades ages moments milliseconds
    ms minute sprints"""
)
SPAN_ARTICLES = words("the these those business office working peak off-peak early late opening support")
UNKNOWN_TIMES = words("lately nowadays hitherto since-launch")

# --- what figures are of ------------------------------------------------------------------------------

METRICS: Mapping[str, frozenset[str]] = {
    "p50": words("p50"),
    "median": words("p50 median"),
    "p75": words("p75"),
    "p90": words("p90"),
    "p95": words("p95"),
    "p99": words("p99"),
    "p999": words("p999"),
    "mean": words("mean per_second"),
    "average": words("mean average avg per_second"),
    "error rate": words("error_rate !client"),
    "error share": words("error_rate error_share status_share !client"),
    "client error rate": words("client_error"),
    "errors": words("error errors status failed incident outage !incident_requests"),
    "failures": words("error errors status failed incident outage !incident_requests"),
    "failed": words("error errors status failed incident outage !incident_requests"),
    "client errors": words("client_error status error"),
    "server errors": words("error errors status failed"),
    "uptime": words("uptime"),
    "availability": words("availability available"),
    "downtime": words("down outage downtime"),
    "outage": words("down outage downtime incident"),
    "latency": words("response_time latency duration"),
    "response time": words("response_time latency duration"),
    "response times": words("response_time latency duration"),
    "responses": words("response_time latency requests status"),
    "throughput": words("per_second requests"),
    "traffic": words("requests per_second share bytes"),
    "load": words("requests per_second share cpu load"),
    "fail": words("error errors status failed incident outage !incident_requests"),
    "fails": words("error errors status failed incident outage !incident_requests"),
    "failing": words("error errors status failed incident outage !incident_requests"),
    "succeeded": words("availability uptime success"),
    "succeed": words("availability uptime success"),
    "people registered": words("registrations"),
    "users registered": words("registrations"),
    "people": words("users requesters registrations"),
    "customers": words("users requesters"),
    "humans": words("users requesters"),
    "requests": words("requests request share error availability status response_time n bot"),
    "active users": words("active_users users"),
    "users": words("users user_growth requesters"),
    "sign-ups": words("registrations signups"),
    "signups": words("registrations signups"),
    "registrations": words("registrations registration"),
    "tickets": words("tickets ticket"),
    "requesters": words("requesters"),
    "bots": words("bot"),
    "bot traffic": words("bot"),
    "sessions": words("session"),
    "session": words("session"),
    "memory": words("memory"),
    "cpu": words("cpu"),
    "disk": words("disk"),
    "cost": words("cost"),
    "effort": words("effort"),
    "rice": words("rice"),
    "retention": words("retention"),
    "adoption": words("adoption"),
    "conversion": words("conversion"),
    "coverage": words("coverage covered"),
    "capacity": words("capacity"),
}
"""How a metric is called → parts of a definition's name, one of which the cited fact must have."""

COUNTED = words(
    """requests users tickets registrations signups errors failures requesters customers people logins
    sign-ups visitors accounts sessions pods endpoints incidents outages lines senders persons"""
)
"""Things counted; right behind a count slot they must be what the fact counts."""

OCCURRENCES = words(
    """outage outages downtime incident incidents failed fails crashed crash crashes errors failures
    timeouts errored broke unavailable"""
)
"""Things that happened; in a finding they need a cited fact."""

UNKNOWING = words(
    """say says tell tells told know known name names show shows decide decides record records carry"""
)
"""Behind a negation they say that something is not known, which claims no measure."""

FAILING = words("failed failures errors outage downtime fail fails failing succeeded succeed")
"""Metrics that must be those of a fact in their own clause: "{F1} requests failed"."""

PEOPLE = words("users customers people visitors accounts requesters senders persons")
METHODS = words("GET POST PUT PATCH DELETE HEAD OPTIONS")
PREPOSITIONS = words(
    """of for on in at to from by with via through against among per across over during since until
    within"""
)

MEASURED_NOUNS = (
    COUNTED
    | OCCURRENCES
    | words(
        """request user ticket customer endpoint pod responses response latency traffic load rate share
    volume uptime availability problems issues anomalies complaints alerts numbers number figures
    amount count throughput failure error"""
    )
)
"""Nouns of what is measured; "all", "no" and "high" before them claim a measure."""
