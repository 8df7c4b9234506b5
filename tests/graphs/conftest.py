"""A small sample, a small log made by hand, and specialists that are played."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import JsonValue

from postlaunch.agents.bench import Assignment, Bench, Findings, Specialist
from postlaunch.agents.judgement import Judgement
from postlaunch.errors import PostLaunchError
from postlaunch.graphs import beside, sprint_planning, weekly_report
from postlaunch.graphs.session import Session
from postlaunch.settings import Application, Capacity, Settings
from postlaunch.settings_cadence import Cadence
from postlaunch.settings_file import load_settings
from postlaunch.settings_gate import Gate
from postlaunch.settings_sources import RequestSource, Sources, TableSource
from postlaunch.sync import PostLaunch
from postlaunch.testing.clock import StillClock

if TYPE_CHECKING:
    from conftest import MadeOnce, Samples

    from postlaunch.sample.generate import Sample

PERSON = "User"
"""Who may decide, by the sample's settings."""

OpenApp = Callable[[], PostLaunch]


@pytest.fixture(scope="session")
def small_sample(samples: Samples) -> Sample:
    return samples.of(0.02)


MONDAY = datetime(2025, 11, 24, 10, tzinfo=UTC)
"""Two at night in Los Angeles, after the sample's last week."""
CYCLE = (("daily_check", "2025-11-18"), ("weekly_report", "2025-W47"), ("monthly_review", "2025-10"))

PlayCycle = Callable[[PostLaunch], None]


@pytest.fixture(scope="session")
def play_cycle() -> PlayCycle:
    """Plays the sample's cycle through the front: the incident's day, the week, the month, the planning."""

    def play(app: PostLaunch) -> None:
        for workflow, period in CYCLE:
            body: dict[str, JsonValue] = {"workflow": workflow, "period": period}
            app.ingest({"kind": "tick", "at": MONDAY.isoformat(), "body": body})
        app.advance(app.start("sprint_planning", week="2025-W47").id)

    return play


@pytest.fixture(scope="session")
def cycle_by_rules(samples: Samples, made_once: MadeOnce, play_cycle: PlayCycle) -> Path:
    """The sample's folder after its cycle without a model; not to be written to."""

    def make(folder: Path) -> None:
        sample = samples.copied(folder, 0.05)
        with PostLaunch(sample.settings, clock=StillClock(MONDAY), environment={}) as app:
            play_cycle(app)

    return made_once("cycle-by-rules", make)


@pytest.fixture
def clock() -> StillClock:
    """It shows the day after the sample's last."""
    return StillClock(datetime(2025, 11, 25, 9, tzinfo=UTC))


