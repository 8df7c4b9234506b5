"""Which items must be done now because of what was found (`docs/definitions.md`, "Tier"): pure rules.

A declared "required by" is a person's word. These are measured: a critical or high vulnerability that the
newest scan still lists, an objective at risk, an action item of an incident that is still open. An item that
addresses one of them is a Must that no ceiling takes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postlaunch.reports.colleagues import ColleagueFinding
from postlaunch.reports.security import Vulnerability
from postlaunch.sources.candidates import CandidateItem
from postlaunch.tools.addressing import addressing
from postlaunch.tools.gathered import Gathered

REASONS = 3
"""Reasons named of one item; there may be more."""


def requirements(items: Sequence[CandidateItem], gathered: Gathered) -> dict[str, str]:
    """Item id → what requires it, the gravest first; only items that something requires."""
    found: dict[str, list[str]] = {}
    for ids, reason in _requiring(items, gathered):
        for identity in ids:
            found.setdefault(identity, []).append(reason)
    return {identity: _joined(list(dict.fromkeys(reasons))) for identity, reasons in found.items()}


def _requiring(items: Sequence[CandidateItem], gathered: Gathered) -> Iterator[tuple[tuple[str, ...], str]]:
    for route in ("hotfix", "next sprint"):
        for found in gathered.security.listed.items:
            if found.route == route:
                yield vulnerability_items(items, found), security_reason(found)
    for colleague in gathered.colleagues:
        for finding in colleague.findings:
            if finding.requires:
                yield finding_items(items, finding), finding.requires


def finding_items(items: Sequence[CandidateItem], finding: ColleagueFinding) -> tuple[str, ...]:
    """The items that address a finding: those that the specialist names, and those that declare it."""
    named = [item.id for item in items if item.id in finding.named]
    return tuple(dict.fromkeys((*named, *addressing(items, finding.subjects, finding.words))))


def vulnerability_items(items: Sequence[CandidateItem], found: Vulnerability) -> tuple[str, ...]:
    """The items that address a vulnerability: by its id, its package, or words of its title."""
    return addressing(items, (found.id, found.package), found.title)


def security_reason(found: Vulnerability) -> str:
    """Why an item that addresses it must be done now."""
    return f"{found.severity} security finding {found.name} ({found.rated_by})"


def _joined(reasons: Sequence[str]) -> str:
    more = f"; and {len(reasons) - REASONS} more" if len(reasons) > REASONS else ""
    return "; ".join(reasons[:REASONS]) + more
