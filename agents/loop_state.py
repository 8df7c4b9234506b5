"""What a specialist's graph keeps in its state: small frozen values; everything big is in the ledger."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from pydantic import Field

from postlaunch.agents.bench import Assignment
from postlaunch.agents.judgement import Provenance
from postlaunch.facts import Frozen

Step = Literal["measure", "investigate", "act", "consult", "judge", "verify", "compose"]


class Outcome(Frozen):
    """What a specialist's loop leaves behind: the names of its documents, and how they came about.

    Attributes:
        findings, judgement, report: documents of the run, of the types `Findings`, `VerifiedJudgement`, and
            the specialist's own.
        digest: SHA-256 of the report's canonical JSON.
        problems: what the specialist had to do without: sources that failed, a model that failed.
    """

    agent: str
    findings: str
    judgement: str
    report: str
    digest: str
    provenance: Provenance = Provenance()
    problems: tuple[str, ...] = ()

    @property
    def degraded(self) -> bool:
        """Whether a configured source or the model failed on the way."""
        return bool(self.problems)


class Progress(Frozen):
    """How far a loop is.

    Attributes:
        base: prefix of the documents others read: the specialist's name, or where a consult stands.
        work: prefix of the loop's own documents; it depends on the assignment, so that a second assignment
            to the same specialist in one run starts afresh.
        root: `seq` of the event that all events of the loop stand under.
        turns: model turns of the investigation.
        attempts: judgements the model gave; one more than the repairs.
        ended: why the investigation ended before the model said so; empty where it did.
        alone: why the rules stand alone; empty while the model has a say.
        then: the step that comes next.
    """

    base: str
    work: str
    root: int
    turns: int = Field(default=0, ge=0)
    attempts: int = Field(default=0, ge=0)
    ended: str = ""
    alone: str = ""
    problems: tuple[str, ...] = ()
    then: Step = "investigate"


def with_outcomes(known: dict[str, Outcome] | None, new: dict[str, Outcome] | None) -> dict[str, Outcome]:
    """The reducer of `outcomes`: specialists that work side by side each add their own."""
    return {**(known or {}), **(new or {})}


Outcomes = Annotated[dict[str, Outcome], with_outcomes]
"""The channel a parent graph declares: `outcomes: Outcomes`, by the specialist's name."""


class LoopInput(TypedDict):
    """What a specialist's graph is given.

    `base` names its documents where the specialist's own name would not do; `under` is the event it stands
    beneath; `chain` names the specialists that wait for its answer.
    """

    run: str
    assignment: Assignment
    base: NotRequired[str]
    under: NotRequired[int | None]
    chain: NotRequired[tuple[str, ...]]


class LoopOutput(TypedDict, total=False):
    """What a specialist's graph gives back: the name of its report's document, and all of its outcome."""

    report: str
    outcomes: Outcomes


class LoopState(LoopInput, LoopOutput):
    """The whole state of one loop."""

    progress: NotRequired[Progress]


class LoopUpdate(TypedDict, total=False):
    """What a node returns."""

    progress: Progress
    report: str
    outcomes: dict[str, Outcome]


STATE_TYPES: tuple[type[Frozen], ...] = (Assignment, Outcome, Progress, Provenance)
"""What a checkpoint of a loop holds; a checkpointer's serialiser must allow these types and `Window`."""
