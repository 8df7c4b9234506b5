"""Chains: each decision, and each entry of the gate's journal, carries the hash of the one before it.

So a change shows, and so does what was inserted or taken out.
"""

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
    2: (
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
        "proof",
        "journal",
        "previous",
    ),
}
"""By `schema_version`, the columns that a decision's hash covers. Old entries are never changed."""


JOURNAL: dict[int, tuple[str, ...]] = {
    1: ("schema_version", "seq", "at", "kind", "request", "by", "text", "data", "previous"),
}
"""The same for the gate's journal."""


def hash_of(row: Mapping[str, object], covered: Mapping[int, tuple[str, ...]] = HASHED) -> str:
    """The hash of a decision's (or a journal entry's) columns: SHA-256 of their canonical JSON."""
    version = row["schema_version"]
    names = covered[version] if isinstance(version, int) else ()
    return digest_of({name: _canonical(row[name]) for name in names})


def _canonical(value: object) -> object:
    return instant_text(value) if isinstance(value, datetime) else value


def problems_of(
    rows: Iterable[Mapping[str, object]],
    covered: Mapping[int, tuple[str, ...]] = HASHED,
    what: str = "decision",
) -> list[str]:
    """What is wrong with the links in their order, the first broken one first; empty when nothing is."""
    problems: list[str] = []
    previous, seq = BEGINNING, 0
    for row in rows:
        seq += 1
        name = f"{what} {row['seq']} (request {row['request']})"
        if row["seq"] != seq:
            problems.append(f"before {name} a {what} is missing: number {seq} is not there")
            seq = row["seq"] if isinstance(row["seq"], int) else seq
        elif row["previous"] != previous:
            problems.append(f"{name} does not follow the {what} before it: its previous hash differs")
        if row["schema_version"] not in covered:
            problems.append(f"{name} is of schema version {row['schema_version']}, which is not known here")
        elif hash_of(row, covered) != row["hash"]:
            problems.append(f"{name} was changed after it was made: its hash differs")
        previous = str(row["hash"])
    return problems
