"""The checkpoints' serializer: a value comes back as what it was, or not at all.

LangGraph's own hands back the bare dict of a type that is not allowed or no longer fits, and a node then
fails far away from the cause, or does not fail. This one refuses such a value when it is put, and again when
it is read.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

import ormsgpack
from langgraph.checkpoint.serde._msgpack import SAFE_MSGPACK_TYPES
from langgraph.checkpoint.serde.jsonplus import EXT_DELTA_SNAPSHOT, EXT_PYDANTIC_V2, JsonPlusSerializer
from pydantic import BaseModel, ValidationError

from postlaunch.errors import PostLaunchError

AllowedType = type | tuple[str, str]
"""A type that state may hold: itself, or its module and name."""

NOT_NAMED_INSIDE = frozenset({6, EXT_DELTA_SNAPSHOT})
"""Extension codes without a type's name inside: numpy arrays, LangGraph's snapshots."""


class StrictSerializer(JsonPlusSerializer):
    """LangGraph's serializer for exactly the types that are named.

    Args:
        allowed: types that state may hold, beside LangGraph's own list of harmless ones (messages, dates,
            sets, paths, ...).
    """

    def __init__(self, allowed: Iterable[AllowedType] = ()) -> None:
        names = {(item.__module__, item.__name__) if isinstance(item, type) else item for item in allowed}
        self._plain = JsonPlusSerializer(allowed_msgpack_modules=sorted(names))._unpack_ext_hook
        self._names: frozenset[tuple[str, ...]] = SAFE_MSGPACK_TYPES | names
        super().__init__(allowed_msgpack_modules=sorted(names), __unpack_ext_hook__=self._rebuilt)

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """As LangGraph does, after a look at every type inside.

        Raises:
            PostLaunchError: one is not allowed.
        """
        kind, data = super().dumps_typed(obj)
        if kind == "msgpack":
            ormsgpack.unpackb(data, ext_hook=self._looked_at, option=ormsgpack.OPT_NON_STR_KEYS)
        return kind, data

    def _rebuilt(self, code: int, data: bytes) -> Any:
        self._looked_at(code, data)
        if code == EXT_PYDANTIC_V2:
            return self._model(data)
        return self._plain(code, data)

    def _looked_at(self, code: int, data: bytes) -> None:
        """Refuse a type that is not allowed, at any depth, without building anything."""
        inside = ormsgpack.unpackb(data, ext_hook=self._looked_at, option=ormsgpack.OPT_NON_STR_KEYS)
        if code not in NOT_NAMED_INSIDE and (inside[0], inside[1]) not in self._names:
            raise PostLaunchError(
                f"a checkpoint holds {inside[0]}.{inside[1]}, which the graph's state may not",
                "add the type to `allowed` of open_checkpointer, or keep the value as a document",
            )

    def _model(self, data: bytes) -> BaseModel:
        """A Pydantic model, validated: LangGraph would take the values unchecked where they do not fit."""
        module, name, fields, _method = ormsgpack.unpackb(
            data, ext_hook=self._rebuilt, option=ormsgpack.OPT_NON_STR_KEYS
        )
        model: type[BaseModel] = getattr(importlib.import_module(module), name)
        try:
            return model.model_validate(fields)
        except ValidationError as error:
            raise PostLaunchError(
                f"a checkpoint holds a {module}.{name} that no longer fits: {error.error_count()} fields",
                "it was written by another version of postlaunch; start the run again",
            ) from error
