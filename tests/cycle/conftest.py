"""The whole cycle on the embedded sample, as the demo plays it: once for all workers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import JsonValue

from postlaunch.reports.reading import AnyReport, report_from
from postlaunch.sample.generate import DEFAULT_END, DEFAULT_SEED, DEMO_SCALE, Sample
from postlaunch.sync import PostLaunch

if TYPE_CHECKING:
    from conftest import MadeOnce, Samples

DUE = (("daily_check", "2025-11-18"), ("weekly_report", "2025-W47"), ("monthly_review", "2025-10"))


@dataclass(frozen=True)
class Cycle:
    """What a cycle left behind.

    Attributes:
        reports: by their files' name, in the order made.
        problems: of every run, in words.
    """

    sample: Sample
    postlaunch: PostLaunch
    reports: dict[str, AnyReport]
    problems: tuple[str, ...]

    def file(self, name: str, ending: str) -> Path:
        """A report's file."""
        return self.sample.folder / "reports" / f"{name}{ending}"


@pytest.fixture(scope="session")
def cycle(samples: Samples, made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cycle]:
    """Daily check with its incident, weekly report, monthly review, and planning up to the gate."""

    def play(folder: Path) -> None:
        with PostLaunch(samples.copied(folder, DEMO_SCALE).settings, environment={}) as postlaunch:
            for workflow, period in DUE:
                body: dict[str, JsonValue] = {"workflow": workflow, "period": period}
                postlaunch.ingest({"kind": "tick", "at": DEFAULT_END.isoformat(), "body": body})
            postlaunch.advance(postlaunch.start("sprint_planning", week="2025-W47").id)

    played = shutil.copytree(made_once("cycle", play), tmp_path_factory.mktemp("cycle") / "played")
    sample = Sample.at(played, DEFAULT_SEED, DEFAULT_END)
    with PostLaunch(sample.settings, environment={}) as postlaunch:
        records = reversed(postlaunch.reports())
        reports = {record.title: report_from(record.body) for record in records}
        problems = tuple(problem for run in postlaunch.runs() for problem in run.problems)
        yield Cycle(sample, postlaunch, reports, problems)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser, or a skip that says what is missing."""
    found = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium is installed (apt-get install chromium)")
    return found
