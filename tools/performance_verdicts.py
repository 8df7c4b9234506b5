"""Verdicts on trends and opportunities (`docs/definitions.md`, "Performance and capacity"): pure."""

from __future__ import annotations

from datetime import UTC, date, datetime

from postlaunch.facts import Fact, Frozen, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.performance import OpportunityKind, Priority, TrendShape, TrendVerdict
from postlaunch.settings_performance import Performance
from postlaunch.tools.measurement import MeasurementResult

METHOD = (
    "generalised least squares over the days, a level for each weekday, AR(1) errors; p corrected for both "
    "shapes and every date tried; ramp and step compared by BIC, a step borne out by medians"
)
CLEAR = 2.0
"""Difference of BIC below which two shapes are hardly told apart (Kass and Raftery 1995)."""

READS = ("GET", "HEAD")
MOST_DAYS_NAMED = 5


# --- the trend --------------------------------------------------------------------------------------------


def trend_verdict(result: MeasurementResult | None, reason: str) -> TrendVerdict:
    """What became of the response time, from the measurement `response_time_trend`.

    Args:
        reason: why there is no trend, where the measurement gave none.
    """
    p, days = (result.fact(name) if result else None for name in ("trend_p", "trend_days"))
    if result is None or p is None or days is None:
        return _no_trend(reason)
    level = result.fact("trend_level")
    slope, step = result.fact("trend_slope"), result.fact("trend_step_on")
    tested = _tested(result)
    if level is None or level.baseline is None or (slope is None and step is None):
        because = said("nothing beyond chance, weekdays and a small change in {days} days", days=days)
        shape, words, direction = "none", "✅ No trend", ""
    else:
        direction = "slower" if level.value > level.baseline else "faster"
        shape = "ramp" if slope is not None else "step"
        words = _WORDS[(shape, direction)]
        because = _ramp(result, level, slope, days) if slope is not None else _step(level, step)
        tested = _joined(tested, _against_the_other(result, shape))
    return TrendVerdict.model_validate(
        {
            "shape": shape,
            "direction": direction,
            "verdict": words,
            "because": because,
            "tested": tested,
            "days": Measured.of(days),
            "p": Measured.of(p),
            "method": METHOD,
            "remarks": _set_aside(result),
        }
    )


_WORDS = {
    ("ramp", "slower"): "⚠️ Gradual performance degradation",
    ("ramp", "faster"): "✅ Gradually faster",
    ("step", "slower"): "⚠️ Slower from one day to the next",
    ("step", "faster"): "✅ Faster from one day to the next",
}


def _no_trend(reason: str) -> TrendVerdict:
    shape: TrendShape = "not enough data" if reason.startswith("not enough data") else "not available"
    nothing = Unavailable(reason=reason)
    return TrendVerdict(
        shape=shape,
        verdict=f"– {shape.capitalize()}",
        because=Sentence(text=reason),
        days=nothing,
        p=nothing,
        method=METHOD,
    )


def _ramp(result: MeasurementResult, level: Fact, slope: Fact, days: Fact) -> Sentence:
    """The change of the level, the span and the slope; how sure they are stands with the method."""
    change = "{level.before} → {level} within {days} days, {slope}"
    share = result.fact("trend_slope_share")
    if share is None:
        return said(f"{change} a week", level=level, days=days, slope=slope)
    return said(f"{change} ({{share}}) a week", level=level, days=days, slope=slope, share=share)


def _step(level: Fact, step: Fact | None) -> Sentence:
    assert step is not None
    found = said(
        "a step on {day}: {level.before} → {level} ({level.change})", day=day_text(step), level=level
    )
    return found.model_copy(update={"facts": (step.id, *found.facts)})


def step_day(step: Fact) -> date:
    """The first day of the new level, on the application's clock."""
    return step.window.local(datetime.fromtimestamp(step.value, UTC)).date()


def day_text(moment: Fact) -> str:
    """The day of a moment as reports print days: "Nov 4, 2025"."""
    day = step_day(moment)
    return f"{day:%b} {day.day}, {day.year}"


def _tested(result: MeasurementResult) -> Sentence:
    p, days, rho = (result.fact(name) for name in ("trend_p", "trend_days", "trend_autocorrelation"))
    assert p is not None
    assert days is not None
    assert rho is not None
    return said("p {p} over {days} days, autocorrelation {rho}", p=p, days=days, rho=rho)


