"""Root cause analysis by rule: each supposed cause of a slowdown with its figure and its verdict.

A factor explains a slowdown when it accounts for a given share of it in milliseconds (mix, traffic, an
endpoint, new slow queries), when it happened on the day of a step (a change), or when a resource was at its
limit. Growth of the data is told by elimination alone: a gradual slowdown, spread over the endpoints, that
nothing else explains. Two things that moved together are no cause.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from postlaunch.agents.performance_span import Span
from postlaunch.facts import Fact, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.performance import Factor, FactorVerdict, TrendVerdict
from postlaunch.tools.performance_verdicts import step_day

SECONDS_A_WEEK = 7 * 86_400
TOLD = ("ramp", "step", "none")
"""Shapes of a trend that could be told."""

ONE_WEEK = "fewer than two whole weeks were measured"
LOG_TOO_SHORT = "the application's log does not cover the week compared with"
NO_DATABASE = "no source of database statistics"
RESOURCES = (
    ("cpu_share_p95", "CPU"),
    ("memory_share_p95", "memory"),
    ("pool_share_p95", "database connections"),
)


@dataclass(frozen=True)
class Slowdown:
    """What is to be explained, from the first whole week to the last.

    Attributes:
        shape: of the trend; empty where there is nothing to explain, and then `nothing` says why.
        mean: of all requests, against the first week.
        speed, mix: what of its change came from each.
    """

    shape: str
    mean: Fact | None
    speed: Fact | None
    mix: Fact | None
    nothing: str

    @classmethod
    def of(cls, span: Span, trend: TrendVerdict) -> Slowdown:
        """A trend that makes requests slower; anything else needs no cause."""
        return cls(
            shape=trend.shape if trend.direction == "slower" else "",
            mean=span.fact("mix", "mean_response_time"),
            speed=span.fact("mix", "rate_effect"),
            mix=span.fact("mix", "mix_effect"),
            nothing="no slowdown to explain" if trend.shape in TOLD else "no trend can be told",
        )

    @property
    def total(self) -> float | None:
        """Milliseconds from the first week to the last, where they grew."""
        if self.mean is None or self.mean.baseline is None:
            return None
        change = self.mean.value - self.mean.baseline
        return change if change > 0 else None


def factors(span: Span, trend: TrendVerdict) -> tuple[Factor, ...]:
    """Every factor checked, in the specification's order, then ours."""
    slow = Slowdown.of(span, trend)
    traffic = _traffic(span, slow)
    others = (
        _queries(span, slow),
        _endpoints(span, slow),
        traffic,
        _mix(span, slow),
        _resources(span, slow),
        _changes(span, slow),
    )
    return (
        _users(span, slow, traffic),
        _data(span, slow, others),
        Factor(
            name="Database indexes",
            figure=Unavailable(reason=NO_DATABASE),
            verdict="not available",
            because=Sentence(text=f"not checked: {NO_DATABASE}"),
        ),
        *others,
    )


def _factor(name: str, slow: Slowdown, figure: Quantity, verdict: FactorVerdict, because: Sentence) -> Factor:
    """A factor with its verdict; where there is nothing to explain, only its figure counts."""
    if isinstance(figure, Unavailable):
        return Factor(name=name, figure=figure, verdict="not available", because=Sentence(text=figure.reason))
    if not slow.shape:
        because = Sentence(text=slow.nothing)
        return Factor(name=name, figure=figure, verdict="nothing to explain", because=because)
    return Factor(name=name, figure=figure, verdict=verdict, because=because)


def _absent(name: str, slow: Slowdown, figure: Unavailable) -> Factor:
    return _factor(name, slow, figure, "not available", Sentence(text=figure.reason))


def _share_of(part: float, whole: float | None) -> float | None:
    return part / whole if whole else None


def _verdict(share: float | None, least: float) -> FactorVerdict:
    return "explains" if share is not None and share >= least else "does not explain"


