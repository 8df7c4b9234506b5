"""The sections of the analytics report on users: growth, retention, time, adoption, benchmarks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from postlaunch.agents.analytics_measured import RETENTION_DAYS, adoption_asked
from postlaunch.agents.analytics_results import Results
from postlaunch.facts import Assumed, Derived, Fact, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.analytics_figures import (
    BenchmarkRow,
    Benchmarks,
    FeatureUse,
    KeyFigure,
    RetentionDay,
)
from postlaunch.reports.health import MetricRow
from postlaunch.reports.judged import Sentence
from postlaunch.reports.report import Listing
from postlaunch.settings_analytics import Benchmark, FeatureSettings
from postlaunch.tools.analytics_verdicts import benchmark_verdict
from postlaunch.tools.definitions_analytics import definition_named
from postlaunch.tools.verdicts import met, row_status

GROWTH, ACTIVE, TIME = "user_growth", "active_users_daily", "time_on_platform"
MAU_SHARE = "monthly active users ÷ total users"
NO_BENCHMARK = "no benchmark is configured ([[analytics.benchmarks]])"
OF_USERS = ("user_growth", "day_30_retention")
"""Objectives that benchmarks are about."""

WAU_SHORT, MAU_SHORT = "weekly active users: ", "monthly active users and stickiness: "


# --- growth -----------------------------------------------------------------------------------------------


def growth(span: Results) -> tuple[KeyFigure, ...]:
    """Total, new, monthly and daily active users in the specification's order, then ours."""
    missing = growth_reason(span, GROWTH)
    monthly = _plain(span.note(ACTIVE, MAU_SHORT))
    figures = (
        span.key_figure(GROWTH, "total_users", "Total Users"),
        span.key_figure(GROWTH, "new_users", "New Users", reason=missing),
        span.key_figure(
            ACTIVE,
            "monthly_active_users",
            "Active Users (MAU)",
            reason=monthly,
            share=_monthly_share(span),
            of="total users",
        ),
        span.key_figure(ACTIVE, "daily_active_users", "Daily Active Users (avg)"),
        span.key_figure(
            ACTIVE, "weekly_active_users", "Weekly Active Users", reason=_plain(span.note(ACTIVE, WAU_SHORT))
        ),
        span.key_figure(ACTIVE, "stickiness", "Stickiness", reason=monthly),
        span.key_figure(GROWTH, "user_growth", "User Growth", reason=missing),
    )
    if span.fact(ACTIVE, "daily_active_users") is not None:
        return figures
    # A span of hours has no day of its own: who was there in it is what can be told.
    return (*figures, span.key_figure("users_active_in", "users_in_span", "Users in the Span"))


def growth_reason(span: Results, asked: str) -> str:
    """Why new users, or the growth of all, cannot be told, where they cannot."""
    return _plain(span.note(asked, "growth is ") or span.note(asked, "new users and growth are "))


def _plain(note: str) -> str:
    """A measurement's note as the reason behind "not available"."""
    return note.removeprefix("not available: ").removeprefix("not available").strip(": ")


def _monthly_share(span: Results) -> Quantity:
    active, total = span.fact(ACTIVE, "monthly_active_users"), span.fact(GROWTH, "total_users")
    if active is None or total is None or not total.value:
        return Unavailable(reason="monthly active users or total users were not measured")
    if active.value > total.value:
        return Unavailable(
            reason="the active have not all signed up in the events: name what visitors do, visitor_events"
        )
    return Derived.of("ratio", Measured.of(active), Measured.of(total), unit="ratio", statement=MAU_SHARE)


# --- retention --------------------------------------------------------------------------------------------


def retention(span: Results) -> tuple[RetentionDay, ...]:
    """Retention on each day, or why it cannot be told yet."""
    return tuple(_retention(span, day) for day in RETENTION_DAYS)


def _retention(span: Results, day: int) -> RetentionDay:
    young = span.note("retention", f"day {day}: ")
    return RetentionDay(
        day=day,
        on_day=span.key_figure("retention", f"day_{day}_retention", f"Day {day}", reason=young),
        unbounded=span.key_figure(
            "retention", f"day_{day}_retention_unbounded", f"Day {day} or later", reason=young
        ),
    )


# --- time on the platform ---------------------------------------------------------------------------------


def time_on_platform(span: Results) -> tuple[KeyFigure, ...]:
    """The average session, engaged users and power users, then the median session and the number of them."""
    known = span.analytics
    engaged, power = (_per_week(minutes) for minutes in (known.engaged_minutes, known.power_minutes))
    who = "users with a session"
    return (
        span.key_figure(TIME, "mean_session", "Average session"),
        span.key_figure(
            TIME,
            "engaged_users",
            f"Engaged users (>{engaged})",
            share=span.quantity(TIME, "engaged_share"),
            of=who,
        ),
        span.key_figure(
            TIME, "power_users", f"Power users (>{power})", share=span.quantity(TIME, "power_share"), of=who
        ),
        span.key_figure(TIME, "median_session", "Median session"),
        span.key_figure(TIME, "sessions", "Sessions"),
    )


