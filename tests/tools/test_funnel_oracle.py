"""Every funnel mode against a plain search in Python, on random logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postlaunch.tools.analytics_funnel import FunnelParameters, entities
from postlaunch.tools.measurement import run_measurement
from postlaunch.windows import Window

START = datetime(2025, 11, 17, tzinfo=UTC)
TICK = timedelta(minutes=10)
END = 36
"""Ticks of the window; moments lie on ticks, so that many of them are the same."""

ALLOWED = 6
GAP = 3

MODES = ("ordered", "first_entry", "step_window", "same_session", "strict_order", "any_order")

LOGS = st.lists(
    st.tuples(st.integers(-8, END + 4), st.sampled_from("uvw"), st.sampled_from("ABCX")),
    min_size=1,
    max_size=40,
)
STEPS = st.lists(st.sampled_from("ABC"), min_size=2, max_size=4).map(tuple)


@dataclass(frozen=True)
class Event:
    """What a user did, at which tick, in which session, and when that session's last event was."""

    tick: int
    name: str
    session: int
    session_end: int


def tracks(log: Sequence[tuple[int, str, str]], steps: Sequence[str]) -> Iterator[list[Event]]:
    """Each user's events of the window, ties in the order of the steps."""

    def order(entry: tuple[int, str, str]) -> tuple[int, int]:
        tick, _, name = entry
        return tick, steps.index(name) if name in steps else len(steps)

    for user in "uvw":
        mine = sorted((entry for entry in log if entry[1] == user and entry[0] < END), key=order)
        sessions: list[list[tuple[int, str, str]]] = []
        for entry in mine:
            if sessions and entry[0] - sessions[-1][-1][0] <= GAP:
                sessions[-1].append(entry)
            else:
                sessions.append([entry])
        yield [
            Event(tick, name, number, session[-1][0])
            for number, session in enumerate(sessions)
            for tick, _, name in session
        ]


def chains(track: list[Event], steps: Sequence[str], mode: str) -> Iterator[list[int]]:
    """Every way of going the first steps: positions in the track, in order, by the rule of the mode."""

    def longer(chain: list[int]) -> Iterator[list[int]]:
        yield chain
        if len(chain) == len(steps):
            return
        for place in range(chain[-1] + 1, len(track)):
            if track[place].name == steps[len(chain)] and fits(chain, place):
                yield from longer([*chain, place])

    def fits(chain: list[int], place: int) -> bool:
        first, last, this = track[chain[0]], track[chain[-1]], track[place]
        return {
            "ordered": this.tick - first.tick <= ALLOWED,
            "first_entry": this.tick - first.tick <= ALLOWED,
            "step_window": this.tick - last.tick <= ALLOWED,
            "same_session": this.session == first.session,
            "strict_order": place == chain[-1] + 1 and this.tick - first.tick <= ALLOWED,
        }[mode]

    entries = [place for place, event in enumerate(track) if event.name == steps[0]]
    for entry in entries[:1] if mode == "first_entry" else entries:
        yield from longer([entry])


def still_open(track: list[Event], chain: list[int], mode: str) -> bool:
    """Whether the time for the next step was not over at the end of the window."""
    first, last = track[chain[0]], track[chain[-1]]
    return {
        "ordered": first.tick + ALLOWED >= END,
        "first_entry": first.tick + ALLOWED >= END,
        "step_window": last.tick + ALLOWED >= END,
        "same_session": last.session_end + GAP >= END,
        "strict_order": chain[-1] == len(track) - 1 and first.tick + ALLOWED >= END,
    }[mode]


def stop(track: list[Event], steps: Sequence[str], mode: str) -> tuple[int, bool]:
    """How many steps a user made, and whether more may follow."""
    if mode == "any_order":
        mine = [event for event in track if event.name in steps and event.tick >= 0]
        made = [
            len({other.name for other in mine if 0 <= other.tick - event.tick <= ALLOWED}) for event in mine
        ]
        return max(made, default=0), any(event.tick + ALLOWED >= END for event in mine)
    if mode == "same_session":
        begun = {event.session: event.tick for event in reversed(track)}
        inside = [event for event in track if begun[event.session] >= 0]
    else:
        inside = [event for event in track if event.tick >= 0]
    ways = list(chains(inside, steps, mode))
    return max(map(len, ways), default=0), any(still_open(inside, way, mode) for way in ways)


def expected(log: Sequence[tuple[int, str, str]], steps: Sequence[str], mode: str) -> dict:
    """Users and users in progress by step."""
    stops = [stop(track, steps, mode) for track in tracks(log, steps)]
    reached = {step: sum(made >= step for made, _ in stops) for step in range(1, len(steps) + 1)}
    waiting = {step: sum(made == step and more for made, more in stops) for step in range(1, len(steps))} | {
        len(steps): 0
    }
    return {step: (reached[step], waiting[step]) for step in reached}


