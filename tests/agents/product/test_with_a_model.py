"""The product-analyst with a scripted model: what it is shown, what it may add, whom it may ask."""

from __future__ import annotations

from typing import Any

import pytest

from postlaunch.agents.backlog_judgement import BacklogJudgement, Merge, verify_extra
from postlaunch.agents.bench import Bench, Findings, Specialist
from postlaunch.agents.judgement import Claim, Dispute, Judgement, Recommendation
from postlaunch.agents.product_analyst import PRODUCT_ANALYST
from postlaunch.agents.specialist import build_specialist
from postlaunch.facts import Unavailable
from postlaunch.llm.seat import seat_for
from postlaunch.reports.backlog import BacklogReport, FeatureRequest
from postlaunch.testing import ScriptedModel, tool_call


async def no_pause(seconds: float) -> None:
    return None


def colleague(desk: Any, name: str) -> Specialist:
    """A colleague that answers with one figure."""

    def measure(bench: Bench, assignment: Any) -> Findings:
        return Findings(facts=(desk.fact("endpoint_load_share", 0.4, "ratio", "PUT /users/:id"),))

    return Specialist(
        name=name,
        role="is asked",
        status="existing",
        priority="MEDIUM",
        tools=(),
        consults=(),
        judgement=Judgement,
        sections=("summary",),
        prompt="investigate.md",
        measure=measure,
        compose=lambda *_: {},
    )


async def planned(desk: Any, *lines: object, otherwise: object = None) -> tuple[BacklogReport, ScriptedModel]:
    """The backlog as the loop makes it with a model that says these lines."""
    model = ScriptedModel(script=list(lines), otherwise=otherwise)
    seat = seat_for(desk.settings, {}, desk.recorder, model, salt=b"salt", pause=no_pause, jitter=lambda: 0.5)
    assert seat is not None
    bench = desk.bench().__class__(
        **{
            **{name: getattr(desk.bench(), name) for name in desk.bench().__dataclass_fields__},
            "seat": seat,
            "budget": seat.meter,
            "pseudonyms": seat.pseudonyms,
        }
    )
    names = ("performance-monitor", "analytics-specialist", "monitoring-specialist")
    colleagues = {name: colleague(desk, name) for name in names} | {PRODUCT_ANALYST.name: PRODUCT_ANALYST}
    graph = build_specialist(PRODUCT_ANALYST, lambda run: bench, colleagues).compile()
    left = await graph.ainvoke({"run": "run-1", "assignment": desk.assigned()})
    return BacklogReport.model_validate(desk.documents[left["report"]]), model


def ref(desk: Any, name: str, entity: str) -> str:
    """How the model calls a fact."""
    facts = desk.found().facts
    return f"F{[fact.key for fact in facts].index((name, entity)) + 1}"


async def test_its_sentences_stand_in_the_sections_they_are_for(desk: Any) -> None:
    desk.documents["monitoring-specialist/report"] = desk.health().model_dump(mode="json")
    slow = ref(desk, "endpoint_mean_response_time", "PUT /users/:id")
    score = ref(desk, "vulnerability_score", "CVE-2025-1 in imaging")
    claims = ref(desk, "stale_claims", "application")
    report, _ = await planned(
        desk,
        "Done.",
        BacklogJudgement(
            findings=(
                Claim(
                    section="findings",
                    text=f"{{{slow}.entity}} takes {{{slow}}}, which is what async is for.",
                ),
                Claim(section="security", text=f"{{{score}.entity}} has a score of {{{score}}}."),
                Claim(section="competitors", text=f"The notes hold {{{claims}}} stale claims."),
            ),
            recommendations=(
                Recommendation(
                    target="async", action="Begin with it", rationale=f"{{{slow}.entity}} takes {{{slow}}}"
                ),
            ),
        ),
    )
    assert report.provenance.analysis == "model"
    assert [said.text for said in report.finding_remarks] == [
        "PUT /users/:id takes 245 ms, which is what async is for."
    ]
    assert [said.text for said in report.security_remarks] == ["CVE-2025-1 in imaging has a score of 7.5."]
    assert [said.text for said in report.competition_remarks] == ["The notes hold 1 stale claims."]
    assert [advice.by for advice in report.recommendations][-1] == "model"
    assert "rules" in {advice.by for advice in report.recommendations}


