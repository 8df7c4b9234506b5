"""The settings of sources: which files of which real system are read, and how their fields are called."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from postlaunch.facts import Frozen
from postlaunch.settings_events import PostgresEvents, PostHogEvents
from postlaunch.settings_handoffs import REPOSITORY, GitHubConnection


class RequestSource(Frozen):
    """A web server's request log, or a table of requests.

    Attributes:
        paths: files or globs; `.gz` is read as it is. Relative paths are relative to the settings file.
        format: "combined" (Apache, nginx; with or without a request time at the line's end), "json"
            (one object a line), "parquet", or "auto" (looked up from the ending and the first lines).
        request_time: unit of the trailing time of a combined line: nginx writes seconds, Apache's %D
            microseconds; "auto" takes a number with a decimal point as seconds, else microseconds.
        fields: for JSON lines and Parquet: our name → the key or column ("http.status" reaches into an
            object).
        latency_unit: the unit of that latency field.
        path_templates: regular expressions with a template to print instead, tried in order before the
            built-in ones, e.g. {"^/u/[^/]+$" = "/u/:name"}.
    """

    paths: tuple[str, ...]
    format: Literal["auto", "combined", "json", "parquet"] = "auto"
    request_time: Literal["auto", "seconds", "milliseconds", "microseconds"] = "auto"
    fields: dict[
        Literal["time", "method", "path", "status", "latency", "user", "pod", "bytes", "agent", "client"], str
    ] = Field(default_factory=dict)
    latency_unit: Literal["seconds", "milliseconds", "microseconds"] = "milliseconds"
    path_templates: dict[str, str] = Field(default_factory=dict)

    @field_validator("paths", mode="before")
    @classmethod
    def _one_is_enough(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class EventSource(Frozen):
    """What users did in the product: one row for each event, in files or in one store.

    Attributes:
        paths: files or globs of Parquet, CSV or JSON lines (`.gz` of the last two is read as it is). Relative
            paths are relative to the settings file.
        postgresql, posthog: a store that the events are copied from instead.
        format: of files; "auto" goes by the file's ending, then by its first bytes.
        fields: our name → the column or key ("properties.user" reaches into an object). The time and the
            event's name are needed; without a user there are no figures about users; the id, where there is
            one, tells an event that was delivered twice. Of PostHog only the user is chosen: "person_id",
            "distinct_id", or a property.
        properties: our name of a property → its column or key, e.g. {role = "properties.account_role"};
            role, variant and experiment are found under their usual names.
    """

    paths: tuple[str, ...] = ()
    postgresql: PostgresEvents | None = None
    posthog: PostHogEvents | None = None
    format: Literal["auto", "parquet", "csv", "json"] = "auto"
    fields: dict[Literal["time", "user", "event", "id"], str] = Field(default_factory=dict)
    properties: dict[str, str] = Field(default_factory=dict)

    @field_validator("paths", mode="before")
    @classmethod
    def _one_is_enough(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(bool(place) for place in (self.paths, self.postgresql, self.posthog)) != 1:
            raise ValueError("events come from one place: files (paths = [...]), postgresql, or posthog")
        if self.posthog and self.fields.keys() - {"user"}:
            raise ValueError("PostHog's events have a time, a name and an id of their own: map only the user")
        return self


class TableSource(Frozen):
    """A file of records: CSV, JSON, JSON lines or YAML, by its ending; `fields` maps our name → column."""

    path: str
    fields: dict[str, str] = Field(default_factory=dict)


class PlanSource(Frozen):
    """The tracking plan that people keep: a YAML file, relative to the settings file."""

    path: str


class FeatureRequestSource(GitHubConnection):
    """Feature requests beside support tickets: a file of records, or the issues of a GitHub repository.

    Attributes:
        path, fields: of a file, as in `TableSource`.
        github: "owner/name" of a repository whose issues are read instead.
        labels: only issues that have all of them.
        since: only issues that something happened to since that day.
        fresh_minutes: a copy that is no older is used without asking GitHub again.
        people: whether reactions and comments are read: who is behind them asks for the same. It costs up to
            two more requests for each issue that has any.
    """

    path: str = ""
    fields: dict[str, str] = Field(default_factory=dict)
    github: Annotated[str, Field(pattern=rf"^$|{REPOSITORY}")] = ""
    labels: tuple[str, ...] = ()
    state: Literal["open", "closed", "all"] = "open"
    since: date | None = None
    fresh_minutes: float = Field(default=15, ge=0)
    people: bool = True

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if bool(self.path) == bool(self.github):
            raise ValueError(
                'feature requests come from a file (path = "...") or from GitHub (github = "...")'
            )
        return self


class FilesSource(Frozen):
    """Files of rows, one for each sample or line: Parquet, CSV or JSON lines (`.gz` of the last two).

    Attributes:
        paths: files or globs, relative to the settings file.
        format: "auto" goes by the file's ending, then by its first bytes.
        fields: our name → the column or key.
    """

    paths: tuple[str, ...]
    format: Literal["auto", "parquet", "csv", "json"] = "auto"
    fields: dict[str, str] = Field(default_factory=dict)

    @field_validator("paths", mode="before")
    @classmethod
    def _one_is_enough(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class Sources(Frozen):
    """Where the measurements come from. A source that is not configured is no error.

    Attributes:
        requests: a web server's log.
        events: what users did in the product.
        tickets, candidates: what people ask for, and what could be built.
        feature_requests: what people ask for elsewhere than with Support.
        resources: memory, CPU, disk and connections of each pod over time.
        logs: what the application logged, with levels.
        changes: deployments, changes of configuration, restarts, migrations, planned maintenance.
        alerts: fired alerts, pages, and what the people on call noted.
        costs: what the infrastructure cost, a line a day and service.
        vulnerabilities: findings of dependency scans.
        competitors: notes on competitors, each claim with its source and date.
        launch: the record that the launch left behind.
        tracking_plan: which events are meant to be recorded; changed by approved decisions alone.
    """

    requests: RequestSource | None = None
    events: EventSource | None = None
    tickets: TableSource | None = None
    feature_requests: FeatureRequestSource | None = None
    candidates: TableSource | None = None
    resources: FilesSource | None = None
    logs: FilesSource | None = None
    changes: TableSource | None = None
    alerts: TableSource | None = None
    costs: TableSource | None = None
    vulnerabilities: TableSource | None = None
    competitors: TableSource | None = None
    launch: TableSource | None = None
    tracking_plan: PlanSource | None = None
