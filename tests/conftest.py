"""Fixtures that every folder of tests may use, and the rule that in CI a service must be there."""

from __future__ import annotations

import fcntl
import gc
import io
import json
import logging
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import EventSource, FilesSource, RequestSource, Sources
from postlaunch.sources.app_logs import ApplicationLog, open_app_logs
from postlaunch.sources.events import EventLog, open_events
from postlaunch.sources.requests import RequestLog, open_requests
from postlaunch.sources.resources import ResourceLog, open_resources
from postlaunch.testing.postgres import MISSING, PostgresServer, available
from postlaunch.windows import Clock, system_clock

if TYPE_CHECKING:
    from postlaunch.sample.generate import Sample

OpenLog = Callable[..., RequestLog]
OpenEvents = Callable[..., EventLog]
OpenResources = Callable[..., ResourceLog]
OpenAppLog = Callable[..., ApplicationLog]
Rows = list[dict[str, Any]]

ROOT = Path(__file__).resolve().parent.parent

SERVICES = ("browser", "crash", "embeddings", "local_model", "postgres", "ssh")
"""Markers of tests that need something beside Python: Chromium, processes, models, PostgreSQL."""


def services_required() -> bool:
    """Whether POSTLAUNCH_REQUIRE_SERVICES=1 says that no service may be missing, as in CI."""
    return os.environ.get("POSTLAUNCH_REQUIRE_SERVICES") == "1"


def pytest_configure() -> None:
    """What is imported and collected lasts to the end: it is not looked through for garbage meanwhile."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Nor afterwards."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_sessionfinish() -> None:
    """At the end it is cleared away like anything else."""
    gc.unfreeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where services are required, a test that skips for the lack of one has failed."""
    report = yield
    needs = [name for name in SERVICES if item.get_closest_marker(name)]
    if services_required() and needs and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{', '.join(needs)} required, but the test was skipped: {_reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Where services are required, no whole module may skip itself: its markers would never be seen."""
    report = yield
    if services_required() and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"services are required, but the module was skipped: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server of this process's own, started when a test first asks for it."""
    if not available():
        pytest.skip(MISSING)
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data for trying, which the project does not contain; POSTLAUNCH_DATA names its folder."""
    named = os.environ.get("POSTLAUNCH_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is not there (POSTLAUNCH_DATA names its folder)")
    return folder


class MadeOnce:
    """Folders that all workers of this run of the tests share: who asks first makes one, the others wait."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def __call__(self, name: str, make: Callable[[Path], object]) -> Path:
        """The folder of this name, filled by `make` when it is first asked for; not to be written to."""
        folder, made = self._place / name, self._place / f"{name}.made"
        with (self._place / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                made.touch()
        return folder


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "made-once"
    place.mkdir(exist_ok=True)
    return MadeOnce(place)


class Samples:
    """The embedded sample at some scale and seed, its sources staged: made once for the whole run."""

    def __init__(self, made_once: MadeOnce) -> None:
        self._made_once = made_once

    def of(self, scale: float, seed: int | None = None) -> Sample:
        """The one that all tests share; not to be written to."""
        from postlaunch.sample.generate import DEFAULT_END, DEFAULT_SEED, Sample

        seed = DEFAULT_SEED if seed is None else seed
        folder = self._made_once(f"sample-{seed}-{scale}", lambda place: _stage(place, seed, scale))
        return Sample.at(folder, seed, DEFAULT_END)

    def copied(self, folder: Path, scale: float, seed: int | None = None) -> Sample:
        """A copy of its own for who writes into it; the folder may be there."""
        from postlaunch.sample.generate import DEFAULT_END, DEFAULT_SEED, Sample

        shutil.copytree(self.of(scale, seed).folder, folder, dirs_exist_ok=True)
        return Sample.at(folder, DEFAULT_SEED if seed is None else seed, DEFAULT_END)


def _stage(folder: Path, seed: int, scale: float) -> None:
    from postlaunch.sample.generate import generate
    from postlaunch.settings_file import load_settings
    from postlaunch.sources.opening import close_sources, open_sources

    sample = generate(folder, seed, scale=scale)
    settings = load_settings(sample.settings, environment={})
    close_sources(open_sources(settings, lambda: sample.as_of + timedelta(days=1)))


@pytest.fixture(scope="session")
def samples(made_once: MadeOnce) -> Samples:
    return Samples(made_once)


@pytest.fixture
def open_log(tmp_path: Path) -> OpenLog:
    """Opens a request log of these lines; what else is named goes to `RequestSource`."""

    def opened(
        content: str | bytes | list[str],
        *,
        name: str = "access.log",
        zone: str = "UTC",
        clock: Clock = system_clock,
        **source: Any,
    ) -> RequestLog:
        lines = "\n".join(content) + "\n" if isinstance(content, list) else content
        (tmp_path / name).write_bytes(lines.encode() if isinstance(lines, str) else lines)
        settings = Settings(
            folder=tmp_path,
            application=Application(timezone=zone),
            sources=Sources(requests=RequestSource(**{"paths": (name,), **source})),
        )
        return open_requests(settings, clock)

    return opened


@dataclass(frozen=True)
class Ended:
    """What a command left behind.

    Attributes:
        out, err: standard output and standard error.
    """

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.out)


Run = Callable[..., Ended]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], logging_restored: None) -> Run:
    """Calls the command with these arguments, in this process, without a terminal."""

    from postlaunch.cli import main

    def called(*arguments: object) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        code = ended.value.code
        assert code is None or isinstance(code, int), f"the exit code is {code!r}"
        printed = capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return Ended(code or 0, printed.out, printed.err)

    return called