def _against_the_other(result: MeasurementResult, shape: str) -> Sentence:
    gap = result.fact("trend_preference")
    assert gap is not None
    other = "step" if shape == "ramp" else "ramp"
    clear = "fits worse" if gap.value >= CLEAR else "fits nearly as well"
    if gap.value < 0:
        clear = "fits better, by a few days alone"
    return said("a {other} {clear} (BIC difference {gap})", other=other, clear=clear, gap=gap)


def _joined(*sentences: Sentence) -> Sentence:
    return Sentence(
        text="; ".join(sentence.text for sentence in sentences),
        facts=tuple(dict.fromkeys(fact for sentence in sentences for fact in sentence.facts)),
    )


def _set_aside(result: MeasurementResult) -> tuple[Sentence, ...]:
    """Days that no trend explains, named: at the span's end they may be the first of a step."""
    days = [str(day) for text in result.texts for day in _listed(text.get("set_aside"))]
    if not days:
        return ()
    more = f" and {len(days) - MOST_DAYS_NAMED} more" if len(days) > MOST_DAYS_NAMED else ""
    named = ", ".join(days[:MOST_DAYS_NAMED])
    return (Sentence(text=f"set aside as far outside every pattern: {named}{more}"),)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


# --- opportunities ----------------------------------------------------------------------------------------


def kind_of(
    method: str,
    *,
    share_of_requests: float,
    share_of_load: float,
    mean: float,
    usual: float,
    over: bool,
    tail_over: bool,
    rules: Performance,
) -> OpportunityKind | None:
    """What an endpoint's figures are a sign of; None where nothing is worth doing.

    A read with a large share of the load is hot; one with a large share of the requests, though small, is
    asked for again and again; a write that is slow, or whose slow tail makes much of the load, can be
    answered before its work is done; any other endpoint over the target is slow.

    Args:
        method: of HTTP.
        mean, usual: response time of the endpoint and of all requests, in ms.
        over, tail_over: whether its mean, and its 95th percentile, miss their targets.
    """
    if method in READS:
        if share_of_requests >= rules.high_share and mean <= rules.small_read * usual:
            return "repeated small read"
        if share_of_load >= rules.medium_share:
            return "hot read"
        return "slow endpoint" if over else None
    if over or (tail_over and share_of_load >= rules.medium_share):
        return "slow write"
    return None


class PriorityVerdict(Frozen):
    """The priority of an opportunity, and the row of the table that gave it."""

    priority: Priority
    because: Sentence


def priority_of(
    share_of_requests: Fact, share_of_load: Fact | None, effort: Quantity, rules: Performance
) -> PriorityVerdict:
    """Table "Opportunity". HIGH: a large share of requests or of load, and little effort; MEDIUM: a share
    that matters, or a large one that takes longer; LOW: the rest.

    Args:
        effort: in hours.
    """
    facts = [share_of_requests] if share_of_load is None else [share_of_load, share_of_requests]
    greatest = max(facts, key=lambda fact: fact.value)
    what = "load" if greatest.name.startswith("load_share") and greatest is share_of_load else "requests"
    share = said("{share} of the {what}", share=greatest, what=what)
    hours = None if isinstance(effort, Unavailable) else effort.value
    most = rules.high_effort_days * rules.hours_a_day
    high, medium = (value_text(limit, "ratio") for limit in (rules.high_share, rules.medium_share))
    allowed = value_text(rules.high_effort_days, "days")
    if greatest.value >= rules.high_share:
        if hours is not None and hours <= most:
            return _priority("HIGH", share, f"at least {high}, for at most {allowed} of work")
        why = "the effort is not known" if hours is None else f"more than {allowed} of work"
        return _priority("MEDIUM", share, f"at least {high}, but {why}")
    if greatest.value >= rules.medium_share:
        return _priority("MEDIUM", share, f"at least {medium}, less than {high}")
    return _priority("LOW", share, f"less than {medium}")


def _priority(priority: Priority, share: Sentence, rule: str) -> PriorityVerdict:
    return PriorityVerdict(
        priority=priority, because=Sentence(text=f"{share.text}: {rule}", facts=share.facts)
    )
