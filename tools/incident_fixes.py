"""What keeps an incident from coming back, by rule from its cause; whether code must be changed at once."""

from __future__ import annotations

from collections.abc import Sequence

from postlaunch.printing import value_text
from postlaunch.reports.health import Severity
from postlaunch.reports.incident_parts import Hotfix, HotfixStep, LongTermFix
from postlaunch.reports.judged import Sentence, said
from postlaunch.sources.candidate_items import CandidateItem
from postlaunch.tools.addressing import addressing
from postlaunch.tools.incident_actions import (
    BACKEND,
    DEVOPS,
    MONITORING,
    RELEASE,
    RESPONDER,
    SECURITY,
    TESTING,
    listed,
)
from postlaunch.tools.incident_case import Case
from postlaunch.tools.incident_causes import Findings
from postlaunch.tools.incident_evidence import ending_changes
from postlaunch.tools.incident_missed import load_gaps
from postlaunch.tools.incident_resources import RESOURCES
from postlaunch.tools.incident_signatures import RESOURCE_NAMES

PRACTICES = {
    "pool": "Size the connection pool by the measured peak, and give waiting for a connection a short limit",
    "server_connections": "Share connections between pods, within what the database allows",
    "orchestration": "Check before a deployment that pods can start: image, quota, probes",
    "permissions": "Keep rights with the deployment, and test for them",
    "memory": "Find what holds the memory, and size the limit by the measured peak",
    "cpu": "Move heavy work out of the requests, and scale by CPU",
    "disk": "Delete or move what fills the disk, and size it by its growth",
    "dependency": "Answer without what does not answer: time-out, retry with a limit, fallback",
    "rate_limit": "Stay below the limit of what is called: cache, batch, queue",
    "certificate": "Renew certificates automatically",
    "credentials": "Rotate credentials automatically",
    "locks": "Shorten the transactions that lock one another",
    "schema": "Deploy schema and code so that each fits the other's last version",
    "code": "Mend the error and test for it",
    "configuration": "Check the configuration when the application starts",
    "descriptors": "Raise the limit, and close what is opened",
    "change": "Deploy step by step, and roll back by itself when requests fail",
    "pod": "Take a pod that fails alone out of traffic by itself",
    "instances": "Run enough pods that one may go away",
    "traffic": "Scale with the requests, and limit what comes at once",
    "endpoint": "Mend the endpoint and test for what failed",
    "maintenance": "Drain traffic before planned work",
}
"""What keeps each kind of cause from coming back."""


def long_term_fixes(case: Case, findings: Findings, incident: str) -> tuple[LongTermFix, ...]:
    """What keeps it from coming back: items already declared for it, and the practice for its cause."""
    cause = findings.cause
    if cause is None:
        return ()
    why = Sentence(text=f"root cause: {cause.title}")
    words = " ".join([cause.title, *(support.sentence.text for support in cause.supports)])
    named = [cause.name, cause.title, RESOURCE_NAMES.get(cause.name, "")]
    declared = set(addressing(case.candidates, [incident, *named], words))
    fixes = [_declared(item, why) for item in case.candidates if item.id in declared]
    for errors in case.facts("endpoints", "endpoint_errors")[:1]:
        most = said("most failures were of {it.entity}: {it}", it=errors)
        meant = set(addressing(case.candidates, [errors.entity])) - declared
        fixes += [_declared(item, most) for item in case.candidates if item.id in meant]
    asked = []
    if cause.name in PRACTICES:
        asked.append(LongTermFix(action=Sentence(text=PRACTICES[cause.name]), because=why))
    if cause.name in RESOURCES:
        name = RESOURCE_NAMES[cause.name]
        at = value_text(case.settings.incidents.alert_at, "ratio")
        asked.append(
            LongTermFix(action=Sentence(text=f"Watch {name}, with an alert above {at}"), because=why)
        )
    for fix in asked:
        fixes = _merged(fixes, fix, case.candidates, named)
    missed = [gap for gap in load_gaps(case) if gap.missed]
    if missed:
        text = f"Load test with as many {listed([gap.dimension for gap in missed])} as came here"
        fixes.append(LongTermFix(action=Sentence(text=text), because=missed[0].sentence))
    return tuple(fixes)


def _merged(
    fixes: Sequence[LongTermFix], asked: LongTermFix, items: Sequence[CandidateItem], named: Sequence[str]
) -> list[LongTermFix]:
    """The fixes with one more that a rule asks for: within the first declared item whose addresses or
    keywords cover it, else on its own.
    """
    listed_already = {fix.candidate for fix in fixes}
    stated = [
        item.model_copy(update={"addresses": (*item.addresses, *item.keywords)})
        for item in items
        if item.id in listed_already
    ]
    covering = addressing(stated, named, asked.action.text)[:1]
    if not covering:
        return [*fixes, asked]
    return [
        fix.model_copy(update={"includes": (*fix.includes, asked.action)})
        if fix.candidate == covering[0]
        else fix
        for fix in fixes
    ]


def _declared(item: CandidateItem, because: Sentence) -> LongTermFix:
    return LongTermFix(action=Sentence(text=item.title), because=because, candidate=item.id)


def release_of(case: Case) -> str:
    """The release that long-term fixes are planned for: the settings', else the next the launch names."""
    if case.settings.incidents.next_release:
        return case.settings.incidents.next_release
    issues = case.launch.known_issues if case.launch else ()
    return next((issue.planned_for for issue in issues if issue.planned_for), "")


HOTFIX_STEPS = (
    HotfixStep(owner=RESPONDER, step="state the bug and its impact"),
    HotfixStep(owner=DEVOPS, step="create the hotfix branch"),
    HotfixStep(owner=BACKEND, step="make the smallest fix, within two hours"),
    HotfixStep(owner=SECURITY, step="check it, on the fast track"),
    HotfixStep(owner=TESTING, step="test it, on the fast track"),
    HotfixStep(owner=RELEASE, step="deploy it, after a person approved"),
    HotfixStep(owner=MONITORING, step="watch closely"),
    HotfixStep(owner=RESPONDER, step="write the post-mortem"),
)


def hotfix(case: Case, findings: Findings, severity: Severity, *, resolved: bool) -> Hotfix:
    """Whether code must be changed at once: while a grave incident goes on, or where its cause is code that
    nothing has undone.
    """
    in_code = findings.root.name in ("code", "schema", "endpoint")
    if case.span is None:
        return Hotfix(needed=False, because=Sentence(text="nothing is confirmed"))
    if resolved and not in_code:
        return Hotfix(needed=False, because=Sentence(text="resolved without one"))
    if resolved and any(seen.change.kind in ("rollback", "deployment") for seen in ending_changes(case)):
        return Hotfix(needed=False, because=Sentence(text="ended by a deployment or a rollback"))
    if in_code:
        why = Sentence(text=f"the cause is in the code: {findings.root.title}")
        return Hotfix(needed=True, because=why, steps=HOTFIX_STEPS)
    if severity in ("SEV-1", "SEV-2"):
        why = Sentence(text=f"{severity} and not over: unless a rollback or a setting ends it sooner")
        return Hotfix(needed=True, because=why, steps=HOTFIX_STEPS)
    return Hotfix(needed=False, because=Sentence(text=f"{severity}: the next release will do"))
