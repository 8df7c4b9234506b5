"""Signals are posted once, routed, and settled once; those that nobody settled are found again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from postlaunch.errors import LeaseLost, UsageError
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import Lease, Signal, SignalDraft
from postlaunch.testing.clock import StillClock
from postlaunch.testing.crashpoints import ForkServer

AT = datetime(2025, 11, 18, 22, 15, tzinfo=UTC)

Post = Callable[..., Signal]


def told(key: str = "alert/HighErrorRate", **fields: object) -> SignalDraft:
    stated: dict[str, object] = {"application": "Shop", "key": key, "kind": "alert", "at": AT}
    return SignalDraft.model_validate({**stated, **fields})


def test_a_signal_is_kept_with_what_was_told(ledger: Ledger, clock: StillClock) -> None:
    signal = ledger.post_signal(told(body={"severity": "critical", "value": 0.3}))
    assert (signal.kind, signal.at, signal.posted_at) == ("alert", AT, clock())
    assert (signal.to, signal.settled_at) == ("", None)
    assert ledger.signal(signal.id) == signal
    assert ledger.signals() == (signal,)


def test_the_same_key_again_is_the_same_signal(ledger: Ledger, clock: StillClock) -> None:
    first = ledger.post_signal(told(body={"value": 0.3}))
    clock.forward(minutes=5)
    assert ledger.post_signal(told(body={"value": 0.9})) == first
    assert ledger.signals() == (first,)


def test_one_key_of_two_applications_is_two_signals(ledger: Ledger) -> None:
    shop, till = ledger.post_signal(told()), ledger.post_signal(told(application="Till"))
    assert shop.id != till.id
    assert ledger.signals(application="Till") == (till,)


def test_the_oldest_comes_first_and_kinds_and_ways_are_told_apart(ledger: Ledger) -> None:
    late = ledger.post_signal(told("late", at=AT + timedelta(hours=1)))
    early = ledger.post_signal(told("early", kind="deployment"))
    routed = ledger.route_signal(early.id, to="weekly_report", reason="it is watched")
    assert ledger.signals() == (routed, late)
    assert ledger.signals(kind="alert") == (late,)
    assert ledger.signals(to="weekly_report") == (routed,)
    assert ledger.signals(to="") == (late,)


def test_the_first_outcome_stands(ledger: Ledger, clock: StillClock) -> None:
    signal = ledger.post_signal(told())
    ledger.route_signal(signal.id, to="incident", reason="SEV-1")
    settled = ledger.settle_signal(signal.id, outcome="INC-2025-001", run="R1")
    assert (settled.to, settled.handled_by, settled.settled_at) == ("incident", "R1", clock())
    assert ledger.settle_signal(signal.id, outcome="another", run="R2") == settled
    assert ledger.route_signal(signal.id, to="daily_check", reason="later") == settled
    assert ledger.signals() == ()
    assert ledger.signals(pending=False) == (settled,)


def test_what_is_not_there_is_told(ledger: Ledger) -> None:
    for ask in (
        lambda: ledger.signal("S0"),
        lambda: ledger.route_signal("S0", to="incident", reason=""),
        lambda: ledger.settle_signal("S0", outcome=""),
    ):
        with pytest.raises(UsageError, match='no signal "S0"'):
            ask()


def test_a_run_that_lost_its_lease_posts_nothing(ledger: Ledger, lease: Lease) -> None:
    assert ledger.post_signal(told("in time"), lease).key == "in time"
    ledger.release(lease)
    with pytest.raises(LeaseLost):
        ledger.post_signal(told("too late"), lease)
    assert [signal.key for signal in ledger.signals()] == ["in time"]


@pytest.mark.crash
def test_twelve_processes_that_post_one_signal_store_it_once(
    path: Path, ledger: Ledger, forks: ForkServer, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    children = [forks.start("post_signal", path=str(path), key="alert/1", go=str(go)) for _ in range(12)]
    go.touch()
    outcomes = [child.wait() for child in children]
    assert [outcome.message for outcome in outcomes if outcome.error] == []
    assert len({outcome.result for outcome in outcomes}) == 1
    assert len(ledger.signals()) == 1
