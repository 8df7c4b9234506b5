"""The settings of performance and capacity planning."""

from __future__ import annotations

from pydantic import Field, model_validator

from postlaunch.facts import Frozen


class Remedy(Frozen):
    """What one kind of optimisation is assumed to reach and to cost, where no candidate item declares it.

    Attributes:
        milliseconds: mean response time of a request that it serves.
        share: of the endpoint's requests that it serves.
        hours: of work.
        basis: on what these rest, in words.
    """

    milliseconds: float = Field(ge=0)
    share: float = Field(default=1.0, gt=0, le=1)
    hours: float = Field(gt=0)
    basis: str


class Performance(Frozen):
    """How trends, opportunities and capacity are judged (`docs/definitions.md`, "Performance and capacity").

    Attributes:
        trend_alpha: p below which a change of the response time is one.
        trend_days: fewest days that are tested for a trend.
        trend_segment: fewest days on either side of a step.
        trend_change: relative change over the whole span below which a trend does not matter.
        explains: share of the slowdown that a factor must account for to explain it.
        stands_out: relative rise of an endpoint beyond the usual one, from which it is named.
        saturated: share of a limit, at the 95th percentile, from which a resource may slow requests down.
        change_days: a change explains a step that begins within so many days after it.

        opportunities: how many are listed.
        high_share, medium_share: share of the requests or of the load from which an opportunity is HIGH or
            MEDIUM.
        high_effort_days: most effort of a HIGH opportunity.
        least_saved: share of the load that an opportunity must save to be one.
        small_read: share of the overall mean up to which a read is a small one.
        cached_read, background_write: what is assumed of each kind of optimisation.
        tuned_hours: assumed work to bring any other slow endpoint to its target.
        hours_a_day: working hours of a day of effort.

        headroom: share of an instance's capacity that is kept free.
        follows_load: R² from which busier hours of the day are taken to be slower.
        growth_weeks: most whole weeks, up to the window's end, from which growth is measured.
        growth_least: fewest of them.
        forecast_level: of the forecasts' prediction intervals.
    """

    trend_alpha: float = Field(default=0.01, gt=0, lt=0.5)
    trend_days: int = Field(default=21, ge=14)
    trend_segment: int = Field(default=7, ge=3)
    trend_change: float = Field(default=0.02, ge=0, lt=1)
    explains: float = Field(default=0.5, gt=0, le=1)
    stands_out: float = Field(default=0.20, gt=0)
    saturated: float = Field(default=0.80, gt=0, le=1)
    change_days: int = Field(default=1, ge=0)

    opportunities: int = Field(default=5, ge=1, le=20)
    high_share: float = Field(default=0.20, gt=0, le=1)
    medium_share: float = Field(default=0.05, gt=0, le=1)
    high_effort_days: float = Field(default=1, gt=0)
    least_saved: float = Field(default=0.01, ge=0, lt=1)
    small_read: float = Field(default=0.5, gt=0)
    cached_read: Remedy = Remedy(
        milliseconds=12,
        share=0.5,
        hours=4,
        basis="half of the reads ask for what was asked shortly before, answered from memory within one "
        "round trip; a default of the settings, not measured here",
    )
    background_write: Remedy = Remedy(
        milliseconds=45,
        hours=8,
        basis="the request is accepted and queued, the work follows; a default of the settings, not measured "
        "here",
    )
    tuned_hours: float = Field(default=8, gt=0)
    hours_a_day: float = Field(default=8, gt=0, le=24)

    headroom: float = Field(default=0.3, ge=0, lt=1)
    follows_load: float = Field(default=0.5, ge=0, le=1)
    growth_weeks: int = Field(default=13, ge=4, le=104)
    growth_least: int = Field(default=4, ge=3)
    forecast_level: float = Field(default=0.9, gt=0.5, lt=1)

    @model_validator(mode="after")
    def _in_order(self) -> Performance:
        if self.medium_share > self.high_share:
            raise ValueError("medium_share is at most high_share")
        if self.growth_least > self.growth_weeks:
            raise ValueError("growth_least is at most growth_weeks")
        return self
