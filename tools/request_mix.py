"""What moved the mean response time: the endpoints' speed, or the mix of traffic between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum

from pydantic import Field

from postlaunch.facts import Definition
from postlaunch.sources.requests import RequestLog
from postlaunch.tools import definitions_request_groups as definitions
from postlaunch.tools.definitions_requests import MEAN_RESPONSE_TIME
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.tools.request_query import Row, compared, endpoint, nothing, spans_of
from postlaunch.windows import Window


class ComparisonParameters(WindowParameters):
    """Both windows are needed."""

    baseline: Window = Field(description="The span compared with")


@dataclass(frozen=True)
class Part:
    """One endpoint in both windows: its share of the timed requests, and its mean response time in ms."""

    share_before: float
    share_now: float
    mean_before: float
    mean_now: float


def rate_effect(parts: Sequence[Part]) -> float:
    """What the endpoints' own change moved the mean by: mean share × change of mean, summed."""
    return fsum(
        (part.share_before + part.share_now) / 2 * (part.mean_now - part.mean_before) for part in parts
    )


def mix_effect(parts: Sequence[Part]) -> float:
    """What the change of mix moved the mean by: change of share × mean of the means, summed.

    The two effects add up to the change of the mean.
    """
    return fsum(
        (part.share_now - part.share_before) * (part.mean_before + part.mean_now) / 2 for part in parts
    )


@REGISTRY.measurement("mix_shift", source="requests", parameters=ComparisonParameters)
def mix_shift(log: RequestLog, parameters: ComparisonParameters, limits: Limits) -> Readings:
    """How much of the change of the mean response time came from endpoints getting slower or faster, and how
    much from traffic moving between endpoints.
    """
    spans = spans_of(log, parameters, limits)
    if not log.coverage.has_latency:
        return Readings(reason="the log has no response times", notes=spans.notes)
    now, before = (_timed(side) for side in compared(log, "endpoints", spans, limits))
    if not now:
        return nothing(log, spans, "no timed request")
    if not before:
        return Readings(reason="no timed request to compare with", notes=spans.notes)
    parts = _parts(now, before)
    both = [part for part in parts if part.share_now and part.share_before]
    n = sum(row["timed"] for row in now.values())

    def figure(definition: Definition, value: float) -> Reading:
        return Reading(definition=definition, value=value, n=n, window=spans.window)

    return Readings(
        readings=(
            Reading(
                definition=MEAN_RESPONSE_TIME,
                value=fsum(part.share_now * part.mean_now for part in parts),
                n=n,
                window=spans.window,
                baseline=fsum(part.share_before * part.mean_before for part in parts),
                baseline_window=spans.baseline,
                baseline_n=sum(row["timed"] for row in before.values()),
            ),
            figure(definitions.RATE_EFFECT, rate_effect(parts)),
            figure(definitions.MIX_EFFECT, mix_effect(parts)),
            figure(definitions.ENDPOINTS_SLOWER, sum(part.mean_now > part.mean_before for part in both)),
            figure(definitions.ENDPOINTS_FASTER, sum(part.mean_now < part.mean_before for part in both)),
        ),
        notes=spans.notes,
    )


def _timed(side: Iterable[Row] | None) -> dict[str, Row]:
    """The endpoints with response times, by name."""
    return {endpoint(row): row for row in side or () if row["timed"]}


def _parts(now: dict[str, Row], before: dict[str, Row]) -> list[Part]:
    """Every endpoint of either side; one that is only on one side has that side's mean on both."""
    timed_now, timed_before = (sum(row["timed"] for row in side.values()) for side in (now, before))
    parts = []
    for name in now.keys() | before.keys():
        new, old = now.get(name), before.get(name)
        present = new or old
        assert present is not None
        parts.append(
            Part(
                share_before=old["timed"] / timed_before if old else 0.0,
                share_now=new["timed"] / timed_now if new else 0.0,
                mean_before=(old or present)["mean"],
                mean_now=(new or present)["mean"],
            )
        )
    return parts
