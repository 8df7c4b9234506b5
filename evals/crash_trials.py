"""Crash trials: a run is killed, stopped or raced for; what it left is held against an undisturbed one."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from sqlalchemy import select

from postlaunch.evals.crash_ledgers import SqliteLedgers, TrialLedgers
from postlaunch.evals.crash_scenarios import NOTIFIED, STORIES
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.tables import outbox
from postlaunch.ledger_place import Place
from postlaunch.reports.packets import Approval
from postlaunch.testing.crashpoints import ForkServer, Outcome, wait_for
from postlaunch.windows import system_clock

PRELOAD = ("postlaunch.sync", "postlaunch.sample.generate", "duckdb", "highspy", "numpy", "pygal")
SHORT_LEASE = 0.6
"""Seconds that a lease lasts where a process is stopped past its end."""
ENOUGH = 240
"""Seconds in which every child ends."""


@dataclass(frozen=True)
class Left:
    """What a run left, as far as it must be the same whatever happened on the way.

    Attributes:
        handoffs, packets: by key, the packet in the ledger and in the file.
        messages: keys of the outbox.
        notified: keys that reached the one who is told.
        repeated: how often it got a message again that it had, as one that ignores keys would count.
        reports: their kinds, with what is wrong with their files.
    """

    state: str
    commitments: tuple[str, ...]
    decisions: tuple[str, ...]
    handoffs: tuple[tuple[str, str], ...]
    packets: tuple[tuple[str, str], ...]
    messages: tuple[str, ...]
    undelivered: tuple[str, ...]
    notified: frozenset[str]
    repeated: int
    reports: tuple[tuple[str, str], ...]
    broken: tuple[str, ...]


def left_in(trial: Path, place: Place, run: str) -> Left:
    """Read a trial's files and ledger."""
    with Ledger.open(place, system_clock) as ledger:
        with ledger._database.read() as connection:
            messages = tuple(connection.execute(select(outbox.c.key).order_by(outbox.c.key)).scalars())
        record = ledger.run(run)
        return Left(
            state=record.state,
            commitments=tuple(
                f"{item.key}: {json.dumps(item.body['scope'])}" for item in ledger.commitments()
            ),
            decisions=tuple(f"{item.request} {item.kind}" for item in ledger.decisions()),
            handoffs=tuple(sorted((item.key, _said(item.packet)) for item in ledger.handoffs())),
            packets=tuple(sorted(_packets(trial / "handoffs"))),
            messages=messages,
            undelivered=tuple(row.key for row in ledger.undelivered()),
            notified=frozenset(_lines(trial / NOTIFIED)),
            repeated=len(_lines(trial / NOTIFIED)) - len(set(_lines(trial / NOTIFIED))),
            reports=tuple(sorted(_reports(ledger, trial, run))),
            broken=tuple(_broken(ledger, run)),
        )


def _said(packet: dict[str, Any]) -> str:
    """A packet without its approval, which has another moment in every trial."""
    return json.dumps({**packet, "approved": None}, sort_keys=True)


def _packets(folder: Path) -> Iterator[tuple[str, str]]:
    """Key and packet of every file of the folder; a Markdown file counts with its JSON."""
    for path in folder.glob("*.json"):
        body = json.loads(path.read_text(encoding="utf-8"))
        yield body["key"], _said(body["packet"])
    for path in folder.glob("*.md"):
        if not path.with_suffix(".json").exists():
            yield path.name, "no JSON beside it"


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _reports(ledger: Ledger, trial: Path, run: str) -> Iterator[tuple[str, str]]:
    for report in ledger.reports(run):
        # a run that was prepared elsewhere names its files there; here they have the same names
        files_ = [trial / "reports" / Path(path).name for path in report.paths]
        missing = [path.name for path in files_ if not path.exists()]
        [body] = [path for path in files_ if path.suffix == ".json"]
        same = not missing and json.loads(body.read_text(encoding="utf-8")) == report.body
        yield report.kind, "" if same else f"{report.title}: its files are not what the ledger holds"


def _broken(ledger: Ledger, run: str) -> Iterator[str]:
    yield from ledger.audit().problems
    numbers = [event.seq for event in ledger.events(run)]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"events of {run} have gaps"
    if ledger.run(run).degraded:
        yield f"run {run} is degraded: {ledger.run(run).problems}"
    last = [decision.hash for decision in ledger.decisions()][-1:]
    for handoff in ledger.handoffs():
        if [Approval.model_validate(handoff.packet["approved"]).decision] != last:
            yield f"{handoff.key} names another approval than the last decision"
    reports = {report.kind: report.body for report in ledger.reports(run)}
    requests = ledger.requests(run)
    for commitment in ledger.commitments():
        if commitment.body["proposal"] != requests[-1].digest:
            yield f"{commitment.key} rests on another proposal than that of {requests[-1].id}"
    if requests and _backlog(requests[-1].proposal["backlog"]) != _backlog(reports.get("backlog")):
        yield f"the published backlog is not what {requests[-1].id} proposes"


