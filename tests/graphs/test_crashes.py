"""Real processes killed, stopped and racing in sprint planning: each run ends as an undisturbed one does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from postlaunch.evals.crash_ledgers import ledgers_named
from postlaunch.evals.crash_moments import UNWRITTEN, WORKED, WRITTEN
from postlaunch.evals.crash_trials import Ground, fork_server
from postlaunch.testing.crashpoints import ForkServer
from postlaunch.testing.postgres import PostgresServer

pytestmark = pytest.mark.crash


@pytest.fixture(scope="module")
def forks() -> Iterator[ForkServer]:
    with fork_server() as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def ground(
    request: pytest.FixtureRequest, forks: ForkServer, tmp_path_factory: pytest.TempPathFactory
) -> Ground:
    """One sample, staged once; a run that has not moved, and one at the gate, copied for every trial."""
    server: PostgresServer | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
    folder = tmp_path_factory.mktemp("crashes") / "ground"
    return Ground(folder, forks, ledgers_named(request.param, server))


TO_THE_GATE = (
    (f"open: {WORKED}", f"monitoring-specialist/compose: {UNWRITTEN}", f"propose: {UNWRITTEN}"),
    (
        f"monitoring-specialist: {WORKED}",
        "report's files: in place, their record not committed",
        "transaction of requests: whole, not committed",
    ),
)
"""Moments at which one process after the other dies on the way to the gate."""

FROM_THE_GATE = (
    ("changes", "notification: sent, not noted", 1),
    ("approve", "transaction of decisions: whole, not committed", 1),
    ("approve", f"commit: {WRITTEN}", 1),
    ("approve", "transaction of commitments: insert commitments done, not committed", 1),
    ("approve", "transaction of commitments: insert handoffs done, not committed", 5),
    ("approve", "transaction of commitments: whole, not committed", 1),
    ("approve", "event committed: recorded", 1),
    ("approve", f"commit: {WORKED}", 1),
    ("approve", f"close: {WORKED}", 1),
    ("approve", "packet's delivery: done, not noted", 9),
    ("changes", f"revise: {WORKED}", 1),
    ("changes", f"propose: {WRITTEN}", 1),
    ("changes", "event gate: recorded", 1),
    ("discovery", "transaction of handoffs: insert handoffs done, not committed", 1),
    ("discovery", f"brief: {WORKED}", 1),
    ("reject", f"close: {UNWRITTEN}", 1),
)


@pytest.mark.parametrize("moments", TO_THE_GATE)
def test_killed_on_the_way_to_the_gate(ground: Ground, moments: tuple[str, ...]) -> None:
    deaths = [(moment, 1) for moment in moments]
    assert ground.killed(ground.journey("started", "approve"), *deaths).problems == []


@pytest.mark.parametrize(("story", "moment", "nth"), FROM_THE_GATE)
def test_killed_after_the_gate(ground: Ground, story: str, moment: str, nth: int) -> None:
    assert ground.killed(ground.journey("gate", story), (moment, nth)).problems == []


def test_killed_in_four_lives_one_after_the_other(ground: Ground) -> None:
    deaths = [(f"{node}: {UNWRITTEN}", 1) for node in ("revise", "propose", "commit", "close")]
    assert ground.killed(ground.journey("gate", "changes"), *deaths).problems == []


def test_stopped_past_the_end_of_its_lease_a_process_writes_nothing_when_it_wakes(ground: Ground) -> None:
    assert ground.stopped(ground.journey("gate", "approve"), f"commit: {WRITTEN}").problems == []


def test_stopped_while_publishing_a_process_replaces_no_file_when_it_wakes(ground: Ground) -> None:
    assert ground.stopped(ground.journey("gate", "changes"), "report's files: drafted").problems == []


def test_of_approve_and_reject_at_once_one_counts_and_has_only_its_own_consequences(ground: Ground) -> None:
    assert ground.decided_at_once(("approve", "reject")).problems == []


def test_several_processes_may_advance_one_run_at_once(ground: Ground) -> None:
    assert ground.advanced_at_once(3).problems == []
