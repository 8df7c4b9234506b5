"""How fast a request log is staged, and in how much memory: `python -m postlaunch.evals.bench_staging`.

Generates a combined log in a temporary folder and stages it; then, as a peer on the same file in the same
run, parses it with DuckDB's `read_csv` and one regular expression into Parquet. Each runs in a process of its
own, so that its peak memory is its own, and on two threads. The peer does less: no content hash, no routes,
no bots, no count of what it could not read. The Parquet that the peer leaves is then staged too.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path

import duckdb

from postlaunch.evals.peak_memory import peak_megabytes
from postlaunch.settings import Settings
from postlaunch.settings_sources import RequestSource, Sources
from postlaunch.sources.requests import open_requests

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "kube-probe/1.29",
)
LIMITS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "768MB",
    "threads": 2,
}
START = datetime(2025, 11, 17, tzinfo=UTC)


def generate(path: Path, lines: int, seed: int) -> None:
    """Write a log of so many lines, a tenth of a second apart; half of the paths hold an id."""
    chance = random.Random(seed)
    with path.open("w", encoding="ascii") as file:
        for number in range(lines):
            at = START + timedelta(seconds=number // 10)
            user = f"/users/{chance.randrange(50_000)}"
            target = user if number % 2 else f"/page/{number % 40}.html?q={number}"
            file.write(
                f"10.{chance.randrange(256)}.{chance.randrange(256)}.7 - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "
                f'"GET {target} HTTP/1.1" {chance.choice((200, 200, 200, 304, 404, 500))} '
                f'{chance.randrange(90_000)} "https://example.org/" "{chance.choice(AGENTS)}" '
                f"{chance.random():.3f}\n"
            )


def stage(path: Path) -> int:
    """Open the log as every run does; its requests."""
    settings = Settings(folder=path.parent, sources=Sources(requests=RequestSource(paths=(path.name,))))
    return open_requests(settings).coverage.lines_parsed


def read_csv(path: Path) -> int:
    """The peer: `read_csv` of whole lines, one regular expression, Parquet."""
    query = (files("postlaunch.evals") / "read_csv_regexp.sql").read_text(encoding="utf-8")
    with duckdb.connect(config=LIMITS) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(query, {"log": str(path), "parquet": str(path.with_suffix(".parquet"))})
        rows = connection.read_parquet(str(path.with_suffix(".parquet"))).count("status").fetchall()
    return int(rows[0][0])


def measured(work: Callable[[Path], int], path: Path) -> tuple[int, float, float, float]:
    """Lines, seconds on the wall, seconds of processor and peak memory in MB of this process."""
    wall, processor = time.perf_counter(), time.process_time()
    lines = work(path)
    return lines, time.perf_counter() - wall, time.process_time() - processor, peak_megabytes()


def main() -> None:
    """Print one line for each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "access.log"
        generate(path, arguments.lines, arguments.seed)
        print(f"{arguments.lines:,} lines, {path.stat().st_size / 1e6:,.0f} MB")
        ways = (
            ("postlaunch staging", stage, path),
            ("read_csv and one regexp", read_csv, path),
            ("staging Parquet", stage, path.with_suffix(".parquet")),
        )
        for name, work, read in ways:
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                lines, wall, processor, peak = process.submit(measured, work, read).result()
            print(
                f"{name:24} {lines / wall:10,.0f} lines/s {lines / processor:10,.0f} per processor second"
                f" {wall:6.1f} s, peak {peak:,.0f} MB",
                flush=True,
            )


if __name__ == "__main__":
    main()
