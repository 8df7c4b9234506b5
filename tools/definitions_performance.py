"""What each figure on performance over time means: weeks, days, trend, load of endpoints, growth.

`docs/definitions.md`, "Performance and capacity", carries these on; those of capacity and cost are in
`definitions_capacity`.
"""

from __future__ import annotations

from postlaunch.facts import Definition

# --- weeks and days -----------------------------------------------------------------------------------

WEEK_MEAN_RESPONSE_TIME = Definition(
    name="week_mean_response_time",
    title="Avg response time in the week",
    statement="mean over the ISO week's requests with a response time, against the week before",
    unit="ms",
    better="lower",
)
WEEK_P95_RESPONSE_TIME = Definition(
    name="week_p95_response_time",
    title="95th percentile in the week",
    statement="95th percentile of the ISO week's response times, exact, nearest rank",
    unit="ms",
    better="lower",
)
WEEK_REQUESTS = Definition(
    name="week_requests",
    title="Requests in the week",
    statement="all requests of the ISO week on the application's clock, bots included",
    unit="count",
)
WEEK_USERS = Definition(
    name="week_users",
    title="Active users in the week",
    statement="distinct values of the log's user field in the ISO week",
    unit="count",
    better="higher",
)
WEEK_PEAK = Definition(
    name="week_peak_requests_per_second",
    title="Peak requests per second in the week",
    statement="requests of the ISO week's busiest minute ÷ 60",
    unit="per_second",
)
DAY_P95_RESPONSE_TIME = Definition(
    name="day_p95_response_time",
    title="95th percentile on the day",
    statement="95th percentile of the day's response times, exact, nearest rank",
    unit="ms",
    better="lower",
)
DAY_PEAK = Definition(
    name="day_peak_requests_per_second",
    title="Peak requests per second on the day",
    statement="requests of the day's busiest minute ÷ 60",
    unit="per_second",
)

# --- trend --------------------------------------------------------------------------------------------

TREND_DAYS = Definition(
    name="trend_days",
    title="Days tested for a trend",
    statement="whole days of the window with ≥ 30 timed requests, those set aside as outliers left out",
    unit="count",
)
TREND_P = Definition(
    name="trend_p",
    title="Trend, p",
    statement=(
        "probability of a line or a jump as clear as the one found, were there no change: t tests by "
        "generalised least squares with weekday levels and AR(1) errors (ρ by REML), Bonferroni for both "
        "shapes and every date tried; a step counts where medians bear it out"
    ),
    unit="probability",
)
TREND_CORRELATION = Definition(
    name="trend_autocorrelation",
    title="Trend, autocorrelation",
    statement=(
        "ρ between the deviations of a day and of the day before, by restricted maximum likelihood, raised "
        "by its bias in short series"
    ),
    unit="number",
)
TREND_LEVEL = Definition(
    name="trend_level",
    title="Level by the trend",
    statement=(
        "the figure on the last day by the fitted line, or after the jump, weekdays averaged; compared with "
        "the first day, or before the jump"
    ),
    unit="ms",
    better="lower",
)
TREND_SLOPE = Definition(
    name="trend_slope",
    title="Slope of the ramp",
    statement="change a week by the fitted line",
    unit="ms",
    better="lower",
)
TREND_SLOPE_SHARE = Definition(
    name="trend_slope_share",
    title="Slope of the ramp, relative",
    statement="change a week by the fitted line ÷ the level of the first day",
    unit="ratio",
    better="lower",
)
TREND_STEP_ON = Definition(
    name="trend_step_on",
    title="Date of the step",
    statement="start of the first day of the new level, of all dates that leave the minimum segment",
    unit="moment",
)
TREND_PREFERENCE = Definition(
    name="trend_preference",
    title="Step against ramp",
    statement=(
        "BIC of the shape not chosen − BIC of the one chosen; a step's date counts as a parameter; above 10 "
        "is very strong evidence, below 2 hardly any, below 0 a step is not borne out by medians"
    ),
    unit="number",
)

# --- endpoints ----------------------------------------------------------------------------------------

