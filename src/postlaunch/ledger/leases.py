"""Leases: who may move a run, for how long, and keeping one alive while a run is moved."""

from __future__ import annotations

import threading
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy import insert, select, update

from postlaunch.errors import LeaseLost, PostLaunchError, RunBusy, UsageError
from postlaunch.ledger.fence import require_lease
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import Lease, RunState
from postlaunch.ledger.rows import record_of
from postlaunch.ledger.runs import change_state, stored_run
from postlaunch.ledger.tables import leases

log = structlog.get_logger(__name__)

RENEWALS_PER_LEASE = 3
"""Two renewals may fail before the lease runs out."""


class Leases(LedgerPart):
    """Take, renew and give back the right to move a run."""

    def take_lease(self, run: str, holder: str, seconds: float) -> Lease:
        """Take the lease of a run, if it is free or has expired by the ledger's clock.

        Args:
            run: the run's whole id.
            holder: who asks, for messages: a host and process, e.g. "web-1:4711".
            seconds: how long it is held unless renewed.

        Raises:
            RunBusy: another holder's lease has not ended yet.
            UsageError: there is no such run, or it was superseded or cancelled, which is final.
        """
        with self._database.write() as connection:
            now = self._now()  # after the wait for other writers
            record = stored_run(connection, run)
            if record.state == "superseded":
                raise UsageError(
                    f"run {run} was superseded by run {record.superseded_by} and stays as it is",
                    f"advance run {record.superseded_by}",
                )
            if record.state == "cancelled":
                raise UsageError(f"run {run} was {record.error} and stays as it is", "start a new run")
            held = connection.execute(select(leases).where(leases.c.run == run).with_for_update())
            row = held.mappings().one_or_none()
            if row is not None and not row["released"] and row["expires_at"] > now:
                raise RunBusy(
                    f"run {run} is being moved by {row['holder']} until {row['expires_at']:%H:%M:%S} UTC",
                    "wait for it; if that process is dead, its lease ends by itself at that time",
                )
            lease = Lease(
                run=run,
                holder=holder,
                token=1 if row is None else row["token"] + 1,
                seconds=seconds,
                expires_at=now + timedelta(seconds=seconds),
            )
            values = {**dict(lease), "released": False}
            if row is None:
                connection.execute(insert(leases).values(values))
            else:
                connection.execute(update(leases).where(leases.c.run == run).values(values))
        return lease

    def renew(self, lease: Lease) -> Lease:
        """Hold a lease for its `seconds` from now on, also when it had run out but nobody took it.

        Raises:
            LeaseLost: somebody did.
        """
        with self._database.write() as connection:
            require_lease(connection, lease)
            expires_at = self._now() + timedelta(seconds=lease.seconds)
            connection.execute(update(leases).where(leases.c.run == lease.run).values(expires_at=expires_at))
        return lease.model_copy(update={"expires_at": expires_at})

    def release(self, lease: Lease, state: RunState | None = None, *, error: str = "") -> None:
        """Give a lease back, so that the next holder need not wait for its end.

        Args:
            state: also leave the run in this state, in the same transaction.

        Raises:
            LeaseLost: only with a `state`, which then was not written. Giving back what is already gone is
                otherwise no error: this is called on the way out of errors.
        """
        with self._database.write() as connection:
            try:
                require_lease(connection, lease)
            except LeaseLost:
                if state is None:
                    return
                raise
            if state is not None:
                change_state(connection, lease.run, self._now(), state=state, error=error)
            connection.execute(update(leases).where(leases.c.run == lease.run).values(released=True))

    def lease_of(self, run: str) -> Lease | None:
        """The lease that is held on a run now, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(leases).where(leases.c.run == run)).mappings().one_or_none()
        if row is None or row["released"] or row["expires_at"] <= self._now():
            return None
        return record_of(Lease, row)


class LeaseKeeper:
    """Renews a lease from a thread of its own until it is stopped or the lease is lost.

    Use it as a context manager around the work. It does not stop the work when the lease is lost: the fence
    refuses the work's next write, and `lost` tells those who want to stop earlier.
    """

    def __init__(self, ledger: Leases, lease: Lease) -> None:
        self._ledger = ledger
        self._lease = lease
        self._stopped = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease of run {lease.run}", daemon=True)

    @property
    def lease(self) -> Lease:
        """The lease as last renewed."""
        return self._lease

    @property
    def lost(self) -> bool:
        """Whether the run passed to another holder."""
        return self._lost.is_set()

    def start(self) -> None:
        """Begin to renew."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it. The lease itself is not given back."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _keep(self) -> None:
        while not self._stopped.wait(self._lease.seconds / RENEWALS_PER_LEASE):
            try:
                self._lease = self._ledger.renew(self._lease)
            except LeaseLost:
                self._lost.set()
                return
            except PostLaunchError as error:  # a full disk or a lock may pass before the lease does
                log.warning("a lease could not be renewed", run=self._lease.run, error=str(error))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
