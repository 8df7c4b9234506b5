"""The demo on a real pseudo-terminal of 80 columns, as a person drives it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pseudo_terminal import Terminal

from postlaunch.testing import Answer, FakeOpenAI

if TYPE_CHECKING:
    from conftest import Workspace

pytestmark = pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")

MENU = "Your decision > "


Opened = Callable[..., Terminal]


@pytest.fixture
def terminal() -> Iterator[Opened]:
    """Opens terminals, and leaves none behind."""
    opened: list[Terminal] = []

    def called(*arguments: object, columns: int = 80) -> Terminal:
        opened.append(Terminal(*arguments, columns=columns))
        return opened[-1]

    yield called
    for one in opened:
        one.stop()


def test_the_demo_shows_the_whole_mission_and_approving_commits_the_proposal(
    terminal: Opened, fresh: Workspace
) -> None:
    demo = terminal("demo", "--folder", fresh.folder)
    for line in (
        "A Tuesday night",
        "● monitoring-specialist",
        "§ triage",
        "⇢ the triage calls it an incident",
        "● incident-responder",
        "incident-INC-2025-001 is written",
        "Monday: health, performance and usage, side by side.",
        "weekly-health-2025-W47",
        "The month before",
        "monthly-review-2025-10",
        "● product-analyst",
        "Sprint 4 of User Management System: the proposal",
    ):
        demo.shows(line)
    for specialist in ("performance-monitor", "analytics-specialist"):
        assert f"● {specialist}" in demo.screen
    demo.answers("a", "", "as the roadmap says")
    demo.shows("Sprint 4 is committed as C")
    assert demo.ends() == 0
    [items] = fresh.committed()
    assert "two-factor-authentication" in items
    assert len(fresh.handoffs()) == 2 * len(items)
    assert [name for name in fresh.handoffs() if name.endswith(".md") and name not in demo.screen] == []


def test_edit_commits_what_the_person_chose_and_nothing_that_does_not_fit(
    terminal: Opened, waiting: Workspace
) -> None:
    demo = terminal("demo", "--folder", waiting.folder)
    demo.answers("e")
    demo.shows("[d]one, [b]ack")
    demo.answers("10")
    demo.shows("django-backend-expert")
    demo.answers("d")
    demo.shows("your edit")
    demo.answers("10 7")
    demo.shows("This scope fits.")
    demo.answers("d", "User", "")
    demo.shows("is committed as")
    assert demo.ends() == 0
    [items] = waiting.committed()
    assert "dark-mode" not in items
    assert "custom-roles" not in items
    assert "password-reset-sms" in items


def test_what_does_not_fit_cannot_be_committed(terminal: Opened, waiting: Workspace) -> None:
    demo = terminal("demo", "--folder", waiting.folder)
    demo.answers("e", "10", "d")
    demo.shows("It cannot be committed while it does not fit.")
    demo.shows("too much")
    demo.answers("b", "q")
    assert demo.ends() == 0
    assert waiting.committed() == []


def test_items_are_toggled_by_id_and_each_step_says_everyones_days(
    terminal: Opened, waiting: Workspace
) -> None:
    demo = terminal("demo", "--folder", waiting.folder)
    demo.answers("e")
    demo.shows("testing-expert")
    demo.answers("Dark-Mode")
    demo.shows("There is room for one more: ")
    demo.shows("Dark mode")
    demo.answers("done", "User", "")
    assert demo.ends() == 0
    [items] = waiting.committed()
    assert "dark-mode" not in items


def test_what_changes_is_told_before_anything_does(terminal: Opened, waiting: Workspace) -> None:
    before = waiting.request()
    demo = terminal("demo", "--folder", waiting.folder)
    demo.answers("w", "7")
    demo.shows("Take out Dark mode: frees ")
    demo.shows("days freed (")
    demo.shows("It fits.")
    demo.shows("Nothing else fits.")
    demo.answers("w", "99")
    demo.shows("there is no item 99")
    demo.answers("e", "w 10")
    demo.shows("Put in Custom roles and permissions")
    demo.shows("It does not fit:")
    demo.answers("b", "q")
    assert demo.ends() == 0
    assert waiting.request() == before


def test_signs_and_words_together_are_both_kept(terminal: Opened, waiting: Workspace) -> None:
    demo = terminal("demo", "--folder", waiting.folder)
    demo.answers("c", "-7 people will wait for it")
    demo.shows('Asked for: leave out Dark mode. In words: "people will wait for it"')
    demo.answers("", "")
    demo.shows("− Dark mode")
    demo.shows("round 2: the proposal")
    demo.shows('Kept, not acted on: "people will wait for it"')
    demo.answers("q")
    assert demo.ends() == 0


def test_back_and_a_wrong_number_change_nothing(terminal: Opened, waiting: Workspace) -> None:
    demo = terminal("demo", "--folder", waiting.folder)
    demo.answers("e", "99")
    demo.shows("there is no item 99")
    demo.answers("b", "c", "", "q")
    assert demo.ends() == 0
    assert waiting.request().round == 1


def test_signs_move_the_proposal_without_a_model(terminal: Opened, waiting: Workspace) -> None:
    demo = terminal("demo", "--folder", waiting.folder)
    demo.answers("c", "-7", "", "")
    demo.shows("− Dark mode")
    demo.shows("round 2: the proposal")
    demo.answers("a", "", "")
    assert demo.ends() == 0
    [items] = waiting.committed()
    assert "dark-mode" not in items


def test_words_without_a_model_are_kept_and_said_not_to_be_acted_on(
    terminal: Opened, waiting: Workspace
) -> None:
    demo = terminal("demo", "--folder", waiting.folder)
    demo.answers("c")
    demo.shows("no model is configured")
    demo.answers("leave dark mode for later", "", "")
    demo.shows('Kept, not acted on: "leave dark mode for later"')
    demo.shows("the same as in round 1")
    demo.answers("q")
    assert demo.ends() == 0
    assert waiting.committed() == []


def test_words_move_the_proposal_with_a_model(terminal: Opened, waiting: Workspace) -> None:
    with FakeOpenAI(Answer({"exclude": ["dark-mode"]})) as model:
        demo = terminal(
            "demo", "--folder", waiting.folder, "--model", "scripted", "--base-url", model.base_url
        )
        demo.answers("c", "leave dark mode for later", "", "")
        demo.shows('Your words "leave dark mode for later" are read as: leave out Dark mode')
        demo.shows("− Dark mode")
        demo.answers("a", "", "")
        assert demo.ends() == 0
    [items] = waiting.committed()
    assert "dark-mode" not in items


def test_reject_commits_nothing(terminal: Opened, waiting: Workspace) -> None:
    demo = terminal("demo", "--folder", waiting.folder)
    demo.answers("r", "", "not now")
    assert demo.ends() == 0
    assert waiting.runs()[0].state == "done"
    assert waiting.committed() == []
    assert waiting.handoffs() == []


def test_a_new_discovery_hands_one_brief_to_phase_1(terminal: Opened, waiting: Workspace) -> None:
    demo = terminal("demo", "--folder", waiting.folder)
    demo.answers("d", "why people ask for exports", "", "")
    demo.shows("Phase 1  why people ask for exports")
    assert demo.ends() == 0
    assert waiting.committed() == []
    assert len(waiting.handoffs()) == 2


def test_a_gate_left_with_ctrl_c_stays_open(terminal: Opened, waiting: Workspace) -> None:
    demo = terminal("demo", "--folder", waiting.folder)
    demo.shows(MENU)
    demo.interrupts()
    demo.shows("Left open. Nothing is committed.")
    demo.shows("approve")
    assert demo.ends() == 0
    assert waiting.committed() == []

    again = terminal("demo", "--folder", waiting.folder)
    again.shows("goes on where it stopped")
    again.answers("a", "", "")
    assert again.ends() == 0
    assert len(waiting.committed()) == 1


@pytest.mark.parametrize("typed_before", [(), ("a", "User"), ("e",)])
def test_the_end_of_input_leaves_the_gate_open_wherever_it_comes(
    terminal: Opened, waiting: Workspace, typed_before: tuple[str, ...]
) -> None:
    plan = terminal("plan", *waiting.settings, "--as-of", "2025-11-24T08:00Z")
    plan.answers(*typed_before)
    plan.shows(" > ")
    plan.closes_its_input()
    plan.shows("Left open. Nothing is committed.")
    plan.shows(f"approve {waiting.request().id} --by User")
    assert plan.ends() == 4
    assert waiting.committed() == []


def test_a_narrow_terminal_shows_and_takes_a_decision(terminal: Opened, waiting: Workspace) -> None:
    demo = terminal("demo", "--folder", waiting.folder, columns=40)
    demo.answers("e", "7")
    demo.shows("This scope fits.")
    demo.answers("d", "", "")
    assert demo.ends() == 0
    assert not re.search(r"\x1b\[[\d;]*[34]\dm", demo.screen)
    lines = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", demo.screen).splitlines()
    assert max(len(line) for line in lines if "[x]" in line or "[ ]" in line) <= 40
    assert len(waiting.committed()) == 1


def test_a_run_stopped_with_ctrl_c_says_how_it_goes_on(terminal: Opened, fresh: Workspace) -> None:
    report = terminal("report", "daily", "--day", "2025-11-20", *fresh.settings)
    report.shows("request_summary(")
    report.interrupts()
    assert report.ends() == 1
    [run] = re.findall(r"advance (R\w+)", report.screen)
    on = terminal("advance", run, *fresh.settings)
    on.shows("daily-check-2025-11-20")
    assert on.ends() == 0


def test_a_demo_stopped_with_ctrl_c_goes_on_where_it_was(terminal: Opened, fresh: Workspace) -> None:
    demo = terminal("demo", "--folder", fresh.folder)
    demo.shows("daily-check-2025-11-18")
    demo.interrupts()
    demo.shows("What was made is kept")
    assert demo.ends() == 1
    again = terminal("demo", "--folder", fresh.folder)
    again.shows(MENU)
    again.types("q")
    assert again.ends() == 0
    runs = fresh.runs()
    assert sorted(run.workflow for run in runs) == [
        "daily_check",
        "incident",
        "monthly_review",
        "sprint_planning",
        "weekly_report",
    ]


def test_who_may_not_decide_is_told_so_and_asked_again(terminal: Opened, waiting: Workspace) -> None:
    demo = terminal("demo", "--folder", waiting.folder)
    demo.answers("a", "mallory", "")
    demo.shows('"mallory" may not decide')
    demo.answers("a", "User", "")
    assert demo.ends() == 0
    assert len(waiting.committed()) == 1


def test_what_somebody_else_decided_meanwhile_is_said_and_carried_out(
    terminal: Opened, waiting: Workspace
) -> None:
    demo = terminal("demo", "--folder", waiting.folder)
    demo.shows(MENU)
    with waiting.opened as postlaunch:
        postlaunch.decide(waiting.request().id, "reject", by="User", reason="from elsewhere")
    demo.types("a")
    demo.answers("", "")
    demo.shows("Refused:")
    assert demo.ends() == 0
    assert waiting.committed() == []


def test_planning_left_open_on_a_terminal_ends_with_4(terminal: Opened, waiting: Workspace) -> None:
    plan = terminal("plan", *waiting.settings, "--as-of", "2025-11-24T08:00Z")
    plan.answers("s")
    plan.shows("Days planned, of those free")
    plan.answers("q")
    plan.shows("postlaunch")
    assert plan.ends() == 4


def test_init_asks_what_it_needs(terminal: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    init = terminal("init")
    for question, answer in (
        ("name", "Shop"),
        ("time zone", "Europe/Berlin"),
        ("Request log", "access.log"),
        ("tickets", ""),
        ("Candidate items", ""),
        ("approve", "ana, ben"),
    ):
        init.shows(question)
        init.types(answer)
    assert init.ends() == 0
    assert 'approvers = ["ana", "ben"]' in (tmp_path / "postlaunch.toml").read_text()
