"""What a model is told: the files of `prompts/`, filled in with the assignment, the facts and the replies.

Messages hold no clock and no random id: the same documents make the same messages, so that a recorded run
replays and a resumed one continues the conversation it had.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from postlaunch.agents.bench import Assignment, Bench, Findings, Specialist
from postlaunch.agents.briefing import book_lines, fenced_texts, outside, verdict_lines
from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.judgement import Judgement, Refusal
from postlaunch.agents.transcript import HypothesisNote, Transcript
from postlaunch.facts import Fact
from postlaunch.llm.fence import fenced
from postlaunch.printing import window_text
from postlaunch.windows import Window

HOUSE = "house.md"
STEPS = ("assignment.md", "investigate.md", "judge.md", "repair.md")


@cache
def prompt(name: str) -> str:
    """The text of one file of `prompts/`."""
    return files("postlaunch.prompts").joinpath(name).read_text(encoding="utf-8")


def prompt_digests(specialist: Specialist, *, asked: bool = False) -> dict[str, str]:
    """File → SHA-256 of every prompt that a specialist's model is shown; `asked`: by a colleague."""
    names = (HOUSE, specialist.prompt, *STEPS, *(("answer.md",) if asked else ()))
    return {name: hashlib.sha256(prompt(name).encode()).hexdigest() for name in names}


def _filled(name: str, **words: str) -> str:
    return Template(prompt(name)).substitute(words).strip()


@dataclass(frozen=True)
class Briefing:
    """Everything that the messages of one loop are made from.

    Attributes:
        question: the assignment as the model is told it; a consult's is worded by its own prompt.
        book: every fact that may be cited now.
        colleagues: whom the model may consult.
    """

    bench: Bench
    specialist: Specialist
    assignment: Assignment
    question: str
    findings: Findings
    transcript: Transcript
    book: FactBook
    colleagues: tuple[str, ...] = ()

    def investigation(self) -> list[BaseMessage]:
        """The messages before the next turn of the investigation."""
        told = f"{self._assignment(())}\n\n{prompt('investigate.md').strip()}"
        return [self._system(), HumanMessage(told), *self.transcript.messages()]

    def judgement(
        self, ending: str, attempts: Sequence[tuple[Judgement, Sequence[Refusal]]] = ()
    ) -> list[BaseMessage]:
        """The messages before a judgement: all facts afresh; each earlier attempt with what was refused."""
        task = _filled(
            "judge.md",
            ending=ending,
            hypotheses=self._hypotheses(),
            answers=self._answers(),
            sections=", ".join(self.specialist.sections) or "none",
        )
        messages = [self._system(), HumanMessage(f"{self._assignment(self.transcript.facts)}\n\n{task}")]
        for judgement, refusals in attempts:
            messages.append(AIMessage(judgement.model_dump_json()))
            messages.append(HumanMessage(_filled("repair.md", refused=refused_lines(refusals))))
        return messages

    def _system(self) -> BaseMessage:
        return SystemMessage(f"{prompt(HOUSE).strip()}\n\n{prompt(self.specialist.prompt).strip()}")

    def _assignment(self, brought: Sequence[Fact]) -> str:
        texts, problems = self.findings.texts, self.findings.problems
        return _filled(
            "assignment.md",
            question=self.question,
            window=_window(self.assignment.window),
            baseline=_window(self.assignment.baseline),
            colleagues=", ".join(self.colleagues) or "none",
            facts=book_lines(self.bench, self._shown_book(brought), brought),
            verdicts=verdict_lines(self.bench, self.findings.verdicts),
            texts=f"\n{fenced_texts(self.bench, 'texts', texts)}\n" if texts else "",
            problems=f"\n{outside(self.bench, 'what failed', '; '.join(problems))}" if problems else "",
        )

    def _shown_book(self, brought: Sequence[Fact]) -> FactBook:
        """The book as far as this message goes: what tools brought stands in their own replies."""
        return self.book if brought else FactBook(self.findings.facts, currency=self.book.currency)

    def _hypotheses(self) -> str:
        notes = self.transcript.hypotheses()
        return "\n".join(_hypothesis_line(note) for note in notes) or "none"

    def _answers(self) -> str:
        answers = [reply.text for reply in self.transcript.replies if reply.colleague]
        return "\n".join(answers) or "none"


def _hypothesis_line(note: HypothesisNote) -> str:
    evidence = f", evidence {', '.join(note.evidence)}" if note.evidence else ""
    return f"{note.id} ({note.state}{evidence}): {note.statement}"


def refused_lines(refusals: Sequence[Refusal]) -> str:
    """Each refused sentence with its reasons, for the model that wrote it."""
    return "\n".join(f"* {refusal.template}\n  Refused: {'; '.join(refusal.reasons)}" for refusal in refusals)


def consult_question(asker: str, question: str) -> str:
    """An assignment as a consulted specialist is told it."""
    return _filled("answer.md", asker=asker, question=fenced(f"question of {asker}", question))


def _window(window: Window | None) -> str:
    return window_text(window) if window else "none"
