"""The performance-monitor with a model: what of its words stands, whom it asks, and who asks it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from langchain_core.messages import BaseMessage

from postlaunch.agents.bench import Assignment, Bench, Findings, Specialist
from postlaunch.agents.consult import AnswerJudgement
from postlaunch.agents.judgement import Claim, Dispute, Hypothesis, Judgement, Recommendation
from postlaunch.agents.performance_monitor import PERFORMANCE_MONITOR
from postlaunch.agents.specialist import build_specialist
from postlaunch.errors import ModelError
from postlaunch.llm.seat import seat_for
from postlaunch.reports.markdown import render_markdown
from postlaunch.reports.performance import PerformanceReport
from postlaunch.testing import MemoryRecorder, ScriptedModel, tool_call

CANDIDATES = """
- id: cache-users
  title: Cache users
  effort: {performance-optimizer: 0.25}
  addresses: [GET /users]
"""


async def no_pause(seconds: float) -> None:
    return None


@pytest.fixture(scope="module")
def short(desk: Any) -> Any:
    """Four weeks of a small application."""
    return desk.bench(desk.application(weeks=4, busy=12, candidates=CANDIDATES))


class Office:
    """A run of specialists over one bench: its ledger is a dict, its model a script."""

    def __init__(self, bench: Any, lines: Sequence[object], otherwise: object = None) -> None:
        self.model = ScriptedModel(script=list(lines), otherwise=otherwise)
        self.recorder = MemoryRecorder()
        self.documents: dict[str, Any] = {}
        settings = bench.settings
        seat = seat_for(
            settings, {}, self.recorder, self.model, salt=b"s", pause=no_pause, jitter=lambda: 0.5
        )
        assert seat is not None
        self.problems: list[str] = []
        self.bench = Bench(
            settings=settings,
            sources=bench.sources,
            recorder=self.recorder,
            clock=bench.clock,
            document=self.documents.get,
            put_document=self.documents.__setitem__,
            seat=seat,
            budget=seat.meter,
            pseudonyms=seat.pseudonyms,
            note=self.problems.append,
        )

    async def run(self, specialist: Specialist, assignment: Assignment) -> Any:
        known = {one.name: one for one in (PERFORMANCE_MONITOR, MONITORING, ANALYTICS, PRODUCT)}
        graph = build_specialist(specialist, lambda run: self.bench, known).compile()
        left = await graph.ainvoke({"run": "run-1", "assignment": assignment})
        return self.documents[left["report"]]

    async def report(self, assignment: Assignment) -> PerformanceReport:
        return PerformanceReport.model_validate(await self.run(PERFORMANCE_MONITOR, assignment))


def colleague(name: str, *consults: str) -> Specialist:
    """A colleague that measures the requests of the window."""

    def measure(bench: Bench, assignment: Assignment) -> Findings:
        return Findings(facts=bench.measure(name, "request_summary", {"window": assignment.window}).facts)

    return Specialist(
        name=name,
        role="is asked",
        status="existing",
        priority="MEDIUM",
        tools=(),
        consults=consults,
        judgement=Judgement,
        sections=("summary",),
        prompt="investigate.md",
        measure=measure,
        compose=lambda *_: {},
    )


MONITORING, ANALYTICS = colleague("monitoring-specialist"), colleague("analytics-specialist")
PRODUCT = colleague("product-analyst", "performance-monitor")


def ref(shown: Sequence[BaseMessage], *words: str) -> str:
    """The number of the first fact whose line holds these words."""
    lines = "\n".join(message.text for message in shown).splitlines()
    line = next(line for line in lines if line.startswith("| F") and all(word in line for word in words))
    return line.split(" | ")[0].removeprefix("| ")


def judged(shown: Sequence[BaseMessage]) -> Judgement:
    load = ref(shown, "Share of load", "GET /users |")
    share, share_of = f"{{{load}}}", f"{{{load}.entity}}"
    return Judgement(
        findings=(
            Claim(
                section="opportunities",
                text=f"{share_of} takes {share} of the time that requests take.",
            ),
            Claim(section="causes", text="The facts do not show what came before: it is inconclusive."),
            Claim(section="capacity", text="Capacity will double by 2027."),
        ),
        hypotheses=(
            Hypothesis(
                statement="The list is read without an index.",
                state="open",
                because="The facts do not show it: it is inconclusive.",
            ),
        ),
        recommendations=(
            Recommendation(
                target="GET /users",
                action=f"Look at the query plan of {share_of}.",
                rationale=f"{share_of} takes {share} of the load.",
            ),
        ),
        disputes=(
            Dispute(
                verdict="GET /users",
                because=f"{share} of {share_of}, which the rule weighs alone.",
            ),
        ),
    )


async def test_what_stands_of_a_judgement_goes_to_its_section_and_typed_figures_go(
    desk: Any, short: Any
) -> None:
    office = Office(short, ["Nothing more to ask.", judged, judged, judged])
    report = await office.report(desk.assigned(desk.weeks(4)))
    assert report.provenance.analysis == "model"
    one = report.opportunities.items[0]
    assert (one.endpoint, [said.by for said in one.comments]) == ("GET /users", ["model"])
    assert [said.text for said in report.conclusion_remarks] == [
        "The facts do not show what came before: it is inconclusive."
    ]
    assert report.capacity.remarks == ()
    assert report.provenance.refused >= 1
    assert report.hypotheses[0].state == "open"
    assert [item.by for item in report.recommendations][-1] == "model"
    assert report.disputes[0].verdict == one.priority
    text = render_markdown(report)
    assert "*(model" in text
    assert "2027" not in text
    assert "### Disputed Verdicts" in text


async def test_the_model_asks_its_own_tools_and_a_colleague(desk: Any, short: Any) -> None:
    def asks(shown: Sequence[BaseMessage]) -> Any:
        load = ref(shown, "Share of load", "GET /users |")
        question = f"Did requests to {{{load}.entity}} fail? It has {{{load}}} of the load."
        return tool_call("consult", to="monitoring-specialist", question=question)

    answers = AnswerJudgement(findings=(Claim(section="answer", text="The {F1.title} are {F1}."),))
    lines = [
        tool_call("endpoint_detail", endpoint="GET /users"),
        asks,
        "Enough.",
        answers,
        "Done.",
        judged,
        judged,
        judged,
    ]
    office = Office(short, lines)
    report = await office.report(desk.assigned(desk.weeks(4)))
    assert {"endpoint_load", "response_time_trend", "consult"} <= set(office.model.shown[0].tool_names)
    assert [event.agent for event in office.recorder.of_kind("answer")] == ["monitoring-specialist"]
    assert any(call.startswith("endpoint_detail(") for call in report.provenance.tool_calls)


async def test_the_product_analyst_is_answered_about_effort_and_load(desk: Any, short: Any) -> None:
    def answers(shown: Sequence[BaseMessage]) -> AnswerJudgement:
        load, effort = ref(shown, "Share of load", "GET /users |"), ref(shown, "Effort", "cache-users")
        return AnswerJudgement(
            findings=(
                Claim(section="answer", text=f"{{{load}.entity}} takes {{{load}}} of the load."),
                Claim(section="answer", text=f"{{{effort}.entity}} needs {{{effort}}}."),
            )
        )

    asks = tool_call(
        "consult", to="performance-monitor", question="What load does the user list make, and what effort?"
    )
    office = Office(short, [asks, "I have it.", answers, "Done.", Judgement()])
    await office.run(PRODUCT, desk.assigned(desk.weeks(4)))
    (answer,) = office.recorder.of_kind("answer")
    assert answer.agent == "performance-monitor"
    assert "GET /users takes 4" in answer.text
    assert "cache-users needs 0.25 days" in answer.text


async def test_a_model_that_fails_leaves_the_report_of_the_rules(desk: Any, short: Any) -> None:
    office = Office(short, [], otherwise=ModelError("the model is down", "start it"))
    report = await office.report(desk.assigned(desk.weeks(4)))
    assert report.provenance.analysis == "rules"
    assert "the model is down" in report.provenance.reason
    assert report.opportunities.items
    alone = desk.composed(short, desk.assigned(desk.weeks(4)))
    assert report.opportunities == alone.opportunities
    assert report.capacity == alone.capacity
