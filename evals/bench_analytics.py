"""How fast the analytics measurements are, beside SQL by hand: `python -m postlaunch.evals.bench_analytics`.

Generates product events as Parquet, stages them as every run does, and asks funnel, retention, flows,
sessions and an experiment of the second month: by our measurement, and by SQL written by hand for DuckDB,
over the same staged file with the same memory and threads. The answers must be equal. Each way runs in a
process of its own, once to warm up and then three times, of which the median counts; "times" compares seconds
of processor, which others on the machine disturb least; the peak memory is that of the process. The month's
whole report is then made once. Bars: a measurement takes at most 1.15 times as long as the SQL by hand; the
report on 10 million events stays under 1 GB. `--events 50000000` is for patient people.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import duckdb

import postlaunch.tools.analytics  # registers what is measured  # noqa: F401
from postlaunch.agents.analytics_specialist import ANALYTICS_SPECIALIST
from postlaunch.agents.bench import Assignment, Bench
from postlaunch.evals.peak_memory import peak_megabytes
from postlaunch.settings import Settings
from postlaunch.settings_analytics import Analytics, Experiment, FunnelSettings, Metric
from postlaunch.settings_sources import EventSource, Sources
from postlaunch.sources.events import EventLog, open_events
from postlaunch.testing import MemoryRecorder
from postlaunch.tools.event_query import span_of
from postlaunch.tools.measurement import Limits, MeasurementResult, run_measurement
from postlaunch.windows import month_of

NOVEMBER = month_of(date(2025, 11, 1), "UTC")
FIRST = NOVEMBER.before().start
"""Of the first event; the month before gives the cohorts their past."""

NOW = datetime(2025, 12, 3, tzinfo=UTC)
STEPS = ("viewed", "started", "filled", "submitted", "joined")
PLAN = Experiment(
    name="form",
    hypothesis="B is quicker",
    arms={"A": 1, "B": 1},
    control="A",
    start=date(2025, 11, 1),
    end=date(2025, 11, 30),
    planned_n=1_000,
    exposure_event="shown",
    primary=Metric(name="joined", event="joined"),
    secondary=(Metric(name="seconds", kind="mean", event="joined", property="seconds", better="lower"),),
    guardrails=(),
    mde=0.02,
)
PATIENT = Limits(seconds=3_600)
REPEATS = 3

Answer = tuple[float | str, ...]
Result = TypeVar("Result")


def generate(path: Path, events: int, seed: int = 7) -> None:
    """Write so many events of a fiftieth as many users."""
    given = {
        "events": events,
        "users": max(events // 50, 10),
        "seed": seed,
        "first": FIRST,
        "path": str(path),
    }
    with duckdb.connect(config={"memory_limit": "768MB", "threads": 2}) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET temp_directory = $folder", {"folder": str(path.parent / "spill")})
        connection.execute(_sql("events"), given)


def _sql(name: str) -> str:
    return (files("postlaunch.evals") / f"bench_{name}.sql").read_text(encoding="utf-8")


def settings_of(path: Path) -> Settings:
    """Settings of an application whose events these are."""
    kept = {name: name for name in ("variant", "seconds")}
    return Settings(
        folder=path.parent,
        sources=Sources(events=EventSource(paths=(path.name,), properties=kept)),
        analytics=Analytics(funnels=(FunnelSettings(title="Joining", steps=STEPS),), experiments=(PLAN,)),
    )


def opened(path: Path) -> EventLog:
    """The events as every run opens them; staged on first use."""
    return open_events(settings_of(path), lambda: NOW)


# --- the questions ----------------------------------------------------------------------------------------


def _values(result: MeasurementResult, *names: str) -> Answer:
    return tuple(fact.value for name in names for fact in result.named(name))


def _funnel(log: EventLog) -> Answer:
    asked = {"window": NOVEMBER, "steps": STEPS, "days": 7}
    result = run_measurement("funnel", asked, {"events": log}, PATIENT)
    return _values(result, "funnel_users") + _values(result, "funnel_in_progress")[:-1]


def _retention(log: EventLog) -> Answer:
    result = run_measurement("retention", {"window": NOVEMBER}, {"events": log}, PATIENT)
    return tuple(
        figure
        for fact in result.facts
        if not fact.name.endswith("_unbounded")
        for later in result.named(f"{fact.name}_unbounded")
        for figure in (fact.n, fact.value, later.value)
    )


def _sessions(log: EventLog) -> Answer:
    result = run_measurement("time_on_platform", {"window": NOVEMBER}, {"events": log}, PATIENT)
    return _values(result, "sessions", "mean_session", "median_session")


def _flows(log: EventLog) -> Answer:
    result = run_measurement("flows", {"window": NOVEMBER}, {"events": log}, PATIENT)
    counted: dict[str, list[tuple[str, float]]] = {
        "event": [(fact.entity, round(fact.value * fact.n)) for fact in result.named("sessions_with_event")],
        "path": [(fact.entity, fact.value) for fact in result.named("path_sessions")],
        "transition": [(fact.entity, fact.value) for fact in result.named("transitions")],
    }
    return tuple(
        figure
        for kind, rows in counted.items()
        for way, times in sorted(rows, key=lambda row: (-row[1], row[0]))
        for figure in (kind, way, times)
    )


def _experiment(log: EventLog) -> Answer:
    result = run_measurement("experiment_results", {"plan": PLAN}, {"events": log}, PATIENT)
    return tuple(
        value
        for arm in PLAN.arms
        for name, entity, power in (
            ("experiment_users", f"form: {arm}", 1),
            ("experiment_conversions", f"form: {arm}, joined", 1),
            ("experiment_mean", f"form: {arm}, seconds", 1),
            ("experiment_deviation", f"form: {arm}, seconds", 2),
        )
        for fact in [result.fact(name, entity)]
        if fact is not None
        for value in [fact.value**power]
    )


OURS: dict[str, Callable[[EventLog], Answer]] = {
    "funnel": _funnel,
    "retention": _retention,
    "flows": _flows,
    "sessions": _sessions,
    "experiment": _experiment,
}


def by_hand(question: str, log: EventLog) -> Answer:
    """The same by the SQL of `bench_<question>.sql`, over the same staged file."""
    span = span_of(NOVEMBER)
    days = {"day": date(2025, 11, 1), "last": date(2025, 12, 1)}
    with log.cursor() as cursor:
        rows = cursor.execute(_sql(question), days if question == "retention" else span).fetchall()
    flat = [value for row in rows for value in row]
    if question == "retention":
        return tuple(
            figure
            for _, cohort, on_day, later in rows
            for figure in (cohort, on_day / cohort, later / cohort)
        )
    return tuple(value for value in flat if value not in PLAN.arms)


def same(one: Sequence[float | str], other: Sequence[float | str]) -> bool:
    """Whether two answers are equal, but for rounding."""
    return len(one) == len(other) and all(
        a == b if isinstance(a, str) or isinstance(b, str) else math.isclose(a, b, rel_tol=1e-9)
        for a, b in zip(one, other, strict=True)
    )


# --- the measuring ----------------------------------------------------------------------------------------


def timed(question: str, ours: bool, path: Path) -> tuple[Answer, float, float, float]:
    """The answer; of three runs the median seconds on the wall and of processor; the peak memory in MB."""
    log = opened(path)
    answer: Answer = ()
    walls, processors = [], []
    for _ in range(1 + REPEATS):
        wall, processor = time.perf_counter(), time.process_time()
        answer = OURS[question](log) if ours else by_hand(question, log)
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    log.close()
    return answer, statistics.median(walls[1:]), statistics.median(processors[1:]), peak_megabytes()


def stage(path: Path) -> tuple[float, float]:
    """Seconds and peak memory in MB of staging the events."""
    begun = time.perf_counter()
    opened(path).close()
    return time.perf_counter() - begun, peak_megabytes()


def report(path: Path) -> tuple[tuple[str, ...], float, float]:
    """What failed, seconds, and peak memory in MB of all that the month's report measures, by rules alone."""
    budget = Settings().budget.model_copy(update={"query_seconds": PATIENT.seconds})
    settings = settings_of(path).model_copy(update={"budget": budget})
    log = opened(path)
    begun = time.perf_counter()
    bench = Bench(settings=settings, sources={"events": log}, recorder=MemoryRecorder(), clock=lambda: NOW)
    assignment = Assignment(workflow="monthly_review", question="How is it used?", window=NOVEMBER)
    problems = ANALYTICS_SPECIALIST.measure(bench, assignment).problems
    took = time.perf_counter() - begun
    log.close()
    return problems, took, peak_megabytes()


