"""The checkpoints' serializer: a value comes back as what it was, or not at all.

LangGraph's own hands back the bare dict of a type that is not allowed or no longer fits, and a node then
fails far away from the cause, or does not fail. This one refuses such a value when it is put, and again when
it is read.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import Any

import ormsgpack
from langgraph.checkpoint.serde._msgpack import SAFE_MSGPACK_TYPES
from langgraph.checkpoint.serde.jsonplus import (
    EXT_DELTA_SNAPSHOT,
    EXT_NUMPY_ARRAY,
    EXT_PYDANTIC_V2,
    JsonPlusSerializer,
)
from pydantic import BaseModel, ValidationError

from postlaunch.errors import CheckpointUnreadable

AllowedType = type | tuple[str, str]
"""A type that state may hold: itself, or its module and name."""

Hook = Callable[[int, bytes], Any]

NOT_NAMED_INSIDE = frozenset({EXT_NUMPY_ARRAY, EXT_DELTA_SNAPSHOT})
"""Extension codes without a type's name inside: numpy arrays, LangGraph's snapshots."""


class StrictSerializer(JsonPlusSerializer):
    """LangGraph's serializer for exactly the types that are named.

    Args:
        allowed: types that state may hold, beside LangGraph's own list of harmless ones (messages, dates,
            sets, paths, ...).
    """

    def __init__(self, allowed: Iterable[AllowedType] = ()) -> None:
        names = {(item.__module__, item.__name__) if isinstance(item, type) else item for item in allowed}
        super().__init__(allowed_msgpack_modules=sorted(names))
        self._allowed_names: frozenset[tuple[str, ...]] = SAFE_MSGPACK_TYPES | names

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """As LangGraph does, after a look at every type inside.

        Raises:
            CheckpointUnreadable: one is not allowed.
        """
        kind, data = super().dumps_typed(obj)
        if kind == "msgpack":
            reading = _Reading(self._allowed_names, self._unpack_ext_hook)
            reading.unpacked(data, reading.look)
        return kind, data

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """The value that was put.

        Raises:
            CheckpointUnreadable: a type in it is not allowed, or its values no longer fit it.
        """
        kind, packed = data
        if kind != "msgpack":
            return super().loads_typed(data)
        reading = _Reading(self._allowed_names, self._unpack_ext_hook)
        return reading.unpacked(packed, reading.rebuild)


class _Reading:
    """One reading of packed values.

    No error passes through msgpack from what it calls for a typed value, so the first one is kept until the
    end.
    """

    def __init__(self, allowed: frozenset[tuple[str, ...]], plain: Hook) -> None:
        self._allowed = allowed
        self._plain = plain
        self._problem: CheckpointUnreadable | None = None

    def unpacked(self, data: bytes, hook: Hook) -> Any:
        """The value of packed data; `hook` gives that of each typed one inside."""
        value = self._inside(data, hook)
        if self._problem is not None:
            raise self._problem
        return value

    def look(self, code: int, data: bytes) -> None:
        """Note a type that is not allowed, at any depth, without building anything."""
        inside = self._inside(data, self.look)
        if code not in NOT_NAMED_INSIDE and (inside[0], inside[1]) not in self._allowed:
            self._note(
                f"a checkpoint holds {inside[0]}.{inside[1]}, which the graph's state may not",
                "add the type to `allowed` of open_checkpointer, or keep the value as a document",
            )

    def rebuild(self, code: int, data: bytes) -> Any:
        """The typed value itself, once everything in it is allowed."""
        self.look(code, data)
        if self._problem is not None:
            return None
        return self._model(data) if code == EXT_PYDANTIC_V2 else self._plain(code, data)

    def _model(self, data: bytes) -> BaseModel | None:
        """A Pydantic model, validated: LangGraph would take the values unchecked where they do not fit."""
        module, name, fields, _method = self._inside(data, self.rebuild)
        try:
            model: type[BaseModel] = getattr(importlib.import_module(module), name)
            return model.model_validate(fields)
        except (ImportError, AttributeError, ValidationError) as error:
            self._note(
                f"a checkpoint holds a {module}.{name} that no longer fits: {error}",
                "it was written by another version of postlaunch; start the run again",
            )
            return None

    def _note(self, message: str, remedy: str) -> None:
        self._problem = self._problem or CheckpointUnreadable(message, remedy)

    @staticmethod
    def _inside(data: bytes, hook: Hook) -> Any:
        return ormsgpack.unpackb(data, ext_hook=hook, option=ormsgpack.OPT_NON_STR_KEYS)
