"""One loop at one of its steps: the state a node was given, and what the ledger holds of the work so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from postlaunch.agents.bench import JSON_OBJECT, Assignment, Bench, Findings, Specialist
from postlaunch.agents.consult import Bounds
from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.judgement import Refusal, Sentence
from postlaunch.agents.loop_state import LoopState, LoopUpdate, Progress
from postlaunch.agents.prompting import Briefing, consult_question
from postlaunch.agents.slots import verify_prose, verify_sentence
from postlaunch.agents.transcript import Transcript
from postlaunch.errors import ModelError
from postlaunch.events import EventKind
from postlaunch.llm.seat import AnySeat

NO_MODEL = "no model is configured"

BenchFor = Callable[[str], Bench]
"""The bench of a run, by the run's id; asked by every node, so that a resumed run gets the one it has now."""


@dataclass(frozen=True)
class Loop:
    """One specialist, where its benches come from, and whom it may ask."""

    specialist: Specialist
    bench_for: BenchFor
    colleagues: Mapping[str, Specialist]


@dataclass(frozen=True)
class Desk:
    """A node's view of its loop."""

    loop: Loop
    state: LoopState
    bench: Bench
    progress: Progress
    findings: Findings
    transcript: Transcript

    @classmethod
    def of(cls, loop: Loop, state: LoopState) -> Desk:
        """The desk as the documents of the ledger and the state describe it."""
        progress = state["progress"]
        bench = loop.bench_for(state["run"]).beneath(progress.root)
        findings = Findings.model_validate(bench.document(f"{progress.base}/findings"))
        transcript = Transcript.read(bench.document, progress.work, progress.turns)
        return cls(loop, state, bench, progress, findings, transcript)

    @property
    def name(self) -> str:
        """The specialist's name."""
        return self.loop.specialist.name

    @property
    def assignment(self) -> Assignment:
        """What it was asked."""
        return self.state["assignment"]

    @property
    def seat(self) -> AnySeat:
        """The model.

        Raises:
            ModelError: there is none.
        """
        if self.bench.seat is None:
            raise ModelError(NO_MODEL, "name one in [model] of postlaunch.toml")
        return self.bench.seat

    @property
    def book(self) -> FactBook:
        """What may be cited now: the facts of step 1, then those that replies brought."""
        currency = self.bench.settings.application.currency
        return FactBook((*self.findings.facts, *self.transcript.facts), currency=currency)

    @property
    def names(self) -> frozenset[str]:
        """What may be named plainly beside the facts' entities."""
        application = self.bench.settings.application
        return frozenset(filter(None, (application.name, application.version, *self.findings.names)))

    def supposition(self, template: str, book: FactBook) -> Sentence | Refusal:
        """What stands of a sentence that says or asks why something may be so."""
        objectives = self.bench.settings.objectives
        return verify_sentence(template, book, entities=self.names, objectives=objectives, mood="supposition")

    def question(self, template: str) -> Sentence | Refusal:
        """What stands of a question. It claims nothing, so one without figures may ask "how many"."""
        checked = self.supposition(template, self.book)
        if isinstance(checked, Sentence) or "{" in template:
            return checked
        prose = verify_prose(template, entities=self.names | self.book.entities)
        return prose if isinstance(prose, Sentence) else checked

    @property
    def bounds(self) -> Bounds:
        """Whom the specialist may ask now."""
        return Bounds(
            specialist=self.loop.specialist,
            colleagues=self.loop.colleagues,
            depth=self.assignment.depth,
            most_depth=self.bench.settings.budget.consult_depth,
            chain=self.state.get("chain", ()),
        )

    @property
    def briefing(self) -> Briefing:
        """What the model's messages are made from."""
        chain = self.state.get("chain", ())
        question = self.assignment.question
        return Briefing(
            bench=self.bench,
            specialist=self.loop.specialist,
            assignment=self.assignment,
            question=consult_question(chain[-1], question) if chain else question,
            findings=self.findings,
            transcript=self.transcript,
            book=self.book,
            colleagues=self.bounds.open_to,
        )

    def tell(self, kind: EventKind, text: str, *, parent: int | None = None, **data: object) -> int:
        """Record an event of this loop; gives its `seq`."""
        return tell(self.bench, self.name, kind, text, parent=parent, **data)

    def onward(self, **changes: object) -> LoopUpdate:
        """The state's change when the loop moves on."""
        return {"progress": self.progress.model_copy(update=changes)}

    def degraded(self, error: ModelError, **changes: object) -> LoopUpdate:
        """The model failed: say so, and compose with what there is."""
        problem = f"{self.name}: {error}"
        self.tell("degraded", problem, reason=str(error), remedy=error.remedy)
        self.bench.note(problem)
        return self.onward(problems=(*self.progress.problems, problem), then="compose", **changes)


def tell(
    bench: Bench, agent: str, kind: EventKind, text: str, *, parent: int | None = None, **data: object
) -> int:
    """Record an event of a specialist; gives its `seq`."""
    event = bench.recorder.emit(
        kind,
        text,
        agent=agent,
        parent=bench.under if parent is None else parent,
        data=JSON_OBJECT.validate_python(data),
    )
    return event.seq
