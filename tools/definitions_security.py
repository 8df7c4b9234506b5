"""What the figures about vulnerable dependencies mean."""

from __future__ import annotations

from postlaunch.facts import Definition

OPEN_VULNERABILITIES = Definition(
    name="open_vulnerabilities",
    title="Open vulnerabilities",
    statement="vulnerabilities, each once a package, that the newest scan of their package before the "
    "window's end still lists",
    unit="count",
    better="lower",
)
VULNERABILITIES_OF_SEVERITY = Definition(
    name="vulnerabilities_of_severity",
    title="Open vulnerabilities of a severity",
    statement="open vulnerabilities whose severity is the entity: by CVSS, else as the scanner says",
    unit="count",
    better="lower",
)
PATCHED_VULNERABILITIES = Definition(
    name="patched_vulnerabilities",
    title="Patched vulnerabilities",
    statement="vulnerabilities that a re-scan of their package in the window was the first not to list, and "
    "that are not open",
    unit="count",
    better="higher",
)
VULNERABILITY_SCORE = Definition(
    name="vulnerability_score",
    title="CVSS score",
    statement="base score of the CVSS 3 vector, or score of the CVSS 4.0 vector, that the scan gives",
    unit="number",
    better="lower",
)
LISTED_SINCE = Definition(
    name="vulnerability_listed_since",
    title="Listed since",
    statement="the first scan since which every scan of the package lists it",
    unit="moment",
)
PATCHED_AT = Definition(
    name="vulnerability_patched_at",
    title="No longer listed",
    statement="the first scan of the package after the last that lists it",
    unit="moment",
)
NEWEST_SCAN = Definition(
    name="newest_scan",
    title="Newest scan",
    statement="the newest scan of any package before the window's end",
    unit="moment",
)