# --- users, traffic, mix ----------------------------------------------------------------------------------


def _users(span: Span, slow: Slowdown, traffic: Factor) -> Factor:
    """More users slow requests down by the traffic they make (here) or by the data they leave (data size)."""
    name, growth = "User growth", span.fact("growth", "weekly_user_growth")
    if growth is None:
        counted = span.fact("data", "user_growth")
        if counted is None:
            return _absent(name, slow, span.unavailable("growth", "the request log has no user field"))
        because = Sentence(text="counted from product events: what they ask for is under traffic growth")
        return _factor(name, slow, Measured.of(counted), "does not explain", because)
    explains = traffic.verdict == "explains" and growth.value > 0
    because = said(
        "active users grow {growth} a week; what they ask for is under traffic growth, which {verdict} it",
        growth=growth,
        verdict=traffic.verdict,
    )
    verdict: FactorVerdict = "explains" if explains else "does not explain"
    return _factor(name, slow, Measured.of(growth), verdict, because)


def _traffic(span: Span, slow: Slowdown) -> Factor:
    """More requests explain a slowdown as far as hours with more requests are slower."""
    growth, slope, fit = (
        span.fact("growth", "traffic_growth"),
        span.fact("hours", "pace_slope"),
        span.fact("hours", "pace_fit"),
    )
    name = "Traffic growth"
    if growth is None:
        return _absent(name, slow, span.unavailable("growth"))
    if slope is None or fit is None:
        return _absent(name, slow, span.unavailable("hours", "no response times by the hour"))
    figure = Measured.of(growth)
    if slope.value <= 0 or fit.value < span.rules.follows_load:
        because = said(
            "requests grow {growth} a week, but hours with more of them are not slower (R² {fit})",
            growth=growth,
            fit=fit,
        )
        return _factor(name, slow, figure, "does not explain", because)
    requests = span.fact("typical", "total_requests")
    if requests is None or requests.baseline is None or slow.speed is None or slow.mean is None:
        return _factor(name, slow, figure, "does not explain", said("requests grow {it} a week", it=growth))
    more = (requests.value - requests.baseline) / SECONDS_A_WEEK
    part = slope.value * more * slow.mean.value
    because = said(
        "by what busier hours are slower, the {requests.change} of requests makes {part} of {speed}",
        requests=requests,
        part=value_text(part, "ms"),
        speed=slow.speed,
    )
    because = because.model_copy(update={"facts": (growth.id, slope.id, fit.id, *because.facts)})
    share = _share_of(part, slow.speed.value if slow.speed.value > 0 else None)
    return _factor(name, slow, figure, _verdict(share, span.rules.explains), because)


def _mix(span: Span, slow: Slowdown) -> Factor:
    if slow.mix is None or slow.mean is None:
        return _absent("Traffic mix", slow, span.unavailable("mix", ONE_WEEK))
    share = _share_of(slow.mix.value, slow.total)
    because = said("it makes {mix} of the change {mean.before} → {mean}", mix=slow.mix, mean=slow.mean)
    new, load = (
        span.fact("endpoint_changes", "endpoints_new"),
        span.fact("endpoint_changes", "new_endpoints_share_of_load"),
    )
    if new is not None and load is not None and new.value:
        more = said("; {new} new endpoints make {load} of the load", new=new, load=load)
        because = Sentence(text=because.text + more.text, facts=(*because.facts, *more.facts))
    verdict = _verdict(share, span.rules.explains)
    return _factor("Traffic mix", slow, Measured.of(slow.mix), verdict, because)


# --- queries, endpoints, resources, changes ---------------------------------------------------------------


