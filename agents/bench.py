"""What a specialist works at: the sources, the ledger, the model, the budget; and what it hands over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol

from pydantic import Field, JsonValue, TypeAdapter
from pydantic_core import to_jsonable_python

from postlaunch.agents.judgement import Judgement, Refusal, Verdict, VerifiedJudgement
from postlaunch.errors import UsageError
from postlaunch.events import Happening, Recorder
from postlaunch.facts import Fact, Frozen
from postlaunch.printing import fact_text
from postlaunch.settings import Settings
from postlaunch.tools.measurement import (
    REGISTRY,
    Limits,
    MeasurementResult,
    Parameters,
    Registry,
    Source,
    run_measurement,
)
from postlaunch.windows import Clock, Window

if TYPE_CHECKING:
    from postlaunch.llm.budget import BudgetMeter
    from postlaunch.llm.privacy import Pseudonyms
    from postlaunch.llm.seat import AnySeat
    from postlaunch.llm.usage import Usage

JSON_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])

Document = dict[str, JsonValue]
"""One stored document of a run: findings, a model's turn, a judgement, a report."""

RefsOf = Callable[[tuple[Fact, ...]], Mapping[str, str]]
"""Names new facts for a model: fact id → "F3"."""


class Assignment(Frozen):
    """What a workflow, or another specialist, asks of one.

    Attributes:
        question: in words; for a workflow the report's own question.
        depth: 0 for a workflow's assignment, and one more for each consult it passed through.
    """

    workflow: str
    question: str
    window: Window | None = None
    baseline: Window | None = None
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    depth: int = 0