def _backlog(body: Any) -> Any:
    """A backlog without the head of the chain of decisions, which is put in as it is published."""
    return body and {**body, "provenance": {**body["provenance"], "chain_head": ""}}


@dataclass
class Verdict:
    """What a trial did, and what it got wrong.

    Attributes:
        moment: where the process was killed or stopped; or the kind of race.
        kills: how many processes were killed.
        lost, duplicates: what is missing and what is too much, against an undisturbed run.
        zombie: what a process wrote after it had lost the run.
        wrong: everything else that does not hold.
        repeated: messages that came twice to a receiver which ignores keys: delivery is at least once.
    """

    moment: str
    kills: int = 0
    commitments: int = 0
    handoffs: int = 0
    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    zombie: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    repeated: int = 0

    @property
    def problems(self) -> list[str]:
        """All of it."""
        return [*self.lost, *self.duplicates, *self.zombie, *self.wrong]


def verdict_on(moment: str, found: Left, wanted: Left) -> Verdict:
    """Compare what a disturbed run left with what the undisturbed one did."""
    verdict = Verdict(
        moment,
        commitments=len(found.commitments),
        handoffs=len(found.handoffs),
        repeated=found.repeated,
    )
    for name in ("commitments", "decisions", "handoffs", "packets", "messages", "reports"):
        has, should = Counter(getattr(found, name)), Counter(getattr(wanted, name))
        verdict.lost += [f"{name}: {what}" for what in (should - has).elements()]
        verdict.duplicates += [f"{name}: {what}" for what in (has - should).elements()]
    verdict.lost += [f"undelivered: {key}" for key in found.undelivered]
    verdict.lost += [f"not notified: {key}" for key in wanted.notified - found.notified]
    verdict.duplicates += [f"notified under another key: {key}" for key in found.notified - wanted.notified]
    verdict.wrong += found.broken
    if found.state != wanted.state:
        verdict.wrong.append(f"the run is {found.state}, not {wanted.state}")
    return verdict


@dataclass(frozen=True)
class Journey:
    """A story from a prepared start, and what it comes to when nothing disturbs it.

    Attributes:
        start: "started", before the run first moves, or "gate", when it waits for the first answer.
        moments: those that can be chosen, in order.
    """

    start: str
    story: str
    moments: tuple[str, ...]
    left: Left


