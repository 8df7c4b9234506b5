"""Reports of dependency scanners that nest their findings, laid out as flat records."""

from __future__ import annotations

from collections.abc import Iterator

Fields = dict[str, object]


def flat_scan(document: object) -> object:
    """The records of a pip-audit or Trivy report; every other document as it is.

    A dependency without a finding stays, as a record with an empty id: it was looked at.
    """
    if not isinstance(document, dict):
        return document
    if isinstance(document.get("dependencies"), list):
        return list(_pip_audit(document))
    if isinstance(document.get("Results"), list):
        return list(_trivy(document))
    return document


def _objects(value: object) -> Iterator[Fields]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _pip_audit(document: Fields) -> Iterator[Fields]:
    """{"dependencies": [{"name", "version", "vulns": [{"id", "aliases", "fix_versions", ...}]}]}"""
    when = _when(document, "scanned_at", "created_at", "timestamp")
    for dependency in _objects(document["dependencies"]):
        if "skip_reason" in dependency:
            continue
        package = {**when, "package": dependency.get("name"), "installed": dependency.get("version")}
        vulns = list(_objects(dependency.get("vulns")))
        if not vulns:
            yield {**package, "id": ""}
        for found in vulns:
            rest = {key: value for key, value in found.items() if key not in ("aliases", "name", "version")}
            yield {**package, **rest, "id": _cve(found)}


def _cve(found: Fields) -> object:
    """The CVE among a finding's names, else the scanner's own."""
    aliases = found.get("aliases")
    names = [found.get("id"), *(aliases if isinstance(aliases, list) else ())]
    return next((name for name in names if str(name).startswith("CVE-")), found.get("id"))


def _trivy(document: Fields) -> Iterator[Fields]:
    """{"CreatedAt", "Results": [{"Vulnerabilities": [{"VulnerabilityID", "PkgName", ...}], "Packages"}]}"""
    when = _when(document, "CreatedAt")
    for result in _objects(document["Results"]):
        found = list(_objects(result.get("Vulnerabilities")))
        hit = {item.get("PkgName") for item in found}
        for package in _objects(result.get("Packages")):
            if package.get("Name") not in hit:
                clean = {"id": "", "package": package.get("Name"), "installed": package.get("Version")}
                yield {**when, **clean}
        for item in found:
            yield {
                **when,
                "id": item.get("VulnerabilityID"),
                "package": item.get("PkgName"),
                "installed": item.get("InstalledVersion"),
                **{key: value for key, value in item.items() if key in ("FixedVersion", "Severity", "CVSS")},
                "title": item.get("Title") or item.get("Description"),
            }


def _when(document: Fields, *keys: str) -> Fields:
    """When the scan was, where the report says so."""
    return next(({"scanned_at": document[key]} for key in keys if document.get(key)), {})
