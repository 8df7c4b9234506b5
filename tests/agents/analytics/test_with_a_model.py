"""The analytics-specialist with a model: what it may say, where it goes, and what a colleague may ask it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from postlaunch.agents.analytics_specialist import ANALYTICS_SPECIALIST
from postlaunch.agents.bench import Assignment, Bench, Findings, Specialist
from postlaunch.agents.consult import AnswerJudgement
from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.judgement import (
    Claim,
    Hypothesis,
    Judgement,
    Provenance,
    Recommendation,
    Refusal,
    Sentence,
    VerifiedClaim,
    VerifiedDispute,
    VerifiedJudgement,
)
from postlaunch.agents.prompting import prompt
from postlaunch.agents.slots import verify_sentence
from postlaunch.agents.specialist import build_specialist
from postlaunch.errors import ModelError
from postlaunch.facts import Fact
from postlaunch.llm.seat import seat_for
from postlaunch.reports.analytics import AnalyticsReport
from postlaunch.reports.consistency.checking import check
from postlaunch.reports.markdown import render_markdown
from postlaunch.testing import MemoryRecorder, ScriptedModel, tool_call, tool_calls
from postlaunch.windows import Window

HOUR = Window(start=datetime(2025, 11, 18, 14, tzinfo=UTC), end=datetime(2025, 11, 18, 16, tzinfo=UTC))


def judged(*claims: tuple[str, Sentence], **parts: Any) -> VerifiedJudgement:
    return VerifiedJudgement(
        findings=tuple(VerifiedClaim(section=section, sentence=said) for section, said in claims),
        provenance=Provenance(analysis="model", model="small-model"),
        **parts,
    )


def cited(findings: Findings, name: str, entity: str) -> tuple[str, ...]:
    return (next(fact.id for fact in findings.facts if fact.key == (name, entity)),)


# --- a verified judgement in the report -----------------------------------------------------------------


def test_a_cause_stands_beside_the_action_of_the_step_whose_facts_it_cites(usage: Any) -> None:
    def judge(found: Findings) -> VerifiedJudgement:
        on_action = Sentence(text="The form asks for too much", facts=cited(found, "funnel_drop", "submit"))
        elsewhere = Sentence(text="They come in again", facts=cited(found, "funnel_users", "login"))
        return judged(("funnels", on_action), ("funnels", elsewhere))

    funnel = usage.report(judged=judge).funnels.items[0]
    causes = {action.event: [said.text for said in action.cause] for action in funnel.actions.items}
    assert causes["submit"] == ["The form asks for too much"]
    assert causes["start"] == ["not written: needs a model"]
    assert [said.text for said in funnel.remarks] == ["They come in again"]


def test_a_remark_goes_to_the_experiment_and_leaves_the_rules_decision(usage: Any) -> None:
    def judge(found: Findings) -> VerifiedJudgement:
        facts = cited(found, "experiment_lift_points", "Login form layout: B, Conversion Rate")
        return judged(("experiments", Sentence(text="It was the picture", facts=facts)))

    test = usage.report(judged=judge).experiments.items[0]
    assert [said.text for said in test.remarks] == ["It was the picture"]
    assert test.decision == "rollback"


def test_each_section_takes_its_sentences_and_loose_ones_go_to_the_head(usage: Any) -> None:
    sections = ("headline", "growth", "benchmarks", "adoption", "funnels", "flow", "requests", "experiments")
    report = usage.report(judged=judged(*((name, Sentence(text=f"about {name}")) for name in sections)))
    assert [said.text for said in report.headline.remarks] == [
        "about headline",
        "about funnels",
        "about experiments",
    ]
    assert report.growth_remarks[0].text == "about growth"
    assert report.benchmarks.remarks[0].text == "about benchmarks"
    assert report.adoption_remarks[0].text == "about adoption"
    assert report.flow.remarks[0].text == "about flow"
    assert report.request_advice[-1].text == "about requests"
    text = render_markdown(report)
    assert all(f"about {name} *(model)*" in text for name in sections)


def test_a_disputed_decision_is_shown_with_both_sides(usage: Any) -> None:
    said = Sentence(text="Too few came back to rate it")
    dispute = VerifiedDispute(verdict="Login form layout", because=said)
    report = usage.report(judged=judged(disputes=(dispute,)))
    assert (report.disputes[0].verdict, report.disputes[0].objection.text) == ("rollback", said.text)


# --- the loop with a scripted model ---------------------------------------------------------------------


@dataclass
class Run:
    """One run of the loop over the month's events."""

    usage: Any
    model: ScriptedModel
    specialists: Mapping[str, Specialist]
    recorder: MemoryRecorder = field(default_factory=MemoryRecorder)
    documents: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _seat: Any = None

    def bench(self, run: str) -> Bench:
        if self._seat is None:
            settings = self.usage.settings
            self._seat = seat_for(settings, {}, self.recorder, self.model, salt=b"salt")
        return replace(
            self.usage.bench(),
            recorder=self.recorder,
            document=self.documents.get,
            put_document=self.documents.__setitem__,
            seat=self._seat,
            budget=self._seat.meter,
            pseudonyms=self._seat.pseudonyms,
            note=self.problems.append,
        )

    async def report(self, name: str, assignment: Assignment) -> dict[str, Any]:
        graph = build_specialist(self.specialists[name], self.bench, self.specialists).compile()
        left = await graph.ainvoke({"run": "run-1", "assignment": assignment})
        return self.documents[left["report"]]


