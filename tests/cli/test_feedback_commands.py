"""Merging and splitting groups of requests from the command line, and what later reports make of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from postlaunch.sync import PostLaunch
from postlaunch.tools import feedback_embeddings, feedback_ways
from postlaunch.tools.feedback_embeddings import why_no_embeddings

TICKETS = """id,created_at,requester,subject,text,kind
T1,2025-11-18,ann,CSV export,please add an export of invoices to CSV files,feature
T2,2025-11-18,bob,CSV export,an export of invoices to CSV files would be great,feature
T3,2025-11-19,cy,CSV export,could you add CSV export of invoices please,feature
T4,2025-11-19,dan,print,please add a print button for the yearly summary,feature
T5,2025-11-20,eve,print,a print button for the yearly summary would be great,feature
T6,2025-11-20,fay,print,could you add a print button to the yearly summary,feature
T7,2025-11-20,gil,dark,please add dark mode,feature
T8,2025-11-20,hal,dark,dark mode please,feature
"""
CANDIDATES = """- id: dark
  title: Dark mode
  effort: {react-component-architect: 1}
- id: cache
  title: Permission caching
  effort: {django-backend-expert: 1}
"""
SETTINGS = """[application]
name = "shop"
timezone = "UTC"
[sources.tickets]
path = "tickets.csv"
[sources.candidates]
path = "candidates.yaml"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "tickets.csv").write_text(TICKETS)
    (tmp_path / "candidates.yaml").write_text(CANDIDATES)
    (tmp_path / "postlaunch.toml").write_text(SETTINGS)
    return tmp_path / "postlaunch.toml"


def group_of(run: Any, shop: Path, ticket: str) -> dict[str, Any]:
    listed = run("feedback", "groups", "--settings", shop, "--json").json
    [found] = [group for group in listed["groups"] if ticket in group["tickets"]]
    return dict(found)


def planned(shop: Path) -> dict[str, Any]:
    """The backlog report of a planning, and the run behind it."""
    with PostLaunch(shop) as postlaunch:
        run = postlaunch.start("sprint_planning", week="2025-W47")
        postlaunch.advance(run.id)
        [report] = [one for one in postlaunch.reports(run.id) if one.kind == "backlog"]
    return {"run": run.id, "key": run.key, **report.body}


def test_groups_are_listed_with_people_and_tickets(run: Any, shop: Path) -> None:
    shown = run("feedback", "groups", "--settings", shop)
    assert shown.code == 0
    assert "3 people" in shown.out
    assert "tickets T1, T2, T3" in shown.out
    assert "item dark" in shown.out


def test_requests_that_nobody_shares_are_told_of_and_so_is_that_nobody_asks(run: Any, shop: Path) -> None:
    (shop.parent / "candidates.yaml").write_text(CANDIDATES[CANDIDATES.index("- id: cache") :])
    head, first, *_, last = TICKETS.splitlines()
    (shop.parent / "tickets.csv").write_text("\n".join((head, first, last)))
    shown = run("feedback", "groups", "--settings", shop).out
    assert "2 requests, none of which two people share." in shown
    assert "2 requests, none of which two people share." in planned(shop)["feature_requests_note"]
    (shop.parent / "tickets.csv").write_text(f"{head}\nT1,2025-11-18,ann,Login,I get an error,bug\n")
    assert "No ticket asks for anything." in run("feedback", "groups", "--settings", shop).out


def test_a_merge_counts_in_the_next_report_which_says_who_merged(run: Any, shop: Path) -> None:
    before = planned(shop)
    one, other = group_of(run, shop, "T1"), group_of(run, shop, "T4")
    merged = run("feedback", "merge", one["id"], other["label"], "--by", "Anna", "--settings", shop)
    assert (merged.code, "Anna merged" in merged.out) == (0, True)
    after = planned(shop)
    assert after["run"] != before["run"]
    [request] = [one for one in after["feature_requests"] if "T1" in one["tickets"]]
    assert request["requesters"]["value"] == 6
    assert "merged with" in request["note"]
    assert "by Anna on" in request["note"]
    page = (shop.parent / "reports").rglob("backlog-sprint-1*.md")
    assert any("by Anna on" in path.read_text() for path in page)


def test_a_run_counts_under_the_decisions_that_stood_when_it_was_started(run: Any, shop: Path) -> None:
    with PostLaunch(shop) as postlaunch:
        started = postlaunch.start("sprint_planning", week="2025-W47")
    run("feedback", "merge", "G1", "G2", "--by", "Anna", "--settings", shop)
    with PostLaunch(shop) as postlaunch:
        postlaunch.advance(started.id)
        [report] = [one for one in postlaunch.reports(started.id) if one.kind == "backlog"]
    assert all("merged" not in one["note"] for one in report.body["feature_requests"])


