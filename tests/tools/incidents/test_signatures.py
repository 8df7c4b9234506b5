"""What logged errors name as their cause, in the words of many systems."""

from __future__ import annotations

import pytest

from postlaunch.tools.incident_signatures import kind_named, names_resource, signatures, title_of


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("QueuePool limit of size <*> overflow <*> reached, connection timed out, timeout <*>", "pool"),
        ("HikariPool-<*> - Connection is not available, request timed out after <*>ms", "pool"),
        ("FATAL: remaining connection slots are reserved for superusers", "server_connections"),
        ("could not obtain a database connection within <*> seconds", "pool"),
        ("connection pool exhausted: no connection within <*> s", "pool"),
        ("ERROR <*> too many connections", "server_connections"),
        ("container web OOMKilled", "memory"),
        ("java.lang.OutOfMemoryError: Java heap space", "memory"),
        ("CPU throttling detected on pod <*>", "cpu"),
        ("OSError: [Errno <*>] No space left on device", "disk"),
        ("Too many open files", "descriptors"),
        ("Failed to pull image <*>: ErrImagePull", "orchestration"),
        ("Readiness probe failed: HTTP probe failed with statuscode <*>", "orchestration"),
        ("AccessDenied: <*> is not authorized to perform s3:PutObject", "permissions"),
        ("redis.exceptions.ConnectionError: Error <*> connection refused", "dependency"),
        ("upstream timed out while reading response header", "dependency"),
        ("could not translate host name: Name or service not known", "dependency"),
        ("x509: certificate has expired or is not yet valid", "certificate"),
        ("password authentication failed for user <*>", "credentials"),
        ("deadlock detected", "locks"),
        ('relation "users" does not exist', "schema"),
        ("required environment variable <*> not set", "configuration"),
        ("TypeError: 'NoneType' object is not subscriptable", "code"),
        ("connection timeout", "connection"),
        ("request failed with status <*>", ""),
        ("mail to <*> bounced", ""),
        ("user <*> signed in", ""),
        ("", ""),
    ],
)
def test_a_line_names_its_cause_or_none(line: str, kind: str) -> None:
    assert kind_named(line) == kind


def test_every_kind_has_a_title() -> None:
    assert all(title_of(kind) for kind in signatures())


@pytest.mark.parametrize(
    ("resource", "words", "named"),
    [
        ("pool", "pool_size 10 → 20", True),
        ("pool", "Database connections of each pod", True),
        ("pool", "Two pods restarted", False),
        ("memory", "memory limit", True),
        ("cpu", "2 cores", True),
        ("disk", "larger volume", True),
        ("disk", "discount", False),
        ("traffic", "traffic", False),
    ],
)
def test_words_name_a_resource(resource: str, words: str, named: bool) -> None:
    assert names_resource(resource, words) is named
