"""The chain of decisions: each carries the hash of the one before it, so that a change shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from postlaunch.facts import digest_of
from postlaunch.ledger.tables import instant_text

BEGINNING = "0" * 64
"""What the first decision names as the hash before it."""

HASHED: dict[int, tuple[str, ...]] = {
    1: (
        "schema_version",
        "seq",
        "request",
        "kind",
        "by",
        "reason",
        "digest",
        "scope",
        "edits",
        "text",
        "at",
        "trust",
        "previous",
    ),
}
"""By `schema_version`, the columns that a decision's hash covers. Old entries are never changed."""


def hash_of(row: Mapping[str, object]) -> str:
    """The hash of a decision's columns: SHA-256 of their canonical JSON."""
    version = row["schema_version"]
    names = HASHED[version] if isinstance(version, int) else ()
    return digest_of({name: _canonical(row[name]) for name in names})


def _canonical(value: object) -> object:
    return instant_text(value) if isinstance(value, datetime) else value


def problems_of(rows: Iterable[Mapping[str, object]]) -> list[str]:
    """What is wrong with decisions in their order, the first broken link first; empty when nothing is."""
    problems: list[str] = []
    previous, seq = BEGINNING, 0
    for row in rows:
        seq += 1
        name = f"decision {row['seq']} (request {row['request']})"
        if row["seq"] != seq:
            problems.append(f"before {name} a decision is missing: number {seq} is not there")
            seq = row["seq"] if isinstance(row["seq"], int) else seq
        elif row["previous"] != previous:
            problems.append(f"{name} does not follow the decision before it: its previous hash differs")
        if row["schema_version"] not in HASHED:
            problems.append(f"{name} is of schema version {row['schema_version']}, which is not known here")
        elif hash_of(row) != row["hash"]:
            problems.append(f"{name} was changed after it was made: its hash differs")
        previous = str(row["hash"])
    return problems
