"""The queries of this package, and the digest of everything that decides how a row is read."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from postlaunch.facts import digest_of

READERS = (
    "app_logs.py", "bots.json", "event_formats.py", "event_reading.py", "event_staging.py",
    "event_store_posthog.py", "event_store_postgresql.py", "event_stores.py", "json_keys.py", "lines.py",
    "log_formats.py", "parquet_requests.py", "parsing.py", "resources.py", "row_formats.py", "row_reading.py",
    "row_staging.py", "staging.py",
)  # fmt: skip


@cache
def sql(name: str) -> str:
    """A query of this package, by its file name."""
    return (files("postlaunch.sources") / "sql" / name).read_text(encoding="utf-8")


@cache
def reader_digest() -> str:
    """Of the queries and the code that read rows, so that a changed rule is never served an old reading."""
    package = files("postlaunch.sources")
    texts = {item.name: item.read_text(encoding="utf-8") for item in (package / "sql").iterdir()}
    texts |= {name: (package / name).read_text(encoding="utf-8") for name in READERS}
    return digest_of(texts)
