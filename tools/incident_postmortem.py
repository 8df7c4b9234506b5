"""What went well and what could be improved, by rule: from clocks, milestones, load and alerts. Blameless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postlaunch.facts import Assumed, Measured
from postlaunch.printing import value_text
from postlaunch.reports.incident_parts import Allowance, Clock, Milestone, PostMortem
from postlaunch.reports.judged import Sentence, said
from postlaunch.tools.incident_actions import listed, runbook_of
from postlaunch.tools.incident_case import Case, first_of, minutes_between
from postlaunch.tools.incident_causes import Findings
from postlaunch.tools.incident_missed import load_gaps, rule_on
from postlaunch.tools.incident_resources import RESOURCES
from postlaunch.tools.incident_signatures import RESOURCE_NAMES

STEPS = (("root_cause", "Root cause identified", 1), ("fix_applied", "Change applied", 2))
"""Milestones with a time: within which of the escalation's minutes each should come."""


def post_mortem(
    case: Case,
    findings: Findings,
    clocks: Sequence[Clock],
    steps: Sequence[Milestone],
    allowances: Sequence[Allowance],
    detected: Measured | Assumed | None,
) -> PostMortem:
    """Both lists; what a person or a model learns beyond them is left to those."""
    if case.span is None:
        return PostMortem(lessons=(Sentence(text="None: nothing was confirmed"),))
    timed = tuple(_timed(case, steps, detected))
    return PostMortem(
        well=(
            *(clock.because for clock in clocks if clock.verdict == "kept"),
            *(sentence for sentence, good in timed if good),
            *_within(allowances),
        ),
        improve=(
            *(clock.because for clock in clocks if clock.verdict == "missed"),
            *(sentence for sentence, good in timed if not good),
            *_exceeded(allowances),
            *_unseen(case, findings),
            *_unrecorded(case, steps),
        ),
    )


def _timed(
    case: Case, steps: Sequence[Milestone], detected: Measured | Assumed | None
) -> Iterator[tuple[Sentence, bool]]:
    """Milestones that came soon enough after detection, and those that did not."""
    if detected is None:
        return
    for name, title, place in STEPS:
        step = next((step for step in steps if step.name == name), None)
        if step is None or not isinstance(step.at, Measured) or step.at.value < detected.value:
            continue
        took, most = (
            minutes_between(detected, step.at, title),
            case.settings.incidents.escalate_minutes[place],
        )
        told = f"{title} after {value_text(took.value, 'minutes')} ({value_text(most, 'minutes')} allowed)"
        yield Sentence(text=told, facts=(step.at.fact,)), took.value <= most


def _within(allowances: Sequence[Allowance]) -> Iterator[Sentence]:
    kept = [one for one in allowances if one.verdict == "within"]
    if kept and len(kept) == len(allowances):
        ways = listed([f"by {one.by}" for one in kept])
        yield Sentence(text=f"{kept[0].objective} is kept, {ways}")


def _exceeded(allowances: Sequence[Allowance]) -> Iterator[Sentence]:
    for one in allowances:
        if one.verdict == "exceeded":
            text = f"{one.objective} is exceeded by {one.by}: {one.because.text}"
            yield Sentence(text=text, facts=one.because.facts)


def _unseen(case: Case, findings: Findings) -> Iterator[Sentence]:
    """What nobody watched or tried: the resource, the load, the alert."""
    name = findings.root.name
    if name in RESOURCES and case.launch is not None and rule_on(case.launch, name) is None:
        yield Sentence(text=f"No alert watches {RESOURCE_NAMES[name]}")
    missed = [gap.dimension for gap in load_gaps(case) if gap.missed]
    if missed:
        yield Sentence(text=f"The load test did not reach the {listed(missed)} that came")
    fired = first_of(case.alerts, "fired")
    if case.looked("alerts") and fired is None:
        yield Sentence(text="No alert fired")
    if fired is not None and case.launch is not None and runbook_of(case) is None:
        yield said("No runbook names {alert}", alert=fired.name)
    if findings.cause is None:
        yield Sentence(text="The evidence does not name the cause")


def _unrecorded(case: Case, steps: Sequence[Milestone]) -> Iterator[Sentence]:
    missing = [step.title.casefold() for step in steps if not isinstance(step.at, Measured)]
    if missing and case.looked("alerts"):
        yield Sentence(text=f"Not recorded: {', '.join(missing)}")
