"""The live tree: what is shown of a run's events, what is held back, and how it fits the terminal."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from pydantic import JsonValue
from rich.console import Console

from postlaunch.cli.taking_turns import TakingTurns
from postlaunch.cli.tree_lines import printable
from postlaunch.cli.watching import print_events
from postlaunch.events import Event, EventKind

NOW = datetime(2026, 1, 5, tzinfo=UTC)


class Script:
    """Events of one run, in order."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def says(self, kind: EventKind, text: str = "", parent: int | None = None, **data: JsonValue) -> int:
        seq = len(self.events) + 1
        agent = "" if kind == "run" else "analyst"
        self.events.append(
            Event(run="R1", seq=seq, at=NOW, agent=agent, kind=kind, text=text, parent=parent, data=data)
        )
        return seq

    def facts(self, count: int, call: int) -> None:
        for number in range(count):
            self.says("fact", f"Errors, GET /{number}: {number}", call)

    def verdict(self, rule: str, subject: str, value: str, why: str = "it is") -> None:
        text = f"{rule}, {subject}: {value} ({why})"
        self.says("verdict", text, rule=rule, subject=subject, verdict=value)

    def shown(self, *, width: int = 80, everything: bool = False, terminal: bool = True) -> list[str]:
        out = io.StringIO()
        console = Console(file=out, width=width, force_terminal=terminal, color_system=None, highlight=False)
        print_events(self.events, console, everything=everything)
        return out.getvalue().splitlines()


@pytest.fixture
def script() -> Script:
    return Script()


def test_the_facts_of_a_call_share_a_line_and_the_rest_is_counted(script: Script) -> None:
    call = script.says("tool", "error_endpoints(limit=9)", tool="error_endpoints", arguments={"limit": 9})
    script.facts(9, call)
    assert script.shown() == [
        "│ ├─ error_endpoints(limit=9)",
        "│ │ Errors, GET /0: 0 · Errors, GET /1: 1 · Errors, GET /2: 2 · … 6 more",
    ]


def test_all_shows_every_fact_on_its_own_line(script: Script) -> None:
    call = script.says("tool", "error_endpoints(limit=9)", tool="error_endpoints", arguments={"limit": 9})
    script.facts(9, call)
    assert script.shown(everything=True)[1:] == [f"│ │ Errors, GET /{n}: {n}" for n in range(9)]


def test_a_fact_about_everything_does_not_say_so(script: Script) -> None:
    script.says("fact", "Error Rate, application: 0.4%", script.says("tool", "summary()"))
    assert script.shown()[-1] == "│ │ Error Rate: 0.4%"


def test_verdicts_that_ask_for_nothing_are_counted(script: Script) -> None:
    script.verdict("row_status", "error_rate", "warning", "doubled")
    script.verdict("row_status", "uptime", "ok")
    script.verdict("tier", "dark-mode", "Could")
    script.says("step", "composes the report")
    assert script.shown() == [
        "│ § error rate: warning (doubled)",
        "│ … 2 more verdicts (--all shows everything)",
        "│ composes the report",
    ]
    assert "│ § tier, dark-mode: Could (it is)" in script.shown(everything=True)


def test_long_arguments_are_named_by_their_size(script: Script) -> None:
    anchors: list[JsonValue] = [{"candidate": f"item-{n}", "title": "x" * 40} for n in range(10)]
    script.says(
        "tool", f"request_groups(anchors={anchors})", tool="request_groups", arguments={"anchors": anchors}
    )
    assert script.shown() == ["│ ├─ request_groups(anchors=[10 items])"]


def test_a_source_that_fails_says_so_once(script: Script) -> None:
    for _ in range(3):
        call = script.says("tool", "uptime()", tool="uptime", arguments={})
        script.says("result", "error: the disk is gone", call, status="error")
    assert script.shown().count("│ │ error: the disk is gone") == 1
    assert script.shown().count("│ │ the same") == 2


def test_a_colleague_answers_one_step_deeper(script: Script) -> None:
    asked = script.says("consult", "How many wrote about errors?", to="analyst")
    script.says("answer", "3 people did", asked)
    assert script.shown() == ["│ → analyst  How many wrote about errors?", "│ │ ← analyst  3 people did"]


