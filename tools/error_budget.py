"""Error budgets: what an objective allows over its window, and how much of that is gone.

Two of the usual methods are used, and each budget names its own: "time-slices" sets minutes down against
the minutes that the target allows, "occurrences" sets the share of requests that failed against the share
allowed. A budget is cumulative over the objective's window: where only a part of it was measured, what is
spent is a lower bound and says so.
"""

from __future__ import annotations

from postlaunch.facts import Assumed, Derived, Fact, Measured
from postlaunch.reports.health import ErrorBudget
from postlaunch.reports.targets import Target
from postlaunch.tools.verdicts import objective_days, window_days

MINUTES_A_DAY = 24 * 60


def time_budget(target: Target, down_minutes: Fact) -> ErrorBudget | None:
    """The budget of an uptime objective, by time-slices; None where the target or its window allows none.

    Args:
        down_minutes: minutes down over the span that was measured.
    """
    days = objective_days(target.window)
    if days is None or target.value >= 1 or target.direction != "above":
        return None
    measured = window_days(down_minutes.window)
    bad = Measured.of(down_minutes)
    allowed = _allowed_minutes(target, days)
    even = _allowed_minutes(target, min(measured, days))
    spent = Derived.of("ratio", bad, allowed, unit="ratio", statement="minutes down ÷ minutes allowed")
    return ErrorBudget(
        target=target,
        method="time-slices",
        allowed=allowed,
        bad=bad,
        spent=spent,
        left=_left(spent),
        burn_rate=Derived.of(
            "ratio", bad, even, unit="number", statement="minutes down ÷ minutes allowed in the same span"
        ),
        complete=measured >= days,
    )


def occurrence_budget(target: Target, error_rate: Fact) -> ErrorBudget | None:
    """The budget of an error-rate objective, by occurrences; None where target or window allow none."""
    if target.value <= 0 or target.direction != "below":
        return None
    return _by_occurrences(target, target.value, error_rate)


def request_budget(target: Target, error_rate: Fact) -> ErrorBudget | None:
    """The budget of an uptime objective, by occurrences: as if each failed request were time down. A few bad
    minutes at the peak spend more of it than of that by time. None where target or window allow none.
    """
    if target.value >= 1 or target.direction != "above":
        return None
    return _by_occurrences(target, 1 - target.value, error_rate)


def _by_occurrences(target: Target, share: float, error_rate: Fact) -> ErrorBudget | None:
    days = objective_days(target.window)
    if days is None:
        return None
    measured = window_days(error_rate.window)
    bad = Measured.of(error_rate)
    allowed = _declared(target, share)
    burn = Derived.of("ratio", bad, allowed, unit="number", statement="error rate ÷ error rate allowed")
    elapsed = Assumed(
        value=min(1.0, measured / days),
        unit="ratio",
        who="the calendar",
        basis=f"part of {target.window} that was measured",
    )
    spent = Derived.of(
        "product", burn, elapsed, unit="ratio", statement="burn rate × part of the window measured"
    )
    return ErrorBudget(
        target=target,
        method="occurrences",
        allowed=allowed,
        bad=bad,
        spent=spent,
        left=_left(spent),
        burn_rate=burn,
        complete=measured >= days,
    )


def _declared(target: Target, value: float) -> Assumed:
    return Assumed(
        value=value,
        unit="ratio",
        who="the settings",
        basis=f"objectives.{target.objective}: {target.text()} over {target.window}",
    )


def _allowed_minutes(target: Target, days: float) -> Assumed:
    return Assumed(
        value=(1 - target.value) * days * MINUTES_A_DAY,
        unit="minutes",
        who="the settings",
        basis=f"objectives.{target.objective}: {target.text()}, for {days:g} days",
    )


def _left(spent: Derived) -> Derived:
    whole = Assumed(value=1, unit="ratio", who="the settings", basis="the whole budget")
    return Derived.of("difference", whole, spent, unit="ratio", statement="whole budget − spent")
