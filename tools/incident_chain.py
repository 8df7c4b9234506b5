"""The causal chain of an incident, in sentences: what set it off, what gave way, what users saw."""

from __future__ import annotations

from collections.abc import Sequence

from postlaunch.facts import Fact
from postlaunch.printing import value_text
from postlaunch.reports.judged import NEEDS_A_MODEL, Sentence, said
from postlaunch.tools.definitions_incidents import RESOURCE_FIGURES
from postlaunch.tools.incident_case import Case
from postlaunch.tools.incident_evidence import Candidate, joined, lines_said, telling_lines
from postlaunch.tools.incident_resources import RESOURCES
from postlaunch.tools.incident_signatures import RESOURCE_NAMES
from postlaunch.tools.incident_used_up import resource_seen

MOST_STATUSES = 3


def causal_chain(
    case: Case,
    cause: Candidate | None,
    triggers: Sequence[Candidate],
    places: Sequence[Candidate],
    suspects: Sequence[Candidate] = (),
) -> tuple[Sentence, ...]:
    """From what set it off to what users saw; without a cause, what would have to be found out.

    Args:
        suspects: changes just before, of which nothing shows that they are connected with it.
    """
    if cause is None:
        return (Sentence(text=f"what gave way is not known: {NEEDS_A_MODEL}"),)
    return (
        *(_step(trigger) for trigger in triggers),
        *(_suspected(suspect) for suspect in suspects),
        *_mechanism(case, cause),
        *(_step(place) for place in places),
        *_effect(case),
    )


def _step(candidate: Candidate) -> Sentence:
    """A candidate as a step of the chain: what it was, and what shows it."""
    shown = joined([support.sentence for support in candidate.supports], "; ")
    return shown.model_copy(update={"text": f"{candidate.title}: {shown.text}"})


def _suspected(candidate: Candidate) -> Sentence:
    step = _step(candidate)
    return step.model_copy(update={"text": f"{step.text} (nothing shows whether it is connected)"})


def _mechanism(case: Case, cause: Candidate) -> tuple[Sentence, ...]:
    steps = [support.sentence for support in cause.supports if support.source in ("resources", "logs")]
    if not steps:
        steps = [support.sentence for support in cause.supports[:2]]
    first = steps[0].model_copy(update={"text": f"{cause.title}: {steps[0].text}"})
    needed = _needed(case, cause.name)
    later = [step.model_copy(update={"text": f"Logged: {step.text}"}) for step in steps[1:]]
    return (first, *((needed,) if needed else ()), *later)


def _needed(case: Case, resource: str) -> Sentence | None:
    """How much was used once the limit was raised: what had been wanted all along."""
    if resource not in RESOURCES:
        return None
    figures, seen = RESOURCE_FIGURES[resource], resource_seen(case, resource)
    afterwards = f"{resource}_after"
    limits = {fact.entity: fact for fact in case.facts(afterwards, figures.limit.name)}
    peaks = [
        peak
        for peak in case.facts(afterwards, figures.peak.name)
        if (limit := limits.get(peak.entity))
        and _limit_before(case, figures.limit.name, resource, peak) < limit.value
    ]
    if seen is None or not peaks:
        return None
    most = max(peaks, key=lambda fact: fact.value)
    before = _limit_before(case, figures.limit.name, resource, most)
    if most.value <= before:
        return None
    return said(
        "With a higher limit {name} was used up to {most} in {most.entity}, beyond the {before} before",
        most=most,
        name=RESOURCE_NAMES[resource],
        before=value_text(before, most.unit),
    )


def _limit_before(case: Case, name: str, resource: str, peak: Fact) -> float:
    limit = case.fact(resource, name, peak.entity)
    if limit is None:
        return float("inf")
    return limit.baseline if limit.baseline is not None else limit.value


def _effect(case: Case) -> tuple[Sentence, ...]:
    symptom = symptom_of(case)
    return symptom[:1]


def symptom_of(case: Case) -> tuple[Sentence, ...]:
    """What users saw: how many requests failed, with which answers, and what the log said meanwhile."""
    failed, requests = case.fact("span", "incident_failed_requests"), case.fact("span", "incident_requests")
    if failed is None or requests is None:
        return ()
    statuses = [fact for fact in case.facts("statuses", "status_count") if fact.entity.startswith("5")]
    named = statuses[:MOST_STATUSES]
    kinds = ", ".join(f"{fact.entity} ({value_text(fact.value, 'count')})" for fact in named)
    seen = said("{failed} of {requests} requests failed", failed=failed, requests=requests)
    if named:
        answered = Sentence(text=f" with {kinds}", facts=tuple(fact.id for fact in named))
        seen = joined([seen, answered])
    endpoints = case.facts("endpoints", "endpoint_errors")[:MOST_STATUSES]
    where = (
        (
            Sentence(
                text="most on "
                + ", ".join(f"{fact.entity} ({value_text(fact.value, 'count')})" for fact in endpoints),
                facts=tuple(fact.id for fact in endpoints),
            ),
        )
        if endpoints
        else ()
    )
    lines = [fact for facts in telling_lines(case).values() for fact in facts]
    said_meanwhile: tuple[Sentence, ...] = ()
    if lines:
        told = lines_said(lines)
        said_meanwhile = (Sentence(text=f"the log had {told.text}", facts=told.facts),)
    return (seen, *where, *said_meanwhile)