def measured(open_event_log: Callable, log: Sequence, steps: Sequence[str], modes: Sequence[str]) -> dict:
    """The same by the measurement, by mode; None where no user made the first step."""
    events = open_event_log(
        [
            {"time": (START + tick * TICK).isoformat(), "user": user, "event": name}
            for tick, user, name in [*log, (END + 4, "z", "X"), (-9, "z", "X"), (1, "z", "X")]
        ]
    )
    window = Window(start=START, end=START + END * TICK)
    found: dict[str, dict[int, tuple[float, float]] | None] = {}
    for mode in modes:
        parameters = FunnelParameters(
            window=window, steps=tuple(steps), mode=mode, days=ALLOWED / 144, session_minutes=GAP * 10
        )
        result = run_measurement("funnel", parameters, {"events": events})
        found[mode] = result.facts and {
            step: tuple(result.fact(name, entity).value for name in ("funnel_users", "funnel_in_progress"))
            for step, entity in enumerate(entities(parameters), 1)
        }
    events.close()
    return found


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=LOGS, steps=STEPS)
def test_every_mode_counts_as_a_plain_search_does(open_event_log, log, steps) -> None:
    modes = [mode for mode in MODES if mode != "any_order" or len(set(steps)) == len(steps)]
    found = measured(open_event_log, log, steps, modes)
    for mode in modes:
        wanted = expected(log, steps, mode)
        assert (found[mode] or dict.fromkeys(wanted, (0, 0))) == (
            wanted if wanted[1][0] else dict.fromkeys(wanted, (0, 0))
        ), mode


@pytest.mark.skipif(not find_spec("chdb"), reason="chDB is not there (pip install chdb: 900 MB)")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=LOGS, steps=STEPS.filter(lambda steps: len(set(steps)) == len(steps)))
def test_in_order_counts_as_clickhouses_window_funnel_does(open_event_log, log, steps) -> None:
    levels = window_funnel([entry for entry in log if 0 <= entry[0] < END], steps)
    found = measured(open_event_log, log, steps, ["ordered"])["ordered"] or {}
    users = [found[step][0] if found else 0 for step in range(1, len(steps) + 1)]
    assert users == [sum(level >= step for level in levels) for step in range(1, len(steps) + 1)]


def window_funnel(log: Sequence[tuple[int, str, str]], steps: Sequence[str]) -> list[int]:
    """The step that each user came to, by ClickHouse itself, which runs in this process."""
    from chdb import session

    if not log:
        return []
    seconds = int(TICK.total_seconds())
    rows = ", ".join(f"({tick * seconds}, '{user}', '{name}')" for tick, user, name in log)
    conditions = ", ".join(f"name = '{step}'" for step in steps)
    answer = session.Session().query(
        f"SELECT windowFunnel({ALLOWED * seconds})(tick, {conditions}) AS level "
        f"FROM values('tick UInt64, user String, name String', {rows}) GROUP BY user FORMAT CSV"
    )
    return [int(line) for line in str(answer).split()]


REGRESSIONS = {
    "in order": ([(0, "u", "A"), (1, "u", "B"), (2, "u", "C")], "ABC", [1, 1, 1]),
    "out of order": ([(0, "u", "C"), (1, "u", "B"), (2, "u", "A")], "ABC", [1, 0, 0]),
    "entered again": ([(0, "u", "A"), (7, "u", "A"), (8, "u", "B")], "AB", [1, 1]),
    "one event is not two steps": ([(0, "u", "A"), (1, "u", "B")], "AA", [1, 0]),
    "a repeated step": ([(0, "u", "A"), (1, "u", "B"), (2, "u", "A")], "ABA", [1, 1, 1]),
    "a tie, in the file the wrong way round": ([(0, "u", "B"), (0, "u", "A")], "AB", [1, 1]),
    "the last moment allowed": ([(0, "u", "A"), (ALLOWED, "u", "B")], "AB", [1, 1]),
    "a step too late": ([(0, "u", "A"), (ALLOWED + 1, "u", "B")], "AB", [1, 0]),
    "a step after the window": ([(END - 1, "u", "A"), (END, "u", "B")], "AB", [1, 0]),
    "a step before the window": ([(-1, "u", "A"), (0, "u", "A"), (1, "u", "C")], "AB", [1, 0]),
    "a step that nobody makes": ([(0, "u", "A"), (1, "u", "C")], "ABC", [1, 0, 0]),
    "from the first entry that leads on": (
        [(0, "u", "A"), (5, "u", "B"), (6, "u", "A"), (8, "u", "C"), (9, "u", "B"), (12, "u", "C")],
        "ABC",
        [1, 1, 1],
    ),
}


@pytest.mark.parametrize("case", list(REGRESSIONS))
def test_ordered_and_reentrant(open_event_log, case: str) -> None:
    log, steps, users = REGRESSIONS[case]
    found = measured(open_event_log, log, steps, ["ordered"])["ordered"]
    assert [reached for reached, _ in found.values()] == users
    assert found == expected(log, steps, "ordered")
