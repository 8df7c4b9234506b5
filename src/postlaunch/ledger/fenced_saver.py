"""What keeps LangGraph's savers to the run's lease, whichever engine keeps the checkpoints.

LangGraph's asynchronous savers leave a transaction open while they await. Its synchronous ones finish each
call before they return, so these are those, called in threads.

A checkpoint does not wait for the disk: both databases write in order, so it is there before anything durable
that was written after it, and what power loss takes is only worked out again. A killed process loses none.
"""

from __future__ import annotations

import asyncio
import threading
from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, Self

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    DeltaChannelHistory,
)

from postlaunch.errors import LeaseLost, UsageError
from postlaunch.ledger.engine import Wording
from postlaunch.ledger.records import Lease


class FencedSaver(BaseCheckpointSaver[str]):
    """What the saver of each engine adds to LangGraph's: it writes only under the newest lease of its run.

    It stands before LangGraph's saver among the bases of a class. Safe from any thread; each write is one
    transaction, in which the lease's token is compared before anything is stored.
    """

    _wording: Wording
    _lease: Lease | None
    _one_at_a_time: threading.RLock  # re-entrant: a write holds it around LangGraph's own cursor

    @abstractmethod
    def writing(self) -> AbstractContextManager[None]:
        """One transaction around what is inside; nothing of it stays after an error."""

    @abstractmethod
    def fenced(self, lease: Lease) -> AbstractContextManager[None]:
        """One transaction around a write of LangGraph's to a lease's run; who takes over waits for its end.

        Raises:
            LeaseLost: the lease is not the run's newest, or was given back; nothing of the write stays.
        """

    @abstractmethod
    def keep_latest(self, run: str) -> None:
        """Drop the checkpoints of a run but the last of its graph, in one transaction."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""

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
    def _under_the_lease(self, config: RunnableConfig) -> Iterator[None]:
        run = str(config["configurable"]["thread_id"])
        lease = self._lease
        if lease is None or lease.run != run:
            raise LeaseLost(f"this process holds no lease on run {run}", "advance the run instead")
        with self.fenced(lease):
            yield

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """A run's newest checkpoint, or the one that is named."""
        with self._wording.in_words():
            return super().get_tuple(config)

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
        with self._under_the_lease(config):
            return super().put(config, checkpoint, metadata, new_versions)

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Store what a task wrote. Raises as `put` does."""
        with self._under_the_lease(config):
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
        with self._wording.in_words():
            return iter(tuple(super().list(config, filter=filter, before=before, limit=limit)))

    def delete_thread(self, thread_id: str) -> None:
        """Delete everything of a run, whoever holds its lease."""
        with self.writing():
            super().delete_thread(thread_id)

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Drop the checkpoints of finished runs but the last, or all of them.

        Not for graphs with delta channels, whose last checkpoint alone does not hold their state.
        """
        if strategy not in ("keep_latest", "delete"):
            raise UsageError(f'"{strategy}" is no way to prune', 'one of "keep_latest", "delete"')
        for thread in thread_ids:
            if strategy == "delete":
                self.delete_thread(thread)
                continue
            self.keep_latest(thread)

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
