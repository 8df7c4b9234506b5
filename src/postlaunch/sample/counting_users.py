"""The truth of users, counted from the events in plain code: no query and no tool takes part."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from postlaunch.sample.columns import (
    DASHBOARD_VIEWED,
    EVENTS,
    HOUR,
    LOGIN,
    MINUTE,
    PAGE_VIEW_REGISTER,
    PROFILE_UPDATED,
    REGISTER_STARTED,
    REGISTER_SUBMITTED,
    ROLE_ASSIGNED,
    SIGNED_UP,
    Flags,
    Floats,
    Places,
)
from postlaunch.sample.history import History, Sessions, sessions_of
from postlaunch.sample.people import People
from postlaunch.sample.rhythm import milliseconds
from postlaunch.sample.truth_users import (
    ActivityTruth,
    AdoptionTruth,
    FlowTruth,
    FunnelStepTruth,
    PathTruth,
    RetentionTruth,
    SessionsTruth,
    SpanTruth,
)
from postlaunch.windows import Window, month_of

RETENTION_DAYS = (1, 7, 30)
FUNNEL = (PAGE_VIEW_REGISTER, REGISTER_STARTED, REGISTER_SUBMITTED, SIGNED_UP, LOGIN)
FUNNEL_DAYS = 7
FEATURES = (
    ("Registration", SIGNED_UP, False),
    ("Login", LOGIN, False),
    ("Dashboard", DASHBOARD_VIEWED, False),
    ("Profile update", PROFILE_UPDATED, False),
    ("Role assignment", ROLE_ASSIGNED, True),
)
ENGAGED_MINUTES, POWER_MINUTES = 30, 120
PATH_STEPS, PATHS = 5, 10


def spans_of(weeks: tuple[Window, ...]) -> dict[str, Window]:
    """The spans that are counted, by their labels."""
    newest, zone = weeks[-1], weeks[-1].zone
    month = month_of(newest.local(newest.end - timedelta(days=1)).date().replace(day=1), zone)
    if month.end > newest.end:
        month = month.before()
    before = weeks[-8:-4]
    return {
        month.label: month,
        "28 days": Window(start=weeks[-4].start, end=newest.end, zone=zone),
        "28 days before": Window(start=before[0].start, end=before[-1].end, zone=zone),
        weeks[-2].label: weeks[-2],
        newest.label: newest,
    }


def span_truth(history: History, people: People, label: str, span: Window) -> SpanTruth:
    """The truth of one span of whole days."""
    start, end = milliseconds(span.start), milliseconds(span.end)
    inside = history.inside(start, end)
    counts = np.bincount(history.name[inside], minlength=len(EVENTS))
    first, after = span.local(span.start).date(), span.local(span.end).date()
    sessions = sessions_of(history, start, end)
    return SpanTruth(
        label=label,
        start=span.start,
        end=span.end,
        events={name: int(count) for name, count in zip(EVENTS, counts, strict=True)},
        activity=_activity(history, first, after, start, end),
        retention=tuple(_retention(history, first, after, day) for day in RETENTION_DAYS),
        funnel=_funnel(history, start, end),
        adoption=_adoption(history, people, end),
        active_by_day=_active_by_day(history, first, after),
        sessions=_sessions(history, sessions, (after - first).days / 7),
        flow=_flow(history, sessions),
        paths=_paths(history, sessions),
    )


def _activity(history: History, first: date, after: date, start: int, end: int) -> ActivityTruth:
    total = int(((history.joined >= 0) & (history.joined < end)).sum())
    new = int(((history.joined >= start) & (history.joined < end)).sum())
    low, high = history.day_number(first), history.day_number(after)
    monthly = monthly_active(history, after)
    month = _mean_daily(history, high - 30, high)
    return ActivityTruth(
        total=total,
        new=new,
        growth=new / (total - new) if total > new else None,
        mean_daily=_mean_daily(history, low, high),
        weekly=_active(history, high - 7, high) if high >= 7 else None,
        monthly=monthly,
        stickiness=month / monthly if monthly else None,
        in_span=_active(history, low, high),
    )


def monthly_active(history: History, after: date) -> int | None:
    """Distinct active users of the 30 days before a day; None where the events begin later."""
    high = history.day_number(after)
    return _active(history, high - 30, high) if high >= 30 else None


def _on_days(history: History, low: int, high: int) -> Flags:
    return np.asarray(history.acts & (history.day >= low) & (history.day < high), dtype=np.bool_)


def _active(history: History, low: int, high: int) -> int:
    return len(np.unique(history.person[_on_days(history, low, high)]))


def _active_by_day(history: History, first: date, after: date) -> dict[str, int]:
    days = (first + timedelta(days=place) for place in range((after - first).days))
    numbers = {day: history.day_number(day) for day in days}
    return {day.isoformat(): _active(history, number, number + 1) for day, number in numbers.items()}


def _mean_daily(history: History, low: int, high: int) -> float:
    which = _on_days(history, low, high)
    pairs = np.unique(history.person[which].astype(np.int64) * 1_000 + history.day[which])
    return len(pairs) / (high - low)


def _retention(history: History, first: date, after: date, days: int) -> RetentionTruth:
    """Of the users whose day N lies in the span, who came on it, and who on it or later up to the end."""
    low, high = history.day_number(first), history.day_number(after)
    due = history.joined_day + days
    cohort = (history.joined >= 0) & (due >= low) & (due < high)
    which = np.flatnonzero(history.acts & (history.person >= 0) & (history.day < high))
    person, day = history.person[which], history.day[which]
    came_on = np.unique(person[cohort[person] & (day == due[person])])
    came_later = np.unique(person[cohort[person] & (day >= due[person])])
    return RetentionTruth(
        day=days, cohort=int(cohort.sum()), on_day=len(came_on), on_day_or_later=len(came_later)
    )


def _funnel(history: History, start: int, end: int) -> tuple[FunnelStepTruth, ...]:
    """Person by person: the furthest step any entry leads to, and whether that entry may still go on."""
    which = np.flatnonzero(history.inside(start, end) & np.isin(history.name, FUNNEL))
    steps = {name: place for place, name in enumerate(FUNNEL)}
    tracks: dict[int, list[tuple[int, int]]] = {}
    for place in which:
        step = steps[int(history.name[place])]
        tracks.setdefault(int(history.person[place]), []).append((int(history.at[place]), step))
    reached, waiting = [0] * len(FUNNEL), [0] * len(FUNNEL)
    for track in tracks.values():
        furthest, is_open = _furthest(sorted(track), end)
        if furthest < 0:
            continue
        for step in range(furthest + 1):
            reached[step] += 1
        waiting[furthest] += is_open and furthest < len(FUNNEL) - 1
    return tuple(
        FunnelStepTruth(
            event=EVENTS[name],
            users=reached[step],
            in_progress=waiting[step],
            dropped=reached[step - 1] - reached[step] - waiting[step - 1] if step else 0,
        )
        for step, name in enumerate(FUNNEL)
    )


def _furthest(track: list[tuple[int, int]], end: int) -> tuple[int, bool]:
    """The furthest step reached from any entry within its days, and whether one that stands there is open."""
    window = FUNNEL_DAYS * 24 * HOUR
    best, is_open = -1, False
    for place, (entered, step) in enumerate(track):
        if step != 0:
            continue
        is_open = is_open or entered + window >= end
        at = 0
        for moment, following in track[place + 1 :]:
            if following == at + 1 and moment <= entered + window:
                at = following
        best = max(best, at)
    return best, is_open


def _adoption(history: History, people: People, end: int) -> tuple[AdoptionTruth, ...]:
    users = np.flatnonzero((history.joined >= 0) & (history.joined < end))
    truths = []
    for title, name, only_admins in FEATURES:
        audience = users[people.admin[users]] if only_admins else users
        tried = np.unique(history.person[(history.name == name) & (history.at < end)])
        truths.append(
            AdoptionTruth(
                feature=title,
                event=EVENTS[name],
                users=len(np.intersect1d(tried, audience)),
                audience=len(audience),
            )
        )
    return tuple(truths)


def _sessions(history: History, sessions: Sessions, weeks: float) -> SessionsTruth:
    everybody, sessions = sessions, _of_users(history, sessions)
    minutes = _minutes(history, sessions)
    person, place = np.unique(history.person[sessions.first], return_inverse=True)
    by_person = np.bincount(place, weights=minutes)
    return SessionsTruth(
        sessions=len(minutes),
        with_visitors=len(everybody.first),
        users=len(person),
        mean_minutes=float(minutes.mean()),
        median_minutes=float(np.median(minutes)),
        engaged=int((by_person > ENGAGED_MINUTES * weeks).sum()),
        power=int((by_person > POWER_MINUTES * weeks).sum()),
    )


def _of_users(history: History, sessions: Sessions) -> Sessions:
    """The sessions of those who, in one of them, do what a visitor does not."""
    acted = np.concatenate(([0], np.cumsum(history.acts)))
    acting = acted[sessions.after] > acted[sessions.first]
    person = history.person[sessions.first]
    theirs = np.isin(person, person[acting])
    return Sessions(sessions.first[theirs], sessions.after[theirs])


def _minutes(history: History, sessions: Sessions) -> Floats:
    return np.asarray(
        (history.at[sessions.after - 1] - history.at[sessions.first]) / MINUTE, dtype=np.float64
    )


def _flow(history: History, sessions: Sessions) -> dict[str, FlowTruth]:
    """Event by event, in how many sessions it is, and the step at which it comes first in them."""
    lengths = sessions.after - sessions.first
    starts = np.cumsum(lengths) - lengths
    session = np.repeat(np.arange(len(lengths)), lengths)
    name = history.name[np.arange(len(session)) - np.repeat(starts - sessions.first, lengths)]
    turns = np.ones(len(name), dtype=np.int64)
    turns[1:] = name[1:] != name[:-1]
    turns[starts] = 1
    passed = np.cumsum(turns)
    step = passed - (passed[starts] - 1)[session]
    met, earliest = np.unique(session * len(EVENTS) + name, return_index=True)
    counts = np.bincount(met % len(EVENTS), minlength=len(EVENTS))
    steps = np.bincount(met % len(EVENTS), weights=step[earliest], minlength=len(EVENTS))
    return {
        event: FlowTruth(sessions=int(count), mean_step=float(total / count))
        for event, count, total in zip(EVENTS, counts, steps, strict=True)
        if count
    }


def _paths(history: History, sessions: Sessions) -> tuple[PathTruth, ...]:
    """The first steps of every session as one number, base 16, a step being 1 more than the event's place."""
    step, taken, code, previous = sessions.first.copy(), *_zeros(len(sessions.first), 3)
    while (going := (step < sessions.after) & (taken < PATH_STEPS)).any():
        name = history.name[np.minimum(step, len(history.name) - 1)].astype(np.int64) + 1
        turns = going & (name != previous)
        code = np.where(turns, code * 16 + name, code)
        taken += turns
        previous = np.where(going, name, previous)
        step += 1
    codes, counts = np.unique(code, return_counts=True)
    named = [(_path(int(one)), int(count)) for one, count in zip(codes, counts, strict=True)]
    named.sort(key=lambda pair: (-pair[1], pair[0]))
    return tuple(PathTruth(path=path, sessions=count) for path, count in named[:PATHS])


def _zeros(length: int, how_many: int) -> tuple[Places, ...]:
    return tuple(np.zeros(length, dtype=np.int64) for _ in range(how_many))


def _path(code: int) -> str:
    steps: list[str] = []
    while code:
        steps.append(EVENTS[code % 16 - 1])
        code //= 16
    return " → ".join(reversed(steps))
