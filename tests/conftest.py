"""Fixtures that every folder of tests may use, and the rule that in CI a service must be there."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import EventSource, FilesSource, RequestSource, Sources
from postlaunch.sources.app_logs import ApplicationLog, open_app_logs
from postlaunch.sources.events import EventLog, open_events
from postlaunch.sources.requests import RequestLog, open_requests
from postlaunch.sources.resources import ResourceLog, open_resources
from postlaunch.testing.postgres import MISSING, PostgresServer, available
from postlaunch.windows import Clock, system_clock

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


@pytest.fixture
def logging_restored() -> Iterator[None]:
    """The command configures logging for its process; here it shares one with the other tests."""
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
