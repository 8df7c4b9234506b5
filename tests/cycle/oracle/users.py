"""Figures of users and of their events: by the generator's own counting, else counted again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from oracle.requests import Figures
from oracle.world import Asked, World, bounds
from postlaunch.sample.columns import EVENTS
from postlaunch.sample.history import sessions_of
from postlaunch.sample.truth import SpanTruth
from postlaunch.windows import Window


class OfUsers:
    """What the product's events tell."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: dict[Window, Counter[tuple[int, int]]] = {}

    def figures(self) -> Figures:
        """By name."""
        return {
            **self._users(),
            **self._sessions(),
            **self._funnel(),
            **self._features(),
            **self._flows(),
            **self._tracking(),
        }

    def _of(self, figure: Callable[[SpanTruth], Any]) -> Callable[[Asked], Any]:
        return lambda asked: figure(self.world.span(asked.window))

    def _users(self) -> Figures:
        found: dict[str, Callable[[SpanTruth], Any]] = {
            "total_users": lambda span: span.activity.total,
            "new_users": lambda span: span.activity.new,
            "user_growth": lambda span: span.activity.growth,
            "daily_active_users": lambda span: span.activity.mean_daily,
            "weekly_active_users": lambda span: span.activity.weekly,
            "monthly_active_users": lambda span: span.activity.monthly,
            "stickiness": lambda span: span.activity.stickiness,
            "users_in_span": lambda span: span.activity.in_span,
        }
        for place, day in enumerate((1, 7, 30)):
            found[f"day_{day}_retention"] = lambda span, place=place: (
                span.retention[place].on_day / span.retention[place].cohort
            )
            found[f"day_{day}_retention_unbounded"] = lambda span, place=place: (
                span.retention[place].on_day_or_later / span.retention[place].cohort
            )
        return {name: self._of(figure) for name, figure in found.items()} | {
            "day_active_users": lambda asked: self.world.span(asked.window).active_by_day[asked.entity]
        }

    def _sessions(self) -> Figures:
        found: dict[str, Callable[[SpanTruth], Any]] = {
            "sessions": lambda span: span.sessions.sessions,
            "mean_session": lambda span: span.sessions.mean_minutes,
            "median_session": lambda span: span.sessions.median_minutes,
            "engaged_users": lambda span: span.sessions.engaged,
            "engaged_share": lambda span: span.sessions.engaged / span.sessions.users,
            "power_users": lambda span: span.sessions.power,
            "power_share": lambda span: span.sessions.power / span.sessions.users,
        }
        return {name: self._of(figure) for name, figure in found.items()}

    def _funnel(self) -> Figures:
        found: dict[str, Callable[[Any, Any, Any], float]] = {
            "funnel_users": lambda first, before, step: step.users,
            "funnel_from_first": lambda first, before, step: step.users / first.users,
            "funnel_from_previous": lambda first, before, step: step.users / before.users,
            "funnel_dropped": lambda first, before, step: step.dropped,
            "funnel_drop_points": lambda first, before, step: step.dropped / first.users,
            "funnel_drop": lambda first, before, step: step.dropped / before.users,
            "funnel_in_progress": lambda first, before, step: step.in_progress,
        }

        def of(figure: Callable[[Any, Any, Any], float]) -> Callable[[Asked], float]:
            def value(asked: Asked) -> float:
                steps = self.world.span(asked.window).funnel
                place = [step.event for step in steps].index(asked.entity)
                return figure(steps[0], steps[max(place - 1, 0)], steps[place])

            return value

        return {name: of(figure) for name, figure in found.items()}

    def _features(self) -> Figures:
        def of(asked: Asked) -> Any:
            adoption = self.world.span(asked.window).adoption
            return next(feature for feature in adoption if feature.event == asked.entity)

        return {
            "feature_users": lambda asked: of(asked).users,
            "feature_audience": lambda asked: of(asked).audience,
            "feature_adoption": lambda asked: of(asked).users / of(asked).audience,
        }

    # --- flows --------------------------------------------------------------------------------------------

    def _flows(self) -> Figures:
        def seen(asked: Asked) -> Any:
            return self.world.span(asked.window).flow[asked.entity]

        def all_sessions(asked: Asked) -> int:
            return self.world.span(asked.window).sessions.with_visitors

        def path(asked: Asked) -> int:
            paths = self.world.span(asked.window).paths
            return next(path.sessions for path in paths if path.path == asked.entity)

        return {
            "sessions_with_event": lambda asked: seen(asked).sessions / all_sessions(asked),
            "event_position": lambda asked: seen(asked).mean_step,
            "path_sessions": path,
            "path_share": lambda asked: path(asked) / all_sessions(asked),
            "transitions": lambda asked: self._transitions(asked.window)[_pair(asked.entity)],
            "transition_share": self._transition_share,
        }

    def _transition_share(self, asked: Asked) -> float:
        followed = self._transitions(asked.window)
        before, _ = pair = _pair(asked.entity)
        return followed[pair] / sum(count for (first, _), count in followed.items() if first == before)

    def _transitions(self, window: Window) -> Counter[tuple[int, int]]:
        """What came directly after what in sessions, the same thing twice running left out."""
        if window not in self._known:
            history, counted = self.world.history, Counter[tuple[int, int]]()
            sessions = sessions_of(history, *bounds(window))
            for first, after in zip(sessions.first, sessions.after, strict=True):
                names = history.name[first:after].tolist()
                counted.update(pair for pair in pairwise(names) if pair[0] != pair[1])
            self._known[window] = counted
        return self._known[window]

    # --- what is recorded ---------------------------------------------------------------------------------

    def _tracking(self) -> Figures:
        def events(asked: Asked) -> int:
            return self.world.span(asked.window).events[asked.entity]

        def unknown(asked: Asked) -> int:
            known = {*asked.parameters["expected"], *asked.parameters["otherwise"]}
            seen = {name for name, number in self.world.span(asked.window).events.items() if number}
            return len(seen - known)

        return {
            "tracked_events": events,
            "names_tracked": lambda asked: len(set(asked.parameters["expected"])),
            "names_untracked": unknown,
            "names_never_seen": lambda asked: len(set(asked.parameters["expected"]) - set(EVENTS)),
            "property_filled": self._filled,
            "rows_read": lambda asked: len(self.world.application.events),
            "rows_rejected": lambda asked: 0,
            "rows_repeated": lambda asked: 0,
            "rows_future": lambda asked: 0,
            "events_without_user": lambda asked: 0,
        }

    def _filled(self, asked: Asked) -> float:
        """Events of the name with a value of the property, as the file is written."""
        name, _, wanted = asked.entity.partition(", ")
        events, (start, end) = self.world.application.events, bounds(asked.window)
        inside = events.rows((events.at >= start) & (events.at < end) & (events.name == EVENTS.index(name)))
        written = {
            "role": inside.person >= 0,
            "experiment": inside.arm > 0,
            "variant": inside.arm > 0,
            "seconds": ~np.isnan(inside.seconds),
            "success": inside.success >= 0,
            "rating": inside.rating > 0,
        }
        return float(written[wanted].mean())


def _pair(entity: str) -> tuple[int, int]:
    before, _, after = entity.partition(" → ")
    return EVENTS.index(before), EVENTS.index(after)