@pytest.fixture
def folder(small_sample: Sample, tmp_path: Path) -> Path:
    """A copy of the sample's files."""
    shutil.copytree(small_sample.folder, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def settings(folder: Path) -> Settings:
    """The sample's settings with tickets and candidate items alone: planning needs no more, and is quick."""
    whole = load_settings(folder / "postlaunch.toml", environment={})
    planning = Sources(tickets=whole.sources.tickets, candidates=whole.sources.candidates)
    return whole.model_copy(update={"sources": planning})


@pytest.fixture
def open_app(settings: Settings, clock: StillClock) -> Iterator[OpenApp]:
    """Opens postlaunch, each time as another process would."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(PostLaunch(settings, clock=clock, environment={}))


@pytest.fixture
def app(open_app: OpenApp) -> PostLaunch:
    return open_app()


# --- a house of its own: seven weeks of a request an hour, two ideas, two tickets ---------------------------

FIRST, LAST = datetime(2025, 10, 6, tzinfo=UTC), datetime(2025, 11, 24, tzinfo=UTC)
ITEMS = """
- {id: dark-mode, title: Dark mode, keywords: [dark mode], effort: {tailwind-css-expert: 1}}
- {id: export, title: Export, keywords: [export], effort: {django-backend-expert: 2}}
"""
TICKETS = """id,created_at,requester,subject,text
1,2025-11-18T09:00:00Z,kim,Dark mode,"Please add a dark mode, it is too bright at night"
2,2025-11-19T09:00:00Z,lee,Export,"I need an export of my data"
"""


@pytest.fixture(scope="session")
def hourly_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hourly") / "requests.jsonl"
    hours = int((LAST - FIRST) / timedelta(hours=1))
    lines = (
        {"time": (FIRST + timedelta(hours=n)).isoformat(), "method": "GET", "path": "/", "status": 200}
        for n in range(hours)
    )
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def house(hourly_log: Path, tmp_path: Path) -> Settings:
    """The settings of a small application, in a folder of the test's own."""
    shutil.copy(hourly_log, tmp_path / "requests.jsonl")
    (tmp_path / "items.yaml").write_text(ITEMS, encoding="utf-8")
    (tmp_path / "tickets.csv").write_text(TICKETS, encoding="utf-8")
    return Settings(
        folder=tmp_path,
        application=Application(name="Shop"),
        sources=Sources(
            requests=RequestSource(paths=("requests.jsonl",)),
            candidates=TableSource(path="items.yaml"),
            tickets=TableSource(path="tickets.csv"),
        ),
        capacity=Capacity(next_sprint=4),
        cadence=Cadence(planning_from=datetime(2025, 11, 10, tzinfo=UTC).date()),
        gate=Gate(approvers=(PERSON,)),
    )


@pytest.fixture
def open_house(house: Settings, clock: StillClock) -> Iterator[OpenApp]:
    """Opens postlaunch over the small application, each time as another process would."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(PostLaunch(house, clock=clock, environment={}))


@pytest.fixture
def house_app(open_house: OpenApp) -> PostLaunch:
    return open_house()


# --- specialists that are played ----------------------------------------------------------------------------

NAMES = ("monitoring-specialist", "performance-monitor", "analytics-specialist")
EVENTS = 40


@dataclass
class Stage:
    """Specialists that may wait for one another before they work, and what happened.

    Attributes:
        names: who plays.
        fails: by name, how often it fails before it works.
        lasts: by name, how long its work takes, in seconds.
        together: the first time, each waits until the others have begun.
    """

    names: tuple[str, ...] = NAMES
    fails: dict[str, int] = field(default_factory=dict)
    lasts: dict[str, float] = field(default_factory=dict)
    together: bool = True
    measured: Counter[str] = field(default_factory=Counter)
    published: list[str] = field(default_factory=list)
    asked: list[Assignment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._meeting = threading.Barrier(len(self.names), timeout=10)

    def specialist(self, name: str) -> Specialist:
        """One who emits many events, keeps a document, and may fail."""

        def measure(bench: Bench, assignment: Assignment) -> Findings:
            self.measured[name] += 1
            self.asked.append(assignment)
            if self.together and self.measured[name] == 1:
                self._meeting.wait()
            if self.measured[name] <= self.fails.get(name, 0):
                raise PostLaunchError(f"{name} stumbled", "try again")
            time.sleep(self.lasts.get(name, 0))
            for number in range(EVENTS):
                bench.recorder.emit("step", f"{number}", agent=name, parent=bench.under)
                bench.put_document(f"{name}/{number}", {"number": number})
            return Findings()

        return Specialist(
            name=name,
            role="",
            status="new",
            priority="LOW",
            tools=(),
            consults=(),
            judgement=Judgement,
            sections=(),
            prompt=f"{NAMES[0]}.md",
            measure=measure,
            compose=_composed,
        )

    def publish(self, session: Session, document: str, agent: str) -> tuple[str, ...]:
        """Stands in for the files."""
        assert session.bench.document(document) is not None
        self.published.append(agent)
        return (f"{agent}.md",)


def _composed(*_: object) -> dict[str, JsonValue]:
    return {"kind": "none"}


SetUp = Callable[..., Stage]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> SetUp:
    """Puts players on in place of the real specialists."""

    def set_up(**fields: Any) -> Stage:
        stage = Stage(**fields)
        players = tuple(stage.specialist(name) for name in stage.names)
        for module in (weekly_report, sprint_planning):
            monkeypatch.setattr(module, "ABREAST", players)
        monkeypatch.setattr(beside, "publish_report", stage.publish)
        monkeypatch.setattr("postlaunch.graphs.assignments.nothing_to_look_at", lambda *_: "")
        return stage

    return set_up