def _queries(span: Span, slow: Slowdown) -> Factor:
    """Queries that are logged as slow and were not before; more of the same ones are the slowdown itself."""
    name, asked = "Slow queries", "slow_queries"
    lines, new = span.fact(asked, "slow_queries"), span.fact(asked, "slow_queries_new")
    if lines is None:
        return _absent(name, slow, span.unavailable(asked))
    if new is None:
        return _absent(name, slow, Unavailable(reason=ONE_WEEK if span.oldest is None else LOG_TOO_SHORT))
    told = said("{lines.before} → {lines} lines of the log", lines=lines)
    if not new.value:
        more = said(", {new} new kinds; more of the same is the slowdown itself", new=new)
        return _queried(name, slow, lines, told, more, "does not explain")
    took, requests = span.fact(asked, "slow_queries_new_time"), span.fact("typical", "total_requests")
    if took is None or requests is None or slow.mean is None:
        more = said("; {new} new kinds, and how long they took is not told", new=new)
        return _queried(name, slow, lines, told, more, "does not explain")
    part = took.value / requests.value
    more = said(
        "; {new} new kinds make {part} of {mean.before} → {mean}, {took} over {requests} requests",
        new=new,
        part=value_text(part, "ms"),
        mean=slow.mean,
        took=took,
        requests=requests,
    )
    verdict = _verdict(_share_of(part, slow.total), span.rules.explains)
    return _queried(name, slow, lines, told, more, verdict)


def _queried(
    name: str, slow: Slowdown, lines: Fact, told: Sentence, more: Sentence, verdict: FactorVerdict
) -> Factor:
    because = Sentence(text=told.text + more.text, facts=(*told.facts, *more.facts))
    return _factor(name, slow, Measured.of(lines), verdict, because)


def _endpoints(span: Span, slow: Slowdown) -> Factor:
    """An endpoint that became slower beyond the others, and makes up much of the slowdown."""
    name, asked = "Slow endpoints introduced", "endpoint_changes"
    new, usual = span.fact(asked, "endpoints_new"), span.fact(asked, "usual_endpoint_change")
    if new is None:
        return _absent(name, slow, span.unavailable(asked, ONE_WEEK))
    effects = sorted(span.facts(asked, "endpoint_speed_effect"), key=lambda fact: -fact.value)
    guilty = [effect for effect in effects if _stands_out(span, effect, usual)]
    part = sum(effect.value for effect in guilty)
    speed = slow.speed.value if slow.speed is not None and slow.speed.value > 0 else None
    verdict = _verdict(_share_of(part, speed), span.rules.explains)
    if guilty:
        first = guilty[0]
        mean = span.fact(asked, "load_mean_response_time", first.entity)
        assert mean is not None
        because = said(
            "{first.entity} became slower beyond the others ({mean.before} → {mean}) and makes {first} of it",
            first=first,
            mean=mean,
        )
    elif usual is not None:
        because = said(
            "{new} new endpoints, and none became slower beyond the usual {usual}", new=new, usual=usual
        )
    else:
        because = said("{new} new endpoints", new=new)
    return _factor(name, slow, Measured.of(new), verdict, because)


def _stands_out(span: Span, effect: Fact, usual: Fact | None) -> bool:
    """Whether an endpoint's mean rose by so much more than an endpoint's mean usually did."""
    mean = span.fact("endpoint_changes", "load_mean_response_time", effect.entity)
    if mean is None or not mean.baseline or effect.value <= 0:
        return False
    beyond = mean.value / mean.baseline - 1 - (usual.value if usual is not None else 0.0)
    return beyond >= span.rules.stands_out


def _resources(span: Span, slow: Slowdown) -> Factor:
    """A resource at its limit slows everything down."""
    seen = [(title, fact) for name, title in RESOURCES if (fact := span.fact("resources", name))]
    if not seen:
        nothing = span.unavailable("resources", "no resource has a limit in the samples")
        return _absent("Resources (CPU, memory, connections)", slow, nothing)
    title, fullest = max(seen, key=lambda pair: pair[1].value)
    full = fullest.value >= span.rules.saturated
    words = "is at its limit" if full else "has room"
    because = said(
        "the fullest, {title}, {words}: {it} of it at the 95th percentile",
        title=title,
        words=words,
        it=fullest,
    )
    verdict: FactorVerdict = "explains" if full else "does not explain"
    return _factor("Resources (CPU, memory, connections)", slow, Measured.of(fullest), verdict, because)