def alone(work: Callable[..., Result], *given: object) -> Result:
    """The result of a function in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *given).result()


def bench(events: int, folder: Path) -> None:
    """Print the rows of one size."""
    path = folder / f"events-{events}.parquet"
    alone(generate, path, events)
    took, peak = alone(stage, path)
    print(f"| {events:,} | staging | {took:.1f} s | – | – | – | – | {peak:,.0f} MB | – |", flush=True)
    problems, took, peak = alone(report, path)
    failed = f" ({'; '.join(problems)})" if problems else ""
    print(
        f"| {events:,} | monthly report{failed} | {took:.1f} s | – | – | – | – | {peak:,.0f} MB | – |",
        flush=True,
    )
    for question in OURS:
        answer, wall, ours, peak = alone(timed, question, True, path)
        expected, by_wall, hand, beside = alone(timed, question, False, path)
        equal = "" if same(answer, expected) else " (the answers differ)"
        print(
            f"| {events:,} | {question}{equal} | {wall:.2f} s | {ours:.2f} s | {by_wall:.2f} s |"
            f" {hand:.2f} s | {ours / hand:.2f} |"
            f" {peak:,.0f} MB | {beside:,.0f} MB |",
            flush=True,
        )


def main() -> None:
    """Print a table, one size after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000, 10_000_000])
    arguments = parser.parse_args()
    print("| events | question | wall | processor | by hand: wall | processor | times | peak | by hand |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for events in arguments.events:
            bench(events, Path(folder))


if __name__ == "__main__":
    main()
