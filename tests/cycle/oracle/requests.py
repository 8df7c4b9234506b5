"""Figures of requests, counted again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from oracle.world import MINUTE_MS, Asked, World, nearest_rank, per_minute, users_of
from postlaunch.sample.columns import Requests
from postlaunch.sample.endpoints import ENDPOINTS
from postlaunch.sample.incident import PODS
from postlaunch.windows import Window

Figures = Mapping[str, Callable[[Asked], Any]]
LEAST_FOR_DOWN = 10
LEAST_TIMED = 30


class Counted:
    """Requests of one span, counted."""

    def __init__(self, requests: Requests, seconds: float) -> None:
        self.requests, self.seconds, self.number = requests, seconds, len(requests)

    @property
    def failed(self) -> int:
        """Answered with 5xx."""
        return int((self.requests.status >= 500).sum())

    @property
    def error_rate(self) -> float:
        """5xx ÷ all."""
        return self.failed / self.number

    @property
    def mean(self) -> float:
        """Of the response times."""
        return float(self.requests.latency_ms.mean())

    def rank(self, percent: int) -> float:
        """A percentile of the response times."""
        return nearest_rank(self.requests.latency_ms, percent)

    @cached_property
    def _minutes(self) -> tuple[Any, Any, Any]:
        return per_minute(self.requests)

    @property
    def minutes(self) -> int:
        """With a request."""
        return len(self._minutes[0])

    @property
    def down(self) -> Any:
        """The minutes that are down, as numbers since 1970."""
        minutes, counts, failed = self._minutes
        return minutes[(counts >= LEAST_FOR_DOWN) & (failed * 2 >= counts)]

    @property
    def peak(self) -> float:
        """Requests per second of the busiest minute."""
        return int(self._minutes[1].max()) / 60

    def share_of_status(self, low: int, high: int) -> float:
        """Answered with a status of [low, high)."""
        return float(((self.requests.status >= low) & (self.requests.status < high)).mean())

    def part(self, which: Any) -> Counted:
        """Some of them."""
        return Counted(self.requests.rows(which), self.seconds)


class OfRequests:
    """Everything that the request log tells."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: dict[tuple[Any, Any], Counted] = {}

    def counted(self, window: Window) -> Counted:
        """The requests of a window."""
        key = window.start, window.observed_end
        if key not in self._known:
            seconds = (window.observed_end - window.start).total_seconds()
            self._known[key] = Counted(self.world.requests_in(window), seconds)
        return self._known[key]

    def figures(self) -> Figures:
        """By name."""
        return {
            **self._summary(),
            **self._uptime(),
            **self._endpoints(),
            **self._mix(),
            **self._parts(),
            **self._log(),
        }

    def _of(self, figure: Callable[[Counted], float]) -> Callable[[Asked], float]:
        return lambda asked: figure(self.counted(asked.window))

    def _summary(self) -> Figures:
        found: dict[str, Callable[[Counted], float]] = {
            "total_requests": lambda all_: all_.number,
            "error_rate": lambda all_: all_.error_rate,
            "availability": lambda all_: 1 - all_.error_rate,
            "client_error_rate": lambda all_: all_.share_of_status(400, 500),
            "bot_share": lambda all_: float(all_.requests.bot.mean()),
            "active_users": lambda all_: users_of(all_.requests),
            "mean_response_time": lambda all_: all_.mean,
            "p50_response_time": lambda all_: all_.rank(50),
            "p95_response_time": lambda all_: all_.rank(95),
            "p99_response_time": lambda all_: all_.rank(99),
            "minutes_covered": lambda all_: all_.minutes / (all_.seconds / 60),
            "requests_per_second": lambda all_: all_.number / all_.seconds,
            "peak_requests_per_second": lambda all_: all_.peak,
        }
        return {name: self._of(figure) for name, figure in found.items()} | {
            "new_registrations": self._registrations,
            "status_count": lambda asked: self._status(asked)[0],
            "status_share": lambda asked: self._status(asked)[0] / self._status(asked)[1],
        }

    def _registrations(self, asked: Asked) -> float:
        requests = self.counted(asked.window).requests
        wanted = set(asked.parameters["endpoints"])
        places = [place for place, endpoint in enumerate(ENDPOINTS) if endpoint.name in wanted]
        well = (requests.status >= 200) & (requests.status < 300)
        return int((np.isin(requests.endpoint, places) & well).sum())

    def _status(self, asked: Asked) -> tuple[int, int]:
        """Of the status, and of all from 400 on."""
        status = self.counted(asked.window).requests.status
        return int((status == int(asked.entity[:3])).sum()), int((status >= 400).sum())

    # --- availability -------------------------------------------------------------------------------------

    def _uptime(self) -> Figures:
        return {
            "uptime": self._of(lambda all_: 1 - len(all_.down) / all_.minutes),
            "down_minutes": self._of(lambda all_: len(all_.down)),
            "outages": self._of(lambda all_: len(_runs(all_.down))),
            "outage_start": lambda asked: self._outage(asked)[0] * 60,
            "outage_minutes": lambda asked: len(self._outage(asked)),
            "outage_error_share": self._outage_errors,
            "planned_down_minutes": lambda asked: len(self._unplanned(asked)[1]),
            "uptime_unplanned": lambda asked: self._unplanned(asked)[0],
        }

    def _outage(self, asked: Asked) -> Any:
        return _runs(self.counted(asked.window).down)[int(asked.entity.split()[1]) - 1]

    def _outage_errors(self, asked: Asked) -> float:
        minutes = self._outage(asked)
        first, last = int(minutes[0]) * MINUTE_MS, int(minutes[-1] + 1) * MINUTE_MS
        return Counted(self.world.requests_between(first, last), 0).error_rate

    def _unplanned(self, asked: Asked) -> tuple[float, Any]:
        """Uptime without the minutes of planned maintenance, and the down minutes in it."""
        all_ = self.counted(asked.window)
        planned: set[int] = set()
        for span in map(Window.model_validate, asked.parameters["planned"]):
            first, last = span.start.timestamp() // 60, -(-span.end.timestamp() // 60)
            planned |= set(range(int(first), int(last)))
        minutes = np.unique(all_.requests.at // MINUTE_MS)
        outside = ~np.isin(minutes, list(planned))
        down = np.isin(all_.down, list(planned))
        return 1 - int((~down).sum()) / int(outside.sum()), all_.down[down]

    # --- endpoints ----------------------------------------------------------------------------------------

    def endpoint(self, window: Window, name: str) -> Counted:
        """An endpoint with an image and without is one."""
        all_ = self.counted(window)
        places = [place for place, endpoint in enumerate(ENDPOINTS) if endpoint.name == name]
        assert places, f"no endpoint {name}"
        return all_.part(np.isin(all_.requests.endpoint, places))

    def _endpoints(self) -> Figures:
        def share(all_: Counted, its: Counted) -> float:
            return its.number / all_.number

        found: dict[str, Callable[[Counted, Counted], float]] = {
            "endpoint_requests": lambda all_, its: its.number,
            "endpoint_share": share,
            "endpoint_mean_response_time": lambda all_, its: its.mean,
            "endpoint_p95_response_time": lambda all_, its: its.rank(95),
            "endpoint_errors": lambda all_, its: its.failed,
            "endpoint_error_rate": lambda all_, its: its.error_rate,
            "load_share_of_requests": share,
            "load_share": lambda all_, its: float(
                its.requests.latency_ms.sum() / all_.requests.latency_ms.sum()
            ),
            "load_requests_per_day": lambda all_, its: its.number / (all_.seconds / 86_400),
            "load_mean_response_time": lambda all_, its: its.mean,
            "load_p95_response_time": lambda all_, its: its.rank(95),
        }
        return {name: self._of_endpoint(figure) for name, figure in found.items()}

    def _of_endpoint(self, figure: Callable[[Counted, Counted], float]) -> Callable[[Asked], float]:
        return lambda asked: figure(self.counted(asked.window), self.endpoint(asked.window, asked.entity))

    # --- speed and mix ------------------------------------------------------------------------------------

    def _mix(self) -> Figures:
        def effect(asked: Asked, moved: Callable[[Any, Any, Any, Any], Any]) -> float:
            sides = self._sides(asked)
            return sum(
                moved(now.number / sides.now, old.number / sides.before, now.mean, old.mean)
                for now, old in sides.both
            )

        return {
            "rate_effect": lambda asked: effect(asked, lambda p, q, m, n: (p + q) / 2 * (m - n)),
            "mix_effect": lambda asked: effect(asked, lambda p, q, m, n: (p - q) * (m + n) / 2),
            "endpoints_slower": lambda asked: sum(
                now.mean > old.mean for now, old in self._sides(asked).both
            ),
            "endpoints_faster": lambda asked: sum(
                now.mean < old.mean for now, old in self._sides(asked).both
            ),
            "endpoints_new": lambda asked: self._sides(asked).new,
            "usual_endpoint_change": self._usual_change,
        }

    def _sides(self, asked: Asked) -> Sides:
        return Sides(self, asked.window, asked.against)

    def _usual_change(self, asked: Asked) -> float:
        """The median of the endpoints' own changes, each as heavy as its requests of both windows."""
        both = [pair for pair in self._sides(asked).both if min(side.number for side in pair) >= LEAST_TIMED]
        changes = sorted((now.mean / old.mean - 1, now.number + old.number) for now, old in both)
        half, reached = sum(weight for _, weight in changes) / 2, 0
        for change, weight in changes:
            reached += weight
            if reached >= half:
                return change
        raise AssertionError("no endpoint to compare")

    # --- parts of a window --------------------------------------------------------------------------------

    def _parts(self) -> Figures:
        found: dict[str, Callable[[Asked], float]] = {}
        places: dict[str, Callable[[Asked], Window]] = {
            "day": lambda asked: self.world.day(asked.entity),
            "hour": lambda asked: self.world.hour(asked.entity),
            "minute": lambda asked: self.world.minute(asked.entity, asked.window),
        }
        for part, place in places.items():
            found |= {
                f"{part}_{name}": self._of_part(place, figure)
                for name, figure in {
                    "requests": lambda all_: all_.number,
                    "error_rate": lambda all_: all_.error_rate,
                    "mean_response_time": lambda all_: all_.mean,
                }.items()
            }
        pods = {
            "requests": lambda all_: all_.number,
            "error_rate": lambda all_: all_.error_rate,
            "mean_response_time": lambda all_: all_.mean,
            "p95_response_time": lambda all_: all_.rank(95),
        }
        return found | {f"pod_{name}": self._of_pod(figure) for name, figure in pods.items()}

    def _of_part(
        self, place: Callable[[Asked], Window], figure: Callable[[Counted], float]
    ) -> Callable[[Asked], float]:
        return lambda asked: figure(self.counted(place(asked)))

    def _of_pod(self, figure: Callable[[Counted], float]) -> Callable[[Asked], float]:
        def found(asked: Asked) -> float:
            all_ = self.counted(asked.window)
            return figure(all_.part(all_.requests.pod == PODS.index(asked.entity.removeprefix("pod "))))

        return found

    def _log(self) -> Figures:
        """Of the whole file: nothing in it is broken, and nothing of tomorrow."""
        at = self.world.requests.at
        return {
            "lines_read": lambda asked: len(at),
            "lines_rejected": lambda asked: 0,
            "lines_future": lambda asked: 0,
            "log_minutes": lambda asked: len(np.unique(at // MINUTE_MS)),
            "log_start": lambda asked: int(at[0]) / 1000,
            "log_end": lambda asked: int(at[-1]) / 1000,
        }


class Sides:
    """The endpoints of two windows beside one another."""

    def __init__(self, of: OfRequests, window: Window, against: Window) -> None:
        now, before = of.counted(window), of.counted(against)
        self.now, self.before = now.number, before.number
        names = {endpoint.name for endpoint in ENDPOINTS}
        pairs = [(of.endpoint(window, name), of.endpoint(against, name)) for name in sorted(names)]
        self.both = [pair for pair in pairs if all(side.number for side in pair)]
        self.new = sum(new.number >= LEAST_TIMED and not old.number for new, old in pairs)


def _runs(minutes: Any) -> list[Any]:
    """Minutes in a row, in their order."""
    return [run for run in np.split(minutes, np.flatnonzero(np.diff(minutes) > 1) + 1) if len(run)]
