"""The short view: a specialist's question, what stood out, what it asked others, what it wrote."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from pydantic import JsonValue
from rich.console import Console

from postlaunch.cli.compact import CompactTree
from postlaunch.events import Event, EventKind

NOW = datetime(2026, 1, 5, tzinfo=UTC)


class Script:
    """Events of one run, in order."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def says(
        self,
        kind: EventKind,
        text: str = "",
        parent: int | None = None,
        agent: str = "analyst",
        **data: JsonValue,
    ) -> int:
        seq = len(self.events) + 1
        self.events.append(
            Event(run="R1", seq=seq, at=NOW, agent=agent, kind=kind, text=text, parent=parent, data=data)
        )
        return seq

    def verdict(self, root: int, number: int, value: str = "warning") -> None:
        text = f"row_status, row {number}: {value} (it is {number})"
        self.says("verdict", text, root, rule="row_status", subject=f"row {number}", verdict=value)

    def shown(self, *, width: int = 80, terminal: bool = False) -> list[str]:
        out = io.StringIO()
        console = Console(file=out, width=width, force_terminal=terminal, color_system=None, highlight=False)
        tree = CompactTree(console)
        for event in self.events:
            tree(event)
        tree.finish()
        return out.getvalue().splitlines()


@pytest.fixture
def script() -> Script:
    return Script()


def test_what_was_measured_is_counted_and_the_first_verdicts_are_shown(script: Script) -> None:
    root = script.says("question", "How healthy?")
    for _ in range(2):
        call = script.says("tool", "summary()", root)
        for _ in range(1200):
            script.says("fact", "Errors, application: 1", call)
    for number in range(5):
        script.verdict(root, number)
    script.verdict(root, 5, "ok")
    script.says("report", "weekly-health is written")
    assert script.shown() == [
        "● analyst  How healthy?",
        "│ § row 0: warning (it is 0)",
        "│ § row 1: warning (it is 1)",
        "│ § row 2: warning (it is 2)",
        "│ 2 measurements, 2,400 figures, 3 more verdicts",
        "│ ▤ weekly-health is written",
    ]


def test_what_is_asked_of_a_colleague_is_shown_and_its_own_work_is_not(script: Script) -> None:
    root = script.says("question", "What happened?")
    asked = script.says("consult", "How many were hit?", root, to="analytics-specialist")
    inner = script.says("question", "How many were hit?", asked, agent="analytics-specialist")
    script.says("tool", "users()", inner, agent="analytics-specialist")
    script.says("answer", "134 users", asked, agent="analytics-specialist")
    assert script.shown() == [
        "● analyst  What happened?",
        "│ → analytics-specialist  How many were hit?",
        "│ ← analytics-specialist  134 users",
        "│ 1 measurement",
    ]


def test_who_takes_no_part_and_whose_report_stands_is_said(script: Script) -> None:
    script.says("step", "analyst takes no part: no events", agent="", left_out="analyst")
    script.says("step", "takes up its report of run R0", taken_up="R0")
    script.says("report", "weekly-health is written")
    assert script.shown() == [
        "analyst takes no part: no events",
        "│ takes up its report of run R0",
        "│ ▤ weekly-health is written",
    ]


def test_each_specialists_verdicts_are_counted_apart(script: Script) -> None:
    for agent in ("one", "two"):
        root = script.says("question", "?", agent=agent)
        for number in range(4):
            text = f"row_status, row {number}: warning (x)"
            script.says(
                "verdict", text, root, agent, rule="row_status", subject=f"row {number}", verdict="warning"
            )
        script.says("report", "written", agent=agent)
    assert script.shown().count("│ 1 more verdict") == 2


def test_on_a_terminal_a_long_line_is_cut_after_its_second(script: Script) -> None:
    script.says("finding", "word " * 60)
    lines = script.shown(terminal=True)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert all(len(line) <= 80 for line in lines)
