"""The source "launch": the record that the launch left behind, one object in YAML or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from postlaunch.errors import SourceError, UsageError
from postlaunch.facts import digest_of
from postlaunch.settings import Settings
from postlaunch.sources.columns import CellError, text_of
from postlaunch.sources.dates import moment_of
from postlaunch.sources.tables import clean, read_document
from postlaunch.windows import Moment, zone_named

SOURCE = "launch"


def _number_as_text(value: object) -> object:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return f"{value:g}" if is_number else value


Line = Annotated[str, AfterValidator(lambda text: clean(text, 500)), BeforeValidator(_number_as_text)]
"""One line of text; a number is taken as it is written."""

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A part of the record: immutable; keys that are not ours are left unread."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class LaunchDeployment(Part):
    """How the launch was deployed; `rollback` says how it could have been undone."""

    duration_minutes: Amount | None = None
    strategy: Line = ""
    rollback: Line = ""


class LaunchBaseline(Part):
    """What was measured just after the launch.

    Attributes:
        error_rate: share of the requests.
        memory_mb_per_pod: in millions of bytes.
        cpu_share_per_pod: of a pod's limit.
    """

    pods: int | None = Field(default=None, ge=0)
    mean_ms: Amount | None = None
    p95_ms: Amount | None = None
    error_rate: Share | None = None
    requests_per_second: Amount | None = None
    memory_mb_per_pod: Amount | None = None
    cpu_share_per_pod: Share | None = None


class AlertRule(Part):
    """An alert rule as it was set up; `threshold` is in the condition's own unit."""

    name: Line
    condition: Line = ""
    severity: Line = ""
    threshold: float | None = Field(default=None, allow_inf_nan=False)
    for_minutes: Amount | None = None


class Runbook(Part):
    """What to do when an alert fires."""

    alert: Line
    steps: tuple[Line, ...] = ()
    escalation: tuple[Line, ...] = ()


class ServiceLevel(Part):
    """What was promised: shares, and milliseconds."""

    uptime: Share | None = None
    p95_ms: Amount | None = None
    error_rate: Share | None = None


class LoadProfile(Part):
    """The load that was tried before the launch; `phase` of the life cycle in which it was."""

    concurrent_users: Amount | None = None
    concurrent_database_operations: Amount | None = None
    requests_per_second: Amount | None = None
    phase: int = 4
    tool: Line = ""


class CapacityForecast(Part):
    """What growth was expected, and on what basis."""

    users_year_1: Amount | None = None
    basis: Line = ""


class KnownIssue(Part):
    """A defect that was launched with, and the release that it is planned for."""

    title: Line
    planned_for: Line = ""


class DeferredFinding(Part):
    """A finding of the security audit that was put off; `severity` as the audit gave it."""

    title: Line
    severity: Line = ""


class BusinessMetric(Part):
    """What success was to be measured by; the target as it was written."""

    name: Line
    target: Line = ""


class Pool(Part):
    """The pool of database connections; `size` of each pod's."""

    size: int | None = Field(default=None, ge=0)


class LaunchRecord(Part):
    """What the launch left behind. Every part is optional: None, or empty, where the record is silent.

    Attributes:
        feature_flags: name → whether it was on.
    """

    version: Line = ""
    launched_at: Moment | None = None
    deployment: LaunchDeployment | None = None
    baseline: LaunchBaseline | None = None
    alert_rules: tuple[AlertRule, ...] = ()
    runbooks: tuple[Runbook, ...] = ()
    sla: ServiceLevel | None = None
    load_profile: LoadProfile | None = None
    capacity_forecast: CapacityForecast | None = None
    known_issues: tuple[KnownIssue, ...] = ()
    feature_flags: dict[str, bool] = Field(default_factory=dict)
    deferred_findings: tuple[DeferredFinding, ...] = ()
    business_metrics: tuple[BusinessMetric, ...] = ()
    pool: Pool | None = None


@dataclass(frozen=True)
class LaunchSource:
    """The launch record of one file.

    Attributes:
        notes: what a reader must know, e.g. parts that were not read.
        zone: IANA name of the zone in which a moment without one was read.
    """

    record: LaunchRecord
    fingerprint: str
    notes: tuple[str, ...] = ()
    zone: str = "UTC"
    path: str = ""
    name: str = SOURCE


def open_launch(settings: Settings) -> LaunchSource:
    """Read the launch record that the settings name.

    Raises:
        UsageError: the settings name none.
        SourceError: the file cannot be read, is no object, or a part of it is wrong; the part is named.
    """
    source = settings.sources.launch
    if source is None:
        raise UsageError("no launch record is configured", "add [sources.launch] to postlaunch.toml")
    document = read_document(settings.path(source.path), SOURCE)
    file, zone = document.path.name, settings.application.timezone
    if not isinstance(document.value, dict):
        raise SourceError(f"{file}: one object is wanted, not a list", "correct the file", source=SOURCE)
    parts = _mapped({str(key): part for key, part in document.value.items()}, source.fields, file)
    known = {name: part for name, part in parts.items() if name in LaunchRecord.model_fields}
    if not known:
        raise SourceError(
            f"{file}: no part of it is one of a launch record; it has: {', '.join(parts)[:300]}",
            f"one of: {', '.join(LaunchRecord.model_fields)}",
            source=SOURCE,
        )
    unread = [name for name in parts if name not in known]
    note = (f"{file}: not read: {clean(', '.join(unread))}",) if unread else ()
    return LaunchSource(
        record=_record(known, zone, file),
        fingerprint=digest_of({"content": document.digest, "fields": source.fields, "zone": zone}),
        notes=document.notes + note,
        zone=zone,
        path=str(document.path),
    )


def _mapped(parts: dict[str, object], fields: Mapping[str, str], file: str) -> dict[str, object]:
    """The parts under our names."""
    for field, key in fields.items():
        if field not in LaunchRecord.model_fields or key not in parts:
            raise SourceError(
                f'[sources.launch] fields: {field} = "{key}" fits nothing: the field or the key is not there',
                f"fields: {', '.join(LaunchRecord.model_fields)}; keys of {file}: {', '.join(parts)[:300]}",
                source=SOURCE,
            )
        parts[field] = parts.pop(key)
    return parts


def _record(parts: dict[str, object], zone: str, file: str) -> LaunchRecord:
    try:
        if parts.get("launched_at") is not None:
            parts["launched_at"] = moment_of(parts["launched_at"], zone_named(zone))
        if "version" in parts:
            parts["version"] = text_of(parts["version"])
        given = {name: part for name, part in parts.items() if part is not None}
        return LaunchRecord.model_validate(given)
    except CellError as error:
        raise SourceError(f"{file}: launched_at: {error}", "correct the file", source=SOURCE) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise SourceError(f"{file}: {where}: {first['msg']}", "correct the file", source=SOURCE) from error
