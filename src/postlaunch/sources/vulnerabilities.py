"""The source "vulnerabilities": what dependency scans found, scan by scan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from postlaunch.errors import SourceError, UsageError
from postlaunch.facts import Frozen, digest_of
from postlaunch.settings import Settings
from postlaunch.sources.columns import Aliases, CellError, flag_of
from postlaunch.sources.record_rows import Cells, RowKind, naming, read_rows
from postlaunch.sources.scan_documents import flat_scan
from postlaunch.sources.tables import RejectedRow, read_table
from postlaunch.windows import Clock, Moment, system_clock

SOURCE = "vulnerabilities"

ALIASES: Aliases = {
    "id": (
        "id", "cve", "cve_id", "vulnerability_id", "VulnerabilityID", "vulnerability", "advisory",
        "advisory_id", "vulnerability.id", "ghsa",
    ),
    "package": (
        "package", "PkgName", "package_name", "package.name", "dependency", "module", "module_name",
        "artifact.name", "component", "library",
    ),
    "installed": (
        "installed", "InstalledVersion", "installed_version", "version", "package.version",
        "artifact.version", "current_version",
    ),
    "fixed_in": (
        "fixed_in", "FixedVersion", "fixed_version", "fix_versions", "fix_version", "patched_versions",
        "vulnerability.fix.versions", "first_patched_version",
    ),
    "severity": ("severity", "database_specific.severity", "vulnerability.severity", "level", "rating"),
    "vector": (
        "vector", "cvss_vector", "CVSS.nvd.V40Vector", "CVSS.ghsa.V40Vector", "CVSS.nvd.V3Vector",
        "CVSS.ghsa.V3Vector", "CVSS.redhat.V3Vector", "cvss_v3_vector", "vector_string", "cvss",
    ),
    "title": ("title", "summary", "name", "description", "details", "vulnerability.description"),
    "scanned_at": (
        "scanned_at", "scan_date", "scan_time", "CreatedAt", "created_at", "timestamp", "time", "date",
    ),
    "reachable": ("reachable", "reachability", "is_reachable", "called"),
    "exploited": ("exploited", "known_exploited", "kev", "in_kev", "exploit_known"),
}  # fmt: skip


class Finding(Frozen):
    """A vulnerable dependency, as one scan found it.

    Attributes:
        id: "CVE-…" where the scanner names one, else its own name of the advisory.
        fixed_in: the first version without it, or several; empty: none is known.
        severity: the scanner's own word, in lower case; empty where it gives none.
        vector: CVSS 3.1 or 4.0, as written; empty where there is none.
        reachable: whether the application calls what is vulnerable; None: nobody looked.
        exploited: it is known to be used in attacks.
    """

    id: str
    package: str
    installed: str = ""
    fixed_in: str = ""
    severity: str = ""
    vector: str = ""
    title: str = ""
    scanned_at: Moment
    reachable: bool | None = None
    exploited: bool = False


class CleanPackage(Frozen):
    """A dependency in which a scan found nothing."""

    package: str
    installed: str = ""
    scanned_at: Moment


@dataclass(frozen=True)
class ScanTable:
    """The findings of one file, oldest scan first, then in the file's order.

    Attributes:
        clean: dependencies that a scan looked at and found nothing in.
        scans: when the scans were, oldest first.
        rejected: rows that hold no finding, with their reasons.
        notes: what a reader must know of how the file was read.
        zone: IANA name of the zone in which moments without one were read.
    """

    fingerprint: str
    findings: tuple[Finding, ...]
    clean: tuple[CleanPackage, ...] = ()
    scans: tuple[Moment, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()
    notes: tuple[str, ...] = ()
    zone: str = "UTC"
    path: str = ""
    name: str = SOURCE

    def listed(self, at: datetime | None = None) -> tuple[Finding, ...]:
        """What was still found: the findings of each package's newest scan.

        Args:
            at: scans before this moment count; None: all.
        """
        looked_at: tuple[Finding | CleanPackage, ...] = (*self.findings, *self.clean)
        rows = [row for row in looked_at if at is None or row.scanned_at < at]
        newest: dict[str, datetime] = {}
        for row in rows:
            newest[row.package] = max(row.scanned_at, newest.get(row.package, row.scanned_at))
        return tuple(
            row for row in rows if isinstance(row, Finding) and row.scanned_at == newest[row.package]
        )


KIND = RowKind(
    source=SOURCE,
    noun="finding of a scan",
    aliases=ALIASES,
    required=(("id",), ("package",)),
    example='id = "Advisory"',
)


def open_vulnerabilities(settings: Settings, clock: Clock = system_clock) -> ScanTable:
    """Read the findings that the settings name: flat records, or the JSON report of pip-audit or Trivy.

    Args:
        clock: scans dated more than a day after it are set aside.

    Raises:
        UsageError: the settings name none.
        SourceError: the file cannot be read, or it has rows and none is a finding.
    """
    source = settings.sources.vulnerabilities
    if source is None:
        raise UsageError(
            "no source of vulnerabilities is configured", "add [sources.vulnerabilities] to postlaunch.toml"
        )
    table = read_table(settings.path(source.path), SOURCE, may_be_empty=True, layout=flat_scan)
    dated = _date_of(table.path)
    read = read_rows(settings, source, KIND, table, partial(_row, dated), clock, dates=("scanned_at",))
    fingerprint, notes = read.fingerprint, read.notes
    if read.rows and "scanned_at" not in read.columns.of:
        notes += (
            f"{table.path.name} does not say when the scan was; the file is dated {dated:%Y-%m-%d %H:%M} UTC",
        )
        fingerprint = digest_of([fingerprint, dated.isoformat()])
    findings = tuple(row for row in read.rows if isinstance(row, Finding))
    clean = tuple(row for row in read.rows if isinstance(row, CleanPackage))
    return ScanTable(
        fingerprint=fingerprint,
        findings=tuple(sorted(findings, key=lambda finding: finding.scanned_at)),
        clean=tuple(sorted(clean, key=lambda package: package.scanned_at)),
        scans=tuple(sorted({row.scanned_at for row in read.rows})),
        rejected=read.rejected,
        notes=notes,
        zone=read.zone,
        path=str(table.path),
    )


def _date_of(path: Path) -> datetime:
    """When a file was last written, which is when the scan was if nothing in the file says so."""
    try:
        return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    except OSError as error:
        raise SourceError(
            f"{path}: {error.strerror or error}", f"check [sources.{SOURCE}] path", source=SOURCE
        ) from error


def _row(dated: datetime, cells: Cells) -> Finding | CleanPackage:
    package = cells.line("package", 200)
    if not package:
        raise CellError("package: it is not named")
    at = cells.moment("scanned_at") if "scanned_at" in cells.columns.of else dated
    installed = cells.line("installed", 100)
    name = cells.line("id", 100)
    if not name:
        return CleanPackage(package=package, installed=installed, scanned_at=at)
    with naming("reachable"):
        reachable = None if cells.empty("reachable") else flag_of(cells.cell("reachable"))
    with naming("exploited"):
        exploited = flag_of(cells.cell("exploited"))
    return Finding(
        id=name,
        package=package,
        installed=installed,
        fixed_in=", ".join(cells.texts("fixed_in")),
        severity=cells.line("severity", 60).casefold(),
        vector=_vector(cells),
        title=cells.line("title"),
        scanned_at=at,
        reachable=reachable,
        exploited=exploited,
    )


def _vector(cells: Cells) -> str:
    """A vector as written; a bare score is none."""
    written = cells.line("vector", 300)
    return written if "/" in written else ""
