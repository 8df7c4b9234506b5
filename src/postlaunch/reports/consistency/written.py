"""Statements written down by hand: what reports that were not made here state, with their figures as printed.

    windows:
      week: {start: "2025-11-15T00:00-08:00", end: "2025-11-22T00:00-08:00"}
    reports:
      Weekly Health Report:
        - {kind: share, window: week, what: memory, part: 198MB, whole: 512MB, share: 38%}

The file is YAML. Every statement names its `kind` and has that kind's fields; `window` names one of
`windows`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen
from postlaunch.reports.consistency.plan_statements import (
    Allowance,
    Attempts,
    CostLine,
    Experiment,
    Funnel,
    Graded,
    Row,
    Scaling,
    SprintAssignment,
    SprintPlan,
    Target,
)
from postlaunch.reports.consistency.statements import (
    Breakdown,
    Change,
    Observation,
    Ranking,
    Share,
    Statement,
)
from postlaunch.reports.consistency.time_statements import (
    AlertRule,
    Downtime,
    Firing,
    Growth,
    Lifetime,
    Observed,
    Projection,
    Retention,
    Span,
    Uptime,
)
from postlaunch.windows import Window

AnyStatement = Annotated[
    Observation
    | Breakdown
    | Share
    | Change
    | Ranking
    | Growth
    | Projection
    | Scaling
    | CostLine
    | Allowance
    | Lifetime
    | Observed
    | Retention
    | Span
    | Uptime
    | Downtime
    | AlertRule
    | Firing
    | Funnel
    | Attempts
    | Experiment
    | Target
    | Row
    | Graded
    | SprintPlan
    | SprintAssignment,
    Field(discriminator="kind"),
]
"""Every kind of statement, told apart by `kind`."""

STATEMENT: TypeAdapter[AnyStatement] = TypeAdapter(AnyStatement)


class _File(Frozen):
    """What such a file holds: the windows it names, and per report its statements."""

    windows: dict[str, Window] = Field(default_factory=dict)
    reports: dict[str, tuple[dict[str, Any], ...]]


def read_statements(path: Path) -> tuple[Statement, ...]:
    """The statements in a file, each of the report that it is written under.

    Raises:
        UsageError: the file cannot be read, or something in it is no statement.
    """
    try:
        file = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise UsageError(
            f"{path} holds no statements: {error}", "see postlaunch.reports.consistency"
        ) from error
    return tuple(
        _statement(body, report, file.windows) for report, bodies in file.reports.items() for body in bodies
    )


def _statement(body: dict[str, Any], report: str, windows: dict[str, Window]) -> Statement:
    try:
        window = windows[body["window"]] if "window" in body else None
        return STATEMENT.validate_python({**body, "report": report, "window": window})
    except KeyError as error:
        raise UsageError(
            f"{report}: no window is called {error}", f"windows: {', '.join(windows)}"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{report}: {body}: {where}: {first['msg']}", "correct the statement") from error