def _changes(span: Span, slow: Slowdown) -> Factor:
    """A change explains a step that begins with it; nothing dated explains a ramp."""
    name, count = "Deployments and changes", span.fact("changes", "changes")
    if count is None:
        return _absent(name, slow, span.unavailable("changes"))
    figure = Measured.of(count)
    step = span.fact("trend", "trend_step_on")
    if slow.shape != "step" or step is None:
        because = said("{count} recorded, but a gradual slowdown has no date", count=count)
        return _factor(name, slow, figure, "does not explain", because)
    near = changes_near(span, step)
    if not near:
        because = said("{count} recorded, none within reach of the step", count=count)
        return _factor(name, slow, figure, "does not explain", because)
    because = said("{change.entity} began {change}, where the step begins", change=near[0])
    because = because.model_copy(update={"facts": (*because.facts, step.id)})
    return _factor(name, slow, figure, "explains", because)


def changes_near(span: Span, step: Fact) -> tuple[Fact, ...]:
    """The changes on the day of a step or so many days before it; the nearest first."""
    day, reach = step_day(step), timedelta(days=span.rules.change_days)
    near = [fact for fact in span.facts("changes", "change_at") if day - reach <= step_day(fact) <= day]
    return tuple(sorted(near, key=lambda fact: -fact.value))


# --- data, by elimination ---------------------------------------------------------------------------------


def _data(span: Span, slow: Slowdown, others: Sequence[Factor]) -> Factor:
    """How much data there is, as far as a source tells: users known, else disk used."""
    grown = span.fact("data", "total_users") or span.fact("disk", "disk_used")
    name = "Data size"
    if grown is None or grown.baseline is None:
        return _absent(name, slow, span.unavailable("data", "no source tells how much data there was"))
    what = "users known" if grown.name == "total_users" else "disk used"
    told = said("{what}: {it.before} → {it} ({it.change})", what=what, it=grown)
    because, verdict = _grown(span, slow, grown, [one.name for one in others if one.verdict == "explains"])
    because = Sentence(text=told.text + because.text, facts=(*told.facts, *because.facts))
    return _factor(name, slow, Measured.of(grown), verdict, because).model_copy(update={"of": what})


def _grown(
    span: Span, slow: Slowdown, grown: Fact, explained: Sequence[str]
) -> tuple[Sentence, FactorVerdict]:
    """Whether growth of the data is what is left as the cause."""
    if grown.value <= (grown.baseline or 0.0) * (1 + span.rules.trend_change):
        return Sentence(text=": it hardly grew"), "does not explain"
    doubts = _doubts(span, slow, explained)
    if doubts:
        return Sentence(text=f"; {doubts}"), "does not explain"
    spread = span.fact("mix", "endpoints_slower")
    assert spread is not None
    by_elimination = said(
        "; the slowdown is gradual, {spread} endpoints share it, and nothing else that was checked explains "
        "it: by elimination, not by proof",
        spread=spread,
    )
    return by_elimination, "explains"


def _doubts(span: Span, slow: Slowdown, explained: Sequence[str]) -> str:
    """Why growth of the data is not left as the cause; empty where it is."""
    checks: Sequence[tuple[Callable[[], bool], str]] = (
        (lambda: slow.shape != "ramp", "the slowdown is not gradual"),
        (lambda: bool(explained), f"explained already by: {', '.join(explained)}"),
        (lambda: not _spread(span), "it is not spread over the endpoints"),
    )
    return next((why for check, why in checks if check()), "")


def _spread(span: Span) -> bool:
    """Whether more endpoints became slower than faster."""
    slower, faster = span.fact("mix", "endpoints_slower"), span.fact("mix", "endpoints_faster")
    return slower is not None and faster is not None and slower.value > faster.value