class Findings(Frozen):
    """What step 1 hands to the steps after it.

    Attributes:
        facts: in the order in which a model sees them as F1 … Fn.
        draft: the report as it stands on rules alone, as JSON of its typed model.
        texts: text from outside that belongs to the facts, for a model only fenced as data.
        names: what a sentence may name plainly beside the facts' entities, and a recommendation may be for:
            items' ids and titles, owners.
        problems: configured sources that failed, in words.
    """

    facts: tuple[Fact, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    draft: dict[str, JsonValue] = Field(default_factory=dict)
    texts: tuple[dict[str, JsonValue], ...] = ()
    names: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def _no_document(name: str) -> Document | None:
    raise UsageError(f"this bench keeps no documents: {name} was looked for", "give Bench a document=")


def _nowhere(name: str, body: Document) -> None:
    raise UsageError(f"this bench keeps no documents: {name} was to be kept", "give Bench a put_document=")


@dataclass(frozen=True)
class Bench:
    """Everything a specialist may use in one run. No global stands beside it.

    Attributes:
        kept: stores facts in the ledger under the run's lease.
        document: the run's document of this name, or None.
        put_document: stores a document; the same name again replaces it.
        seat: the one way to a model; None when none is configured.
        budget: counts tool calls and consults of the whole run against the settings; None: uncounted.
        pseudonyms: hides people in text from outside before a model sees it; None: nothing is hidden.
        note: told what the run had to do without, in words.
        spent: what a specialist's calls of the model used in this run, from its "usage" events; None: what
            the whole run used since it was opened stands in for it.
        registry: where measurements are looked up.
        under: `seq` of the event that calls stand under when no parent is named.
    """

    settings: Settings
    sources: Mapping[str, Source]
    recorder: Recorder
    clock: Clock
    kept: Callable[[tuple[Fact, ...]], None] = field(default=lambda facts: None)
    document: Callable[[str], Document | None] = _no_document
    put_document: Callable[[str, Document], None] = _nowhere
    seat: AnySeat | None = None
    budget: BudgetMeter | None = None
    pseudonyms: Pseudonyms | None = None
    note: Callable[[str], None] = field(default=lambda problem: None)
    spent: Callable[[str], Usage] | None = None
    registry: Registry = field(default_factory=lambda: REGISTRY)
    under: int | None = None

    def beneath(self, event: int) -> Bench:
        """This bench, with calls recorded under an event."""
        return replace(self, under=event)

    def hide(self, text: str) -> str:
        """Text as a model may see it: without the people in it."""
        return self.pseudonyms.hide(text) if self.pseudonyms else text

    def used(self, agent: str) -> Usage:
        """What a specialist's calls of the model used."""
        from postlaunch.llm.usage import Usage

        if self.spent is not None:
            return self.spent(agent)
        return self.seat.usage if self.seat else Usage()

    def measure(
        self,
        agent: str,
        name: str,
        parameters: Parameters | Mapping[str, object],
        *,
        parent: int | None = None,
        refs: RefsOf | None = None,
    ) -> MeasurementResult:
        """Run one measurement and record the call, its result and its facts. Blocking.

        Args:
            refs: how a model will call the new facts; recorded beside each.

        Raises:
            UsageError: no such measurement, or parameters that do not fit.
        """
        limits = Limits(rows=self.settings.budget.rows, seconds=self.settings.budget.query_seconds)
        given = json_parameters(parameters)
        call = self.recorder.emit(
            "tool",
            f"{name}({arguments_text(given)})",
            agent=agent,
            parent=self.under if parent is None else parent,
            data={"tool": name, "arguments": given},
        )
        result = run_measurement(name, given, self.sources, limits, self.registry)
        self.kept(result.facts)
        self._record(agent, name, result, call.seq, refs(result.facts) if refs else {})
        return result

    def _record(
        self, agent: str, name: str, result: MeasurementResult, call: int, refs: Mapping[str, str]
    ) -> None:
        said = f"{len(result.facts)} facts" if result.status == "ok" else f"{result.status}: {result.reason}"
        ids = [fact.id for fact in result.facts]
        about: Document = {"tool": name, "status": result.status, "facts": [*ids]}
        self.recorder.emit_all(
            [
                Happening("result", said, agent, call, about),
                *(self._happening(fact, agent, call, refs) for fact in result.facts),
            ]
        )

    def _happening(self, fact: Fact, agent: str, call: int, refs: Mapping[str, str]) -> Happening:
        text = fact_text(fact, currency=self.settings.application.currency)
        data: Document = {"id": fact.id, "text": text, "name": fact.name, "entity": fact.entity}
        if fact.id in refs:
            data["ref"] = refs[fact.id]
        return Happening("fact", f"{fact.definition.title}, {fact.entity}: {text}", agent, call, data)


def json_parameters(parameters: Parameters | Mapping[str, object]) -> Document:
    """Parameters as JSON; what is not given is left out."""
    given = dict(parameters) if isinstance(parameters, Mapping) else parameters.model_dump()
    known = {name: value for name, value in given.items() if value is not None}
    return JSON_OBJECT.validate_python(to_jsonable_python(known))


def arguments_text(given: Mapping[str, object]) -> str:
    """Arguments as a person reads them: a window by its label or its days, a plan by its name."""
    return ", ".join(f"{key}={_argument_text(value)}" for key, value in given.items())


def _argument_text(value: object) -> str:
    if isinstance(value, dict) and {"start", "end"} <= value.keys() <= Window.model_fields.keys():
        window = Window.model_validate(value)
        return window.label or window.days()
    return str(value["name"]) if isinstance(value, dict) and "name" in value else str(value)


class Measure(Protocol):
    """Step 1 of a specialist: measurements and rules. Blocking; runs in a thread."""

    def __call__(self, bench: Bench, assignment: Assignment) -> Findings:
        """Measure what the report always needs, apply the rules, draft the report."""
        ...


class Compose(Protocol):
    """The last step: the verified judgement into the drafted report."""

    def __call__(
        self, bench: Bench, assignment: Assignment, findings: Findings, judgement: VerifiedJudgement
    ) -> dict[str, JsonValue]:
        """The final report as JSON of its typed model."""
        ...


class VerifyExtra(Protocol):
    """Step 4 for what a specialist's own judgement type adds to `Judgement`. Blocking; calls no model."""

    def __call__(
        self, bench: Bench, assignment: Assignment, findings: Findings, judgement: Judgement
    ) -> tuple[Document, tuple[Refusal, ...]]:
        """What stands, for `VerifiedJudgement.extra`, and what does not."""
        ...


@dataclass(frozen=True)
class Specialist:
    """One specialist, declared: what it may call, what it may say, and its own code.

    Attributes:
        tools: names of the measurements its model may call.
        consults: names of the specialists it may ask.
        judgement: the type its model returns in step 3.
        sections: the report's sections its findings may go to.
        prompt: file name in `prompts/`.
        verify_extra: verifies what `judgement` adds to `Judgement`; None where it adds nothing.
        usual: parameters that the settings decide, by name: its model is not asked for them, and every
            measurement it calls that has one of them gets it.
    """

    name: str
    role: str
    status: Literal["new", "existing"]
    priority: Literal["CRITICAL", "MEDIUM", "LOW"]
    tools: tuple[str, ...]
    consults: tuple[str, ...]
    judgement: type[Judgement]
    sections: tuple[str, ...]
    prompt: str
    measure: Measure
    compose: Compose
    verify_extra: VerifyExtra | None = None
    usual: Callable[[Settings], Document] = field(default=lambda settings: {})
