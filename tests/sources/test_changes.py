"""Changes as deployment tools and people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

AT = "2025-11-18T14:20:00-08:00"


def change(**other: Any) -> dict[str, Any]:
    return {"at": AT, "kind": "configuration", "title": "pool", **other}


def test_a_change_has_what_its_row_says(open_table) -> None:
    row = change(
        id="c-7",
        ended_at="2025-11-18T14:21:00-08:00",
        component="api",
        version="v1.0.1",
        before=10,
        after=20,
        by="ana",
        planned="no",
        incident="A-1",
        notes="as the runbook says",
    )
    (found,) = open_table("changes", [row]).changes
    assert found.model_dump() == {
        **row,
        "at": datetime(2025, 11, 18, 22, 20, tzinfo=UTC),
        "ended_at": datetime(2025, 11, 18, 22, 21, tzinfo=UTC),
        "before": "10",
        "after": "20",
        "planned": False,
    }


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Deploy", "deployment"),
        ("release", "deployment"),
        ("Feature flag", "configuration"),
        ("config-change", "configuration"),
        ("Node restart", "restart"),
        ("schema", "migration"),
        ("maintenance window", "maintenance"),
        ("Rolled back", "rollback"),
        ("celebration", "other"),
        ("", "other"),
    ],
)
def test_the_words_of_other_tools_are_our_kinds(open_table, written: str, kind: str) -> None:
    assert open_table("changes", [change(kind=written)]).changes[0].kind == kind


@pytest.mark.parametrize(
    ("kind", "said", "planned"),
    [
        ("maintenance", None, True),
        ("maintenance", False, False),
        ("maintenance", "no", False),
        ("restart", None, False),
        ("restart", "yes", True),
        ("deployment", "", False),
    ],
)
def test_maintenance_is_planned_unless_denied_and_the_rest_only_if_it_says_so(
    open_table, kind: str, said: object, planned: bool
) -> None:
    assert open_table("changes", [change(kind=kind, planned=said)]).changes[0].planned is planned


def test_planned_changes_may_lie_in_the_future(open_table) -> None:
    later = change(at="2025-12-24T02:00:00Z", kind="maintenance")
    table = open_table("changes", [change(), later, {**later, "kind": "deployment"}])
    assert [found.kind for found in table.changes] == ["configuration", "maintenance"]
    assert [row.reason for row in table.rejected] == ["dated in the future"]


def test_the_oldest_change_is_first_and_a_row_without_an_id_is_named_by_its_line(open_table) -> None:
    table = open_table("changes", [change(), change(at="2025-09-08 10:00")])
    assert [found.id for found in table.changes] == ["line 2", "line 1"]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"at": ""}, "at: no date"),
        ({"at": "noon"}, 'at: "noon" is not a date'),
        ({"ended_at": "2025-11-18T14:00:00-08:00"}, "it ends before it starts"),
        ({"title": "", "kind": ""}, "neither title nor kind"),
        ({"planned": "maybe"}, 'planned: "maybe" is neither yes nor no'),
    ],
)
def test_a_row_that_is_no_change_says_why(open_table, other: dict[str, str], reason: str) -> None:
    table = open_table("changes", [change(), change(**other)])
    assert len(table.changes) == 1
    assert table.rejected[0].reason.startswith(reason)


def test_a_deployment_of_a_code_host_is_read_as_it_is(open_table) -> None:
    (found,) = open_table(
        "changes",
        [
            {
                "id": 42,
                "sha": "9f86d08",
                "ref": "v1.0.1",
                "task": "deploy",
                "environment": "production",
                "created_at": "2025-11-18T14:20:00Z",
                "creator": {"login": "ana"},
                "description": "cache the first page",
            }
        ],
    ).changes
    assert (found.id, found.kind, found.version, found.component, found.by, found.title) == (
        "42",
        "deployment",
        "v1.0.1",
        "production",
        "ana",
        "cache the first page",
    )
