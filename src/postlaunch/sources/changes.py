"""The source "changes": deployments, changes of configuration, restarts, migrations, planned maintenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen
from postlaunch.settings import Settings
from postlaunch.sources.columns import Aliases, CellError, flag_of
from postlaunch.sources.record_rows import Cells, RowKind, naming, plain_word, read_rows
from postlaunch.sources.tables import RejectedRow, read_table
from postlaunch.windows import Clock, Moment, system_clock

SOURCE = "changes"

ChangeKind = Literal[
    "deployment", "configuration", "restart", "migration", "maintenance", "rollback", "other"
]

ALIASES: Aliases = {
    "id": ("id", "change_id", "deployment_id", "release_id", "uid", "sha", "commit", "number", "key"),
    "at": (
        "at", "started_at", "start", "start_time", "deployed_at", "time", "timestamp", "ts", "created_at",
        "date", "lastTimestamp", "firstTimestamp", "metadata.creationTimestamp",
    ),
    "ended_at": ("ended_at", "end", "end_time", "finished_at", "completed_at", "until"),
    "kind": ("kind", "type", "change_type", "category", "task", "reason", "action"),
    "title": ("title", "summary", "description", "message", "name", "short_description", "what"),
    "component": (
        "component", "service", "service.name", "app", "application", "target", "environment",
        "involvedObject.name", "cmdb_ci",
    ),
    "version": ("version", "release", "tag", "tag_name", "image_tag", "ref"),
    "before": ("before", "old", "old_value", "from", "previous", "previous_version"),
    "after": ("after", "new", "new_value", "to"),
    "by": ("by", "author", "actor", "user", "who", "deployed_by", "creator", "creator.login", "assigned_to"),
    "planned": ("planned", "scheduled", "announced"),
    "incident": ("incident", "incident_id", "incident.id", "alert", "answers", "caused_by"),
    "notes": ("notes", "note", "comment", "details"),
}  # fmt: skip

KINDS: Mapping[str, ChangeKind] = {
    **dict.fromkeys(("deployment", "deploy", "deployed", "release", "released", "rollout"), "deployment"),
    **dict.fromkeys(
        ("configuration", "config", "config_change", "configuration_change", "setting", "feature_flag",
         "flag", "scaling", "scale"),
        "configuration",
    ),
    **dict.fromkeys(
        ("restart", "restarted", "reboot", "pod_restart", "node_restart", "rolling_restart"), "restart"
    ),
    **dict.fromkeys(("migration", "migrate", "schema", "schema_change", "database_migration"), "migration"),
    **dict.fromkeys(("maintenance", "maintenance_window", "planned_maintenance", "upgrade"), "maintenance"),
    **dict.fromkeys(("rollback", "rolled_back", "roll_back", "revert", "reverted"), "rollback"),
}  # fmt: skip
"""The words of a file → our kind; every other word is "other"."""


class Change(Frozen):
    """Something that was done to the application or what it runs on.

    Attributes:
        id: as the file has it; "line 14" where it has none.
        ended_at: None where the file does not say.
        component: what was changed: a service, a deployment, a database.
        before, after: the value of what was changed.
        planned: announced beforehand; maintenance is unless the file denies it, the rest only if it says so.
        incident: id of the incident or the alert that it answers.
    """

    id: str
    at: Moment
    ended_at: Moment | None = None
    kind: ChangeKind = "other"
    title: str = ""
    component: str = ""
    version: str = ""
    before: str = ""
    after: str = ""
    by: str = ""
    planned: bool = False
    incident: str = ""
    notes: str = ""


@dataclass(frozen=True)
class ChangeTable:
    """The changes of one file, oldest first.

    Attributes:
        rejected: rows that hold no change, with their reasons.
        notes: what a reader must know of how the file was read.
        zone: IANA name of the zone in which moments without one were read.
    """

    fingerprint: str
    changes: tuple[Change, ...]
    rejected: tuple[RejectedRow, ...] = ()
    notes: tuple[str, ...] = ()
    zone: str = "UTC"
    path: str = ""
    name: str = SOURCE


KIND = RowKind(
    source=SOURCE,
    noun="change",
    aliases=ALIASES,
    required=(("at",), ("title", "kind")),
    example='at = "Deployed on"',
)


def open_changes(settings: Settings, clock: Clock = system_clock) -> ChangeTable:
    """Read the changes that the settings name; a file without a single one is a quiet application.

    Args:
        clock: changes dated more than a day after it are set aside, unless they are planned.

    Raises:
        UsageError: the settings name none.
        SourceError: the file cannot be read, or it has rows and none is a change.
    """
    source = settings.sources.changes
    if source is None:
        raise UsageError("no source of changes is configured", "add [sources.changes] to postlaunch.toml")
    table = read_table(settings.path(source.path), SOURCE, may_be_empty=True)
    read = read_rows(settings, source, KIND, table, _change, clock, dates=("at", "ended_at"))
    return ChangeTable(
        fingerprint=read.fingerprint,
        changes=tuple(sorted(read.rows, key=lambda change: (change.at, change.id))),
        rejected=read.rejected,
        notes=read.notes,
        zone=read.zone,
        path=str(read.table.path),
    )


def _change(cells: Cells) -> Change:
    title = cells.line("title")
    if not title and cells.empty("kind"):
        raise CellError("neither title nor kind")
    kind = KINDS.get(plain_word(cells.line("kind")), "other")
    with naming("planned"):
        planned = kind == "maintenance" if cells.empty("planned") else flag_of(cells.cell("planned"))
    at, ended_at = cells.moment("at", announced=planned), cells.moment_or_none("ended_at", announced=planned)
    if ended_at is not None and ended_at < at:
        raise CellError("it ends before it starts")
    return Change(
        id=cells.line("id", 100) or cells.name,
        at=at,
        ended_at=ended_at,
        kind=kind,
        title=title,
        component=cells.line("component", 200),
        version=cells.line("version", 100),
        before=cells.line("before"),
        after=cells.line("after"),
        by=cells.line("by", 200),
        planned=planned,
        incident=cells.line("incident", 100),
        notes=cells.line("notes"),
    )
