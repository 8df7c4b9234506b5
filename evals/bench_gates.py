"""What durability costs: `python -m postlaunch.evals.bench_gates`.

Steps of a graph, moved under a lease by the ledger's checkpointer, beside bare LangGraph with its own
saver on the same kind of database, in the same process and by turns; decisions; how much a run adds to the
ledger; and the scope of a large sprint. On SQLite and, where it is installed, on a PostgreSQL server of
its own that waits for the disk as one in production does. Bare LangGraph is set to wait for the disk no
more than the ledger's checkpoints do. The bars: a step under 1.3 times bare LangGraph's; 300 items and 8
owners under 2 s.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, TypedDict

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph

from postlaunch.facts import digest_of
from postlaunch.ledger.checkpoints import open_checkpointer
from postlaunch.ledger.leases import LeaseKeeper
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import ApprovalRequest, Decision, DecisionDraft, Lease, RunRecord
from postlaunch.ledger_place import PostgresPlace
from postlaunch.testing.postgres import PostgresServer, available, name_of
from postlaunch.tools.scope_solver import DAY, Choice, Program, solve
from postlaunch.windows import system_clock

STEPS = 40
"""Nodes of the graph, one after the other."""
ROUNDS = 20
DECISIONS = 100
RUNS = 20
"""After which the ledger is weighed."""
ITEMS, OWNERS = 300, 8
BAR_RATIO, BAR_SECONDS = 1.3, 2.0

OpenSaver = Callable[[], Any]


class State(TypedDict, total=False):
    """What each node adds to: as many values as a small run's state."""

    text: str
    numbers: list[int]


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        bar: what the figure must stay under; None where there is no bar.
    """

    what: str
    where: str
    figure: float
    unit: str
    bar: float | None = None

    @property
    def missed(self) -> bool:
        """Whether the bar is missed."""
        return self.bar is not None and self.figure >= self.bar


def chain_of_nodes(saver: BaseCheckpointSaver[Any]) -> Any:
    """A graph whose nodes do next to nothing, so that what is measured is moving it."""
    graph = StateGraph(State)

    async def node(state: State) -> State:
        return {"text": state["text"][-200:] + "x", "numbers": [*state["numbers"][-20:], len(state["text"])]}

    names = [f"step_{number}" for number in range(STEPS)]
    for name in names:
        graph.add_node(name, node)
    for before, after in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(before, after)
    return graph.compile(checkpointer=saver)


class Cost(NamedTuple):
    """Seconds on the clock, and of this process's processor time."""

    clock: float
    processor: float


@contextmanager
def timed(costs: list[Cost]) -> Iterator[None]:
    """Notes what the work inside costs."""
    clock, processor = time.perf_counter(), time.process_time()
    yield
    costs.append(Cost(time.perf_counter() - clock, time.process_time() - processor))


async def moved(saver: BaseCheckpointSaver[Any], thread: str) -> None:
    """Take every step of a new thread."""
    await chain_of_nodes(saver).ainvoke(
        {"text": "", "numbers": []},
        {"configurable": {"thread_id": thread}, "recursion_limit": STEPS + 5},
        durability="sync",
    )


def under_a_lease(ledger: Ledger, number: int, steps: list[Cost], whole: list[Cost]) -> str:
    """A run whose lease is taken, kept and given back and whose state is stored; its id."""
    run = new_run(ledger, f"steps {number}")
    with timed(whole):
        lease = ledger.take_lease(run.id, "bench:1", 60)
        with LeaseKeeper(ledger, lease), open_checkpointer(ledger.place, lease) as saver:
            ledger.set_state(lease, "running")
            with timed(steps):
                asyncio.run(moved(saver, run.id))
            ledger.release(lease, state="done")
    return run.id


async def bare(open_saver: OpenSaver, number: int, steps: list[Cost]) -> None:
    """The same steps by LangGraph alone."""
    async with open_saver() as saver:
        await saver.setup()
        with timed(steps):
            await moved(saver, f"bare {number}")


def new_run(ledger: Ledger, name: str) -> RunRecord:
    """A run of its own question."""
    return ledger.start_run("sprint_planning", name, name, {})


def steps(ledger: Ledger, open_saver: OpenSaver, where: str) -> Iterator[Row]:
    """Both ways by turns.

    On the clock the fastest round counts: what other work adds is not the code's. The median of the rounds'
    own ratios, each of two that ran one after the other, tells whether that was luck.
    """
    alone: list[Cost] = []
    fenced: list[Cost] = []
    whole: list[Cost] = []
    for number in range(ROUNDS):
        asyncio.run(bare(open_saver, number, alone))
        under_a_lease(ledger, number, fenced, whole)
    clock = [min(cost.clock for cost in way) for way in (alone, fenced)]
    pairs = median(ours.clock / theirs.clock for theirs, ours in zip(alone, fenced, strict=True))
    processor = [median(cost.processor for cost in way) for way in (alone, fenced)]
    once = min(run.clock - step.clock for run, step in zip(whole, fenced, strict=True))
    yield Row("a step, bare LangGraph", where, clock[0] / STEPS * 1000, "ms")
    yield Row("a step, under a lease", where, clock[1] / STEPS * 1000, "ms")
    yield Row("step over step, on the clock", where, clock[1] / clock[0], "times", BAR_RATIO)
    yield Row("step over step, the median round", where, pairs, "times", BAR_RATIO)
    yield Row("step over step, processor time", where, processor[1] / processor[0], "times", BAR_RATIO)
    yield Row("lease and states, once a run", where, once * 1000, "ms")


