"""Keys of JSON objects: which there are, and the pointers that reach them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

ABSENT = "/\x01"
"""A JSON pointer that finds nothing: control characters do not stand in a cleaned line's keys."""


def objects_in(lines: Iterable[str]) -> Iterator[dict[str, object]]:
    """The lines that are JSON objects with something in them."""
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and value:
            yield value


def flat_keys(value: Mapping[str, object], prefix: str = "") -> Iterator[str]:
    """Every key of an object that holds a plain value; keys of objects in it are dotted."""
    for key, item in value.items():
        if not isinstance(item, dict):
            yield prefix + key
        elif prefix.count(".") < 3:
            yield from flat_keys(item, f"{prefix}{key}.")


def keys_found(
    objects: Sequence[Mapping[str, object]], aliases: Mapping[str, Sequence[str]], mapped: Mapping[str, str]
) -> dict[str, str]:
    """Our name → its key: as mapped, else the first alias that occurs; names without a key are left out."""
    present = {key for value in objects for key in flat_keys(value)}
    found = {name: next((key for key in keys if key in present), "") for name, keys in aliases.items()}
    return {name: key for name, key in {**found, **mapped}.items() if key}


def pointers(key: str | None) -> tuple[str, str]:
    """Two JSON pointers for a key: the key as it is, and, where it has dots, as a path into objects."""
    if key is None:
        return (ABSENT, ABSENT)
    escaped = key.replace("~", "~0").replace("/", "~1")
    nested = escaped.replace(".", "/")
    return (f"/{escaped}", ABSENT if nested == escaped else f"/{nested}")
