"""What the sample promises of its files: the same bytes for the same seed, all there, all readable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from postlaunch.sample.generate import DEMO_SCALE, Sample, generate
from postlaunch.settings_file import load_settings
from postlaunch.sources.candidates import open_candidates
from postlaunch.sources.opening import BrokenSource, open_sources
from postlaunch.sources.tickets import open_tickets

if TYPE_CHECKING:
    from conftest import Default


def contents(sample: Sample) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sample.folder.iterdir()}


def rows(path: Path) -> int:
    with duckdb.connect() as connection:
        return len(connection.read_parquet(str(path)))


def test_the_same_seed_gives_the_same_bytes(small: Sample, tmp_path: Path) -> None:
    again = generate(tmp_path / "again", scale=0.05)
    assert contents(again) == contents(small)


def test_another_seed_gives_other_requests_events_and_tickets(small: Sample, tmp_path: Path) -> None:
    other = generate(tmp_path / "other", seed=8, scale=0.05)
    for name in ("requests", "events", "resources", "logs", "tickets"):
        assert getattr(other, name).read_bytes() != getattr(small, name).read_bytes(), name


def test_another_end_moves_everything_to_its_weeks(tmp_path: Path) -> None:
    sample = generate(tmp_path, end=datetime(2026, 3, 16, 7, tzinfo=UTC), scale=0.05)
    truth = sample.read_truth()
    assert [week.label for week in truth.weeks] == [f"2026-W{number:02d}" for number in range(2, 12)]
    assert truth.last_week.end - truth.last_week.start == timedelta(hours=167), "a DST week"
    assert truth.this_week.start <= truth.incident.start < truth.this_week.end
    assert truth.experiment.start < truth.this_week.start
    assert "2026-02" in truth.spans
    assert load_settings(sample.settings, environment={}).analytics.experiments[0].start.year == 2026


def test_every_file_of_the_sample_is_read_and_nothing_in_it_is_set_aside(
    small: Sample, tmp_path: Path
) -> None:
    settings = load_settings(small.settings, environment={}, flags={"reports.staging": str(tmp_path)})
    opened = open_sources(settings, lambda: small.as_of + timedelta(days=1))
    not_there = {"feature_requests", "tracking_plan"}  # people ask in tickets; events have no plan yet
    assert set(opened) == set(type(settings.sources).model_fields) - not_there
    assert not [source for source in opened.values() if isinstance(source, BrokenSource)]
    for name, source in opened.items():
        assert not getattr(source, "rejected", ()), name
        coverage = getattr(source, "coverage", None)
        if coverage is not None:
            assert getattr(coverage, "rows_rejected", 0) == getattr(coverage, "lines_rejected", 0) == 0, name
    for source in opened.values():
        if close := getattr(source, "close", None):
            close()
    assert len(open_tickets(settings).tickets) == 300
    assert len(open_candidates(settings).items) == 10


def test_the_folder_holds_the_files_of_the_sample_and_no_other(small: Sample) -> None:
    places = {path for name, path in small if isinstance(path, Path) and name != "folder"}
    assert places == set(small.folder.iterdir())


def test_at_the_default_scale_there_are_two_million_requests_and_a_million_events(
    default: Default,
) -> None:
    sample = default.sample
    assert 2_000_000 <= rows(sample.requests) <= 2_400_000
    assert 1_000_000 <= rows(sample.events) <= 1_200_000
    assert sum(path.stat().st_size for path in sample.folder.iterdir()) < 60_000_000


def test_at_the_default_scale_generating_fits_in_memory(default: Default) -> None:
    assert default.megabytes < 1_000


def test_at_the_default_scale_the_nights_have_traffic(default: Default) -> None:
    assert min(week.minutes_covered for week in default.sample.read_truth().weeks) > 0.99


def test_at_the_demos_scale_nine_minutes_of_ten_have_a_request(full: Sample) -> None:
    truth = full.read_truth()
    assert truth.scale == DEMO_SCALE
    assert min(week.minutes_covered for week in truth.weeks) > 0.9