def opened_request(ledger: Ledger, lease: Lease, number: int) -> DecisionDraft:
    """A request that waits, and what somebody would decide on it."""
    proposal: dict[str, Any] = {"sprint": number, "items": [f"item {place}" for place in range(12)]}
    now = system_clock()
    request = ledger.open_request(
        lease,
        ApprovalRequest(
            id=f"A{lease.run}-{number}",
            gate="sprint_priorities",
            run=lease.run,
            round=number,
            proposal=proposal,
            digest=digest_of(proposal),
            options=("approve", "reject"),
            requested_at=now,
            expires_at=now + timedelta(days=1),
        ),
    )
    return DecisionDraft(request=request.id, kind="reject", by="Ada", reason="no", digest=request.digest)


def decisions(ledger: Ledger, where: str) -> Iterator[Row]:
    """Stored one after the other, each on disk before the next, chained to the one before it."""
    lease = ledger.take_lease(new_run(ledger, "decisions").id, "bench:1", 600)
    drafts = [opened_request(ledger, lease, number) for number in range(1, DECISIONS + 1)]
    began = time.perf_counter()
    stored: list[Decision] = [ledger.decide(draft) for draft in drafts]
    seconds = time.perf_counter() - began
    assert len(stored) == DECISIONS
    assert ledger.verify_chain() == []
    yield Row("decisions a second", where, DECISIONS / seconds, "")


def growth(ledger: Ledger, weigh: Callable[[], int], where: str) -> Iterator[Row]:
    """What a run of as many steps adds: before, and once its checkpoints are pruned to the last."""
    before = weigh()
    runs = [under_a_lease(ledger, 1000 + number, [], []) for number in range(RUNS)]
    grown = weigh() - before
    for run in runs:
        ledger.prune(run)
    yield Row("a run adds, unpruned", where, grown / RUNS / 1024, "KB")
    yield Row("a run adds, pruned", where, (weigh() - before) / RUNS / 1024, "KB")


def large_sprint(seed: int = 7) -> Program:
    """300 items of one to fifteen half-days for one or two of eight owners; every tenth rests on another."""
    rng = random.Random(seed)
    owners = [f"owner {number}" for number in range(OWNERS)]
    choices = tuple(
        Choice(
            points=rng.choice((100, 300, 900)) + rng.randrange(100),
            load={owner: rng.randint(1, 15) * DAY // 2 for owner in rng.sample(owners, rng.randint(1, 2))},
            requires=(rng.randrange(place),) if place and place % 10 == 0 else (),
        )
        for place in range(ITEMS)
    )
    return Program(choices=choices, capacity=dict.fromkeys(owners, 10 * DAY), inside=frozenset({3, 50}))


def scope() -> Iterator[Row]:
    """The best scope, proved."""
    program = large_sprint()
    solve(large_sprint(1))  # the solver's library is loaded once
    began = time.perf_counter()
    chosen = solve(program)
    seconds = time.perf_counter() - began
    assert chosen
    yield Row(f"scope of {ITEMS} items, {OWNERS} owners", "", seconds, "s", BAR_SECONDS)


def on_sqlite(folder: Path) -> Iterator[Row]:
    """Every measurement that needs a database, on files in a folder."""
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    place = folder / "ledger.db"
    with Ledger.open(place, system_clock) as ledger:

        def weigh() -> int:
            with closing(sqlite3.connect(place)) as connection:
                [(pages, size, free)] = connection.execute(
                    "SELECT page_count, page_size, freelist_count "
                    "FROM pragma_page_count, pragma_page_size, pragma_freelist_count"
                ).fetchall()
            return int((pages - free) * size)

        @asynccontextmanager
        async def open_bare() -> AsyncIterator[AsyncSqliteSaver]:
            async with AsyncSqliteSaver.from_conn_string(str(folder / "bare.db")) as saver:
                await saver.conn.execute("PRAGMA synchronous=NORMAL")
                yield saver

        yield from measured(ledger, open_bare, weigh, "SQLite")


def on_postgresql(server: PostgresServer) -> Iterator[Row]:
    """The same on two databases of a server."""
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

    place, bare = server.new_database(), server.new_database()
    quick = PostgresPlace(f"{bare.url}&options=-c%20synchronous_commit%3Doff")
    with Ledger.open(place, system_clock) as ledger:

        def weigh() -> int:
            server.run("VACUUM FULL", name_of(place))
            [(size,)] = server.run("SELECT pg_database_size(current_database())", name_of(place))
            return int(size)

        @asynccontextmanager
        async def open_bare() -> AsyncIterator[AsyncPostgresSaver]:
            async with AsyncPostgresSaver.from_conn_string(quick.url) as saver:
                yield saver

        yield from measured(ledger, open_bare, weigh, "PostgreSQL")


def measured(ledger: Ledger, open_saver: OpenSaver, weigh: Callable[[], int], where: str) -> Iterator[Row]:
    """Steps, decisions, growth."""
    yield from steps(ledger, open_saver, where)
    yield from decisions(ledger, where)
    yield from growth(ledger, weigh, where)


def rows() -> Iterator[Row]:
    """All of it."""
    with tempfile.TemporaryDirectory() as folder:
        yield from on_sqlite(Path(folder))
    if available():
        with PostgresServer(durable=True) as server:
            yield from on_postgresql(server)
    yield from scope()


def line(row: Row) -> str:
    """A row of a Markdown table."""
    bar = "" if row.bar is None else f"under {row.bar:g}{' — missed' if row.missed else ''}"
    return f"| {row.what} | {row.where} | {row.figure:.2f} {row.unit} | {bar} |"


def main() -> int:
    """Print the table; the exit code is 1 where a bar is missed."""
    print("| what | where | figure | bar |\n|---|---|---:|---|")
    missed = False
    for row in rows():
        print(line(row), flush=True)
        missed = missed or row.missed
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
