"""The ledger: one face over its parts."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from postlaunch.errors import UsageError
from postlaunch.ledger.amendments import Amendments
from postlaunch.ledger.approval_tokens import ApprovalTokens
from postlaunch.ledger.audit import Audits
from postlaunch.ledger.cancelling import Cancelling
from postlaunch.ledger.commitments import Commitments
from postlaunch.ledger.deployments import Deployments
from postlaunch.ledger.effects import Effects
from postlaunch.ledger.events import Events
from postlaunch.ledger.evidence import Evidence
from postlaunch.ledger.feedback import Feedback
from postlaunch.ledger.incidents import Incidents
from postlaunch.ledger.leases import Leases
from postlaunch.ledger.notices import Notices
from postlaunch.ledger.opening import open_database
from postlaunch.ledger.operations import Operations
from postlaunch.ledger.outbox import Outbox
from postlaunch.ledger.reports import Reports
from postlaunch.ledger.runs import FINISHED, Runs
from postlaunch.ledger.schema import migrate
from postlaunch.ledger.standing import Standing
from postlaunch.ledger.trust import BELIEVED, TrustPolicy
from postlaunch.ledger_place import Place
from postlaunch.windows import Clock


class Ledger(
    Runs,
    Leases,
    Events,
    Evidence,
    Reports,
    Amendments,
    Audits,
    Cancelling,
    ApprovalTokens,
    Commitments,
    Deployments,
    Effects,
    Feedback,
    Incidents,
    Notices,
    Operations,
    Outbox,
    Standing,
):
    """The database of runs, facts, approvals, commitments, deployments, incidents, signals and the outbox.

    Its methods are synchronous and safe from any thread. Each write is one transaction that follows the one
    before it. A write that takes a `Lease` is fenced: it raises `LeaseLost`, and writes nothing, once the run
    passed to another holder. Whatever the database itself refuses (a full disk, a lock, a damaged file) is a
    `PostLaunchError` with a remedy. A `Ledger` does not survive a fork: open another in the child.
    """

    @classmethod
    def open(cls, place: Place, clock: Clock, policy: TrustPolicy = BELIEVED) -> Self:
        """Open the file (made if need be) or the database, and bring it to the newest schema.

        Args:
            policy: what proof of who decides each gate asks for.

        Raises:
            PostLaunchError: it cannot be opened, is no ledger, or is of a newer postlaunch.
        """
        database = open_database(place)
        try:
            migrate(database)
        except BaseException:  # raised again: no connection stays open, however it ended
            database.close()
            raise
        return cls(database, clock, policy)

    @property
    def place(self) -> Place:
        """The SQLite file, or the PostgreSQL database."""
        return self._database.place

    def close(self) -> None:
        """Close the connections; a file of its own needs nothing else."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def prune(self, run: str) -> None:
        """Drop a finished run's checkpoints but the last.

        Raises:
            UsageError: there is no such run, or it is not finished: it may still need them.
        """
        from postlaunch.ledger.checkpoints import prune_checkpoints  # imports langgraph

        record = self.run(run)
        if record.state not in FINISHED:
            raise UsageError(f"run {record.id} is {record.state}; only a finished run is pruned")
        prune_checkpoints(self.place, record.id)
