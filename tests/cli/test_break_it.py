"""What goes wrong with real files, a full disk or a model: said clearly, nothing that was stored is lost."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from postlaunch.settings import Settings
from postlaunch.settings_sources import RequestSource, Sources
from postlaunch.sync import PostLaunch
from postlaunch.testing import Answer, FakeOpenAI, Status
from postlaunch.testing.fake_openai import Body, CutOff, HangUp, Slow

if TYPE_CHECKING:
    from conftest import Ended, Run

BEGIN = datetime(2025, 11, 10, tzinfo=UTC)
REPORT = "weekly-health-2025-W47"


def line(when: datetime, path: str = "/users/1", status: int = 200, zone: str = "+0000") -> str:
    """One line of an Apache log."""
    return (
        f'10.0.0.1 - - [{when:%d/%b/%Y:%H:%M:%S} {zone}] "GET {path} HTTP/1.1" {status} 120 "-" "Mozilla"\n'
    )


def lines(count: int = 2880) -> list[str]:
    """Two weeks of requests, one every seven minutes, every 97th of them failing."""
    return [
        line(BEGIN + timedelta(minutes=7 * place), f"/users/{place % 90}", 500 if place % 97 == 0 else 200)
        for place in range(count)
    ]


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a report was made; not to be written to."""
    folder = tmp_path_factory.mktemp("reported")
    (folder / "good.log").write_text("".join(lines()))
    sources = Sources(requests=RequestSource(paths=("good.log",)))
    with PostLaunch(Settings(folder=folder, sources=sources)) as postlaunch:
        assert postlaunch.advance(postlaunch.start("weekly_report").id).state == "done"
    return folder


@pytest.fixture
def folder(reported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, where a report was made before anything broke."""
    place = Path(shutil.copytree(reported, tmp_path / "work"))
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def kept(folder: Path, run: Run) -> Iterator[None]:
    """After the test, the report made before it is still listed, and its evidence holds."""
    yield
    assert REPORT in run("runs").out
    assert run("runs", "--json").json[-1]["state"] in ("done", "superseded")


def weekly(run: Run, log: str) -> Ended:
    return run("report", "weekly", "--requests", log, "--quiet")


@pytest.mark.usefixtures("kept")
class TestLogs:
    """Request logs that are not what they should be."""

    def test_empty(self, run: Run) -> None:
        Path("empty.log").touch()
        ended = weekly(run, "empty.log")
        assert ended.code == 3
        assert "the request log is empty" in ended.out

    def test_binary(self, run: Run) -> None:
        Path("binary.log").write_bytes(random.Random(1).randbytes(200_000))
        ended = weekly(run, "binary.log")
        assert ended.code == 3
        assert "it looks like a binary file" in ended.out
        assert all(character.isprintable() for character in ended.out.replace("\n", ""))

    def test_truncated_gzip(self, run: Run) -> None:
        whole = gzip.compress("".join(lines()).encode())
        Path("cut.log.gz").write_bytes(whole[: len(whole) // 2])
        ended = weekly(run, "cut.log.gz")
        assert ended.code == 3
        assert "ends in the middle of its compressed data" in ended.out

    def test_a_glob_that_matches_nothing(self, run: Run) -> None:
        ended = weekly(run, "nosuch*.log")
        assert ended.code == 3
        assert "no file matches" in ended.out

    def test_a_folder_in_place_of_a_file(self, run: Run, folder: Path) -> None:
        (folder / "logs").mkdir()
        ended = weekly(run, "logs")
        assert ended.code == 3
        assert "logs" in ended.out

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
    def test_no_permission(self, run: Run, folder: Path) -> None:
        (folder / "secret.log").write_text("".join(lines()))
        (folder / "secret.log").chmod(0)
        ended = weekly(run, "secret.log")
        assert ended.code == 3
        assert "secret.log" in ended.out

    def test_lines_from_the_future_are_left_out_and_counted(self, run: Run, folder: Path) -> None:
        future = [line(datetime(2099, 1, 1, tzinfo=UTC) + timedelta(minutes=place)) for place in range(50)]
        Path("future.log").write_text("".join(lines() + future))
        assert weekly(run, "future.log").code == 0
        report = (folder / "reports" / f"{REPORT}.md").read_text()
        assert "50 of the log's lines are dated in the future and left out" in report

    def test_zones_may_be_mixed(self, run: Run, folder: Path) -> None:
        zones = ("+0000", "-0800", "+0530")
        mixed = [whole.replace("+0000", zones[place % 3]) for place, whole in enumerate(lines())]
        Path("mixed.log").write_text("".join(mixed))
        assert weekly(run, "mixed.log").code == 0
        report = (folder / "reports" / f"{REPORT}.md").read_text()
        assert "2,880 lines read, 0 rejected" in report

    def test_a_line_of_a_megabyte_is_rejected_alone(self, run: Run, folder: Path) -> None:
        Path("long.log").write_text("".join([*lines(), line(BEGIN, "/" + "x" * 1_000_000), line(BEGIN)]))
        assert weekly(run, "long.log").code == 0
        report = (folder / "reports" / f"{REPORT}.md").read_text()
        assert "2,882 lines read, 1 rejected" in report


@pytest.mark.usefixtures("kept")
class TestTables:
    """Tickets and candidate items that are not what they should be."""

    def test_tickets_with_other_columns(self, run: Run) -> None:
        Path("t.csv").write_text("foo,bar\n1,2\n")
        ended = run("plan", "--tickets", "t.csv", "--quiet")
        assert ended.code == 4
        assert "columns found: foo, bar; looked for: created_at" in ended.out
        checked = run("check", "--tickets", "t.csv")
        assert checked.code == 3
        assert "[sources.tickets.fields]" in checked.out

    def test_a_candidate_item_of_an_unknown_owner(self, run: Run) -> None:
        Path("items.yaml").write_text("- {id: a, title: A, effort: {nobody-known: 2}}\n")
        ended = run("plan", "--candidates", "items.yaml", "--quiet")
        assert ended.code == 4
        assert '"nobody-known" is not in the roster' in ended.out

    def test_candidate_items_that_are_no_yaml(self, run: Run) -> None:
        Path("items.yaml").write_text("- id: [a\n  b: {\n")
        ended = run("check", "--candidates", "items.yaml")
        assert ended.code == 3
        assert "items.yaml" in ended.out


@pytest.mark.usefixtures("kept")
class TestSettings:
    """Settings that do not fit."""

    def test_a_wrong_value_names_its_key_and_line(self, run: Run) -> None:
        Path("postlaunch.toml").write_text("[gate]\n\n[capacity]\nsprint_days = -3\n")
        ended = run("plan")
        Path("postlaunch.toml").unlink()
        assert ended.code == 2
        assert "line 4: capacity.sprint_days" in ended.err

    def test_a_report_folder_that_is_a_file(self, run: Run) -> None:
        Path("postlaunch.toml").write_text("[reports]\nfolder = 'good.log'\n")
        Path("other.log").write_text("".join(lines(2500)))
        ended = weekly(run, "other.log")
        checked = run("check")
        Path("postlaunch.toml").unlink()
        assert ended.code == 1
        assert "cannot be written" in ended.err
        assert checked.code == 1
        assert "✗ report folder" in checked.out

    def test_a_ledger_that_is_no_database(self, run: Run) -> None:
        Path("notes.db").write_text("this is no database, but somebody's notes\n" * 100)
        Path("postlaunch.toml").write_text("[ledger]\nurl = 'sqlite:///notes.db'\n")
        ended = run("runs")
        Path("postlaunch.toml").unlink()
        assert ended.code == 1
        assert "notes.db" in ended.err
        assert Path("notes.db").read_text().startswith("this is no database")


# --- a full disk --------------------------------------------------------------------------------------------

LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from postlaunch.cli import main
main(sys.argv[2:])
"""


@pytest.mark.parametrize("most", [0, 60_000])
@pytest.mark.usefixtures("kept")
def test_files_that_may_not_grow(folder: Path, most: int) -> None:
    Path("other.log").write_text("".join(lines(2000)))
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(most), "report", "weekly", "--requests", "other.log", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode in (1, 3)
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "this is a bug" not in ended.stderr.lower()
    assert "disk" in ended.stdout + ended.stderr or "File too large" in ended.stdout + ended.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of five megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", place], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/bin/mount").exists(), reason="only root mounts")
