"""The whole cycle with a model in place of the rules alone; and with one that fails in the middle of it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from postlaunch.events import Event
from postlaunch.facts import measured_in
from postlaunch.ledger.records import RunRecord
from postlaunch.llm.fence import CLOSE, OPEN
from postlaunch.llm.usage import usage_in
from postlaunch.reports.html import render_html
from postlaunch.reports.markdown import render_markdown
from postlaunch.reports.reading import AnyReport, report_from
from postlaunch.sample.generate import DEFAULT_END, Sample
from postlaunch.settings import Budget, LedgerSettings, ModelSettings, Reports, Settings
from postlaunch.settings_file import load_settings
from postlaunch.sync import PostLaunch
from postlaunch.testing import Answer, FakeOpenAI, StillClock
from postlaunch.testing.fake_openai import Behaviour, HangUp, Received

if TYPE_CHECKING:
    from conftest import PlayCycle, Samples

REMARK = "The {F1.title} of {F1.entity} is {F1}."
QUESTIONS = {
    "incident-responder": ("analytics-specialist", "How many users were hit?"),
    "product-analyst": ("performance-monitor", "What effort is declared for what makes the list slow?"),
}
"""What two of them ask in the cycle, and whom."""
VERDICT = re.compile(r"^\| .+? of ([^:\n]+): ", re.MULTILINE)
"""A rule's verdict as a model is shown it: whose it is, on what."""
ENDS = Answer("Nothing more would help.")
MONDAY = DEFAULT_END + timedelta(hours=2)
BY_SPECIALISTS = {"daily_check", "incident", "weekly_health", "performance", "analytics", "backlog"}
EFFORT = re.compile(r"^\| (F\d+) \| Effort \| cache-user-list \|", re.MULTILINE)
"""The fact that holds a candidate's effort, as a model is shown it."""


def judged(received: Received) -> Answer:
    """A finding, and an objection to the first verdict there is."""
    shown = received.prompt.partition(OPEN.format(label="verdicts"))[2].partition(CLOSE)[0]
    disputed = [{"verdict": subject, "because": REMARK} for subject in VERDICT.findall(shown)[:1]]
    return Answer({"findings": [{"section": "headline", "text": REMARK}], "disputes": disputed})


def answered(received: Received) -> Answer:
    """What bears on the question: an effort where it is asked for."""
    effort = EFFORT.search(received.prompt)
    text = REMARK.replace("F1", effort[1]) if effort and "What effort" in received.prompt else REMARK
    return Answer({"findings": [{"section": "answer", "text": text}]})


def works(received: Received) -> Behaviour:
    """A model in good order: two specialists ask another one once, who looks an effort up to answer."""
    asked = "question of " in received.prompt
    if "response_format" in received.body:
        return answered(received) if asked else judged(received)
    looked = any(message["role"] == "tool" for message in received.body["messages"])
    if asked and "What effort" in received.prompt and not looked:
        return Answer(calls=[("candidate_effort", {"item": "cache-user-list"})])
    for name, (colleague, question) in QUESTIONS.items():
        if f"# {name}" in received.prompt and question not in received.prompt and not asked:
            return Answer(calls=[("consult", {"to": colleague, "question": question})])
    return ENDS


@dataclass
class Fails:
    """A model in good order for so many calls, then down for good."""

    calls: int

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def __call__(self, received: Received) -> Behaviour:
        with self._lock:
            self.calls -= 1
            down = self.calls < 0
        return HangUp() if down else works(received)


@pytest.fixture(scope="module")
def sample(samples: Samples) -> Sample:
    return samples.of(0.05)


@dataclass(frozen=True)
class Made:
    """What one cycle left: its runs, its reports by workflow and kind, its events.

    Attributes:
        facts: by id, what each is called.
    """

    runs: dict[str, RunRecord]
    reports: dict[tuple[str, str], AnyReport]
    events: dict[str, tuple[Event, ...]]
    facts: Mapping[str, str]


Play = Callable[..., Made]