def _per_week(minutes: float) -> str:
    """A time as the specification writes it: "30 min/week", "2 h/week"."""
    time = (
        value_text(minutes / 60, "hours")
        if minutes >= 60 and minutes % 60 == 0
        else value_text(minutes, "minutes")
    )
    return f"{time}/week"


# --- adoption ---------------------------------------------------------------------------------------------


def adoption(span: Results) -> Listing[FeatureUse]:
    """The configured features, in the order of the settings."""
    features = span.analytics.features
    items = tuple(_feature(span, feature) for feature in features)
    return Listing[FeatureUse](
        items=items, reason="" if items else "no feature is configured: [[analytics.features]]"
    )


def audience_name(feature: FeatureSettings) -> str:
    """What a feature's audience is called: "users", "admins"."""
    if feature.audience:
        return feature.audience
    return f"{feature.role}s" if feature.role else "users"


def why_no_adoption(span: Results, feature: FeatureSettings) -> str:
    """Why a feature has no figures, where it has none."""
    asked = adoption_asked(feature.role)
    if span.note(asked, f"{feature.event}: "):
        return f'no event is called "{feature.event}"'
    return span.reason(asked)


def _feature(span: Results, feature: FeatureSettings) -> FeatureUse:
    asked, event, missing = adoption_asked(feature.role), feature.event, why_no_adoption(span, feature)
    rate = span.fact(asked, "feature_adoption", event)
    target = span.target("feature_adoption")
    verdict = row_status(rate, target, span.settings.verdicts, reason=missing)

    def of(name: str) -> Quantity:
        fact = span.fact(asked, name, event)
        return Unavailable(reason=missing) if fact is None else Measured.of(fact)

    return FeatureUse(
        feature=feature.title,
        event=event,
        role=feature.role,
        audience_name=audience_name(feature),
        users=of("feature_users"),
        audience=of("feature_audience"),
        rate=of("feature_adoption"),
        last=Measured.baseline_of(rate) if rate else Unavailable(reason=missing),
        target=target,
        status=verdict.status,
        because=verdict.because,
    )


# --- benchmarks -------------------------------------------------------------------------------------------


def benchmarks(span: Results, rows: Sequence[MetricRow]) -> Benchmarks:
    """The users' figures against the objectives, and against those that the settings declare of others."""
    compared = tuple(_benchmark(span, item) for item in span.analytics.benchmarks)
    return Benchmarks(
        verdict=_verdict(compared),
        objectives=tuple(line for row in rows for line in _against_objective(span, row)),
        rows=compared,
    )


def _against_objective(span: Results, row: MetricRow) -> Iterator[Sentence]:
    """How growth and retention stand against their objectives."""
    if row.metric in OF_USERS and row.target is not None and isinstance(row.this, Measured):
        value, goal = value_text(row.this.value, row.this.unit), row.target.text()
        kept = "meets" if met(row.this.value, row.target) else "misses"
        text = f"{row.title}: {value} {kept} the objective of {goal}"
        yield Sentence(text=text, facts=(row.this.fact,))


def _benchmark(span: Results, declared: Benchmark) -> BenchmarkRow:
    fact, known = _named(span, declared.metric), definition_named(declared.metric)
    definition = fact.definition if fact else known
    reason = "it was not measured" if definition else f"no figure is called {declared.metric}"
    return BenchmarkRow(
        metric=declared.metric,
        title=definition.title if definition else declared.metric,
        this=Unavailable(reason=reason) if fact is None else Measured.of(fact),
        benchmark=Assumed(
            value=declared.value,
            unit=definition.unit if definition else "number",
            who=declared.source,
            basis="declared in the settings",
        ),
        of=declared.of,
        source=declared.source,
        verdict=benchmark_verdict(
            fact.value if fact else None, declared.value, definition.better if definition else None
        ),
    )


def _named(span: Results, metric: str) -> Fact | None:
    """The figure of this name of the whole application."""
    found = (fact for fact in span.every_fact() if fact.key == (metric, "application"))
    return next(found, None)


def _verdict(rows: Iterable[BenchmarkRow]) -> Sentence:
    listed = tuple(rows)
    if not listed:
        return Sentence(text=NO_BENCHMARK)
    told = [row for row in listed if row.verdict != "not available"]
    if not told:
        return Sentence(text="not available: no figure that a benchmark is declared for was measured")
    number = {
        verdict: sum(row.verdict == verdict for row in told) for verdict in ("better", "equal", "worse")
    }
    if number["better"] == len(told):
        head = "above the benchmark"
    elif number["worse"] == len(told):
        head = "below the benchmark"
    elif number["worse"] > number["better"]:
        head = "mostly below the benchmark"
    else:
        head = "mixed" if number["worse"] else "at the benchmark or above"
    counts = ", ".join(f"{count} {verdict}" for verdict, count in number.items() if count)
    whose = ", ".join(dict.fromkeys(filter(None, (row.of for row in told))))
    whom = f", of {whose}" if whose else ""
    compared = f"the {len(told)} figures compared ({counts})" if len(told) > 1 else "the one figure compared"
    return Sentence(text=f"{head} in {compared}{whom}", facts=tuple(_cited(told)))


def _cited(rows: Iterable[BenchmarkRow]) -> Iterator[str]:
    yield from dict.fromkeys(row.this.fact for row in rows if isinstance(row.this, Measured))
