"""What is due tonight: from the calendar, the settings and what was made before; a pure function.

A period (a day, an ISO week, a month) is due once it is over, the data reaches its end, and nothing whole was
made of it. The first night ever takes the newest such period of each kind and no other; later nights make up
for what was missed, as far back as the settings say. Planning is due on its own days, and never while a gate
of the same sprint waits for a person.

A period whose end the data does not reach waits. Where no more comes for longer than the settings allow, it
is overdue, and the day in which the data ends is checked from what there is: once, and again when more came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from postlaunch.facts import Frozen
from postlaunch.ledger.records import RunState
from postlaunch.settings_cadence import Cadence
from postlaunch.windows import Moment, Window, calendar_day, iso_week_of, month_of, zone_named

Recurring = Literal["daily_check", "weekly_report", "monthly_review", "sprint_planning"]
"""The workflows that the calendar starts."""

PERIODS: tuple[tuple[Recurring, Callable[[date, str], Window], Callable[[Cadence], int]], ...] = (
    ("daily_check", calendar_day, lambda cadence: cadence.catch_up_days),
    ("weekly_report", iso_week_of, lambda cadence: cadence.catch_up_weeks),
    ("monthly_review", month_of, lambda cadence: cadence.catch_up_months),
)
"""The workflows that look at one period each, in the order in which a night runs them; and how many missed
ones are made up for."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Recorded(Frozen):
    """What the data covers.

    Attributes:
        first: when the first thing was recorded.
        begins: from when on it is known that things were recorded; a little before `first`.
        ends: the end of the last thing recorded.
        reaches: until when it is known that things were recorded; a little after `ends`. Periods that end
            later wait for their data.
        overdue: whether more should have come by now.
    """

    first: Moment
    begins: Moment
    ends: Moment
    reaches: Moment
    overdue: bool = False


class Made(Frozen):
    """A run that was there before.

    Attributes:
        window: what it looked at.
        known_at: the moment whose knowledge it has; None: it is not told.
        sprint: that it planned; None for another workflow.
    """

    workflow: str
    window: Window
    state: RunState
    known_at: Moment | None = None
    degraded: bool = False
    sprint: int | None = None

    @property
    def whole(self) -> bool:
        """Whether it needs no doing again."""
        return self.state == "done" and not self.degraded and not self.window.partial

    @property
    def stands(self) -> bool:
        """Whether it left something, if with gaps."""
        return self.state in ("done", "waiting") and not self.window.partial


class Due(Frozen):
    """One workflow that is due.

    Attributes:
        period: label of its day, week or month; of planning: the day it is due on.
    """

    workflow: Recurring
    period: str
    why: str


class Calendar(Frozen):
    """What is due, and what a reader must know of what is not.

    Attributes:
        notes: periods that wait for their data, or were missed too long ago; gates that are still open.
        overdue: periods whose data should have come by now, in words.
    """

    due: tuple[Due, ...] = ()
    notes: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()


def due(
    now: datetime,
    zone: str,
    cadence: Cadence,
    *,
    recorded: Recorded | None,
    made: Sequence[Made],
    next_sprint: int | None,
) -> Calendar:
    """What is due at a moment.

    Args:
        zone: the application's; days, weeks and months are those of its wall clock.
        recorded: None where no log is configured: nothing periodic is then due.
        made: the runs there were, of every workflow.
        next_sprint: the sprint that planning would plan; None where there is nothing to plan from.
    """
    parts: list[Due] = []
    notes: list[str] = []
    overdue: list[str] = []
    if recorded is not None:
        for workflow, period_of, limit in PERIODS:
            known = [one for one in made if one.workflow == workflow]
            found = _Periods(workflow, period_of, zone, now, recorded).due(known, limit(cadence))
            parts += found.due
            notes += found.notes
            overdue += found.overdue
    if next_sprint is not None:
        first = recorded.first if recorded is not None else None
        planned = [one for one in made if one.workflow == "sprint_planning"]
        found = _planning(now, zone, cadence, first, planned, next_sprint)
        parts += found.due
        notes += found.notes
    return Calendar(due=tuple(parts), notes=tuple(notes), overdue=tuple(overdue))


