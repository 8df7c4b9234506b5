"""The exact answers on users: growth, activity, retention, funnel, adoption, sessions, the experiment."""

from __future__ import annotations

from postlaunch.facts import Frozen
from postlaunch.windows import Moment


class ActivityTruth(Frozen):
    """Users of a span.

    Attributes:
        total: signed up by the span's end; visitors who never did are in no figure.
        new: signed up in it.
        growth: new ÷ those there were before; None where there were none.
        mean_daily: distinct active users of a day, mean over the span's days from the first event on.
        weekly, monthly: distinct active users of the 7 and the 30 days to the span's end; None where the
            events begin later.
        stickiness: mean daily active users of those 30 days ÷ `monthly`.
        in_span: distinct active users of the span.
    """

    total: int
    new: int
    growth: float | None
    mean_daily: float
    weekly: int | None
    monthly: int | None
    stickiness: float | None
    in_span: int


class RetentionTruth(Frozen):
    """Users whose day N after signing up lies in the span, and who of them came on it, or on it or later."""

    day: int
    cohort: int
    on_day: int
    on_day_or_later: int


class FunnelStepTruth(Frozen):
    """One step of the registration funnel: in order, from any entry, within 7 days of the first step.

    Attributes:
        in_progress: stand at the step and may still go on at the span's end.
        dropped: reached the step before, not this one, and their time is over.
    """

    event: str
    users: int
    in_progress: int
    dropped: int


class AdoptionTruth(Frozen):
    """One feature up to the span's end."""

    feature: str
    event: str
    users: int
    audience: int


class SessionsTruth(Frozen):
    """Sessions that begin in the span: 30 minutes of inactivity end one; those of mere visitors are left out.

    Attributes:
        with_visitors: the sessions of everybody, which flows and paths are of.
        mean_minutes, median_minutes: from a session's first event to its last.
        engaged, power: users with more than 30, and 120, minutes a week.
    """

    sessions: int
    with_visitors: int
    users: int
    mean_minutes: float
    median_minutes: float
    engaged: int
    power: int


class PathTruth(Frozen):
    """How sessions begin: their first five steps, without the same thing twice running."""

    path: str
    sessions: int


class FlowTruth(Frozen):
    """One event in the sessions of a span: in how many, and at which step it comes first, on average.

    A step is what is done, without the same thing twice running.
    """

    sessions: int
    mean_step: float


class SpanTruth(Frozen):
    """Everything on users in one span of days.

    Attributes:
        events: name → how many.
        active_by_day: day → distinct active users.
        flow: name of the event → how it stands in sessions; events of no session are left out.
        paths: the ten most frequent.
    """

    label: str
    start: Moment
    end: Moment
    events: dict[str, int]
    activity: ActivityTruth
    retention: tuple[RetentionTruth, ...]
    funnel: tuple[FunnelStepTruth, ...]
    adoption: tuple[AdoptionTruth, ...]
    active_by_day: dict[str, int]
    sessions: SessionsTruth
    flow: dict[str, FlowTruth]
    paths: tuple[PathTruth, ...]


class ArmTruth(Frozen):
    """One arm of the experiment.

    Attributes:
        conversions: users who sent the form after they saw it.
        seconds, rating: mean over users of each user's mean; `rated` users gave a rating.
        seconds_deviation, rating_deviation: standard deviation over users (n − 1) of each user's mean.
        profile_updates: users who updated a profile after they saw it.

    A mean of nobody, and a deviation of one, is None: samples of a few hundred users have them.
    """

    users: int
    conversions: int
    seconds: float | None
    seconds_deviation: float | None
    rated: int
    rating: float | None
    rating_deviation: float | None
    profile_updates: int


class ExperimentTruth(Frozen):
    """The experiment: it is over, nobody met both arms, and `loser` loses."""

    name: str
    start: Moment
    end: Moment
    arms: dict[str, ArmTruth]
    loser: str
