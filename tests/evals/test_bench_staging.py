"""The benchmark's ways of reading a log count the same lines."""

from __future__ import annotations

from pathlib import Path

from postlaunch.evals import bench_staging


def test_every_way_reads_every_generated_line(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    bench_staging.generate(path, lines=500, seed=7)
    assert bench_staging.stage(path) == bench_staging.read_csv(path) == 500
    assert bench_staging.stage(path.with_suffix(".parquet")) == 500
