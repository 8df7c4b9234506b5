"""What a specialist works at: the sources, the ledger, the model, the budget; and what it hands over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pydantic import Field, JsonValue, TypeAdapter

from postlaunch.agents.judgement import Judgement, Verdict, VerifiedJudgement
from postlaunch.events import Recorder
from postlaunch.facts import Fact, Frozen
from postlaunch.printing import fact_text
from postlaunch.settings import Settings
from postlaunch.tools.measurement import (
    Limits,
    MeasurementResult,
    Parameters,
    Source,
    run_measurement,
)
from postlaunch.windows import Clock, Window


JSON_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


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
        problems: configured sources that failed, in words.
    """

    facts: tuple[Fact, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    draft: dict[str, JsonValue] = Field(default_factory=dict)
    texts: tuple[dict[str, JsonValue], ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bench:
    """Everything a specialist may use in one run. No global stands beside it."""

    settings: Settings
    sources: Mapping[str, Source]
    recorder: Recorder
    clock: Clock
    kept: Callable[[tuple[Fact, ...]], None] = field(default=lambda facts: None)
    """Stores facts in the ledger under the run's lease."""

    def measure(
        self,
        agent: str,
        name: str,
        parameters: Parameters | Mapping[str, object],
        *,
        parent: int | None = None,
    ) -> MeasurementResult:
        """Run one measurement and record the call, its result and its facts. Blocking.

        Raises:
            UsageError: no such measurement, or parameters that do not fit.
        """
        limits = Limits(rows=self.settings.budget.rows, seconds=self.settings.budget.query_seconds)
        given = (
            parameters.model_dump(mode="json", exclude_none=True)
            if isinstance(parameters, Parameters)
            else dict(parameters)
        )
        call = self.recorder.emit(
            "tool",
            f"{name}({_arguments(given)})",
            agent=agent,
            parent=parent,
            data={"tool": name, "arguments": JSON_OBJECT.validate_python(given)},
        )
        result = run_measurement(name, given, self.sources, limits)
        self.kept(result.facts)
        self.recorder.emit(
            "result",
            f"{len(result.facts)} facts" if result.status == "ok" else f"{result.status}: {result.reason}",
            agent=agent,
            parent=call.seq,
            data={"tool": name, "status": result.status, "facts": [fact.id for fact in result.facts]},
        )
        for fact in result.facts:
            self.recorder.emit(
                "fact",
                f"{fact.definition.title}, {fact.entity}: {fact_text(fact)}",
                agent=agent,
                parent=call.seq,
                data={"id": fact.id, "text": fact_text(fact), "name": fact.name, "entity": fact.entity},
            )
        return result


def _arguments(given: Mapping[str, object]) -> str:
    """Arguments as a person reads them: a window by its label or its days."""
    shown = []
    for key, value in given.items():
        if isinstance(value, dict) and "start" in value:
            window = Window.model_validate(value)
            shown.append(f"{key}={window.label or window.days()}")
        else:
            shown.append(f"{key}={value}")
    return ", ".join(shown)


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


@dataclass(frozen=True)
class Specialist:
    """One specialist, declared: what it may call, what it may say, and its own code.

    Attributes:
        tools: names of the measurements its model may call.
        consults: names of the specialists it may ask.
        judgement: the type its model returns in step 3.
        sections: the report's sections its findings may go to.
        prompt: file name in `prompts/`.
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
