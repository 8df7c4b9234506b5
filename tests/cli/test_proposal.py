"""A proposal on the screen: one line an item at any width, and what moved between two rounds."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from postlaunch.cli.proposal import moved_lines, people, show_details, show_proposal
from postlaunch.facts import Assumed, Unavailable
from postlaunch.graphs.proposing import proposal_of
from postlaunch.ledger.records import ApprovalRequest, ScopeEdits
from postlaunch.sync import PostLaunch

if TYPE_CHECKING:
    from conftest import Workspace


@pytest.fixture(scope="module")
def request_(planned: Path) -> ApprovalRequest:
    with PostLaunch(planned / "postlaunch.toml") as postlaunch:
        [found] = postlaunch.pending()
    return found


def screen(request: ApprovalRequest, width: int) -> list[str]:
    out = io.StringIO()
    show_proposal(Console(file=out, width=width, color_system=None, highlight=False), request)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_every_item_has_one_line_that_fits(request_: ApprovalRequest, width: int) -> None:
    lines = screen(request_, width)
    marked = [line for line in lines if "[x]" in line or "[ ]" in line]
    assert len(marked) == len(proposal_of(request_).backlog.items)
    assert max(map(len, lines)) <= width
    assert all(
        f"Phase {item.route.phase}" in line
        for item, line in zip(proposal_of(request_).backlog.items, marked, strict=True)
    )


@pytest.mark.parametrize("width", [32, 40, 59])
def test_a_narrow_terminal_leaves_columns_out_and_no_item(request_: ApprovalRequest, width: int) -> None:
    lines = screen(request_, width)
    marked = [line for line in lines if "[x]" in line or "[ ]" in line]
    assert len(marked) == len(proposal_of(request_).backlog.items)
    assert max(map(len, marked)) <= width
    assert not any("Phase" in line for line in marked)


def test_the_proposal_and_its_menu_fit_a_screen_of_24_lines(request_: ApprovalRequest) -> None:
    assert len(screen(request_, 80)) <= 24 - 4


def test_a_wide_terminal_says_who(request_: ApprovalRequest) -> None:
    assert "security-expert, django" in "\n".join(screen(request_, 140))
    assert "security-expert, django" not in "\n".join(screen(request_, 80))


def test_the_details_give_a_reason_for_every_item(request_: ApprovalRequest) -> None:
    out = io.StringIO()
    show_details(Console(file=out, width=500, color_system=None, highlight=False), request_)
    for item in proposal_of(request_).backlog.items:
        assert f"({item.id})" in out.getvalue()
        assert item.because in out.getvalue()


def test_people_are_counted_in_words() -> None:
    declared = Assumed(value=12, unit="count", who="ana", basis="items.yaml")
    assert people(declared) == "12 (declared)"
    assert people(Unavailable(reason="no source")) == "–"


def test_what_moved_is_named_item_by_item(waiting: Workspace) -> None:
    before = waiting.request()
    with waiting.opened as postlaunch:
        postlaunch.decide(before.id, "changes", by="User", edits=ScopeEdits(exclude=("dark-mode",)))
        postlaunch.advance(before.run)
    lines = moved_lines(before, waiting.request())
    assert lines[0].startswith("Against round 1: ")
    assert "  − Dark mode" in lines


def test_the_same_scope_is_said_to_be_the_same(request_: ApprovalRequest) -> None:
    assert moved_lines(request_, request_) == ("The scope is the same as in round 1.",)