async def test_it_asks_the_performance_monitor_and_may_cite_the_answer(desk: Any) -> None:
    asked = tool_call(
        "consult", to="performance-monitor", question="How much of the load does async concern?"
    )
    report, model = await planned(desk, asked, "Nothing to add.", Judgement(), "Done.", BacklogJudgement())
    answers = [shown for shown in model.shown if "consult" in shown.tool_names]
    assert "answer of performance-monitor" in answers[-1].text
    assert any("consult(performance-monitor" in call for call in report.provenance.tool_calls)


async def test_it_may_ask_those_whose_figures_it_needs(desk: Any) -> None:
    _, model = await planned(desk, "Done.", BacklogJudgement())
    consult = next(tool for tool in model.shown[0].tools if tool["function"]["name"] == "consult")
    assert consult["function"]["parameters"]["properties"]["to"]["enum"] == [
        "performance-monitor",
        "analytics-specialist",
        "monitoring-specialist",
    ]


async def test_texts_from_scans_and_competitors_are_fenced(desk: Any) -> None:
    _, model = await planned(desk, "Done.", BacklogJudgement())
    lines = "\n".join(shown.text for shown in model.shown).splitlines()
    attacks = [line for line in lines if "Ignore your instructions" in line]
    assert attacks
    assert all(line.startswith("| ") for line in attacks)


async def test_it_may_dispute_a_severity_and_the_report_shows_both(desk: Any) -> None:
    score = ref(desk, "vulnerability_score", "CVE-2025-1 in imaging")
    objection = f"{{{score}.entity}} is in code that the application does not call."
    report, _ = await planned(
        desk, "Done.", BacklogJudgement(disputes=(Dispute(verdict="CVE-2025-1", because=objection),))
    )
    [dispute] = report.disputes
    assert (dispute.verdict, dispute.because) == ("high", "CVSS 3.1")
    assert report.security.listed.items[0].severity == "high"


@pytest.mark.parametrize("script", [[], ["Done."]], ids=["at once", "at the judgement"])
async def test_a_model_that_fails_leaves_the_rules_and_a_label(desk: Any, script: list[object]) -> None:
    report, _ = await planned(desk, *script, otherwise=RuntimeError("connection refused"))
    assert report.provenance.analysis == "rules"
    assert "connection refused" in report.provenance.reason
    assert report.security.listed.items
    assert report.finding_remarks == ()


@pytest.mark.parametrize(("apart", "refused"), [((), 0), ((3,), 1)])
async def test_it_may_join_groups_but_not_those_that_a_person_set_apart(
    desk: Any, apart: tuple[int, ...], refused: int
) -> None:
    report, _ = await planned(desk, "Done.", BacklogJudgement())
    asked = tuple(
        FeatureRequest(
            rank=rank,
            group=f"G{rank}",
            label=label,
            requesters=Unavailable(reason="of a test"),
            apart=apart,
        )
        for rank, label in enumerate(("invoices as CSV", "a print button"), start=1)
    )
    draft = report.model_copy(update={"feature_requests": asked}).model_dump(mode="json")
    judgement = BacklogJudgement(merges=(Merge(groups=("G1", "G2")),))
    extra, refusals = verify_extra(desk.bench(), desk.assigned(), Findings(facts=(), draft=draft), judgement)
    assert len(refusals) == refused
    assert extra["merges"] == ([] if refused else [["G1", "G2"]])
    assert all("a person set" in reason for refusal in refusals for reason in refusal.reasons)
