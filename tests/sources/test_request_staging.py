"""A log is staged once, wholly or not at all, whatever happens to the process."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from postlaunch.errors import SourceError
from postlaunch.settings import Application, Reports, Settings
from postlaunch.settings_sources import RequestSource, Sources
from postlaunch.sources import staging
from postlaunch.sources.requests import open_requests
from postlaunch.sources.staged_folders import StagedFolders

LINE = '203.0.113.7 - - [18/Nov/2025:14:15:{:02d} +0000] "GET /users/{} HTTP/1.1" 200 1 "-" "Mozilla/5.0"\n'
CHILD = """
import sys
from pathlib import Path
from postlaunch.settings import Settings
from postlaunch.settings_sources import RequestSource, Sources
from postlaunch.sources.requests import open_requests
from postlaunch.sources.staged_folders import StagedFolders
settings = Settings(folder=Path(sys.argv[1]), sources=Sources(requests=RequestSource(paths=("access.log",))))
try:
    print(open_requests(settings).coverage.lines_parsed)
except Exception as error:
    print(type(error).__name__, error)
"""


def written(folder: Path, lines: int = 100) -> Settings:
    """A log in a folder, and the settings that name it."""
    text = "".join(LINE.format(place % 60, place) for place in range(lines))
    (folder / "access.log").write_text(text, encoding="utf-8")
    return settings_for(folder)


def settings_for(folder: Path, **source: object) -> Settings:
    return Settings(
        folder=folder, sources=Sources(requests=RequestSource(**{"paths": ("access.log",), **source}))
    )


def staged_folders(folder: Path) -> list[Path]:
    return sorted((folder / ".postlaunch" / "staged").glob("*"))


def count(settings: Settings) -> int:
    log = open_requests(settings)
    (row,) = log.cursor().execute("SELECT count(*) FROM requests").fetchall()
    log.close()
    return row[0]


def test_a_log_is_staged_once_and_found_again(tmp_path, monkeypatch) -> None:
    settings = written(tmp_path)
    first = open_requests(settings)
    monkeypatch.setattr(staging, "_build", None)
    again = open_requests(settings)
    assert (again.fingerprint, again.coverage) == (first.fingerprint, first.coverage)
    assert len(staged_folders(tmp_path)) == 1


def test_one_byte_changes_the_fingerprint_though_size_and_time_stay(tmp_path) -> None:
    settings = written(tmp_path)
    before = open_requests(settings).fingerprint
    path = tmp_path / "access.log"
    times = path.stat()
    path.write_bytes(path.read_bytes().replace(b" 200 ", b" 500 ", 1))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert open_requests(settings).fingerprint != before


def test_a_renamed_log_keeps_its_fingerprint(tmp_path) -> None:
    before = open_requests(written(tmp_path)).fingerprint
    (tmp_path / "access.log").rename(tmp_path / "access.log.1")
    assert open_requests(settings_for(tmp_path, paths=("access.log.1",))).fingerprint == before


@pytest.mark.parametrize(
    "other", [{"path_templates": {"^/x": "/x"}}, {"request_time": "seconds"}, {"latency_unit": "seconds"}]
)
def test_reading_it_otherwise_is_another_fingerprint(tmp_path, other: dict[str, object]) -> None:
    before = open_requests(written(tmp_path)).fingerprint
    assert open_requests(settings_for(tmp_path, **other)).fingerprint != before


def test_another_zone_is_another_fingerprint(tmp_path) -> None:
    settings = written(tmp_path)
    there = settings.model_copy(update={"application": Application(timezone="Asia/Kolkata")})
    assert open_requests(there).fingerprint != open_requests(settings).fingerprint


def test_half_a_staged_log_is_built_again(tmp_path) -> None:
    settings = written(tmp_path)
    open_requests(settings)
    (home,) = staged_folders(tmp_path)
    (home / staging.STAGED_FILE).unlink()
    assert count(settings) == 100


def test_many_threads_at_once_leave_one_whole_staged_log(tmp_path) -> None:
    settings = written(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(count, [settings] * 4)) == [100] * 4
    assert len(staged_folders(tmp_path)) == 1


def test_two_processes_at_once_leave_one_whole_staged_log(tmp_path) -> None:
    written(tmp_path, 2_000)
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate(timeout=60)[0].split()[-1] for process in running] == ["2000", "2000"]
    assert len(staged_folders(tmp_path)) == 1


@pytest.mark.crash
def test_a_killed_process_leaves_nothing_that_counts(tmp_path) -> None:
    settings = written(tmp_path, 200_000)
    process = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".postlaunch/staged/.building-*/part-*")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list(tmp_path.glob(".postlaunch/staged/requests-*"))
    assert count(settings) == 200_000


def test_what_a_dead_process_left_is_removed_after_a_day(tmp_path) -> None:
    settings = written(tmp_path)
    left = tmp_path / ".postlaunch" / "staged" / ".building-dead"
    left.mkdir(parents=True)
    open_requests(settings, clock=lambda: datetime.now(UTC) + timedelta(days=2))
    assert not left.exists()


def test_a_staged_log_that_nobody_opens_is_removed_after_a_month(tmp_path) -> None:
    settings = written(tmp_path)
    open_requests(settings)
    (old,) = staged_folders(tmp_path)
    written(tmp_path, 50)
    open_requests(settings, clock=lambda: datetime.now(UTC) + timedelta(days=31))
    assert not old.exists()
    assert len(staged_folders(tmp_path)) == 1


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path) -> None:
    written(tmp_path, 5_000)

    def little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    out = subprocess.run(command, capture_output=True, text=True, preexec_fn=little_room, timeout=60).stdout
    assert out.splitlines()[-1].startswith("SourceError the log could not be staged in")
    assert staged_folders(tmp_path) == []


def test_no_space_left_is_a_source_error_with_a_remedy(tmp_path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(StagedFolders, "_put_in_place", full)
    with pytest.raises(SourceError, match="No space left on device") as caught:
        open_requests(written(tmp_path))
    assert "free disk space" in caught.value.remedy
    assert staged_folders(tmp_path) == []


def test_a_staging_folder_that_is_a_file_is_said(tmp_path) -> None:
    (tmp_path / "taken").touch()
    settings = written(tmp_path).model_copy(update={"reports": Reports(staging="taken")})
    with pytest.raises(SourceError, match="could not be staged"):
        open_requests(settings)


def test_a_log_that_grows_while_it_is_read_gives_what_was_there(tmp_path, monkeypatch) -> None:
    settings = written(tmp_path)
    build = staging._build

    def growing(*arguments):
        with (tmp_path / "access.log").open("a", encoding="utf-8") as file:
            file.write(LINE.format(1, 1))
        return build(*arguments)

    monkeypatch.setattr(staging, "_build", growing)
    assert count(settings) == 100


def test_a_log_that_is_rewritten_while_it_is_read_is_refused(tmp_path, monkeypatch) -> None:
    settings = written(tmp_path)
    build = staging._build

    def rewriting(*arguments):
        written(tmp_path, 100)
        text = (tmp_path / "access.log").read_text(encoding="utf-8")
        (tmp_path / "access.log").write_text(text.replace(" 200 ", " 404 "), encoding="utf-8")
        return build(*arguments)

    monkeypatch.setattr(staging, "_build", rewriting)
    with pytest.raises(SourceError, match="rewritten while it was read"):
        open_requests(settings)
    assert staged_folders(tmp_path) == []


def test_a_folder_name_with_glob_characters_is_a_plain_name(tmp_path) -> None:
    folder = tmp_path / "app[1]*"
    folder.mkdir()
    assert count(written(folder)) == 100


def test_a_cursor_sees_the_log_and_no_other_file(tmp_path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n", encoding="utf-8")
    cursor = open_requests(written(tmp_path)).cursor()
    for query in (f"SELECT * FROM '{tmp_path}/secret.csv'", f"COPY requests TO '{tmp_path}/out.csv'"):
        with pytest.raises(duckdb.Error):
            cursor.execute(query)


def test_cursors_of_many_threads_do_not_disturb_one_another(tmp_path) -> None:
    log = open_requests(written(tmp_path))
    barrier = threading.Barrier(8)

    def query(_: int) -> int:
        barrier.wait()
        return log.cursor().execute("SELECT count(DISTINCT path) FROM requests").fetchall()[0][0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(query, range(8))) == [100] * 8
