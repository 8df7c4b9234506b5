"""What went live stays as it was recorded, in every kind of database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from postlaunch.errors import PostLaunchError, UsageError
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import Commitment, HandOff, Lease
from postlaunch.ledger.tables import deployments
from postlaunch.testing.clock import StillClock


@pytest.fixture
def handed_on(
    ledger: Ledger, lease: Lease, commitment: Commitment, handoffs: tuple[HandOff, ...]
) -> tuple[HandOff, ...]:
    ledger.commit(lease, commitment, handoffs, ())
    return handoffs


def test_a_deployment_is_stored_once_for_each_version(
    ledger: Ledger, handed_on: tuple[HandOff, ...], clock: StillClock
) -> None:
    first = ledger.record_deployment("H-search", " 1.1.0 ", clock())
    clock.forward(hours=1)
    assert ledger.record_deployment("H-search", "1.1.0") == first
    second = ledger.record_deployment("H-search", "1.1.1")
    assert ledger.deployments() == (first, second)
    assert (first.version, second.at) == ("1.1.0", clock())


def test_a_recorded_deployment_is_never_changed_nor_deleted(
    ledger: Ledger, handed_on: tuple[HandOff, ...]
) -> None:
    made = ledger.record_deployment("H-search", "1.1.0")
    for statement in (update(deployments).values(version="2.0"), delete(deployments)):
        with (
            pytest.raises(PostLaunchError, match="deployment is never"),
            ledger._database.write() as connection,
        ):
            connection.execute(statement)
    assert ledger.deployments() == (made,)


def test_two_that_tell_the_same_at_once_record_one(
    ledger: Ledger, handed_on: tuple[HandOff, ...], clock: StillClock
) -> None:
    import threading

    told: list[object] = []

    def tell() -> None:
        told.append(ledger.record_deployment("H-export", "1.1.0"))

    threads = [threading.Thread(target=tell) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.deployments()) == 1
    assert told == [ledger.deployments()[0]] * 8


@pytest.mark.parametrize("version", ["", "  ", "1.1\n0", "x" * 201])
def test_what_is_no_version_is_refused(ledger: Ledger, handed_on: tuple[HandOff, ...], version: str) -> None:
    with pytest.raises(UsageError, match="is no version"):
        ledger.record_deployment("H-search", version)


def test_a_hand_off_is_found_by_a_unique_beginning_of_its_id(
    ledger: Ledger, handed_on: tuple[HandOff, ...], clock: StillClock
) -> None:
    assert ledger.handoff("H-s").item == "search"
    with pytest.raises(UsageError, match="several hand-offs begin with H-"):
        ledger.handoff("H-")
    for unknown in ("", "X", "H-%"):
        with pytest.raises(UsageError, match="there is no hand-off"):
            ledger.handoff(unknown)
    with pytest.raises(UsageError, match="there is no hand-off H-other"):
        ledger.record_deployment("H-other", "1.1.0", clock() - timedelta(days=1))
