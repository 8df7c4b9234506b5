"""What others build on: public names, both faces of the API, schema versions.."""

from __future__ import annotations

import inspect

import pytest

import postlaunch
from postlaunch import AsyncPostLaunch, PostLaunch
from postlaunch.errors import PostLaunchError
from postlaunch.ledger import deployments, records
from postlaunch.reports import packets, report
from postlaunch.reports.reading import KINDS

CALLS = (
    "action_items",
    "advance",
    "amend",
    "amendments",
    "ask",
    "audit",
    "cancel",
    "chain_head",
    "check_scope",
    "close",
    "close_action_item",
    "commitments",
    "create_token",
    "decide",
    "decision",
    "decision_text",
    "deliver",
    "deployed",
    "deployments",
    "events",
    "feedback_groups",
    "graph",
    "handoff",
    "handoffs",
    "incident",
    "incidents",
    "ingest",
    "merge_feedback",
    "nightly",
    "on_handoff",
    "pending",
    "reports",
    "request",
    "revoke_token",
    "run",
    "runs",
    "signals",
    "split_feedback",
    "start",
    "token_grant",
    "tokens",
    "undelivered",
    "undo_feedback",
    "verify",
    "watch",
    "what_changes",
)


def test_the_public_names_are_there() -> None:
    assert [name for name in postlaunch.__all__ if not hasattr(postlaunch, name)] == []
    assert postlaunch.__all__ == sorted(postlaunch.__all__)


@pytest.mark.parametrize("face", [PostLaunch, AsyncPostLaunch])
def test_the_calls_are_there_and_documented(face: type) -> None:
    assert [name for name in CALLS if not (getattr(face, name).__doc__ or "").strip()] == []


@pytest.mark.parametrize("name", ["__init__", *CALLS])
def test_both_faces_take_the_same_arguments(name: str) -> None:
    one, other = (inspect.signature(getattr(face, name)) for face in (PostLaunch, AsyncPostLaunch))
    assert list(one.parameters.values()) == list(other.parameters.values())


def test_stored_records_reports_and_packets_state_their_schema() -> None:
    stored = (
        records.RunRecord,
        records.ApprovalRequest,
        records.Commitment,
        records.HandOff,
        deployments.Deployment,
        records.OutboxRow,
        records.ReportRecord,
        records.IncidentRecord,
        records.ActionItem,
        records.Signal,
    )
    assert {model.model_fields["schema_version"].default for model in stored} == {records.SCHEMA_VERSION}
    assert records.Decision.model_fields["schema_version"].default == records.DECISION_VERSION == 2
    assert {kind.model_fields["schema_version"].default for kind in KINDS.values()} == {report.SCHEMA_VERSION}
    assert packets.PacketBase.model_fields["schema_version"].default == packets.SCHEMA_VERSION
    assert (records.SCHEMA_VERSION, report.SCHEMA_VERSION, packets.SCHEMA_VERSION) == (1, 1, 1)


def test_every_error_has_a_documented_exit_code() -> None:
    def below(error: type[PostLaunchError]) -> set[int]:
        return {error.exit_code}.union(*(below(child) for child in error.__subclasses__()))

    assert below(PostLaunchError) == {1, 2, 3, 6}
