"""Samples: a small one for what needs no full traffic, and those of two seeds at the demo's scale."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from postlaunch.sample.generate import DEFAULT_END, DEFAULT_SEED, DEMO_SCALE, Sample, generate
from postlaunch.sample.truth import SpanTruth, Truth, WeekTruth
from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings
from postlaunch.sources.candidates import CandidateTable
from postlaunch.sources.opening import open_sources
from postlaunch.sources.requests import RequestLog
from postlaunch.tools.measurement import MeasurementResult, Source, run_measurement
from postlaunch.windows import Window, parse_week

if TYPE_CHECKING:
    from conftest import MadeOnce, Samples

TIME_AND_MEMORY = """
import resource, sys
from pathlib import Path
from postlaunch.evals.peak_memory import peak_megabytes
from postlaunch.sample.generate import generate
generate(Path(sys.argv[1]))
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, peak_megabytes())
"""


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A sample with a twentieth of the ordinary traffic."""
    return generate(tmp_path_factory.mktemp("small"), scale=0.05)


@pytest.fixture(scope="session")
def full(samples: Samples) -> Sample:
    """The sample as the demo generates it."""
    return samples.of(DEMO_SCALE)


@pytest.fixture(scope="session")
def other_full(samples: Samples) -> Sample:
    """The sample of another seed."""
    return samples.of(DEMO_SCALE, seed=2025)


class Default(NamedTuple):
    """The sample at its default scale, with what it took to make it.

    Attributes:
        seconds: of processor time.
        megabytes: of memory, at most.
    """

    sample: Sample
    seconds: float
    megabytes: float


@pytest.fixture(scope="session")
def default(made_once: MadeOnce) -> Default:
    """Made by a process of its own."""

    def make(folder: Path) -> None:
        program = [sys.executable, "-c", TIME_AND_MEMORY, str(folder / "sample")]
        ran = subprocess.run(program, capture_output=True, text=True, check=True)
        (folder / "took").write_text(ran.stdout)

    folder = made_once("sample-by-a-process-of-its-own", make)
    seconds, megabytes = map(float, (folder / "took").read_text().split())
    return Default(Sample.at(folder / "sample", DEFAULT_SEED, DEFAULT_END), seconds, megabytes)


@dataclass(frozen=True)
class Known:
    """A sample opened with its own settings, and what is known of it."""

    truth: Truth
    settings: Settings
    sources: Mapping[str, Source]

    @property
    def requests(self) -> RequestLog:
        """The request log."""
        log = self.sources["requests"]
        assert isinstance(log, RequestLog)
        return log

    @property
    def candidates(self) -> CandidateTable:
        """The candidate items."""
        table = self.sources["candidates"]
        assert isinstance(table, CandidateTable)
        return table

    def week(self, label: str) -> Window:
        """The week of a label."""
        return parse_week(label, self.truth.zone)

    def span(self, span: SpanTruth) -> Window:
        """The window of a span whose truth is known."""
        return Window(start=span.start, end=span.end, zone=self.truth.zone)

    def run(self, name: str, **parameters: object) -> MeasurementResult:
        """A measurement that has data."""
        result = run_measurement(name, parameters, self.sources)
        assert result.status == "ok", result.reason
        return result

    def measure(self, name: str, week: WeekTruth | None = None, **parameters: object) -> MeasurementResult:
        """A measurement of a week, the newest where none is named."""
        return self.run(name, window=self.week((week or self.truth.this_week).label), **parameters)

    def value(self, name: str, figure: str, week: WeekTruth | None = None, **parameters: object) -> float:
        """One figure of a week."""
        fact = self.measure(name, week, **parameters).fact(figure)
        assert fact is not None, f"{name} gave no {figure}"
        return fact.value


@pytest.fixture(scope="session", params=["full", "other_full"])
def known(request: pytest.FixtureRequest) -> Iterator[Known]:
    """Two seeds, each opened with the sample's own settings a day after its end."""
    sample: Sample = request.getfixturevalue(request.param)
    settings = load_settings(sample.settings, environment={})
    opened = open_sources(settings, lambda: sample.as_of + timedelta(days=1))
    yield Known(sample.read_truth(), settings, opened)
    for source in opened.values():
        if close := getattr(source, "close", None):
            close()
