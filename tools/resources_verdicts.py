"""The verdict tables on resources (`docs/definitions.md`, "Resources, logs and anomalies"): pure functions.

Every threshold is a setting; every verdict names the figure that decided it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from postlaunch.facts import Fact, Forecast, Frozen, Unavailable
from postlaunch.printing import rounded, value_text
from postlaunch.reports.health import ScalingAdvice, TrendVerdict
from postlaunch.reports.judged import Sentence, said
from postlaunch.settings_monitoring import Monitoring
from postlaunch.tools.resources_slope import LEVEL, WEEKDAYS

LEVELLED_OFF = 0.5
"""A rise whose newer half is less than this part of the whole has levelled off."""

FARTHEST_DAYS = 182
"""A limit that is met later than this is not foretold. Six weeks look the same whether growth compounds or
not; half a year later the two have parted by more than the line's interval.
"""


@dataclass(frozen=True)
class Movement:
    """The facts of one resource's trend, in all pods together or in one."""

    level: Fact
    slope: Fact
    low: Fact
    high: Fact
    recent: Fact


class MovementVerdict(Frozen):
    """Whether a resource rises, and when it meets its limit if it does."""

    verdict: TrendVerdict
    because: Sentence
    reaches: Forecast | Unavailable


class ScalingVerdict(Frozen):
    """Whether to scale: at once, by plan, or not yet; and the figure that decided."""

    advice: ScalingAdvice
    because: Sentence


def movement_verdict(title: str, moved: Movement, end: datetime, settings: Monitoring) -> MovementVerdict:
    """Rising or falling when the whole interval of the weekly change is on one side of zero, and the change
    is at least `drift`; else stable. A rise whose newer half shows less than half of it has levelled off:
    stable.

    Args:
        title: of the resource.
        end: of the days that were looked at; a forecast counts from there.
    """
    span = said("{title}: {slope} a week ({low} to {high})", title=title, slope=moved.slope, low=moved.low,
                high=moved.high)  # fmt: skip
    none = Unavailable(reason="it does not rise")
    drift = value_text(settings.drift, "points")
    if moved.low.value > 0 and moved.slope.value >= settings.drift:
        if moved.recent.value < LEVELLED_OFF * moved.slope.value:
            lately = said(", but {recent} lately: it has levelled off", recent=moved.recent)
            return MovementVerdict(verdict="stable", because=_joined(span, lately), reaches=none)
        return MovementVerdict(
            verdict="rising",
            because=_joined(span, said(", at {level} of its limit", level=moved.level)),
            reaches=limit_reached(moved, end),
        )
    if moved.high.value < 0 and -moved.slope.value >= settings.drift:
        return MovementVerdict(verdict="falling", because=span, reaches=none)
    small = abs(moved.slope.value) < settings.drift
    within = Sentence(text=f", below {drift} a week" if small else ", not told apart from standing still")
    return MovementVerdict(verdict="stable", because=_joined(span, within), reaches=none)


def _joined(*parts: Sentence) -> Sentence:
    return Sentence(
        text="".join(part.text for part in parts),
        facts=tuple(dict.fromkeys(fact for part in parts for fact in part.facts)),
    )


def limit_reached(moved: Movement, end: datetime) -> Forecast | Unavailable:
    """Days from `end` until the daily mean meets the limit, if it goes on as it did; by the interval's ends,
    too.

    The level is a mean of seven days, so it stands for the middle of the last week.
    """

    def days(slope: float) -> float:
        weeks = (1 - moved.level.value) / slope - 0.5
        return max(0.0, float(rounded(weeks * WEEKDAYS, 0)))

    if moved.low.value <= 0:
        return Unavailable(reason="its interval does not exclude that it does not rise")
    value, low, high = days(moved.slope.value), days(moved.high.value), days(moved.low.value)
    if value > FARTHEST_DAYS:
        return Unavailable(reason=f"not within {FARTHEST_DAYS} days at this pace")
    return Forecast(
        value=value,
        low=min(low, value),
        high=max(high, value),
        level=LEVEL,
        unit="days",
        at=end + timedelta(days=value),
        method=f"seasonal Kendall slope of daily means over {moved.slope.n} days, carried on",
    )


def overall_trend(movements: Sequence[tuple[str, Movement, MovementVerdict]], reason: str) -> Sentence:
    """The trend of all pods together in one sentence, with the resource that decided it.

    Args:
        movements: title, facts and verdict of each resource.
        reason: why there are none.
    """
    if not movements:
        return Sentence(text=f"not available: {reason}")
    rising = [verdict.because for _, _, verdict in movements if verdict.verdict == "rising"]
    if rising:
        return Sentence(
            text="⚠️ Rising: " + "; ".join(because.text for because in rising),
            facts=tuple(dict.fromkeys(fact for because in rising for fact in because.facts)),
        )
    falling = [verdict.because for _, _, verdict in movements if verdict.verdict == "falling"]
    most = max(movements, key=lambda each: abs(each[1].slope.value))
    decided = falling[0] if falling else most[2].because
    told = "Falling" if falling else "Stable"
    return Sentence(text=f"{told}; the greatest change is that of {decided.text}", facts=decided.facts)


@dataclass(frozen=True)
class Rise:
    """A resource, of all pods or of one, that rises towards its limit: the change a week, and when it meets
    it.
    """

    title: str
    slope: Fact
    reaches: Forecast


def scaling_verdict(
    uses: Sequence[tuple[str, Fact]], rises: Sequence[Rise], settings: Monitoring, reason: str
) -> ScalingVerdict:
    """Scale now when a 95th percentile is above `scale_at` of its limit; plan it when one is above `plan_at`,
    or when a rise meets its limit within `limit_weeks`; else not yet.

    Args:
        uses: title of each resource, and the 95th percentile of its share.
        reason: why there are none.
    """
    if not uses:
        return ScalingVerdict(advice="not available", because=Sentence(text=f"not available: {reason}"))
    title, p95 = max(uses, key=lambda use: use[1].value)
    decided = said("{title} uses {p95} of its limit at the 95th percentile", title=title, p95=p95)
    now, plan = value_text(settings.scale_at, "ratio"), value_text(settings.plan_at, "ratio")
    if p95.value > settings.scale_at:
        return _scaling("scale now", "⚠️ scale now", decided, f"above {now}")
    soonest = min(rises, key=lambda rise: rise.reaches.value, default=None)
    if soonest is not None and soonest.reaches.value <= settings.limit_weeks * WEEKDAYS:
        meets = said(
            "{title} rises by {slope} a week and meets its limit in {days} (forecast)",
            title=soonest.title,
            slope=soonest.slope,
            days=value_text(soonest.reaches.value, "days"),
        )
        return _scaling("plan", "⚠️ plan to scale", meets)
    if p95.value > settings.plan_at:
        return _scaling("plan", "plan to scale", decided, f"above {plan}")
    return _scaling("not yet", "no scaling needed yet", decided, f"the most of all, not above {plan}")


def _scaling(advice: ScalingAdvice, told: str, decided: Sentence, beside: str = "") -> ScalingVerdict:
    text = ", ".join(filter(None, (f"{told}: {decided.text}", beside)))
    return ScalingVerdict(advice=advice, because=Sentence(text=text, facts=decided.facts))
