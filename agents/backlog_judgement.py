"""What the product-analyst's model may add: groups that ask for the same, and what "done" means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field, JsonValue, ValidationError

from postlaunch.agents.bench import JSON_OBJECT, Assignment, Bench, Document, Findings
from postlaunch.agents.judged_parts import (
    dispute_of,
    evidence_with_cited,
    hypothesis_of,
    provenance_of,
    recommendation_of,
    sentences_of,
)
from postlaunch.agents.judgement import Judgement, Refusal, Short, Template, VerifiedJudgement
from postlaunch.agents.verification import verify_prose
from postlaunch.errors import UsageError
from postlaunch.facts import Frozen
from postlaunch.reports.backlog import BacklogItem, BacklogReport
from postlaunch.tools.feedback_groups import Group, merge_groups

AUTHOR = "written by the model"

REMARKS: Mapping[str, str] = {
    "findings": "finding_remarks",
    "requests": "request_remarks",
    "priorities": "priority_remarks",
    "features": "feature_remarks",
    "competitors": "competition_remarks",
    "security": "security_remarks",
    "scope": "scope_remarks",
}
"""Section of the judgement → field of the report; the headline is the rules' and the model's together."""


class Merge(Frozen):
    """Groups of requests that ask for the same thing."""

    groups: tuple[Short, ...] = Field(min_length=2, max_length=6)


class Criteria(Frozen):
    """What must be true of an item when it is done, in plain words."""

    item: Short
    criteria: tuple[Template, ...] = Field(min_length=1, max_length=4)


class BacklogJudgement(Judgement):
    """The product-analyst's judgement."""

    merges: tuple[Merge, ...] = Field(default=(), max_length=6)
    acceptance: tuple[Criteria, ...] = Field(default=(), max_length=10)


class Extra(Frozen):
    """What stood of it.

    Attributes:
        acceptance: item id → its criteria.
    """

    merges: tuple[tuple[str, ...], ...] = ()
    acceptance: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @classmethod
    def of(cls, extra: Mapping[str, JsonValue]) -> Extra:
        """From `VerifiedJudgement.extra`; nothing where there is none."""
        try:
            return cls.model_validate(extra)
        except ValidationError:
            return cls()


def verify_extra(
    bench: Bench, assignment: Assignment, findings: Findings, judgement: Judgement
) -> tuple[Document, tuple[Refusal, ...]]:
    """Merges that are possible, and criteria of known items that state no number of their own."""
    if not isinstance(judgement, BacklogJudgement):
        return {}, ()
    refusals: list[Refusal] = []
    report = BacklogReport.model_validate(findings.draft)
    extra = Extra(
        merges=_merges(judgement.merges, report, refusals),
        acceptance=_acceptance(judgement.acceptance, report, refusals),
    )
    return JSON_OBJECT.validate_python(extra.model_dump(mode="json")), tuple(refusals)


def _merges(
    merges: Sequence[Merge], report: BacklogReport, refusals: list[Refusal]
) -> tuple[tuple[str, ...], ...]:
    groups = [
        Group(id=request.group, label=request.label, candidate=request.candidate, apart=request.apart)
        for request in report.feature_requests
    ]
    standing: list[tuple[str, ...]] = []
    for merge in merges:
        try:
            merge_groups(groups, [*standing, merge.groups])
        except UsageError as error:
            refusals.append(Refusal(template=", ".join(merge.groups), reasons=(str(error),)))
            continue
        standing.append(tuple(merge.groups))
    return tuple(standing)


def _acceptance(
    written: Sequence[Criteria], report: BacklogReport, refusals: list[Refusal]
) -> dict[str, tuple[str, ...]]:
    standing: dict[str, tuple[str, ...]] = {}
    for criteria in written:
        item = report.item(criteria.item)
        if item is None:
            known = ", ".join(known.id for known in report.items)
            reason = f'there is no item "{criteria.item}": one of {known}'
            refusals.extend(Refusal(template=text, reasons=(reason,)) for text in criteria.criteria)
            continue
        kept = []
        for text in criteria.criteria:
            checked = verify_prose(
                text, declared=declared_text(item), entities=frozenset((item.id, item.title))
            )
            if isinstance(checked, Refusal):
                refusals.append(checked)
            else:
                kept.append(checked.text)
        if kept:
            standing[item.id] = tuple(dict.fromkeys(kept))
    return standing


def declared_text(item: BacklogItem) -> str:
    """The item's own text as people wrote it: its numbers may be repeated."""
    return " ".join(
        (item.title, item.description, item.business_impact, item.success_measure, item.success_target)
    )


def with_judgement(
    draft: BacklogReport, findings: Findings, judged: VerifiedJudgement, extra: Extra
) -> BacklogReport:
    """The draft with everything that stood up to verification, and with who wrote it."""
    known = {fact.id: fact for fact in findings.facts} | draft.evidence.facts
    report = with_acceptance(draft, extra.acceptance).model_copy(
        update={
            "headline": (*draft.headline, *sentences_of(judged, "headline")),
            **{field: sentences_of(judged, section) for section, field in REMARKS.items()},
            "recommendations": (
                *draft.recommendations,
                *map(recommendation_of, judged.recommendations),
            ),
            "hypotheses": tuple(map(hypothesis_of, judged.hypotheses)),
            "disputes": tuple(dispute_of(item, findings.verdicts) for item in judged.disputes),
            "provenance": provenance_of(judged),
        }
    )
    evidence = evidence_with_cited(report, known)
    return BacklogReport.model_validate(report.model_copy(update={"evidence": evidence}).model_dump())


def with_acceptance(report: BacklogReport, acceptance: Mapping[str, tuple[str, ...]]) -> BacklogReport:
    """The report with the model's criteria for the items that declare none."""

    def written(item: BacklogItem) -> BacklogItem:
        criteria = acceptance.get(item.id)
        if not criteria or item.acceptance_criteria:
            return item
        return item.model_copy(update={"acceptance_criteria": criteria, "acceptance_note": AUTHOR})

    tiers = tuple(tier.model_copy(update={"items": tuple(map(written, tier.items))}) for tier in report.tiers)
    return report.model_copy(update={"tiers": tiers})
