"""LangGraph's checkpoints beside the ledger, fenced by the run's lease.

Their tables are LangGraph's own and no part of the ledger's migrations.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from postlaunch.ledger.fenced_saver import FencedSaver
from postlaunch.ledger.records import Lease
from postlaunch.ledger.serializer import AllowedType, StrictSerializer
from postlaunch.ledger_place import Place


def open_checkpointer(place: Place, lease: Lease | None, allowed: Iterable[AllowedType] = ()) -> FencedSaver:
    """The checkpoints of one run, for as long as it is moved under one lease.

    Args:
        place: of a `Ledger` that was opened before.
        lease: the right to move the run; its id is the graph's `thread_id`. None: to read only.
        allowed: the types that the graph's state may hold beside plain values and messages.

    Raises:
        PostLaunchError: the database cannot be used.
    """
    serializer = StrictSerializer(allowed)
    if isinstance(place, Path):
        from postlaunch.ledger.checkpoints_sqlite import open_sqlite_saver

        return open_sqlite_saver(place, lease, serializer)
    from postlaunch.ledger.checkpoints_postgresql import open_postgres_saver  # its driver is an extra

    return open_postgres_saver(place, lease, serializer)


def prune_checkpoints(place: Place, run: str) -> None:
    """Drop a run's checkpoints but the last of its graph."""
    with open_checkpointer(place, None) as saver:
        saver.prune([run])