def test_a_full_disk_keeps_what_was_stored(
    run: Run, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small_disk)
    Path("good.log").write_text("".join(lines()))
    assert weekly(run, "good.log").code == 0
    report = Path("reports", f"{REPORT}.json").read_bytes()
    Path("other.log").write_text("".join(lines(2500)))
    filled(small_disk)
    ended = weekly(run, "other.log")
    assert ended.code in (1, 3)
    assert "space" in (ended.out + ended.err).lower()
    Path("filler").unlink()
    assert [found["state"] for found in run("runs", "--json").json][-1] in ("done", "superseded")
    assert Path("reports", f"{REPORT}.json").read_bytes() == report
    assert weekly(run, "other.log").code == 0
    monkeypatch.chdir("/")


def filled(folder: Path) -> None:
    """Write until nothing more fits."""
    with (folder / "filler").open("wb") as file:
        try:
            while True:
                os.write(file.fileno(), b"x" * 4096)
        except OSError:
            pass


# --- the model ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (Status(500, "the model is on fire"), "500"),
        (Status(401, "no such key"), "401"),
        (HangUp(), "scripted"),
        (CutOff(), "scripted"),
        (Body(b"<html>a proxy's page</html>"), "scripted"),
        (Slow(60), "scripted"),
        (Answer("APPROVED, 42 % better"), "does not fit"),
        (Answer({"findings": [{"section": "headline", "text": "Errors doubled to 42 %"}]}), "stood up"),
    ],
    ids=["500", "401", "hangs up", "cut off", "garbage", "slow", "not the schema", "a figure of its own"],
)
@pytest.mark.usefixtures("kept")
def test_a_model_that_fails_leaves_the_report_to_the_rules(
    run: Run, folder: Path, behaviour: object, said: str
) -> None:
    patience = 0.5 if isinstance(behaviour, Slow) else 60
    Path("postlaunch.toml").write_text(f"[model]\ntimeout_seconds = {patience}\nattempts = 1\n")
    with FakeOpenAI(otherwise=behaviour) as model:
        ended = run(
            "report", "weekly", "--requests", "good.log", "--model", "scripted",
            "--base-url", model.base_url, "--quiet",
        )  # fmt: skip
    assert ended.code == 3
    assert said in ended.out
    assert "Total Requests" in (folder / "reports" / f"{REPORT}.md").read_text()


@pytest.mark.usefixtures("kept")
def test_a_model_that_nobody_listens_for(run: Run) -> None:
    Path("postlaunch.toml").write_text("[model]\nattempts = 1\n")
    with FakeOpenAI(listening=False) as model:
        ended = run(
            "report", "weekly", "--requests", "good.log", "--model", "scripted", "--base-url", model.base_url
        )
        checked = run("check", "--model", "scripted", "--base-url", model.base_url)
    assert ended.code == 3
    assert "Expected use of scripted" in ended.err
    assert checked.code == 2
