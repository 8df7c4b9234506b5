"""The weekly health report with a verified judgement."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib.resources import files
from typing import Any

from postlaunch.agents.bench import Findings
from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.judgement import (
    Provenance,
    Refusal,
    Sentence,
    VerifiedClaim,
    VerifiedDispute,
    VerifiedHypothesis,
    VerifiedJudgement,
    VerifiedRecommendation,
)
from postlaunch.agents.monitoring_specialist import MONITORING_SPECIALIST
from postlaunch.agents.sentences import verify_sentence
from postlaunch.facts import Fact
from postlaunch.reports.health import HealthReport
from postlaunch.settings import Settings
from postlaunch.settings_sources import FilesSource, RequestSource, Sources
from postlaunch.tools import definitions_request_groups as group_definitions
from postlaunch.tools.definitions_resources import MEMORY, POOL
from postlaunch.windows import parse_week

WEEK = parse_week("2025-W47", "UTC")


def judged(*claims: tuple[str, Sentence], **parts: Any) -> VerifiedJudgement:
    return VerifiedJudgement(
        findings=tuple(VerifiedClaim(section=section, sentence=said) for section, said in claims),
        provenance=Provenance(analysis="model", model="small-model"),
        **parts,
    )


def with_judgement(
    desk: Any, answers: Mapping[str, Any], make: Callable[[Findings], VerifiedJudgement], *brought: Fact
) -> HealthReport:
    """The report after a judgement that may cite the findings' facts and those brought later."""
    bench = desk.bench_of(answers)
    found = MONITORING_SPECIALIST.measure(bench, desk.assigned())
    found = found.model_copy(update={"facts": (*found.facts, *brought)})
    return HealthReport.model_validate(
        MONITORING_SPECIALIST.compose(bench, desk.assigned(), found, make(found))
    )


def fact_of(findings: Findings, name: str, entity: str) -> str:
    return next(fact.id for fact in findings.facts if fact.key == (name, entity))


def test_a_cause_replaces_the_gap_of_the_incident_whose_facts_it_cites(desk: Any) -> None:
    seen = (
        *desk.spell(WEEK.start + timedelta(days=1)),
        *desk.spell(WEEK.start + timedelta(days=2), entity="incident 2"),
    )

    def judge(found: Findings) -> VerifiedJudgement:
        cited = fact_of(found, "incident_failed_requests", "incident 2")
        return judged(("incidents", Sentence(text="All of one kind", facts=(cited,))))

    first, second = with_judgement(desk, {"incidents_seen": seen}, judge).incidents.items
    assert first.root_cause[0].text == "not written: needs a model"
    assert [(said.text, said.by) for said in second.root_cause] == [("All of one kind", "model")]


def test_a_trigger_replaces_the_gap_and_keeps_what_the_rules_say(desk: Any) -> None:
    report = with_judgement(desk, {}, lambda found: judged(("errors", Sentence(text="Large uploads"))))
    assert report.action[0].text.startswith("Investigate the server errors")
    assert report.action[-1].text == "Large uploads"
    assert not any("needs a model" in said.text for said in report.action)


def test_a_comment_goes_to_the_endpoint_it_cites_and_others_to_the_trend(desk: Any) -> None:
    def judge(found: Findings) -> VerifiedJudgement:
        cited = fact_of(found, "endpoint_mean_response_time", "PUT /users/:id")
        return judged(
            ("slowest_endpoints", Sentence(text="It writes images", facts=(cited,))),
            ("slowest_endpoints", Sentence(text="About no endpoint")),
        )

    report = with_judgement(desk, {}, judge)
    assert [said.text for said in report.slowest.items[0].comments] == ["It writes images"]
    assert [said.text for said in report.trend_remarks] == ["About no endpoint"]


def test_rules_and_model_recommend_side_by_side_and_both_sides_of_a_dispute_are_shown(desk: Any) -> None:
    slow = (desk.read(group_definitions.ENDPOINT_MEAN_RESPONSE_TIME, 245, entity="PUT /users/:id"),)
    said = Sentence(text="Look at the uploads")
    parts = {
        "recommendations": (VerifiedRecommendation(target="PUT /users/:id", action=said, rationale=said),),
        "disputes": (VerifiedDispute(verdict="p95_response_time", because=said),),
        "hypotheses": (VerifiedHypothesis(statement=said, state="open", because=said),),
        "refusals": (Refusal(template="30%", reasons=("a typed figure",)),),
    }
    report = with_judgement(desk, {"slowest_endpoints": slow}, lambda found: judged(**parts))
    assert [item.by for item in report.recommendations] == ["rules", "model"]
    assert (report.disputes[0].verdict, report.disputes[0].objection.text) == ("ok", "Look at the uploads")
    assert report.hypotheses[0].state == "open"
    assert report.provenance.refused == 1
    assert report.provenance.model == "small-model"


def test_facts_that_the_investigation_brought_come_into_evidence_when_cited(desk: Any) -> None:
    bench = desk.bench_of()
    brought = MONITORING_SPECIALIST.measure(bench, desk.assigned()).facts[0].model_copy(update={"n": 7})

    def judge(found: Findings) -> VerifiedJudgement:
        return judged(("headline", Sentence(text="So it is", facts=(brought.id,))))

    report = with_judgement(desk, {}, judge, brought)
    assert report.headline.remarks[0].facts == (brought.id,)
    assert brought.id in report.evidence.facts


def test_what_the_prompt_calls_right_about_resources_stands(desk: Any) -> None:
    prompt = (files("postlaunch.prompts") / "monitoring-specialist.md").read_text(encoding="utf-8")
    templates = [text for text in re.findall(r"Right: `([^`]*)`", prompt) if "{F4" in text]
    answers = {
        "resource_summary": (desk.read(POOL.peak, 1.0, entity="pod web-1"),),
        "resource_trend": (desk.read(MEMORY.slope, 0.002),),
    }
    settings = Settings(
        sources=Sources(
            requests=RequestSource(paths=("access.log",)), resources=FilesSource(paths=("resources.csv",))
        )
    )
    found = MONITORING_SPECIALIST.measure(desk.bench_of(answers, settings), desk.assigned())
    filler = [fact for fact in found.facts if fact.name not in ("pool_share_peak", "memory_slope")]
    pool = next(fact for fact in found.facts if fact.name == "pool_share_peak")
    slope = next(fact for fact in found.facts if fact.name == "memory_slope")
    spares = [filler[0].model_copy(update={"n": number}) for number in range(41)]
    book = FactBook([*spares[:40], pool, spares[40], slope])
    checked = [verify_sentence(template, book) for template in templates]
    assert [one.text for one in checked if isinstance(one, Sentence)] == [
        "The connection pool of pod web-1 was at 100% of its limit.",
        "The change of memory per week is 0.2 pp.",
    ]
