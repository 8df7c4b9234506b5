"""The charts of a backlog: what people ask for, how features are adopted, what scans list."""

from __future__ import annotations

from collections.abc import Sequence

from postlaunch.reports.backlog import FeatureRequest
from postlaunch.reports.features import FeatureReview
from postlaunch.reports.security import SecurityReview
from postlaunch.reports.series import Point, Series

CHARTED_REQUESTS = 8
LEAST = 2
"""Points below which a chart says no more than its table."""


def backlog_series(
    listed: Sequence[FeatureRequest], features: FeatureReview, security: SecurityReview
) -> tuple[Series, ...]:
    """A series for each chart that has something to show."""
    found = [_requests(listed), features.adoption, _severities(security)]
    return tuple(series for series in found if series is not None and len(series.points) >= LEAST)


def _requests(listed: Sequence[FeatureRequest]) -> Series | None:
    """The most asked for, with the range that wording leaves open."""
    shown = listed[:CHARTED_REQUESTS]
    if not shown:
        return None
    return Series(
        metric="group_requesters",
        title="People who ask for it",
        unit="count",
        points=tuple(
            Point(label=one.label, value=one.requesters, low=one.low, high=one.high) for one in shown
        ),
        form="steps",
    )


def _severities(security: SecurityReview) -> Series | None:
    if not security.listed.items:
        return None
    return Series(
        metric="vulnerabilities_of_severity",
        title="Open vulnerabilities by severity",
        unit="count",
        points=tuple(Point(label=one.severity, value=one.count) for one in security.counts),
        form="steps",
    )