def run_of(usage: Any, *script: Any, **others: Specialist) -> Run:
    specialists = {ANALYTICS_SPECIALIST.name: ANALYTICS_SPECIALIST, **others}
    return Run(usage, ScriptedModel(script=list(script)), specialists)


def by_key(found: Mapping[str, Fact], name: str, entity: str) -> str:
    """The number by which a model cites a fact."""
    return next(ref for ref, fact in found.items() if fact.key == (name, entity))


def refs(usage: Any, assignment: Assignment) -> dict[str, Fact]:
    facts = ANALYTICS_SPECIALIST.measure(usage.bench(), assignment).facts
    return {f"F{place}": fact for place, fact in enumerate(facts, 1)}


async def test_a_model_investigates_explains_a_step_and_recommends(usage: Any) -> None:
    assignment = usage.assigned()
    known = refs(usage, assignment)
    drop = by_key(known, "funnel_drop", "submit")
    lost = f"{{{drop}}} of the users of the step before do not reach {{{drop}.entity}}."
    supposed = f"The form of {{{drop}.entity}} asks for what people do not have at hand."
    judgement = Judgement(
        findings=(
            Claim(section="funnels", text=lost),
            Claim(section="headline", text="About 33% of the users are lost at the form."),
        ),
        hypotheses=(
            Hypothesis(statement=supposed, state="open", because="It is inconclusive.", evidence=(drop,)),
        ),
        recommendations=(
            Recommendation(
                target="submit",
                action="Ask those who left what they missed.",
                rationale=f"{{{drop}.entity}} loses {{{drop}}}.",
            ),
        ),
    )
    run = run_of(
        usage,
        tool_calls(
            ("funnel", {"steps": ["start", "submit"], "mode": "same_session"}),
            ("hypothesis", {"statement": supposed, "state": "proposed", "evidence": [drop]}),
        ),
        "Nothing new would help.",
        judgement,
        judgement,
        judgement,
    )

    report = AnalyticsReport.model_validate(await run.report("analytics-specialist", assignment))

    action = next(item for item in report.funnels.items[0].actions.items if item.event == "submit")
    assert [said.text for said in action.cause] == [
        "33.33% of the users of the step before do not reach submit."
    ]
    assert report.provenance.analysis == "model"
    assert report.provenance.refused >= 1
    assert "33%" not in " ".join(said.text for said in report.headline.remarks)
    assert [item.by for item in report.recommendations][-1] == "model"
    assert report.hypotheses[0].state == "open"
    assert check(report) == ()
    assert "mode=same_session" in report.provenance.tool_calls[0]


async def test_a_model_that_fails_leaves_the_rules_report_labelled(usage: Any) -> None:
    run = run_of(usage, ModelError("the model is gone", "start it"))
    report = AnalyticsReport.model_validate(await run.report("analytics-specialist", usage.assigned()))
    assert report.provenance.analysis == "rules"
    assert "the model is gone" in report.provenance.reason
    assert report.funnels.items[0].actions.items[0].cause[0].text == "not written: needs a model"
    assert run.problems


