"""Time and memory of every report and of the whole cycle: `python -m postlaunch.evals.bench_cycle`.

Generates the sample application, stages its sources, then makes each report alone and, last, the whole cycle
(daily check with its incident, weekly report, monthly review, sprint planning up to the gate) over a ledger
of its own, all without a model. Each part runs in a process of its own, so that its peak memory is its own.
The bar is for the whole cycle with staging: 60 seconds and 1 GB on two cores.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from pydantic import JsonValue

from postlaunch.evals.peak_memory import peak_megabytes
from postlaunch.graphs.session import Services
from postlaunch.ledger.ledger import Ledger
from postlaunch.sample.generate import DEFAULT_END, DEFAULT_SEED, generate
from postlaunch.settings import LedgerSettings, Reports, Settings
from postlaunch.settings_file import load_settings
from postlaunch.sync import PostLaunch
from postlaunch.windows import system_clock

DAY, WEEK, MONTH = "2025-11-18", "2025-W47", "2025-10"
BAR_SECONDS, BAR_MEGABYTES = 60, 1024
SPECIALISTS: Mapping[str, str] = {
    "weekly health": "monitoring-specialist",
    "performance": "performance-monitor",
    "analytics": "analytics-specialist",
}


@dataclass(frozen=True)
class Cost:
    """What one part took.

    Attributes:
        seconds: on the clock; processor: of all threads.
        megabytes: the process's peak, imports included.
        note: what was made.
    """

    name: str
    seconds: float
    processor: float
    megabytes: float
    note: str = ""


Part = Callable[[Path], str]


def measured(name: str, part: Part, folder: Path) -> Cost:
    """Run a part in this process, which does nothing else."""
    started, before = time.perf_counter(), _processor()
    note = part(folder)
    seconds, after = time.perf_counter() - started, _processor()
    return Cost(name, seconds, after - before, peak_megabytes(), note)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _settings(folder: Path, name: str, staging: str = "staged") -> Settings:
    """The sample's settings with a ledger and reports of their own, so that no part finds another's work."""
    return load_settings(folder / "postlaunch.toml", environment={}).model_copy(
        update={
            "ledger": LedgerSettings(url=f"sqlite:///{name}/ledger.db"),
            "reports": Reports(folder=f"{name}/reports", handoffs=f"{name}/handoffs", staging=staging),
        }
    )


def make_sample(scale: float, seed: int, folder: Path) -> str:
    """Write the sample application."""
    sample = generate(folder, seed=seed, scale=scale)
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    truth = sample.read_truth()
    requests = sum(week.requests for week in truth.weeks)
    return f"{requests:,} requests, {size / 1e6:,.0f} MB"


def stage(folder: Path) -> str:
    """Open every source for the first time."""
    settings = _settings(folder, "staging")
    services = Services(settings, Ledger.open(settings.ledger_place({}), system_clock))
    try:
        return f"{len(services.sources())} sources"
    finally:
        services.close()


def daily(folder: Path) -> str:
    """The daily check of the incident's day, and the incident that follows from it."""
    with PostLaunch(_settings(folder, "daily")) as postlaunch:
        return _told(postlaunch, _tick(postlaunch, "daily_check", DAY))


def weekly(only: str | None, folder: Path) -> str:
    """The weekly report, or one specialist's part of it."""
    with PostLaunch(_settings(folder, f"weekly-{only or 'all'}")) as postlaunch:
        run = postlaunch.start("weekly_report", week=WEEK, only=only)
        postlaunch.advance(run.id)
        return _told(postlaunch, run.id)


def monthly(folder: Path) -> str:
    """The monthly review."""
    with PostLaunch(_settings(folder, "monthly")) as postlaunch:
        run = postlaunch.start("monthly_review", month=MONTH)
        postlaunch.advance(run.id)
        return _told(postlaunch, run.id)


def planning(folder: Path) -> str:
    """Sprint planning, up to the gate."""
    with PostLaunch(_settings(folder, "planning")) as postlaunch:
        run = postlaunch.start("sprint_planning", week=WEEK)
        postlaunch.advance(run.id)
        return _told(postlaunch, run.id)


def whole_cycle(folder: Path) -> str:
    """Everything, one after the other, over one ledger; the sources are staged anew."""
    with PostLaunch(_settings(folder, "cycle", staging="cycle/staged")) as postlaunch:
        _tick(postlaunch, "daily_check", DAY)
        _tick(postlaunch, "weekly_report", WEEK)
        _tick(postlaunch, "monthly_review", MONTH)
        run = postlaunch.start("sprint_planning", week=WEEK)
        postlaunch.advance(run.id)
        return f"{len(postlaunch.reports())} reports; {len(postlaunch.pending())} decision waits"


def _tick(postlaunch: PostLaunch, workflow: str, period: str) -> str:
    """What a calendar tells; gives the run that took it."""
    body: dict[str, JsonValue] = {"workflow": workflow, "period": period}
    signal = postlaunch.ingest({"kind": "tick", "at": DEFAULT_END.isoformat(), "body": body})
    return signal.handled_by


def _told(postlaunch: PostLaunch, run: str) -> str:
    """The reports there are, and a run that did without something."""
    problems = postlaunch.run(run).problems
    names = ", ".join(record.title for record in reversed(postlaunch.reports()))
    return f"{names}; without: {'; '.join(problems)}" if problems else names


def table(costs: list[Cost]) -> Iterator[str]:
    """The costs as a Markdown table."""
    yield "| part | seconds | processor seconds | peak MB | what was made |"
    yield "|---|---:|---:|---:|---|"
    for cost in costs:
        figures = f"{cost.seconds:.1f} | {cost.processor:.1f} | {cost.megabytes:.0f}"
        yield f"| {cost.name} | {figures} | {cost.note} |"


def parts(scale: float, seed: int) -> dict[str, Part]:
    """What is measured, in order."""
    return {
        "making the sample": partial(make_sample, scale, seed),
        "staging": stage,
        "daily check and incident": daily,
        **{name: partial(weekly, specialist) for name, specialist in SPECIALISTS.items()},
        "weekly report, all three": partial(weekly, None),
        "monthly review": monthly,
        "sprint planning, to the gate": planning,
        "whole cycle, staging included": whole_cycle,
    }


def main() -> int:
    """Measure, print the table, and say whether the bar is met; the exit code does not depend on it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="of the sample's traffic")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="postlaunch-cycle-"))
    try:
        costs = []
        for name, part in parts(options.scale, options.seed).items():
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as worker:
                costs.append(worker.submit(measured, name, part, folder).result())
            print(f"{name}: {costs[-1].seconds:.1f} s", flush=True)
        print("\n".join(["", *table(costs)]))
        whole = costs[-1]
        met = whole.seconds < BAR_SECONDS and whole.megabytes < BAR_MEGABYTES
        print(
            f"\nthe bar of {BAR_SECONDS} s and {BAR_MEGABYTES} MB is {'met' if met else 'missed'}: "
            f"{whole.seconds:.1f} s, {whole.megabytes:.0f} MB"
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
