"""What dependency scans say of the application, as reports print it: rated, routed, and patched or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from postlaunch.facts import Frozen, Quantity, Unavailable
from postlaunch.reports.judged import Sentence
from postlaunch.reports.report import Listing

VulnerabilitySeverity = Literal["critical", "high", "medium", "low", "none", "not rated"]
VulnerabilityRoute = Literal["hotfix", "next sprint", "backlog", "nothing to do", "to be rated"]

ROUTE_WORDS: Mapping[VulnerabilityRoute, str] = {
    "hotfix": "hotfix: not for a sprint",
    "next sprint": "next sprint",
    "backlog": "backlog",
    "nothing to do": "nothing to do",
    "to be rated": "somebody has to rate it",
}
"""What becomes of a vulnerability, in the words of a report."""

NO_SCANS = "not available: no source of vulnerabilities is configured"
NOT_SCANNED = Unavailable(
    reason="no source of vulnerabilities is configured",
    remedy="add [sources.vulnerabilities] to postlaunch.toml",
)


class Vulnerability(Frozen):
    """One vulnerable dependency.

    Attributes:
        rated_by: the version of CVSS, "the scanner", or why nobody rated it.
        score: by that version of CVSS; why there is none.
        since: the scan from which on every scan of the package lists it.
        gone: the first re-scan of the package that no longer lists it; None while it is listed.
        reachable: whether the application calls what is vulnerable; None: nobody looked.
        exploited: it is known to be used in attacks.
        items: ids of the candidate items that address it.
        becomes: what becomes of it.
    """

    id: str
    package: str
    installed: str = ""
    fixed_in: str = ""
    title: str = ""
    severity: VulnerabilitySeverity
    rated_by: str
    score: Quantity
    route: VulnerabilityRoute
    since: Quantity
    gone: Quantity | None = None
    reachable: bool | None = None
    exploited: bool = False
    items: tuple[str, ...] = ()
    becomes: str = ""

    @property
    def name(self) -> str:
        """As a report speaks of it: "CVE-2025-1 in imaging 9.1"."""
        return f"{self.id} in {f'{self.package} {self.installed}'.strip()}"

    @property
    def rating(self) -> str:
        """How grave it is and who says so: "high (CVSS 3.1)"."""
        return f"{self.severity} ({self.rated_by})"


class SeverityCount(Frozen):
    """How many vulnerabilities of one severity are still listed."""

    severity: VulnerabilitySeverity
    count: Quantity


class SecurityReview(Frozen):
    """What the newest scans list, and what they no longer do.

    Attributes:
        scanned: when the newest scan was.
        total: how many vulnerabilities are still listed.
        listed: the gravest first.
        patched: those that a re-scan in the window no longer lists.
    """

    scanned: Quantity = NOT_SCANNED
    total: Quantity = NOT_SCANNED
    counts: tuple[SeverityCount, ...] = ()
    listed: Listing[Vulnerability] = Listing[Vulnerability](reason=NO_SCANS)
    patched: Listing[Vulnerability] = Listing[Vulnerability](reason=NO_SCANS)
    notes: tuple[Sentence, ...] = ()

    def routed(self, route: VulnerabilityRoute) -> tuple[Vulnerability, ...]:
        """The listed ones that go this way."""
        return tuple(found for found in self.listed.items if found.route == route)