@pytest.fixture(scope="module")
def play(sample: Sample, play_cycle: PlayCycle, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Plays the cycle with a model."""

    def played(url: str) -> Made:
        folder = tmp_path_factory.mktemp("played")
        settings = _settings(sample, folder, url)
        with PostLaunch(settings, clock=StillClock(MONDAY), environment={}) as app:
            play_cycle(app)
            runs = {run.workflow: run for run in app.runs()}
            reports = {
                (name, record.kind): report_from(record.body)
                for name, run in runs.items()
                for record in app.reports(run.id)
            }
            events = {name: app.events(run.id) for name, run in runs.items()}
        with closing(sqlite3.connect(folder / "ledger.db")) as ledger:
            stored = ledger.execute("SELECT id, body FROM facts").fetchall()
        facts = {identity: json.loads(body)["name"] for identity, body in stored}
        return Made(runs, reports, events, facts)

    return played


@pytest.fixture(scope="module")
def made(play: Play) -> Made:
    """The cycle with a model in good order."""
    with FakeOpenAI(otherwise=works) as server:
        return play(server.base_url)


def _settings(sample: Sample, folder: Path, url: str) -> Settings:
    return load_settings(sample.settings, environment={}).model_copy(
        update={
            "model": ModelSettings(name="fake", base_url=url, attempts=1, timeout_seconds=20),
            "budget": Budget(tokens=2_000_000),
            "ledger": LedgerSettings(url=f"sqlite:///{folder}/ledger.db"),
            "reports": Reports(folder=str(folder / "reports"), handoffs=str(folder / "handoffs")),
        }
    )


@pytest.fixture(scope="module")
def by_rules(cycle_by_rules: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Any, Any]:
    """The figures of every report of the cycle without any model."""
    folder = shutil.copytree(cycle_by_rules, tmp_path_factory.mktemp("rules") / "sample")
    with PostLaunch(folder / "postlaunch.toml", clock=StillClock(MONDAY), environment={}) as app:
        return {
            (run.workflow, record.kind): figures(report_from(record.body))
            for run in app.runs()
            for record in app.reports(run.id)
        }


def figures(report: AnyReport) -> list[tuple[str, float]]:
    """Every figure of a report; means of many numbers may differ in the last bit from run to run."""
    return [(one.unit, round(one.value, 6)) for one in measured_in(report)]


def test_with_a_model_every_specialist_has_its_say_and_no_figure_changes(
    made: Made, by_rules: dict[Any, Any]
) -> None:
    assert {name: run.state for name, run in made.runs.items()} == {
        "daily_check": "done",
        "incident": "done",
        "weekly_report": "done",
        "monthly_review": "done",
        "sprint_planning": "waiting",
    }
    assert [run.problems for run in made.runs.values() if run.degraded] == []
    said = {key: report.provenance.analysis for key, report in made.reports.items()}
    assert {kind for (_, kind), analysis in said.items() if analysis == "model"} == BY_SPECIALISTS
    assert said[("monthly_review", "monthly_review")] == "rules"
    assert {key: figures(report) for key, report in made.reports.items()} == by_rules


@pytest.mark.parametrize(
    ("workflow", "asker", "answers_with"),
    [
        ("incident", "incident-responder", "users"),
        ("sprint_planning", "product-analyst", "effort_days"),
    ],
)
def test_a_colleague_that_is_asked_answers_with_facts_of_its_own(
    made: Made, workflow: str, asker: str, answers_with: str
) -> None:
    colleague, question = QUESTIONS[asker]
    events = made.events[workflow]
    [consult] = [event for event in events if event.kind == "consult"]
    assert (consult.agent, consult.data["to"], consult.data["question"]) == (asker, colleague, question)
    [answer] = [event for event in events if event.kind == "answer"]
    assert (answer.agent, answer.parent) == (colleague, consult.seq)
    assert answer.data["reason"] == ""
    assert any(answers_with in made.facts[identity] for identity in answer.data["facts"])
    assert answer.text


def test_whoever_disputes_a_verdict_has_both_views_on_its_pages(made: Made) -> None:
    disputing = {kind for (_, kind), report in made.reports.items() if report.disputes}
    assert disputing >= BY_SPECIALISTS - {"daily_check"}
    for report in made.reports.values():
        for dispute in report.disputes:
            assert f"**{dispute.subject}**: the rules say {dispute.verdict} " in render_markdown(report)
            page = render_html(report)
            assert f"<strong>{dispute.subject}</strong>: the rules say {dispute.verdict} " in page
            for printed in (render_markdown(report), page):
                assert f"The specialist objects: {dispute.objection.text}" in printed


def test_three_specialists_at_once_share_one_budget(made: Made) -> None:
    events = made.events["weekly_report"]
    assert usage_in(events).calls == 6
    per_agent = {event.agent for event in events if event.kind == "usage"}
    assert per_agent == {"monitoring-specialist", "performance-monitor", "analytics-specialist"}
    for (workflow, kind), report in made.reports.items():
        if workflow == "weekly_report" and kind != "monthly_review":
            assert report.provenance.tokens_in == 200


def test_a_model_that_fails_midway_leaves_every_report_and_says_what_rules_wrote(
    play: Play, by_rules: dict[Any, Any]
) -> None:
    with FakeOpenAI(otherwise=Fails(9)) as server:
        left = play(server.base_url)
    assert {run.state for run in left.runs.values()} == {"done", "waiting"}
    assert {key: figures(report) for key, report in left.reports.items()} == by_rules
    provenances = [report.provenance for report in left.reports.values()]
    failed = [one for one in provenances if "broke off its answer" in one.reason]
    assert failed
    assert {one.analysis for one in failed} == {"rules"}
    assert any(one.analysis == "model" for one in provenances)
    degraded = {name for name, run in left.runs.items() if run.degraded}
    assert "sprint_planning" in degraded
    for name in degraded:
        assert any(event.kind == "degraded" for event in left.events[name])
