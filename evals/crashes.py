"""Crash trials of sprint planning: `python -m postlaunch.evals.crashes`.

Real processes are killed at every boundary of the graph's nodes, inside the ledger's transactions and while
the outbox is delivered; stopped past the end of their lease; and raced against each other. Each trial must
leave what an undisturbed run leaves. Prints a table; the exit code is 1 if anything was lost, doubled or
written by a process that had lost its run. "told twice" counts what a receiver that ignores keys got again:
delivery is at least once.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import NamedTuple

from postlaunch.evals.crash_ledgers import ledgers_named, server_for
from postlaunch.evals.crash_moments import UNWRITTEN
from postlaunch.evals.crash_trials import Ground, Journey, Verdict, fork_server

LIVES = 6
"""At most so many processes are killed in one trial, each the heir of the one before."""

STOPS = (
    ("started", "approve", "propose: the checkpoint before it is written", 1),
    ("started", "approve", "report's files: drafted", 2),
    ("gate", "approve", "commit: the checkpoint before it is written", 1),
    ("gate", "approve", "close: the checkpoint before it is not written", 1),
    ("gate", "changes", "revise: the checkpoint before it is written", 1),
    ("gate", "discovery", "brief: the checkpoint before it is written", 1),
)
"""Where processes are stopped: start, story, moment, and which time it comes. The graph waits at each of them
(it does not for what a node wrote, beside which it goes on)."""

INNER = "/"
"""Stands in the names of a specialist's own nodes; specialists work side by side."""

LAST = f"end: {UNWRITTEN}"
"""A run is done before it: its next life need not pass it."""

Row = tuple[str, ...]
HEAD: Row = (
    "kill point",
    "trials",
    "commitments",
    "hand-offs",
    "lost",
    "duplicates",
    "zombie writes",
    "other",
    "told twice",
)


class Death(NamedTuple):
    """One moment of a journey, which time it comes, and the workflow's boundaries before which it comes."""

    journey: Journey
    moment: str
    nth: int
    later: tuple[str, ...]


def deaths_on(journeys: Iterable[Journey]) -> Iterator[Death]:
    """Every moment at which a process can be killed."""
    for journey in journeys:
        counts: Counter[str] = Counter()
        for place_, moment in enumerate(journey.moments):
            counts[moment] += 1
            later = filter(_in_order, journey.moments[place_ + 1 :])
            yield Death(journey, moment, counts[moment], tuple(dict.fromkeys(later)))


def _in_order(moment: str) -> bool:
    """Whether a moment is a boundary of the workflow itself, whose nodes always come in the same order."""
    return moment.endswith(UNWRITTEN) and moment != LAST and INNER not in moment


def place(moment: str) -> str:
    """The node, transaction or delivery that a moment belongs to: a row of the table."""
    return moment.partition(": ")[0]


def chosen(deaths: Sequence[Death], kills: int, rng: random.Random) -> list[Death]:
    """So many deaths spread over the places: one of each in turn, no moment twice before all came once."""
    shuffled = rng.sample(deaths, len(deaths))
    places: dict[str, dict[str, list[Death]]] = defaultdict(lambda: defaultdict(list))
    for death in shuffled:
        places[place(death.moment)][death.moment].append(death)
    queues = [list(_in_turn(moments.values())) for moments in places.values()]
    return list(_in_turn(queues))[:kills]


def _in_turn(lists: Iterable[Sequence[Death]]) -> Iterator[Death]:
    """The first of each list, then the second of each, and so on."""
    return (death for death in chain.from_iterable(zip_longest(*lists)) if death is not None)


def kill_trials(ground: Ground, kills: int, rng: random.Random) -> Iterator[Verdict]:
    """Kill so many processes, at moments spread over the places; often those that take over die as well."""
    left = kills
    for death in chosen(list(deaths_on(ground.journeys)), kills, rng):
        deaths = [(death.moment, death.nth), *heirs(death, rng)][:left]
        if deaths:
            yield ground.killed(death.journey, *deaths)
        left -= len(deaths)


def heirs(death: Death, rng: random.Random) -> Iterator[tuple[str, int]]:
    """Where those who take over after a death die, one after the other: at later boundaries of nodes."""
    count = min(rng.randrange(LIVES), len(death.later))
    for place_ in sorted(rng.sample(range(len(death.later)), count)):
        yield death.later[place_], 1


def other_trials(ground: Ground) -> Iterator[Verdict]:
    """Processes that are stopped, and processes that race."""
    for start, story, moment, nth in STOPS:
        verdict = ground.stopped(ground.journey(start, story), moment, nth)
        verdict.moment = f"SIGSTOP at {place(moment)}"
        yield verdict
    yield ground.decided_at_once(("approve", "reject"))
    yield ground.decided_at_once(("approve", "reject") * 4)
    yield ground.advanced_at_once(8)


def table_of(verdicts: Iterable[Verdict]) -> Iterator[Row]:
    """One row per place; commitments and hand-offs are sums over its trials."""
    rows: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        rows[place(verdict.moment)].append(verdict)
    for name, group in rows.items():
        counts = (
            len(group),
            sum(each.commitments for each in group),
            sum(each.handoffs for each in group),
            sum(len(each.lost) for each in group),
            sum(len(each.duplicates) for each in group),
            sum(len(each.zombie) for each in group),
            sum(len(each.wrong) for each in group),
            sum(each.repeated for each in group),
        )
        yield (name, *map(str, counts))


def markdown(rows: Sequence[Row]) -> str:
    """A table with its sums in the last line."""
    sums = [str(sum(int(row[column]) for row in rows)) for column in range(1, len(HEAD))]
    every = [HEAD, *rows, ("all", *sums)]
    widths = [max(len(row[column]) for row in every) for column in range(len(HEAD))]
    rule = "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])])
    lines = [_line(row, widths) for row in every]
    return "\n".join([lines[0], f"|{rule}|", *lines[1:]])


def _line(row: Row, widths: Sequence[int]) -> str:
    numbers = (text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True))
    return f"| {' | '.join([row[0].ljust(widths[0]), *numbers])} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials and print what they left."""
    parser = argparse.ArgumentParser(description="Kill, stop and race sprint planning")
    parser.add_argument("--kills", type=int, default=50, help="how many processes to kill")
    parser.add_argument(
        "--ledger",
        default="sqlite",
        help='"sqlite", "postgresql" (a server of its own is started), or the address of a database whose '
        "user may create others",
    )
    parser.add_argument("--seed", type=int, default=1, help="which moments are chosen")
    parser.add_argument("--keep", type=Path, help="a new folder to work in; what went wrong stays there")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as temporary,
        server_for(options.ledger) as server,
        fork_server() as forks,
    ):
        ground = Ground(options.keep or Path(temporary), forks, ledgers_named(options.ledger, server))
        verdicts = []
        trials = chain(kill_trials(ground, options.kills, random.Random(options.seed)), other_trials(ground))
        for verdict in trials:
            verdicts.append(verdict)
            for problem in verdict.problems:
                print(f"{verdict.moment}: {problem[:200]}", file=sys.stderr, flush=True)
    print(markdown(list(table_of(verdicts))))
    kills = sum(verdict.kills for verdict in verdicts)
    print(f"\n{kills} processes killed, seed {options.seed}, {time.monotonic() - began:.0f} s")
    return 1 if any(verdict.problems for verdict in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
