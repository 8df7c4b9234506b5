"""Samples of resources are read from each format, in base units, and what is left out is counted and said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from postlaunch.errors import SourceError
from postlaunch.printing import value_text
from postlaunch.settings import Application, Settings
from postlaunch.settings_sources import FilesSource, Sources
from postlaunch.sources.resources import FIGURES, ResourceLog, open_resources
from postlaunch.sources.row_coverage import row_coverage_text

NOON = "2025-11-18T12:00:00Z"
LATER = datetime(2025, 12, 1, tzinfo=UTC)


def rows(log: ResourceLog, columns: str) -> list[tuple]:
    return log.cursor().execute(f"SELECT {columns} FROM resources ORDER BY ts").fetchall()


def sample(**other: object) -> dict[str, object]:
    return {"time": NOON, "pod": "api-0", "memory_bytes": 200_000_000, **other}


@pytest.mark.parametrize("name", ["r.parquet", "r.csv", "r.csv.gz", "r.jsonl", "r.jsonl.gz", "plain"])
def test_the_same_samples_are_read_from_every_format(tmp_path: Path, name: str) -> None:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE samples AS SELECT * FROM (VALUES "
        "('2025-11-18T23:30:00-08:00', 'api-1', 198000000, 0.15, NULL), "
        "('2025-11-18T12:00:00Z', 'api-0', 187000000.5, 0.1, 9)) AS t(ts, pod, memory, cpu, pool_in_use)"
    )
    form = "(FORMAT json)" if "json" in name or name == "plain" else ""
    connection.execute(f"COPY samples TO '{tmp_path / name}' {form}")
    settings = Settings(
        folder=tmp_path,
        application=Application(timezone="America/Los_Angeles"),
        sources=Sources(resources=FilesSource(paths=name)),
    )
    log = open_resources(settings, lambda: LATER)
    found = rows(log, "ts::VARCHAR, day::VARCHAR, pod, memory_bytes, cpu_cores, pool_in_use, disk_bytes")
    log.close()
    assert found == [
        ("2025-11-18 12:00:00", "2025-11-18", "api-0", 187_000_000.5, 0.1, 9, None),
        ("2025-11-19 07:30:00", "2025-11-18", "api-1", 198_000_000, 0.15, None, None),
    ]


@pytest.mark.parametrize(
    ("key", "written", "column", "value"),
    [
        ("memory", "187Mi", "memory_bytes", 187 * 2**20),
        ("memory", "2G", "memory_bytes", 2e9),
        ("memory", " 512 MB ", "memory_bytes", 512e6),
        ("memory_mb", 187, "memory_bytes", 187e6),
        ("memory_mib", "187.5", "memory_bytes", 187.5 * 2**20),
        ("memory_mb", "187Mi", "memory_bytes", 187 * 2**20),
        ("container_memory_working_set_bytes", "1.96e8", "memory_bytes", 1.96e8),
        ("MEMORY(bytes)", "187Mi", "memory_bytes", 187 * 2**20),
        ("CPU(cores)", "250m", "cpu_cores", 0.25),
        ("cpu", "12500000n", "cpu_cores", 0.0125),
        ("cpu_millicores", 250, "cpu_cores", 0.25),
        ("disk_gb", 2, "disk_bytes", 2e9),
        ("hikaricp_connections_active", 9, "pool_in_use", 9),
        ("hikaricp_connections_max", 10, "pool_size", 10),
    ],
)
def test_a_figure_is_read_in_base_units(open_resource_log, key, written, column, value) -> None:
    log = open_resource_log([{"time": NOON, key: written}])
    assert rows(log, column) == [(pytest.approx(value),)]


@pytest.mark.parametrize(
    ("key", "number", "text"),
    [("disk_limit_gb", 10, "10 GB"), ("memory_limit_mb", 512, "512 MB"), ("disk_mb", 900, "900 MB")],
)
def test_what_is_given_in_mb_and_gb_is_printed_so(open_resource_log, key, number, text) -> None:
    log = open_resource_log([{"time": NOON, key: number}])
    column = f"{key.rpartition('_')[0]}_bytes"
    assert value_text(rows(log, column)[0][0], "bytes") == text


def test_the_limits_of_kubernetes_are_found_inside_objects(open_resource_log) -> None:
    log = open_resource_log(
        [
            {
                "timestamp": NOON,
                "metadata": {"name": "api-0"},
                "usage": {"cpu": "150m", "memory": "187Mi"},
                "limits": {"cpu": "500m", "memory": "512Mi"},
            }
        ]
    )
    assert rows(log, "pod, cpu_cores, cpu_limit_cores, memory_limit_bytes") == [
        ("api-0", pytest.approx(0.15), pytest.approx(0.5), 512 * 2**20)
    ]


def test_fields_are_mapped_and_the_usual_names_are_not_taken_then(open_resource_log) -> None:
    log = open_resource_log(
        [{"at": NOON, "memory": 1, "m": {"rss": 5}}], fields={"time": "at", "memory_bytes": "m.rss"}
    )
    assert rows(log, "memory_bytes") == [(5,)]


@pytest.mark.parametrize("nothing", [None, "", " ", "NaN", "<none>", "<unknown>", "-"])
def test_what_a_program_writes_for_no_figure_is_none(open_resource_log, nothing) -> None:
    assert rows(open_resource_log([sample(cpu=nothing)]), "cpu_cores") == [(None,)]


def test_rows_that_are_no_samples_are_counted_and_shown(open_resource_log) -> None:
    coverage = open_resource_log(
        [
            sample(),
            sample(time="tomorrow"),
            sample(memory_bytes="lots"),
            sample(memory_bytes=-1),
            sample(memory_bytes=None),
            sample(time="2025-12-30T00:00:00Z"),
        ],
        clock=lambda: LATER,
    ).coverage
    assert (coverage.rows_read, coverage.rows, coverage.rows_rejected, coverage.rows_future) == (6, 1, 4, 1)
    assert coverage.rejected_by_reason == {
        "a figure that is none": 2,
        "no figure": 1,
        "no readable time": 1,
    }
    assert [(found.line, found.reason) for found in coverage.rejected_samples] == [
        (2, "no readable time"),
        (3, "a figure that is none"),
        (4, "a figure that is none"),
        (5, "no figure"),
    ]


def test_what_the_samples_cover_is_said(open_resource_log) -> None:
    log = open_resource_log([sample(), sample(pod="api-1"), {"x": 1}], zone="Europe/Berlin")
    assert (log.coverage.pods, log.coverage.columns) == (2, ("pod", "memory_bytes"))
    first, second = row_coverage_text(log.coverage, "sample", "Europe/Berlin").splitlines()
    assert first.startswith("2 samples of 2 pods from 2025-11-18 13:00 to 2025-11-18 13:00 Europe/Berlin (")
    assert second == "left out of 3 rows: 1 (no readable time)."


def test_a_file_without_any_figure_says_which_are_looked_for(open_resource_log) -> None:
    with pytest.raises(SourceError, match="nothing that is known to hold a figure") as caught:
        open_resource_log([{"time": NOON, "pod": "a", "temperature": 3}])
    assert all(figure in caught.value.remedy for figure in FIGURES)
