"""A backlog that takes up what was found: what it requires, what becomes of it, what is recommended."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postlaunch.facts import Definition, Evidence, Fact, Measured, Measurement
from postlaunch.graphs.proposing import Proposal, summary_of
from postlaunch.ledger.records import ScopeEdits
from postlaunch.reports.backlog import BacklogItem, BacklogReport
from postlaunch.reports.colleagues import Colleague, ColleagueFinding
from postlaunch.reports.features import FeatureReview, ReviewedFeature
from postlaunch.reports.judged import Sentence
from postlaunch.reports.report import Listing
from postlaunch.reports.security import SecurityReview, Vulnerability
from postlaunch.settings import Capacity, Party, Settings
from postlaunch.sources.candidates import CandidateItem, CandidateTable
from postlaunch.tools.backlog import build_backlog
from postlaunch.tools.fates import NO_ITEM
from postlaunch.tools.gathered import Gathered
from postlaunch.tools.security import rating_of, route_of_severity
from postlaunch.windows import parse_week

WEEK = parse_week("2025-W47", "UTC")
SETTINGS = Settings(
    capacity=Capacity(sprint_days=10, buffer=0, testing_and_documentation=0, testing_owner="tess"),
    roster=(Party(name="ann"), Party(name="tess")),
)
VECTORS = {
    "critical": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    "high": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
    "medium": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N",
}
SLOW = Fact(
    name="endpoint_mean_response_time",
    value=245,
    unit="ms",
    entity="PUT /users/:id",
    window=WEEK,
    definition=Definition(name="endpoint_mean_response_time", title="Mean", statement="mean", unit="ms"),
    measurement=Measurement(name="slowest_endpoints", source="requests", fingerprint="f"),
    n=100,
)


def item(identity: str, *addresses: str, **fields: object) -> CandidateItem:
    return CandidateItem.model_validate(
        {"id": identity, "title": identity.title(), "effort": {"ann": 2}, "addresses": addresses, **fields}
    )


def weak(severity: str) -> Vulnerability:
    rating = rating_of(VECTORS[severity], "")
    score = SLOW.model_copy(update={"name": "vulnerability_score", "value": rating.score, "unit": "number"})
    return Vulnerability(
        id=f"CVE-{severity}",
        package="imaging",
        installed="9.1",
        fixed_in="9.2",
        severity=rating.severity,
        rated_by=rating.by,
        score=Measured.of(score),
        route=route_of_severity(rating.severity),
        since=Measured.of(score),
    )


def scores(*found: Vulnerability) -> tuple[Fact, ...]:
    return tuple(
        SLOW.model_copy(update={"name": "vulnerability_score", "value": one.score.value, "unit": "number"})
        for one in found
        if isinstance(one.score, Measured)
    )


def slow(**fields: object) -> ColleagueFinding:
    return ColleagueFinding.model_validate(
        {
            "title": "PUT /users/:id is slow",
            "finding": Sentence(text="PUT /users/:id: 245 ms", facts=(SLOW.id,)),
            "figure": Measured.of(SLOW),
            "subjects": ("PUT /users/:id",),
            **fields,
        }
    )


def gathered(
    *findings: ColleagueFinding, security: tuple[Vulnerability, ...] = (), **fields: object
) -> Gathered:
    review = SecurityReview(listed=Listing(items=security)) if security else SecurityReview()
    return Gathered.model_validate(
        {
            "colleagues": (
                Colleague(name="monitoring-specialist", findings=findings, reason="" if findings else "None"),
            ),
            "security": review,
            "facts": (SLOW, *scores(*security)),
            **fields,
        }
    )


def backlog(*items: CandidateItem, found: Gathered, edits: ScopeEdits | None = None) -> BacklogReport:
    return build_backlog(
        CandidateTable(fingerprint="c", items=items),
        None,
        SETTINGS,
        sprint=4,
        window=WEEK,
        at=datetime(2025, 11, 24, tzinfo=UTC),
        edits=edits,
        gathered=found,
    )


def planned(report: BacklogReport, identity: str) -> BacklogItem:
    found = report.item(identity)
    assert found is not None
    return found


def finding(report: BacklogReport) -> ColleagueFinding:
    return report.colleagues[0].findings[0]


def actions(report: BacklogReport) -> list[str]:
    return [f"{advice.action.text} for {advice.target}" for advice in report.recommendations]


# --- what becomes of a finding ----------------------------------------------------------------------------


def test_a_finding_leads_to_the_item_that_addresses_it_and_to_where_that_stands() -> None:
    report = backlog(item("async", "PUT /users/:id"), found=gathered(slow()))
    assert (finding(report).items, finding(report).becomes) == (("async",), "item async: in sprint 4")
    assert [said.text for said in planned(report, "async").found] == [
        "monitoring-specialist: PUT /users/:id: 245 ms"
    ]
    out = backlog(
        item("async", "PUT /users/:id"), found=gathered(slow()), edits=ScopeEdits(exclude=("async",))
    )
    assert finding(out).becomes == "item async: put off to Sprint 5"


def test_at_an_item_the_first_findings_are_named_and_the_others_counted() -> None:
    report = backlog(item("async", "PUT /users/:id"), found=gathered(*(slow() for _ in range(6))))
    assert len(report.colleagues[0].findings) == 6
    assert planned(report, "async").found[-1].text == "and 2 more, above"
    assert len(planned(report, "async").found) == 5


def test_a_finding_that_no_item_addresses_needs_an_estimate_and_gets_no_invented_one() -> None:
    report = backlog(item("dark"), found=gathered(slow()))
    assert (finding(report).items, finding(report).becomes) == ((), NO_ITEM)
    assert report.headline[-1].text == "1 finding of the other specialists has no candidate item yet."
    assert actions(report) == ["Estimate the effort and make it a candidate item for PUT /users/:id is slow"]
    assert [one.id for one in report.items] == ["dark"]


def test_a_finding_that_wants_no_item_says_whose_it_is() -> None:
    report = backlog(item("dark"), found=gathered(slow(otherwise="the incident-responder's")))
    assert finding(report).becomes == "the incident-responder's"
    assert actions(report) == []


def test_what_an_earlier_sprint_committed_is_being_worked_on() -> None:
    under_way = (item("async", "PUT /users/:id"),)
    report = backlog(item("dark"), found=gathered(slow(), under_way=under_way))
    assert finding(report).becomes == "item async: committed in an earlier sprint"


def test_every_fact_that_a_finding_cites_is_in_the_evidence() -> None:
    report = backlog(item("async", "PUT /users/:id"), found=gathered(slow()))
    assert SLOW.id in report.evidence.facts
    assert BacklogReport.model_validate_json(report.model_dump_json()) == report


# --- what is required -------------------------------------------------------------------------------------


def test_an_objective_at_risk_makes_the_item_that_addresses_it_a_must() -> None:
    at_risk = slow(requires="an objective at risk: 95th Percentile, 312 ms with a target of < 200 ms")
    report = backlog(item("async", "PUT /users/:id"), item("dark"), found=gathered(at_risk))
    async_item = planned(report, "async")
    assert async_item.tier == "Must"
    assert async_item.because.startswith("required by: an objective at risk: 95th Percentile")
    assert async_item.required_by.startswith("an objective at risk")
    assert planned(report, "dark").tier == "Could"


def test_what_a_person_declares_and_what_is_measured_stand_side_by_side() -> None:
    report = backlog(
        item("async", "PUT /users/:id", required_by="a contract"),
        found=gathered(slow(requires="an objective at risk: p95")),
    )
    assert planned(report, "async").because == (
        "required by: a contract (declared); an objective at risk: p95"
    )


@pytest.mark.parametrize(
    ("severity", "tier", "becomes"),
    [
        (
            "critical",
            "Must",
            "hotfix: not for a sprint; until a re-scan no longer lists it a Must: item update: in sprint 4",
        ),
        ("high", "Must", "next sprint; item update: in sprint 4"),
        ("medium", "Could", "backlog; item update: in sprint 4"),
    ],
)
def test_a_vulnerability_requires_the_item_that_addresses_its_package(
    severity: str, tier: str, becomes: str
) -> None:
    report = backlog(item("update", "imaging"), found=gathered(security=(weak(severity),)))
    assert planned(report, "update").tier == tier
    assert report.security.listed.items[0].becomes == becomes
    assert planned(report, "update").found[0].text == (
        f"CVE-{severity} in imaging 9.1: {severity} (CVSS 3.1)"
    )


def test_a_must_by_security_names_the_finding_and_who_rated_it() -> None:
    report = backlog(item("update", "imaging"), found=gathered(security=(weak("high"),)))
    assert planned(report, "update").because == (
        "required by: high security finding CVE-high in imaging 9.1 (CVSS 3.1)"
    )


def test_a_critical_vulnerability_leads_the_page_and_waits_for_no_sprint() -> None:
    report = backlog(item("dark"), found=gathered(security=(weak("critical"),)))
    assert report.headline[0].text == (
        "CVE-critical in imaging 9.1 is critical (CVSS 3.1): a hotfix now, not for a sprint."
    )
    assert report.security.listed.items[0].becomes == "hotfix: not for a sprint"
    assert actions(report) == ["Update imaging to 9.2 in a hotfix, now for CVE-critical"]


def test_a_high_vulnerability_without_an_item_is_to_become_one_in_this_sprint() -> None:
    report = backlog(item("dark"), found=gathered(security=(weak("high"),)))
    assert report.security.listed.items[0].becomes == f"next sprint; {NO_ITEM}"
    assert actions(report) == ["Update imaging to 9.2 in sprint 4: make it a candidate item for CVE-high"]


def test_the_first_sentence_says_which_vulnerabilities_are_due_and_not_in_the_scope() -> None:
    report = backlog(
        item("other"),
        found=gathered(security=(weak("high"), weak("medium"))),
    )
    assert report.headline[0].text == (
        "1 high vulnerability (CVE-high in imaging 9.1) is not in this scope: no candidate item yet."
    )
    assert summary_of(Proposal(backlog=report))[1] == report.headline[0].text
    two = backlog(
        item("other"),
        found=gathered(security=(weak("high"), weak("high"))),
    )
    assert two.headline[0].text.startswith("2 high vulnerabilities (CVE-high in imaging 9.1, CVE-high in")
    off = ScopeEdits(exclude=("patch",))
    put_off = backlog(
        item("patch", "imaging"), item("other"), found=gathered(security=(weak("high"),)), edits=off
    )
    assert put_off.headline[0].text.endswith("is not in this scope: put off: item patch.")
    covered = backlog(item("patch", "imaging"), found=gathered(security=(weak("high"),)))
    assert covered.headline[0].text.startswith("Decide on sprint")


def test_a_required_item_counts_under_the_ceiling_of_musts_and_is_never_taken_back() -> None:
    big = item("update", "imaging", effort={"ann": 9})
    report = backlog(big, found=gathered(security=(weak("high"),)))
    assert planned(report, "update").tier == "Must"
    assert any("required and pinned Musts take 9 days" in note.text for note in report.notes)


def test_the_person_is_stronger_than_what_is_required() -> None:
    edits = ScopeEdits(exclude=("update",))
    report = backlog(item("update", "imaging"), found=gathered(security=(weak("high"),)), edits=edits)
    assert "update" not in report.scope.ids
    assert report.security.listed.items[0].becomes == "next sprint; item update: put off to Sprint 5"


# --- features ---------------------------------------------------------------------------------------------


def reviewed(event: str) -> FeatureReview:
    one = ReviewedFeature(
        title="E-mail verification", event=event, figure=Measured.of(SLOW), because=Sentence(text="5 pp lost")
    )
    return FeatureReview(
        sunset=Listing(reason="None currently"), underperforming=Listing(items=(one,)), basis="product events"
    )


def test_the_action_on_a_weak_feature_is_the_item_that_addresses_it() -> None:
    report = backlog(item("resend", "signed_up"), found=gathered(features=reviewed("signed_up")))
    [one] = report.feature_review.underperforming.items
    assert one.action == "Resend (item resend: in sprint 4)"
    assert planned(report, "resend").usage == "E-mail verification: 5 pp lost"


def test_without_an_item_the_action_needs_a_mind() -> None:
    report = backlog(item("dark"), found=gathered(features=reviewed("signed_up")))
    [one] = report.feature_review.underperforming.items
    assert one.action == "no candidate item addresses it; what to do: not written: needs a model"
    assert planned(report, "dark").usage == "not available: no feature that was reviewed is this item's"


def test_the_basis_names_usage_data_and_whose_findings_were_taken_up() -> None:
    report = backlog(item("dark"), found=gathered(slow(), features=reviewed("signed_up")))
    assert report.basis == (
        "Based on usage data (product events), requests as declared, and ROI from benefit and cost as "
        "declared in the candidates file; and on what monitoring-specialist found"
    )


def test_evidence_holds_no_fact_that_nothing_gathered() -> None:
    assert backlog(item("dark"), found=Gathered()).evidence == Evidence()
