"""How the resource measurements read the samples."""

from __future__ import annotations

from contextlib import AbstractContextManager

from postlaunch.sources.resources import ResourceLog
from postlaunch.tools.embedded_query import Run, queries
from postlaunch.tools.measurement import Limits
from postlaunch.tools.observed_spans import span_of
from postlaunch.windows import Window

SAMPLES = "the samples of resources"
"""How notes call the rows."""


def querying(log: ResourceLog, limits: Limits) -> AbstractContextManager[Run]:
    """Queries over the samples on one connection; raises `SourceError` where they fail or take too long."""
    return queries(log, SAMPLES, limits)


def samples_in(run: Run, window: Window) -> int:
    """How many samples there are in a window."""
    return int(run("resource_totals", span_of(window))[0]["samples"])


def pod_entity(pod: str) -> str:
    """A pod as facts name it: "pod web-1"; a sample that names none is of "pod (unnamed)"."""
    return f"pod {pod or '(unnamed)'}"[:140]