LOAD_REQUESTS = Definition(
    name="load_requests", title="Requests", statement="all requests to the endpoint", unit="count"
)
LOAD_REQUESTS_PER_DAY = Definition(
    name="load_requests_per_day",
    title="Requests a day",
    statement="requests to the endpoint ÷ days of 24 hours observed",
    unit="count",
)
LOAD_SHARE_OF_REQUESTS = Definition(
    name="load_share_of_requests",
    title="Share of requests",
    statement="requests to the endpoint ÷ all requests",
    unit="ratio",
)
LOAD_SHARE = Definition(
    name="load_share",
    title="Share of load",
    statement="time spent on the endpoint's requests ÷ time spent on all (requests × mean response time)",
    unit="ratio",
)
LOAD_MEAN = Definition(
    name="load_mean_response_time",
    title="Avg",
    statement="mean over the endpoint's requests with a response time",
    unit="ms",
    better="lower",
)
LOAD_P95 = Definition(
    name="load_p95_response_time",
    title="p95",
    statement="95th percentile of the endpoint's response times, exact, nearest rank",
    unit="ms",
    better="lower",
)
SPEED_EFFECT = Definition(
    name="endpoint_speed_effect",
    title="Its part of the change from speed",
    statement=(
        "the endpoint's mean share of the requests × the change of its mean response time; over all "
        "endpoints these add up to the change from speed"
    ),
    unit="ms",
    better="lower",
)
ENDPOINTS_COMPARED = Definition(
    name="endpoints_compared",
    title="Endpoints compared",
    statement="endpoints with ≥ 30 timed requests in both windows",
    unit="count",
)
USUAL_CHANGE = Definition(
    name="usual_endpoint_change",
    title="Usual change of an endpoint",
    statement=(
        "median of the relative change of the mean response time of the endpoints compared, each weighted "
        "by its requests in both windows"
    ),
    unit="ratio",
    better="lower",
)
ENDPOINTS_NEW = Definition(
    name="endpoints_new",
    title="New endpoints",
    statement="endpoints with ≥ 30 timed requests in the window and none in the one compared with",
    unit="count",
)
NEW_SHARE = Definition(
    name="new_endpoints_share_of_load",
    title="Load of new endpoints",
    statement="time spent on the new endpoints' requests ÷ time spent on all",
    unit="ratio",
)

# --- load and growth ----------------------------------------------------------------------------------

HOUR_RATE = Definition(
    name="day_hour_requests_per_second",
    title="Requests per second in the hour of the day",
    statement="requests in this hour of the day ÷ its seconds, over all days of the window",
    unit="per_second",
)
HOUR_PACE = Definition(
    name="day_hour_pace",
    title="Pace in the hour of the day",
    statement=(
        "mean of each request's response time ÷ the mean of its endpoint over the window: 1 is usual, more "
        "is slower, whatever the mix of endpoints"
    ),
    unit="number",
    better="lower",
)
PACE_SLOPE = Definition(
    name="pace_slope",
    title="Slower by load",
    statement="change of the pace for each request per second more: least squares over the hours of the day",
    unit="number",
    better="lower",
)
PACE_FIT = Definition(
    name="pace_fit",
    title="Slower by load, R²",
    statement="share of the pace's variance over the hours of the day that the request rate accounts for",
    unit="number",
)
BUSIEST_START = Definition(
    name="busiest_start",
    title="Busiest minutes",
    statement="start of the busiest of the spans of so many minutes into which the clock divides the window",
    unit="moment",
)
BUSIEST_RATE = Definition(
    name="busiest_requests_per_second",
    title="Requests per second in the busiest minutes",
    statement="requests of that span ÷ its seconds",
    unit="per_second",
)
BUSIEST_MEAN = Definition(
    name="busiest_mean_response_time",
    title="Avg response time in the busiest minutes",
    statement="mean over the requests of that span with a response time",
    unit="ms",
    better="lower",
)
BUSIEST_ERROR_RATE = Definition(
    name="busiest_error_rate",
    title="Error rate in the busiest minutes",
    statement="5xx ÷ all requests of that span",
    unit="ratio",
    better="lower",
)
TRAFFIC_GROWTH = Definition(
    name="traffic_growth",
    title="Traffic growth a week",
    statement=(
        "compound growth of weekly requests: least squares on their logarithms over whole ISO weeks without "
        "days far outside"
    ),
    unit="ratio",
)
TRAFFIC_GROWTH_MONTHLY = Definition(
    name="traffic_growth_monthly",
    title="Traffic growth a month",
    statement="the compound growth of weekly requests over 30.44 days (365.2425 ÷ 12)",
    unit="ratio",
)
USER_GROWTH_WEEKLY = Definition(
    name="weekly_user_growth",
    title="User growth a week",
    statement="compound growth of the weekly active users, by the same line through the same weeks",
    unit="ratio",
    better="higher",
)
GROWTH_FIT = Definition(
    name="growth_fit",
    title="R² of the growth",
    statement="share of the variance of the logarithms that the line accounts for",
    unit="number",
)
GROWTH_SCATTER = Definition(
    name="growth_scatter",
    title="Scatter around the growth",
    statement="standard deviation of the logarithms of the weekly requests around the line (n − 2)",
    unit="number",
)
GROWTH_ERROR = Definition(
    name="growth_error",
    title="Standard error of the growth",
    statement="of the slope of the line through the logarithms of the weekly requests, a week",
    unit="number",
)
GROWTH_MIDDLE = Definition(
    name="growth_middle",
    title="Weeks from the middle of the growth's data to its end",
    statement="the last week of the window − the mean of the weeks that the line of growth goes through",
    unit="number",
)
PEAK_LEVEL = Definition(
    name="peak_level",
    title="Peak requests per second, fitted",
    statement=(
        "weekly requests of the last week by the line of growth × the median of the weeks' busiest minutes "
        "÷ their requests, as requests per second"
    ),
    unit="per_second",
)
PEAK_SCATTER = Definition(
    name="peak_scatter",
    title="Scatter of the peaks",
    statement=(
        "standard deviation of the logarithms of the weeks' busiest minutes ÷ their requests, by the median "
        "absolute deviation: one burst does not move it"
    ),
    unit="number",
)