@dataclass(frozen=True)
class _Periods:
    """The periods of one workflow, as they lie before a moment."""

    workflow: Recurring
    period_of: Callable[[date, str], Window]
    zone: str
    now: datetime
    recorded: Recorded

    def due(self, known: Sequence[Made], limit: int) -> Calendar:
        """Those that are due, the oldest first."""
        first = None if known else self._newest_recorded()
        opening = (self._due(first, "the first"),) if first is not None else ()
        if not known and not self.recorded.overdue:
            return Calendar(due=opening)
        newest = self._newest_over(self.now)
        begins = first.end if first is not None else self.recorded.begins
        since = min((one.window.start for one in known), default=begins)
        candidates = [newest]
        while len(candidates) < limit:
            candidates.append(candidates[-1].before())
        parts: list[Due] = [*opening]
        waiting: list[Window] = []
        for period in reversed(candidates):
            if period.start < max(since, self.recorded.begins):
                continue
            why = _why(period, known, newest=period == newest)
            if not why:
                continue
            if period.end <= self.recorded.reaches:
                parts.append(self._due(period, why))
                continue
            waiting.append(period)
            if self._made_of_a_part(period) and not self._made_so_far(period, known, newest):
                parts.append(self._due(period, "its data ends inside it, and more is overdue"))
        notes = self._too_old(candidates[-1], known)
        if self.recorded.overdue:
            return Calendar(due=tuple(parts), notes=tuple(notes), overdue=tuple(self._overdue(waiting)))
        return Calendar(due=tuple(parts), notes=(*self._waiting(waiting), *notes))

    def _due(self, period: Window, why: str) -> Due:
        return Due(workflow=self.workflow, period=period.label, why=why)

    def _newest_over(self, moment: datetime) -> Window:
        """The newest period that was over at a moment."""
        return self.period_of(moment.astimezone(zone_named(self.zone)).date(), self.zone).before()

    def _newest_recorded(self) -> Window | None:
        """The newest period that is over and wholly in the data; None where none is."""
        period = self._newest_over(min(self.now, self.recorded.reaches))
        return period if period.start >= self.recorded.begins else None

    def _made_of_a_part(self, period: Window) -> bool:
        """Whether a period is looked at though the data does not reach its end: the day in which the data
        ends, where more is overdue.
        """
        return self.workflow == "daily_check" and self.recorded.overdue and period.start < self.recorded.ends

    def _made_so_far(self, period: Window, known: Sequence[Made], newest: Window) -> bool:
        """Whether all of a period that there is was looked at, once it was over."""
        return any(
            one.state == "done"
            and one.window.label == period.label
            and one.window.observed_end >= self.recorded.ends
            and (one.known_at is None or one.known_at >= period.end)
            and not (one.degraded and period == newest)
            for one in known
        )

    def _waiting(self, periods: Sequence[Window]) -> list[str]:
        if not periods:
            return []
        ends = self.recorded.ends.astimezone(zone_named(self.zone))
        named = ", ".join(period.label for period in periods)
        return [
            f"{self.workflow.replace('_', ' ')} of {named} waits for its data, "
            f"which ends at {ends:%Y-%m-%d %H:%M} {self.zone}"
        ]

    def _overdue(self, periods: Sequence[Window]) -> Iterator[str]:
        """The periods whose data should have come by now: what is made of a part, and what is not made."""
        name = self.workflow.replace("_", " ")
        yield from (
            f"{name} of {one.label} (made of what there is)" for one in periods if self._made_of_a_part(one)
        )
        without = [one.label for one in periods if not self._made_of_a_part(one)]
        if without:
            yield f"{name} of {without[0]}" + (f" to {without[-1]}" if len(without) > 1 else "")

    def _too_old(self, oldest: Window, known: Sequence[Made]) -> list[str]:
        """Periods that were missed before the oldest that a night makes up for."""
        last = max((one.window for one in known if one.window.start < oldest.start), default=None, key=_start)
        if last is None or any(one.window.start == oldest.before().start for one in known):
            return []
        return [
            f"{self.workflow.replace('_', ' ')}: what lies between {last.label or last.days()} and "
            f"{oldest.label} was missed too long ago to be made up for (cadence.catch_up in the settings)"
        ]


def _start(window: Window) -> datetime:
    return window.start


def _why(period: Window, known: Sequence[Made], *, newest: bool) -> str:
    """Why a period is due; "" where it is not. One with gaps is made again only while it is the newest."""
    of_it = [one for one in known if one.window.label == period.label]
    if any(one.whole for one in of_it):
        return ""
    if any(one.stands for one in of_it):
        return "made again: it was degraded" if newest else ""
    if any(one.state == "done" for one in of_it):
        return "made before it was over"
    if of_it:
        return "begun and not finished"
    return "new" if newest else "missed"


def _planning(
    now: datetime,
    zone: str,
    cadence: Cadence,
    recorded_first: datetime | None,
    planned: Sequence[Made],
    next_sprint: int,
) -> Calendar:
    """Whether planning is due: its newest day is past, and no planning is nearer to that day than to the one
    before it."""
    day = _planning_day(now, zone, cadence, recorded_first)
    if day is None:
        return Calendar()
    waits = [one for one in planned if one.state == "waiting" and one.sprint == next_sprint]
    if waits:
        return Calendar(notes=(f"sprint {next_sprint} waits for a decision: no second proposal is made",))
    half = timedelta(weeks=cadence.planning_weeks) / 2
    since = datetime.combine(day, datetime.min.time(), zone_named(zone)) - half
    if any(one.state in ("done", "waiting") and one.window.observed_end >= since for one in planned):
        return Calendar()
    begun = any(one.window.observed_end >= since for one in planned)
    why = "begun and not finished" if begun else f"due on {day}"
    return Calendar(due=(Due(workflow="sprint_planning", period=str(day), why=why),))


def _planning_day(now: datetime, zone: str, cadence: Cadence, recorded_first: datetime | None) -> date | None:
    """The newest day, up to today, on which planning is due."""
    place = zone_named(zone)
    today = now.astimezone(place).date()
    first = cadence.planning_from
    if first is None:
        start = recorded_first.astimezone(place).date() if recorded_first is not None else today
        monday = start - timedelta(days=start.weekday())
        first = monday + timedelta(days=WEEKDAYS.index(cadence.planning_day))
    if today < first:
        return None
    step = timedelta(weeks=cadence.planning_weeks)
    return first + step * ((today - first) // step)
