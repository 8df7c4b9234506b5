"""The live tree: what is shown of a run's events, what is held back, and how it fits the terminal."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from pydantic import JsonValue
from rich.console import Console

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