def test_a_split_and_its_undo(run: Any, shop: Path) -> None:
    group = group_of(run, shop, "T1")
    split = run("feedback", "split", group["id"], "--tickets", "T2", "--by", "Anna", "--settings", shop)
    assert split.code == 0
    assert group_of(run, shop, "T2")["tickets"] == ["T2"]
    undone = run("feedback", "undo", "1", "--by", "Bo", "--note", "too hasty", "--settings", shop)
    assert undone.code == 0
    assert group_of(run, shop, "T2")["tickets"] == ["T1", "T2", "T3"]
    log = run("feedback", "log", "--settings", shop).out
    assert "Anna set T2 apart from" in log
    assert "Bo took back 1: too hasty" in log


def test_verify_measures_a_report_with_decisions_again(run: Any, shop: Path) -> None:
    run("feedback", "merge", "G1", "G2", "--by", "Anna", "--settings", shop)
    planned(shop)
    [report] = (shop.parent / "reports").rglob("backlog-sprint-1*.json")
    assert run("verify", report, "--settings", shop).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("merge", "G1", "G99", "--by", "Anna"), 'there is no group "G99"'),
        (("merge", "G1", "G1", "--by", "Anna"), "at least two different groups"),
        (("merge", "G1", "cache", "--by", "Anna"), "nobody asks for Permission caching yet"),
        (("merge", "G1", "G2", "--by", " "), "nobody is named"),
        (("split", "dark", "--tickets", "T1", "--by", "Anna"), "T1: not counted in"),
        (("split", "dark", "--tickets", "T7,T8", "--by", "Anna"), "sets some tickets of a group apart"),
        (("undo", "7", "--by", ""), "nobody is named"),
        (("merge", "G1", "G2", "--by", "x" * 201), "a name of 201 characters"),
        (("undo", "7", "--by", "Anna"), "there is no decision 7"),
        (("undo", "first", "--by", "Anna"), '"first" is no number'),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(
    run: Any, shop: Path, arguments: tuple[str, ...], said: str
) -> None:
    ended = run("feedback", *arguments, "--settings", shop)
    assert ended.code == 2
    assert said in ended.err
    assert run("feedback", "log", "--settings", shop).out.startswith("Nobody decided anything")


def compare_by(shop: Path, way: str) -> None:
    shop.write_text(f'{SETTINGS}[product]\nfeedback_vectors = "{way}"\n')


def without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback_embeddings, "find_spec", lambda name: None)
    feedback_embeddings._model.cache_clear()
    feedback_embeddings._vector.cache_clear()


def test_verify_says_that_requests_would_be_compared_another_way_today(
    run: Any, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare_by(shop, "words")
    planned(shop)
    [report] = (shop.parent / "reports").rglob("backlog-sprint-1*.json")
    assert "grouped by their words" in report.with_suffix(".md").read_text()
    assert "grouped by" not in run("verify", report, "--settings", shop).out
    compare_by(shop, "auto")
    monkeypatch.setattr(feedback_ways, "why_no_embeddings", lambda: "")
    again = run("verify", report, "--settings", shop)
    assert again.code == 0
    assert "were grouped by words and are measured again so" in again.out
    assert "would group them by embeddings" in again.out


@pytest.mark.embeddings
def test_what_was_compared_by_embeddings_is_measured_again_by_them_or_not_at_all(
    run: Any, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why_no_embeddings():
        pytest.skip(why_no_embeddings())
    planned(shop)
    [report] = (shop.parent / "reports").rglob("backlog-sprint-1*.json")
    assert "and by sentence embeddings" in report.with_suffix(".md").read_text()
    assert run("verify", report, "--settings", shop).code == 0
    without_the_extra(monkeypatch)
    again = run("verify", report, "--settings", shop)
    assert again.code == 3
    assert "not measured: request_groups: no sentence embeddings" in again.out
    assert "would group them by words" in again.out


@pytest.mark.parametrize("command", [("plan", "--week", "2025-W47"), ("feedback", "groups")])
def test_embeddings_that_are_not_installed_are_refused_with_what_installs_them(
    run: Any, shop: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    compare_by(shop, "embeddings")
    without_the_extra(monkeypatch)
    ended = run(*command, "--settings", shop)
    assert ended.code == 2
    assert "pip install 'postlaunch[embeddings]'" in ended.err