class Ground:
    """The prepared starts of all trials, in one folder, and the server whose children play them."""

    def __init__(self, folder: Path, forks: ForkServer, ledgers: TrialLedgers | None = None) -> None:
        self.folder = folder
        self.ledgers = ledgers or SqliteLedgers()
        self.forks = forks
        self.home = folder / "sample"
        self._trials = 0
        started = folder / "started"
        started.mkdir(parents=True)
        self.ledgers.make(started)
        self.run = str(self._good(forks.run("prepare", **self.among(started))))
        gate = self._copied("started", "gate")
        self._good(forks.run("advance", **self.at(gate)))
        with Ledger.open(self.ledgers.place(gate), system_clock) as ledger:
            [request] = ledger.requests(self.run)
        self.request = request.id

    @staticmethod
    def _good(outcome: Outcome) -> Any:
        if outcome.killed_by or outcome.error:
            raise RuntimeError(f"a child that should have ended well: {outcome}")
        return outcome.result

    def among(self, trial: Path) -> dict[str, str]:
        """The arguments that every scenario takes."""
        return {"home": str(self.home), "trial": str(trial), "ledger": self.ledgers.url(trial)}

    def at(self, trial: Path) -> dict[str, str]:
        """The same for scenarios that move the run."""
        return {**self.among(trial), "run": self.run}

    def trial(self, start: str) -> Path:
        """A fresh copy of a prepared start."""
        self._trials += 1
        return self._copied(start, f"trial-{self._trials}")

    def _copied(self, start: str, name: str) -> Path:
        trial = Path(shutil.copytree(self.folder / start, self.folder / name))
        self.ledgers.make(trial, like=self.folder / start)
        return trial

    def _removed(self, trial: Path) -> None:
        self.ledgers.drop(trial)
        shutil.rmtree(trial)

    def _left(self, trial: Path) -> Left:
        return left_in(trial, self.ledgers.place(trial), self.run)

    def _everything_in(self, trial: Path) -> dict[str, str | bytes]:
        """Every file by its name, and every table of the ledger."""
        found: dict[str, str | bytes] = {
            str(path.relative_to(trial)): path.read_bytes()
            for path in trial.rglob("*")
            if path.is_file() and ".postlaunch" not in path.parts
        }
        return found | {f"table {name}": rows for name, rows in self.ledgers.tables(trial).items()}

    @cached_property
    def journeys(self) -> tuple[Journey, ...]:
        """To the gate, and from it through every story, played once undisturbed."""
        first = self._journey("started", "approve")
        return (first, *(self._journey("gate", story) for story in STORIES))

    def journey(self, start: str, story: str) -> Journey:
        """One of them."""
        return next(each for each in self.journeys if (each.start, each.story) == (start, story))

    def _journey(self, start: str, story: str) -> Journey:
        trial = self.trial(start)
        played = self._good(self.forks.run("play", **self.at(trial), story=story))
        moments = played["moments"][: played["before"] if start == "started" else None]
        journey = Journey(start, story, tuple(moments), self._left(trial))
        self._removed(trial)
        return journey

    def killed(self, journey: Journey, *deaths: tuple[str, int]) -> Verdict:
        """Kill the run at each moment, the nth time it comes, in one life after the other; then finish it."""
        trial = self.trial(journey.start)
        name = ", then ".join(moment for moment, _ in deaths)
        missed = []
        for life, (moment, nth) in enumerate(deaths):
            outcome = self.forks.run(
                "play", **self.at(trial), story=journey.story, life=life, at=moment, nth=nth
            )
            if outcome.killed_by != signal.SIGKILL:
                missed.append(f"not killed at {moment}: {outcome.error} {outcome.message}")
        last = self.forks.run("play", **self.at(trial), story=journey.story, life=len(deaths))
        verdict = self._judged(name, journey, trial, [*missed, *_failed(last)])
        verdict.kills = len(deaths) - len(missed)
        return verdict

    def stopped(self, journey: Journey, moment: str, nth: int = 1) -> Verdict:
        """Stop the run past the end of its lease; another process finishes it; then wake the first."""
        trial = self.trial(journey.start)
        arguments: dict[str, JsonValue] = {
            **self.at(trial),
            "story": journey.story,
            "lease_seconds": SHORT_LEASE,
        }
        zombie = self.forks.start("play", **arguments, at=moment, nth=nth, stop=True)
        wait_for(trial / "ready", ENOUGH)
        self.ledgers.stop_between_writes(zombie, trial)
        time.sleep(SHORT_LEASE * 1.5)
        heir = self.forks.run("play", **arguments)
        before = self._everything_in(trial)
        (trial / "go").touch()
        zombie.signal(signal.SIGCONT)
        woken = zombie.wait(ENOUGH)
        written = sorted(
            name
            for name, content in self._everything_in(trial).items()
            if name != "go" and before.get(name) != content
        )
        ended = [] if woken.error == "LeaseLost" else [f"the zombie ended with {woken}"]
        verdict = self._judged(moment, journey, trial, [*_failed(heir), *ended])
        verdict.zombie = written
        return verdict

    def decided_at_once(self, stories: tuple[str, ...]) -> Verdict:
        """Several processes answer the one request at once; several then carry the answer out."""
        trial = self.trial("gate")
        arguments = {**self.among(trial), "request": self.request, "go": str(trial / "go")}
        children = [self.forks.start("decide", **arguments, story=story) for story in stories]
        (trial / "go").touch()
        told = [child.wait(ENOUGH) for child in children]
        with Ledger.open(self.ledgers.place(trial), system_clock) as ledger:
            decided = ledger.decisions()
        wrong = [str(each) for each in told if each.error]
        if len(decided) != 1 or [each.result for each in told].count("stored") != 1:
            wrong.append(f"{len(decided)} decisions, of {[each.result for each in told]}")
        return self._finished_by_many(
            f"{len(stories)} decide at once", self.journey("gate", decided[0].kind), trial, 2, wrong
        )

    def advanced_at_once(self, count: int) -> Verdict:
        """Several processes move the run to the gate at once, and after the answer on from it."""
        journey = self.journey("started", "approve")
        trial = self.trial("started")
        wrong = self._at_once(trial, count, {"waiting", "busy"})
        (trial / "go").unlink()
        decider = self.forks.start(
            "decide",
            **self.among(trial),
            story="approve",
            request=self.request,
            go=str(self.home),
        )
        wrong += _failed(decider.wait(ENOUGH))
        return self._finished_by_many(f"{count} advance at once", journey, trial, count, wrong)

    def _finished_by_many(
        self, name: str, journey: Journey, trial: Path, count: int, wrong: list[str]
    ) -> Verdict:
        (trial / "go").unlink(missing_ok=True)
        return self._judged(name, journey, trial, [*wrong, *self._at_once(trial, count, {"done", "busy"})])

    def _at_once(self, trial: Path, count: int, states: set[str]) -> list[str]:
        go = trial / "go"
        children = [self.forks.start("advance", **self.at(trial), go=str(go)) for _ in range(count)]
        go.touch()
        outcomes = [child.wait(ENOUGH) for child in children]
        wrong = [str(each) for each in outcomes if each.error or each.result not in states]
        if all(each.result == "busy" for each in outcomes):
            wrong.append("everybody was busy and nobody moved the run")
        return wrong

    def _judged(self, name: str, journey: Journey, trial: Path, wrong: list[str]) -> Verdict:
        verdict = verdict_on(name, self._left(trial), journey.left)
        verdict.wrong += wrong
        if not verdict.problems:
            self._removed(trial)
        return verdict


def _failed(outcome: Outcome) -> list[str]:
    return [f"who finished it ended with {outcome}"] if outcome.killed_by or outcome.error else []


def fork_server() -> ForkServer:
    """A server for the children of crash trials."""
    with as_file(files("postlaunch.evals") / "crash_scenarios.py") as scenarios:
        return ForkServer(scenarios, PRELOAD)