def test_hypotheses_show_what_became_of_them(script: Script) -> None:
    script.says("hypothesis", "H1: the pool is full", state="dropped")
    assert script.shown() == ["│ ✗ hypothesis dropped: H1: the pool is full"]


def test_a_long_line_goes_on_under_its_branch(script: Script) -> None:
    script.verdict("health_grade", "application", "GOOD", "word " * 30)
    lines = script.shown()
    assert len(lines) > 1
    assert all(line.startswith("│ ") and len(line) <= 80 for line in lines)


def test_into_a_file_a_line_stays_whole(script: Script) -> None:
    script.verdict("health_grade", "application", "GOOD", "word " * 30)
    assert len(script.shown(terminal=False)) == 1


@pytest.mark.parametrize("hostile", ["\x1b[2Jwiped", "a\rb", "\x07bell", "line\nline", "\u202eright to left"])
def test_text_from_outside_cannot_move_the_cursor(hostile: str) -> None:
    assert printable(hostile).isprintable()


# --- side by side -------------------------------------------------------------------------------------------


class Hall:
    """Events of several specialists, mixed as they come."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.roots: dict[str, int] = {}

    def says(self, agent: str, kind: EventKind, text: str, parent: int | None = None) -> int:
        seq = len(self.events) + 1
        under = parent if parent is not None else self.roots.get(agent)
        if kind == "report":
            under = None
        self.events.append(
            Event(run="R1", seq=seq, at=NOW, agent=agent, kind=kind, text=text, parent=under, data={})
        )
        return seq

    def begins(self, agent: str) -> None:
        self.roots[agent] = self.says(agent, "question", f"what does {agent} see?")

    def shown(self) -> list[str]:
        out = io.StringIO()
        console = Console(file=out, width=100, force_terminal=False, color_system=None, highlight=False)
        print_events(self.events, console)
        return [line for line in out.getvalue().splitlines() if "works beside" not in line]


def test_of_specialists_side_by_side_each_is_told_whole() -> None:
    hall = Hall()
    for agent in ("health", "speed", "use"):
        hall.begins(agent)
    for number in range(3):
        for agent in ("use", "speed", "health"):
            hall.says(agent, "step", f"{agent} {number}")
    for agent in ("speed", "health", "use"):
        hall.says(agent, "report", f"{agent} is written")
    hall.says("", "run", "done")
    assert hall.shown() == [
        *(
            line
            for agent in ("health", "speed", "use")
            for line in (
                f"● {agent}  what does {agent} see?",
                *(f"│ {agent} {number}" for number in range(3)),
                f"│ ▤ {agent} is written",
            )
        ),
        "■ done",
    ]


def test_who_has_the_floor_is_shown_as_it_works() -> None:
    hall = Hall()
    shown: list[Event] = []
    turns = TakingTurns(shown.append)
    for agent in ("health", "speed"):
        hall.begins(agent)
    hall.says("speed", "step", "one")
    hall.says("health", "step", "two")
    for event in hall.events:
        turns(event)
    assert [event.text for event in shown] == ["what does health see?", "two"]
    hall.says("health", "report", "written")
    turns(hall.events[-1])
    assert [event.text for event in shown[2:]] == ["written", "what does speed see?", "one"]
    hall.says("speed", "step", "three")
    turns(hall.events[-1])
    assert shown[-1].text == "three"


def test_what_a_colleague_answers_stays_with_the_one_who_asked() -> None:
    hall = Hall()
    hall.begins("health")
    hall.begins("speed")
    asked = hall.says("health", "consult", "how many were hit?")
    hall.says("speed", "question", "how many were hit?", asked)
    hall.says("speed", "answer", "12 people", asked)
    hall.says("speed", "report", "speed is written")
    lines = hall.shown()
    assert lines.index("│ │ ← speed  12 people") < lines.index("● speed  what does speed see?")


def test_a_run_that_stops_shows_what_everybody_did() -> None:
    hall = Hall()
    hall.begins("health")
    hall.begins("speed")
    hall.says("speed", "step", "half")
    hall.says("", "run", "stopped: the disk is full")
    assert hall.shown()[-3:] == ["● speed  what does speed see?", "│ half", "■ stopped: the disk is full"]
