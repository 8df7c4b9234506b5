"""What a logged error names as its cause: words that systems of all kinds use for the same few things."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Signature:
    """One kind of cause, as a report calls it, and how log lines name it."""

    kind: str
    title: str
    pattern: re.Pattern[str]


@cache
def signatures() -> Mapping[str, Signature]:
    """Every kind, by its name, in the order in which they are tried."""
    text = (files("postlaunch.tools") / "incident_signatures.toml").read_text(encoding="utf-8")
    return {
        kind: Signature(
            kind=kind,
            title=str(entry["title"]),
            pattern=re.compile("|".join(f"(?:{part})" for part in entry["patterns"]), re.IGNORECASE),
        )
        for kind, entry in tomllib.loads(text).items()
    }


def kind_named(line: str) -> str:
    """The kind of cause that a line names; empty where it names none."""
    return next((kind for kind, known in signatures().items() if known.pattern.search(line)), "")


def title_of(kind: str) -> str:
    """A kind as a report calls it."""
    return signatures()[kind].title


RESOURCE_WORDS: Mapping[str, re.Pattern[str]] = {
    "pool": re.compile(r"\bpool|\bconnections?\b|pgbouncer|max_connections", re.IGNORECASE),
    "memory": re.compile(r"\bmemory\b|\bheap\b|\boom\b|\bram\b", re.IGNORECASE),
    "cpu": re.compile(r"\bcpus?\b|\bcores?\b", re.IGNORECASE),
    "disk": re.compile(r"\bdisks?\b|\bvolumes?\b|\bstorage\b|\bpvc\b", re.IGNORECASE),
}
"""Words by which changes, alert rules and candidate items name a resource."""

RESOURCE_NAMES: Mapping[str, str] = {
    "pool": "the connection pool",
    "memory": "memory",
    "cpu": "CPU",
    "disk": "disk space",
}
"""A resource in a sentence."""


def names_resource(resource: str, *texts: str) -> bool:
    """Whether one of these texts speaks of a resource."""
    words = RESOURCE_WORDS.get(resource)
    return words is not None and any(words.search(text.replace("_", " ")) for text in texts)
