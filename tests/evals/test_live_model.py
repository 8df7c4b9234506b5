"""A real small model makes the weekly report: whatever it writes, no wrong figure is published.

Structure and invariants only; its words differ from run to run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from postlaunch.agents.monitoring_specialist import MONITORING_SPECIALIST
from postlaunch.evals.live_model import TOPICS, Options, Outcome, run_once
from postlaunch.facts import measured_in
from postlaunch.reports.reading import AnyReport, report_from
from postlaunch.sample.generate import generate
from postlaunch.settings_file import load_settings
from postlaunch.sync import PostLaunch
from postlaunch.testing import local_model, why_no_local_model
from postlaunch.testing.small_model import NAME

pytestmark = [
    pytest.mark.local_model,
    pytest.mark.skipif(bool(why_no_local_model()), reason=why_no_local_model()),
]

SEED = 1
SCALE = 0.05
RUNS = 2
"""Over the same sample: the server has then read most of the second prompt before."""


def figures(report: AnyReport) -> list[tuple[str, float]]:
    """Every figure; means of many numbers may differ in the last bit from run to run."""
    return [(one.unit, round(one.value, 6)) for one in measured_in(report)]


@pytest.fixture(scope="module")
def by_rules(tmp_path_factory: pytest.TempPathFactory) -> AnyReport:
    """The same report without a model."""
    sample = generate(tmp_path_factory.mktemp("rules"), seed=SEED, scale=SCALE)
    with PostLaunch(load_settings(sample.settings, environment={}), environment={}) as postlaunch:
        run = postlaunch.start("weekly_report", as_of=sample.as_of, only=MONITORING_SPECIALIST.name)
        (record,) = postlaunch.reports(postlaunch.advance(run.id).id)
        return report_from(record.body)


@pytest.fixture(scope="module")
def outcomes() -> Iterator[list[Outcome]]:
    """Live runs with few facts and short answers."""
    with local_model() as url:
        options = Options(
            NAME, url, facts=6, scale=SCALE, tokens=120, provoked_tokens=150, tool_calls=0, topics=TOPICS[:1]
        )
        yield [asyncio.run(run_once(options, SEED, {})) for _ in range(RUNS)]


def test_every_report_is_published_with_the_figures_of_the_rules(
    outcomes: list[Outcome], by_rules: AnyReport
) -> None:
    assert [figures(outcome.report) for outcome in outcomes] == [figures(by_rules)] * RUNS


def test_no_wrong_figure_gets_through(outcomes: list[Outcome]) -> None:
    assert [problem for outcome in outcomes for problem in outcome.wrong] == []


def test_every_sentence_is_either_kept_or_stopped(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        provoked = outcome.provoked
        assert provoked.written == provoked.kept + provoked.stopped > 0
        assert provoked.checked == provoked.kept
        assert outcome.live.stopped <= outcome.live.written


def test_every_run_has_a_judgement_of_the_model_or_says_that_it_failed(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        assert outcome.live.attempts > 0 or any(NAME in problem for problem in outcome.problems)


def test_the_report_names_the_model_and_what_it_used(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        provenance = outcome.report.provenance
        assert provenance.model == NAME
        assert provenance.tokens_in > 0
        assert provenance.tokens_out > 0
        assert "house.md" in provenance.prompts
