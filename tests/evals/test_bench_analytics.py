"""The benchmark's two ways of answering give the same answers, with something in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from postlaunch.evals import bench_analytics
from postlaunch.sources.events import EventLog


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventLog]:
    path: Path = tmp_path_factory.mktemp("events") / "events.parquet"
    bench_analytics.generate(path, events=20_000)
    opened = bench_analytics.opened(path)
    yield opened
    opened.close()


@pytest.mark.parametrize("question", bench_analytics.OURS)
def test_the_measurement_answers_as_the_sql_by_hand_does(log: EventLog, question: str) -> None:
    answer = bench_analytics.OURS[question](log)
    assert answer
    assert 0 not in answer
    assert bench_analytics.same(answer, bench_analytics.by_hand(question, log))


def test_answers_that_differ_are_not_the_same() -> None:
    assert not bench_analytics.same((1.0, 2.0), (1.0, 2.1))
    assert not bench_analytics.same((1.0,), (1.0, 2.0))
    assert not bench_analytics.same(("a → b", 2), ("b → a", 2))
