"""The action items that follow from an incident, by rule from what was found.

Every item answers one finding and names it: a resource that no alert watches, a dimension that the load test
did not reach, a change that no check caught, a clock that was missed. Owners are parties of the roster; due
dates count from the day of detection, sooner the graver the incident.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from postlaunch.facts import Fact
from postlaunch.printing import value_text
from postlaunch.reports.health import Severity
from postlaunch.reports.incident_parts import ActionLine, Clock
from postlaunch.reports.judged import Sentence, said
from postlaunch.roster import Roster
from postlaunch.tools.incident_case import Case, first_of
from postlaunch.tools.incident_causes import Findings
from postlaunch.tools.incident_evidence import ending_changes
from postlaunch.tools.incident_missed import LoadGap, error_rule, load_gaps, rule_on
from postlaunch.tools.incident_resources import RESOURCES
from postlaunch.tools.incident_signatures import RESOURCE_NAMES
from postlaunch.tools.incident_used_up import resource_seen

Urgency = Literal["alert", "repair", "test", "review"]
URGENCIES: tuple[Urgency, ...] = ("alert", "repair", "test", "review")

MONITORING, DEVOPS = "monitoring-specialist", "devops-cicd-expert"
PERFORMANCE, DATABASE = "performance-optimizer", "database-architect"
BACKEND, TESTING = "django-backend-expert", "testing-expert"
RESPONDER, RELEASE, SECURITY = "incident-responder", "release-manager", "security-expert"

SIZED_BY = {"pool": DATABASE, "disk": DATABASE, "memory": PERFORMANCE, "cpu": PERFORMANCE}
"""Who reviews how large a resource must be."""

SOURCES = {
    "requests": "requests",
    "pool": "resources of the pods",
    "logs": "application log",
    "changes": "changes",
    "alerts": "alerts",
}
"""Sources without which a cause may stay hidden: what is asked of each, and its name for a person."""


@dataclass(frozen=True)
class Item:
    """One thing to be done."""

    key: str
    owner: str
    action: str
    urgency: Urgency
    because: Sentence


def action_items(
    case: Case,
    findings: Findings,
    clocks: Sequence[Clock],
    severity: Severity,
    detected: date,
) -> tuple[ActionLine, ...]:
    """Every item that a rule asks for, the earliest due first."""
    roster, days = Roster.from_settings(case.settings), case.settings.incidents.due_days[severity]
    lines = [
        ActionLine(
            key=item.key,
            owner=roster.resolve(item.owner).name,
            action=Sentence(text=item.action, facts=()),
            due=detected + timedelta(days=days[URGENCIES.index(item.urgency)]),
            because=item.because,
        )
        for item in _items(case, findings, clocks)
    ]
    once: dict[str, ActionLine] = {}
    for line in lines:
        once.setdefault(line.key, line)
    return tuple(sorted(once.values(), key=lambda line: line.due))


def _items(case: Case, findings: Findings, clocks: Sequence[Clock]) -> Iterator[Item]:
    if case.span is None:
        yield from _unconfirmed(case)
        return
    name = findings.root.name
    if name in RESOURCES:
        yield from _resource_items(case, name)
    yield from _mechanism_items(case, findings)
    yield from _change_items(findings)
    yield from _load_items(case)
    yield from _detection_items(case, clocks)
    if findings.cause is None:
        yield from _inconclusive(case, findings)


# --- the cause --------------------------------------------------------------------------------------------


def _resource_items(case: Case, resource: str) -> Iterator[Item]:
    name, at = RESOURCE_NAMES[resource], value_text(case.settings.incidents.alert_at, "ratio")
    used = _used(case, resource)
    measured = resource_seen(case, resource) is not None
    if not measured:
        why = Sentence(text=f"nothing measures {name} against its limit")
        yield Item(f"metric/{resource}", DEVOPS, f"Add a metric of {name} and its limit", "repair", why)
    rule = rule_on(case.launch, resource) if case.launch else None
    if rule is None:
        told = "no alert watches it" if case.launch else "the alert rules are not known"
        why = used.model_copy(update={"text": f"{used.text}; {told}"})
        yield Item(f"alert/{resource}", MONITORING, f"Add an alert for {name} above {at}", "alert", why)
    for seen in ending_changes(case):
        if seen.change.before and seen.change.after and seen.change.kind == "configuration":
            why = said("changed by hand at {at} while requests failed", at=seen.fact)
            yield Item(
                f"keep/{resource}",
                DEVOPS,
                f"Carry “{seen.title}” into the deployed configuration, and show {name} on the dashboards",
                "repair",
                why,
            )
            break
    yield Item(f"sizing/{resource}", SIZED_BY[resource], f"Review the sizing of {name}", "review", used)


def _used(case: Case, resource: str) -> Sentence:
    seen = resource_seen(case, resource)
    if seen is None or not seen.full:
        return Sentence(text=f"{RESOURCE_NAMES[resource]} was the root cause")
    return said("{share} of it was used in {share.entity}", share=seen.full[0])


BY_CAUSE: Mapping[str, tuple[tuple[str, str, str, Urgency], ...]] = {
    "dependency": (
        ("dependency", BACKEND, "Give calls to what did not answer a time-out and a fallback", "repair"),
        ("alert/dependency", MONITORING, "Add an alert for calls that are not answered", "alert"),
    ),
    "code": (
        ("code", BACKEND, "Mend the error{on}", "repair"),
        ("regression", TESTING, "Add a test that fails on the error{on}", "test"),
    ),
    "certificate": (
        ("expiry", DEVOPS, "Renew certificates and credentials before they expire", "repair"),
        ("alert/expiry", MONITORING, "Add an alert 30 days before one expires", "alert"),
        ("secrets", SECURITY, "Review where certificates and credentials are kept", "review"),
    ),
    "server_connections": (
        (
            "connections",
            DATABASE,
            "Review how many connections the database allows, and to whom",
            "review",
        ),
        ("alert/connections", MONITORING, "Add an alert for the database's connections", "alert"),
    ),
    "orchestration": (
        ("pods", DEVOPS, "Find out why pods could not be started or kept running", "repair"),
        ("alert/pods", MONITORING, "Add an alert for pods that are not ready", "alert"),
    ),
    "permissions": (
        ("permissions", DEVOPS, "Put the rights right, and keep them with the deployment", "repair"),
        ("permissions/review", SECURITY, "Review who may do what", "review"),
    ),
    "locks": (("locks", DATABASE, "Review the transactions that lock one another", "review"),),
    "descriptors": (("descriptors", DEVOPS, "Review the limits of files, threads and workers", "repair"),),
    "pod": (
        ("pods", DEVOPS, "Find out why it happened: {cause}", "repair"),
        ("alert/pods", MONITORING, "Add an alert for pods that restart or fail alone", "alert"),
    ),
    "traffic": (("capacity", PERFORMANCE, "Plan capacity for peaks like this one", "review"),),
    "maintenance": (("maintenance", DEVOPS, "Make planned work without failing requests", "review"),),
}
"""Kind of cause → key, owner, action, urgency of what follows; resources and changes have their own."""

LIKE = {
    "rate_limit": "dependency",
    "schema": "code",
    "configuration": "code",
    "endpoint": "code",
    "credentials": "certificate",
    "instances": "pod",
}
"""Kinds of causes that ask for what another kind does."""


def _mechanism_items(case: Case, findings: Findings) -> Iterator[Item]:
    cause = findings.cause
    if cause is None or not cause.supports:
        return
    where = _first_endpoint(case)
    words = {"on": f" in {where.entity}" if where else "", "cause": cause.title}
    for key, owner, action, urgency in BY_CAUSE.get(LIKE.get(cause.name, cause.name), ()):
        yield Item(key, owner, _filled(action, words), urgency, cause.supports[0].sentence)


def _filled(template: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        template = template.replace(f"{{{name}}}", word)
    return template


def _first_endpoint(case: Case) -> Fact | None:
    endpoints = case.facts("endpoints", "endpoint_errors")
    return endpoints[0] if endpoints else None


def _change_items(findings: Findings) -> Iterator[Item]:
    """A change that caused it, or that is shown to have set it off."""
    changes = [
        one for one in (findings.cause, *findings.triggers) if one is not None and one.name == "change"
    ]
    shown = [one for one in changes if one is findings.cause or len(one.sources) > 1]
    for change in shown[:1]:
        why = change.supports[0].sentence
        yield Item("pipeline", DEVOPS, f"Add a check before the next one: {change.title}", "repair", why)
        yield Item("change/test", TESTING, "Add a test that fails on this change", "test", why)
        yield Item("rollback", RELEASE, "Review how fast it could be rolled back", "review", why)


def _load_items(case: Case) -> Iterator[Item]:
    missed = [gap for gap in load_gaps(case) if gap.missed]
    if not missed:
        return
    what = listed([gap.dimension for gap in missed])
    yield Item(
        "load-test",
        PERFORMANCE,
        f"Load test with as many {what} as came here",
        "test",
        _first_gap(missed),
    )


def _first_gap(gaps: Sequence[LoadGap]) -> Sentence:
    return gaps[0].sentence


# --- the response -----------------------------------------------------------------------------------------


def _detection_items(case: Case, clocks: Sequence[Clock]) -> Iterator[Item]:
    failed = case.fact("span", "incident_failed_requests")
    if failed is not None and case.looked("alerts") and first_of(case.alerts, "fired") is None:
        why = said("{failed} requests failed and no alert fired", failed=failed)
        yield Item("alert/errors", MONITORING, "Add an alert for failures like these", "alert", why)
    rule, peak = (
        error_rule(case.launch) if case.launch else None,
        case.fact("span", "incident_peak_error_rate"),
    )
    if rule is not None and rule.threshold is not None and peak is not None and peak.value <= rule.threshold:
        why = said("at worst {peak} of the requests failed, below its threshold", peak=peak)
        yield Item("threshold", MONITORING, f"Lower the threshold of {rule.name}", "alert", why)
    by_name = {clock.name: clock for clock in clocks}
    late = by_name.get("detect")
    if late is not None and late.verdict == "missed":
        yield Item("detect", MONITORING, "Let alerts on failing requests fire sooner", "alert", late.because)
    answer = by_name.get("acknowledge")
    if answer is not None and answer.verdict == "missed":
        yield Item("paging", "team", "Review who is paged and how", "repair", answer.because)
    if case.looked("alerts") and case.alerts and answer is not None and answer.verdict == "not recorded":
        yield Item("records", RESPONDER, "Record who answers, and when", "review", answer.because)
    fired = first_of(case.alerts, "fired")
    if fired is not None and case.launch is not None and runbook_of(case) is None:
        why = said("{name} fired at {at}, and no runbook names it", name=fired.name, at=fired.fact)
        yield Item("runbook", RESPONDER, f"Write a runbook for {fired.name}", "review", why)


def runbook_of(case: Case) -> int | None:
    """The place, in the launch record, of the runbook for the first alert that fired; None: there is none."""
    fired = first_of(case.alerts, "fired")
    if case.launch is None or fired is None:
        return None
    names = {fired.record.rule.casefold(), fired.record.alert.casefold()} - {""}
    for place, runbook in enumerate(case.launch.runbooks):
        if runbook.alert.casefold() in names:
            return place
    return None


def _inconclusive(case: Case, findings: Findings) -> Iterator[Item]:
    blind = [name for asked, name in SOURCES.items() if not case.looked(asked)]
    if blind:
        why = Sentence(text=f"the cause is inconclusive, and nothing was seen of: {', '.join(blind)}")
        yield Item("sources", MONITORING, f"Connect what was not seen: {', '.join(blind)}", "repair", why)
    yield Item("cause", RESPONDER, "Go on looking for the root cause", "repair", findings.root.because)


def _unconfirmed(case: Case) -> Iterator[Item]:
    reported = case.reported.trigger if case.reported.trigger != "question" else "question"
    if reported == "question":
        return
    what = {"alert": "the alert", "user_report": "the user", "finding": "the finding"}[reported]
    why = Sentence(text="no request failed beyond the usual around the time reported")
    yield Item(
        "confirm", MONITORING, f"Find out what {what} saw that the requests do not show", "repair", why
    )


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
