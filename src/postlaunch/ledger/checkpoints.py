"""LangGraph's checkpoints in the ledger's file, fenced by the run's lease.

LangGraph's asynchronous SQLite saver leaves a transaction open while it awaits, and another writer of the
file then finds it locked. The synchronous one finishes each call before it returns, so this is that one,
called in threads. Its two tables are LangGraph's own: they are no part of the ledger's migrations.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    DeltaChannelHistory,
)
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.sqlite import SqliteSaver

from postlaunch.errors import LeaseLost, UsageError
from postlaunch.ledger.engine import BUSY_SECONDS, WRITE, prepare, told_in_words
from postlaunch.ledger.fence import lease_lost
from postlaunch.ledger.records import Lease
from postlaunch.ledger.serializer import AllowedType, StrictSerializer


def _statement(name: str) -> str:
    return (files("postlaunch.ledger") / name).read_text(encoding="utf-8")


def open_checkpointer(path: Path, lease: Lease | None, allowed: Iterable[AllowedType] = ()) -> FencedSaver:
    """The checkpoints of one run, for as long as it is moved under one lease.

    Args:
        path: the file of a `Ledger` that was opened before.
        lease: the right to move the run; its id is the graph's `thread_id`. None: to read only.
        allowed: the types that the graph's state may hold beside plain values and messages.

    Raises:
        PostLaunchError: the file cannot be used.
    """
    with told_in_words(path):
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS, check_same_thread=False
        )
        saver = FencedSaver(path, connection, lease, StrictSerializer(allowed))
        try:
            prepare(connection)
            saver.setup()
        except sqlite3.Error:
            connection.close()
            raise
    return saver


def prune_checkpoints(path: Path, run: str) -> None:
    """Drop a run's checkpoints but the last of each graph and subgraph."""
    with open_checkpointer(path, None) as saver:
        saver.prune([run])


class FencedSaver(SqliteSaver):
    """A SQLite saver that writes only under the newest lease of the run it writes for.

    Safe from any thread; each write is one transaction, which compares the lease's token first.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, lease: Lease | None, serde: SerializerProtocol
    ) -> None:
        super().__init__(connection, serde=serde)
        self._path = path
        self._lease = lease
        self._one_at_a_time = threading.RLock()  # re-entrant: a write holds it around LangGraph's own cursor
        self._fence = _statement("fence.sql")

    def close(self) -> None:
        """Close the connection."""
        with self._one_at_a_time:
            self.conn.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def cursor(self, transaction: bool = True) -> Iterator[sqlite3.Cursor]:
        """What LangGraph's own statements run on; a transaction belongs to the method that began it."""
        with self._one_at_a_time, told_in_words(self._path):
            cursor = self.conn.cursor()
            try:
                yield cursor
            finally:
                cursor.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction around what is inside; nothing of it stays after an error."""
        with self._one_at_a_time, told_in_words(self._path):
            self.conn.execute(WRITE)
            try:
                yield
            except BaseException:
                self.conn.rollback()
                raise
            self.conn.commit()

    def _require_lease(self, config: RunnableConfig) -> None:
        run = str(config["configurable"]["thread_id"])
        lease = self._lease
        if lease is None or lease.run != run:
            raise LeaseLost(f"this process holds no lease on run {run}", "advance the run instead")
        token, holder, released = self.conn.execute(self._fence, (run,)).fetchone() or (None, "", False)
        if token != lease.token or released:
            raise lease_lost(lease, holder)

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint.

        Raises:
            LeaseLost: the run passed to another process; its newest checkpoint is still that one's.
            PostLaunchError: the state holds a type that is not allowed.
        """
        with self._writing():
            self._require_lease(config)
            return super().put(config, checkpoint, metadata, new_versions)

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Store what a task wrote. Raises as `put` does."""
        with self._writing():
            self._require_lease(config)
            super().put_writes(config, writes, task_id, task_path)

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        """Checkpoints, the newest first, all read before the first is given: the lock is not held between."""
        return iter(tuple(super().list(config, filter=filter, before=before, limit=limit)))

    def delete_thread(self, thread_id: str) -> None:
        """Delete everything of a run, whoever holds its lease."""
        with self._writing():
            super().delete_thread(thread_id)

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Drop the checkpoints of finished runs but the last of each graph and subgraph, or all of them.

        Not for graphs with delta channels, whose last checkpoint alone does not hold their state.
        """
        if strategy not in ("keep_latest", "delete"):
            raise UsageError(f'"{strategy}" is no way to prune', 'one of "keep_latest", "delete"')
        for thread in thread_ids:
            if strategy == "delete":
                self.delete_thread(thread)
                continue
            with self._writing():
                for name in ("prune_checkpoints.sql", "prune_writes.sql"):
                    self.conn.execute(_statement(name), {"thread": thread})

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """`get_tuple` in a thread."""
        return await asyncio.to_thread(self.get_tuple, config)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """`list` in a thread."""
        for found in await asyncio.to_thread(self.list, config, filter=filter, before=before, limit=limit):
            yield found

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """`put` in a thread."""
        return await asyncio.to_thread(self.put, config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """`put_writes` in a thread."""
        await asyncio.to_thread(self.put_writes, config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        """`delete_thread` in a thread."""
        await asyncio.to_thread(self.delete_thread, thread_id)

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """`prune` in a thread."""
        await asyncio.to_thread(lambda: self.prune(thread_ids, strategy=strategy))

    async def aget_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        """`get_delta_channel_history` in a thread."""
        return await asyncio.to_thread(
            lambda: self.get_delta_channel_history(config=config, channels=channels)
        )
