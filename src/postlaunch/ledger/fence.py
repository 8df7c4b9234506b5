"""The fence: it keeps out the writes of a process that lost its lease without noticing.

A lease ends by time, so a process that was killed blocks nobody for long. A process that was only stopped may
wake up after its lease went to another; its writes carry an older token, and each fenced write compares
tokens inside its own transaction. Time alone does not fence: a late holder that nobody replaced may go on.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from postlaunch.errors import LeaseLost
from postlaunch.ledger.records import Lease
from postlaunch.ledger.tables import leases


def require_lease(connection: Connection, lease: Lease) -> None:
    """Refuse to go on unless this lease is still the newest of its run.

    Raises:
        LeaseLost: it was released, or another holder came after it. The transaction must not be committed.
    """
    newest = connection.execute(
        select(leases).where(leases.c.run == lease.run).with_for_update()
    ).one_or_none()
    if newest is None or newest.token != lease.token or newest.released:
        raise lease_lost(lease, newest.holder if newest is not None else "")


def lease_lost(lease: Lease, newest_holder: str) -> LeaseLost:
    """The error of a holder that was replaced, or that already gave its lease back."""
    by = f"; {newest_holder} holds or held it last" if newest_holder not in ("", lease.holder) else ""
    return LeaseLost(
        f"{lease.holder} no longer holds the lease on run {lease.run}{by}",
        "nothing was written; look at the run and advance it again if it is not finished",
    )


def end_lease(connection: Connection, run: str) -> None:
    """Take the right to move a run from whoever holds it: their next write is refused."""
    connection.execute(
        update(leases).where(leases.c.run == run).values(token=leases.c.token + 1, released=True)
    )