@pytest.fixture(scope="session")
def run_once() -> Run:
    """As `run`, for what several tests look at."""

    from postlaunch.cli import main

    def called(*arguments: object) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        with (
            contextmanager(_logging_restored)(),
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            main([str(argument) for argument in arguments])
        return Ended(int(ended.value.code or 0), out.getvalue(), err.getvalue())

    return called


@pytest.fixture
def logging_restored() -> Iterator[None]:
    """The command configures logging for its process; here it shares one with the other tests."""
    yield from _logging_restored()


def _logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def open_event_log(tmp_path: Path) -> Generator[OpenEvents]:
    """Opens events (objects, one a line; or a file's text); what else is named goes to `EventSource`."""
    opened: list[EventLog] = []

    def open_them(
        content: Rows | str,
        *,
        name: str = "events.jsonl",
        zone: str = "UTC",
        clock: Clock = system_clock,
        **source: Any,
    ) -> EventLog:
        events = EventSource(**{"paths": (name,), **source})
        settings = written(tmp_path / name, content, zone, Sources(events=events))
        opened.append(open_events(settings, clock))
        return opened[-1]

    yield open_them
    for log in opened:
        log.close()


@pytest.fixture
def open_resource_log(tmp_path: Path) -> Generator[OpenResources]:
    """Opens samples (objects, one a line; or a file's text); what else is named goes to `FilesSource`."""
    opened: list[ResourceLog] = []

    def open_them(
        content: Rows | str,
        *,
        name: str = "resources.jsonl",
        zone: str = "UTC",
        clock: Clock = system_clock,
        **source: Any,
    ) -> ResourceLog:
        resources = FilesSource(**{"paths": (name,), **source})
        settings = written(tmp_path / name, content, zone, Sources(resources=resources))
        opened.append(open_resources(settings, clock))
        return opened[-1]

    yield open_them
    for log in opened:
        log.close()


@pytest.fixture
def open_app_log(tmp_path: Path) -> Generator[OpenAppLog]:
    """Opens a log (objects, one a line; or a file's text); what else is named goes to `FilesSource`."""
    opened: list[ApplicationLog] = []

    def open_them(
        content: Rows | str,
        *,
        name: str = "app.jsonl",
        zone: str = "UTC",
        clock: Clock = system_clock,
        **source: Any,
    ) -> ApplicationLog:
        logs = FilesSource(**{"paths": (name,), **source})
        settings = written(tmp_path / name, content, zone, Sources(logs=logs))
        opened.append(open_app_logs(settings, clock))
        return opened[-1]

    yield open_them
    for log in opened:
        log.close()


def written(path: Path, content: Rows | str, zone: str, sources: Sources) -> Settings:
    """Settings with these sources, and the file that they name: objects, one a line, or its text."""
    text = content if isinstance(content, str) else "".join(f"{json.dumps(row)}\n" for row in content)
    path.write_text(text, encoding="utf-8")
    return Settings(folder=path.parent, application=Application(timezone=zone), sources=sources)