async def test_a_models_tools_count_users_as_the_report_does(usage: Any) -> None:
    run = run_of(usage, tool_call("user_growth"), "Done.", Judgement())
    await run.report("analytics-specialist", usage.assigned())
    tools = {tool["function"]["name"]: tool["function"]["parameters"] for tool in run.model.shown[0].tools}
    assert set(ANALYTICS_SPECIALIST.tools) <= set(tools)
    assert "visitor_events" not in tools["user_growth"]["properties"]
    assert "session_minutes" not in tools["funnel"]["properties"]
    asked = [event.data["arguments"] for event in run.recorder.of_kind("tool")]
    assert asked[-1]["signup_event"] == "signed_up"
    assert asked[-1]["visitor_events"] == ["view_register", "start", "submit"]


def test_the_sentences_that_its_prompt_gives_as_right_stand_and_the_wrong_do_not(usage: Any) -> None:
    known = refs(usage, usage.assigned())
    rows = [known[by_key(known, "total_users", "application")].model_copy(update={"n": n}) for n in range(40)]
    rows[5] = known[by_key(known, "monthly_active_users", "application")]
    rows[30] = known[by_key(known, "funnel_dropped", "submit")]
    rows[31] = known[by_key(known, "funnel_drop", "submit")]
    examples = re.findall(r"(Right|Wrong): `([^`]+)`", prompt("analytics-specialist.md"))
    found = [(kind, verify_sentence(text, FactBook(rows))) for kind, text in examples]
    assert [kind for kind, _ in found] == ["Right"] * 3 + ["Wrong"] * 2
    assert [type(sentence) for kind, sentence in found if kind == "Right"] == [Sentence] * 3
    assert [type(sentence) for kind, sentence in found if kind == "Wrong"] == [Refusal] * 2


# --- a colleague asks -----------------------------------------------------------------------------------


def colleague(measure: Callable[[Bench, Assignment], Findings]) -> Specialist:
    """A specialist that may ask the analytics-specialist, as the incident-responder does."""
    return replace(
        ANALYTICS_SPECIALIST,
        name="incident-responder",
        tools=(),
        consults=("analytics-specialist",),
        sections=("impact",),
        measure=measure,
        compose=lambda bench, assignment, findings, judgement: {
            "said": [sentence.text for sentence in judgement.in_section("impact")]
        },
    )


async def test_a_colleague_learns_how_many_users_were_there_in_a_stretch_of_minutes(usage: Any) -> None:
    assignment = Assignment(workflow="incident", question="Whom did it hit?", window=HOUR)
    last = f"F{len(refs(usage, assignment)) + 1}"
    start, end = (datetime(2025, 11, 18, 14, minute, tzinfo=UTC) for minute in (15, 30))
    there = len({user for moment, user in usage.happened if start <= moment < end})
    run = run_of(
        usage,
        tool_call(
            "consult",
            to="analytics-specialist",
            question="How many users were active while requests failed?",
        ),
        tool_call("users_active_in", since="2025-11-18T14:15", until="2025-11-18T14:30"),
        "That is it.",
        AnswerJudgement(findings=(Claim(section="answer", text=f"The {{{last}.title}} were {{{last}}}."),)),
        "Done.",
        Judgement(findings=(Claim(section="impact", text="The {F1.title} were {F1}."),)),
        **{"incident-responder": colleague(lambda bench, assignment: Findings())},
    )

    report = await run.report("incident-responder", assignment)

    answer = run.recorder.of_kind("answer")[0]
    assert answer.agent == "analytics-specialist"
    assert answer.text == f"The Users in the span were {there}."
    assert report["said"] == [f"The Users in the span were {there}."]


def test_an_incidents_hours_are_measured_without_a_model(usage: Any) -> None:
    twelve = Window(start=HOUR.start - timedelta(hours=6), end=HOUR.end + timedelta(hours=4))
    assignment = Assignment(workflow="incident", question="Whom did it hit?", window=twelve, depth=1)
    facts = ANALYTICS_SPECIALIST.measure(usage.bench(), assignment).facts
    assert next(fact for fact in facts if fact.name == "users_in_span").value == 100
