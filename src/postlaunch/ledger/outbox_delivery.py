"""Delivering the outbox: at least once, each message claimed before it leaves.

What a receiver gets twice it can tell by the key. A process that dies between delivering and noting so, or an
answer that never came, leaves an outcome that nobody knows. A channel that can look its messages up is then
asked before it delivers again; the others deliver again with the same key (a file is found to be there
already).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable

from postlaunch.errors import DeliveryFailed
from postlaunch.ledger.outbox import Outbox
from postlaunch.ledger.records import OutboxRow
from postlaunch.windows import Clock


class Channel(Protocol):
    """One way out."""

    def deliver(self, row: OutboxRow) -> str | None:
        """Deliver a message, or find that it was delivered before.

        Returns:
            The web address at which it is now, where the receiver gives it one.

        Raises:
            DeliveryFailed: it is not known to have arrived.
        """
        ...


@runtime_checkable
class ReconcilingChannel(Channel, Protocol):
    """A way out at which a message can be looked up afterwards."""

    def find(self, row: OutboxRow) -> bool | None:
        """Whether a message has arrived; None where that cannot be told, and it is then delivered again.

        Raises:
            DeliveryFailed: the receiver cannot be asked now; the message waits.
        """
        ...


class Backoff(Protocol):
    """When to try again."""

    def __call__(self, attempts: int) -> timedelta:
        """How long to wait after so many attempts (1 or more)."""
        ...


def doubling(attempts: int) -> timedelta:
    """One minute, then two, four, ... up to six hours."""
    return min(timedelta(minutes=2 ** min(attempts - 1, 20)), timedelta(hours=6))


@dataclass(frozen=True)
class Delivery:
    """How messages leave.

    Attributes:
        channels: by the channel's name in the outbox.
        backoff: how long to wait after a failure; the same for a refusal, whose cause a person may mend.
        claim_seconds: how long a worker may take for one message before another may try. Longer than the
            longest time-out of the channels, retries included.
        elsewhere: channels that some other process may have: without them, this one leaves their messages
            alone.
        called_off: ids of hand-offs that nobody is to begin any more. A message of one that has not arrived
            is not sent: the one that calls it off may have arrived before it.
    """

    channels: Mapping[str, Channel]
    backoff: Backoff = doubling
    claim_seconds: float = 180
    elsewhere: Collection[str] = ()
    called_off: Collection[str] = ()

    def handles(self, row: OutboxRow) -> bool:
        """Whether this process is to try a message."""
        return row.channel in self.channels or row.channel not in self.elsewhere


@dataclass(frozen=True)
class Delivered:
    """What one pass over the outbox did: the messages, those that failed with their errors."""

    arrived: tuple[OutboxRow, ...] = ()
    failed: tuple[OutboxRow, ...] = ()


def deliver_due(ledger: Outbox, delivery: Delivery, clock: Clock) -> Delivered:
    """Try each message that is due once. A message that fails holds up none of the others.

    Raises:
        PostLaunchError: the ledger itself failed.
    """
    arrived: list[OutboxRow] = []
    failed: list[OutboxRow] = []
    for due in filter(delivery.handles, ledger.due(clock())):
        row = ledger.claim(due.id, clock(), delivery.claim_seconds)
        if row is None:  # another worker has it
            continue
        try:
            address = _deliver(delivery, row)
        except DeliveryFailed as failure:
            error = f"{failure}. {failure.remedy}" if failure.remedy else str(failure)
            next_at = clock() + delivery.backoff(row.attempts)
            if failure.retry_at is not None:
                next_at = max(next_at, failure.retry_at)
            ledger.attempt_failed(row.id, error, next_at)
            failed.append(row.model_copy(update={"error": error, "next_at": next_at}))
        else:
            at = clock()
            ledger.delivered(row.id, at, address)
            arrived.append(row.model_copy(update={"delivered_at": at, "error": "", "address": address}))
    return Delivered(tuple(arrived), tuple(failed))


def _deliver(delivery: Delivery, row: OutboxRow) -> str:
    """Deliver one message whose hand-off was not called off; where it is now, if its receiver says so.

    Raises:
        DeliveryFailed: it is not known to have arrived.
    """
    if row.payload.get("handoff") in delivery.called_off:
        return ""
    channel = delivery.channels.get(row.channel)
    if channel is None:
        raise DeliveryFailed(f"no channel {row.channel} is configured")
    if _arrived_before(channel, row):
        return ""
    return channel.deliver(row) or ""


def _arrived_before(channel: Channel, row: OutboxRow) -> bool:
    """Whether an earlier attempt, whose outcome was not noted, is found to have arrived."""
    tried_before = row.attempts > 1  # this attempt was counted when it was claimed
    return tried_before and isinstance(channel, ReconcilingChannel) and channel.find(row) is True
