"""How a file of rows is read: its format, and under which keys its rows hold what is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from postlaunch.errors import SourceError
from postlaunch.sources.json_keys import flat_keys, keys_found, objects_in, pointers
from postlaunch.sources.lines import GZIP

Kind = Literal["parquet", "csv", "json"]

PARQUET = b"PAR1"
ENDINGS: Mapping[Kind, tuple[str, ...]] = {
    "parquet": (".parquet", ".pq"),
    "csv": (".csv", ".tsv"),
    "json": (".jsonl", ".ndjson", ".json"),
}

Aliases = Mapping[str, tuple[str, ...]]
"""Our name → the keys looked for, in this order, where the settings map none."""

TIME_ALIASES = (
    "time", "timestamp", "ts", "@timestamp", "datetime", "date", "t", "event_time", "created_at", "asctime",
)  # fmt: skip
POD_ALIASES = (
    "pod", "pod_name", "podName", "kubernetes.pod_name", "kubernetes.pod.name", "k8s.pod.name",
    "labels.pod", "metric.pod", "metadata.name", "NAME", "instance", "container", "hostname", "host", "node",
)  # fmt: skip


@dataclass(frozen=True)
class RowShape:
    """What the rows of a source hold, and how its queries read them.

    Attributes:
        source: its name in the settings.
        noun: one row: "an event".
        aliases: in the order in which the query takes the pointers.
        required: names without which no row can be read.
        part: the query that writes rows as one part.
    """

    source: str
    noun: str
    aliases: Aliases
    required: tuple[str, ...]
    part: str


@dataclass(frozen=True)
class RowFormat:
    """How the rows of one file are read.

    Attributes:
        fields: our name of a field → its key, dotted where it reaches into an object.
        properties: our name of a property, which no field holds → its key.
    """

    kind: Kind
    fields: Mapping[str, str]
    properties: Mapping[str, str]

    def pointers(self, aliases: Aliases) -> list[str]:
        """Two JSON pointers for each field in the order of `aliases`, then for each property."""
        keys = [*(self.fields.get(name) for name in aliases), *self.properties.values()]
        return [pointer for key in keys for pointer in pointers(key)]


def kind_of(path: Path, wanted: str) -> Kind:
    """The format that the settings name, else by the file's ending, else by its first bytes."""
    name = path.name.lower().removesuffix(".gz")
    for kind, endings in ENDINGS.items():
        if wanted == kind or (wanted == "auto" and name.endswith(endings)):
            return kind
    with path.open("rb") as stream:
        head = stream.read(64)
    if head.startswith(PARQUET):
        return "parquet"
    return "json" if head.startswith(GZIP) or head.lstrip().startswith(b"{") else "csv"


def format_of(
    path: Path, kind: Kind, first_rows: Sequence[str], shape: RowShape, mapped: Mapping[str, str]
) -> RowFormat:
    """Where the rows of a file whose first rows (as JSON objects) are these hold what is needed.

    Raises:
        SourceError: no key is found for what is required, or the settings map a name that is none, or to a
            column that a table does not have.
    """
    objects = list(objects_in(first_rows))
    _refuse_wrong_mapping(path, kind, objects, shape, mapped)
    fields = keys_found(objects, shape.aliases, mapped)
    missing = [name for name in shape.required if name not in fields]
    if missing and objects:
        raise SourceError(
            f"the rows of {path} have nothing that is known to hold the {' or the '.join(missing)}; "
            f"the first one has: {_keys_in(objects)}",
            f'map it: [sources.{shape.source}.fields] {missing[0]} = "key"',
            source=shape.source,
        )
    return RowFormat(kind, fields, {})


def _refuse_wrong_mapping(
    path: Path,
    kind: Kind,
    objects: Sequence[Mapping[str, object]],
    shape: RowShape,
    mapped: Mapping[str, str],
) -> None:
    """A table has all its columns in every row, so a key that is not there is a mistake; objects may vary."""
    for name, key in mapped.items():
        if name not in shape.aliases:
            raise SourceError(
                f'[sources.{shape.source}.fields]: "{name}" is no field of {shape.source}',
                f"one of: {', '.join(shape.aliases)}",
                source=shape.source,
            )
        if kind != "json" and objects and not any(key in flat_keys(value) for value in objects):
            raise SourceError(
                f'[sources.{shape.source}.fields]: {path} has no column "{key}" for {name}',
                f"columns found: {_keys_in(objects)}",
                source=shape.source,
            )


def _keys_in(objects: Sequence[Mapping[str, object]]) -> str:
    return ", ".join(sorted(flat_keys(objects[0])))[:300]
