"""The parts of an incident report, typed. They hold what was measured and decided, and compute neither."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from postlaunch.facts import Frozen, Quantity, Unavailable
from postlaunch.reports.judged import NEEDS_A_MODEL, Author, Sentence
from postlaunch.reports.targets import Target

IncidentStatus = Literal[
    "Not confirmed",  # something was reported, and no request failed beyond the usual
    "Detected",  # failures go on, and nobody answered
    "Investigating",  # somebody answered
    "Identified",  # the cause, or what to do, is known
    "Monitoring",  # the failures ended a moment ago
    "Resolved",
]
LIFECYCLE: tuple[IncidentStatus, ...] = (
    "Detected",
    "Investigating",
    "Identified",
    "Monitoring",
    "Resolved",
)
"""The states an incident passes through, in order."""

Confidence = Literal["high", "medium", "low", "inconclusive"]
CauseState = Literal["root cause", "contributes", "stands", "ruled out", "no sign of it", "not looked at"]
ClockVerdict = Literal["kept", "missed", "not recorded", "not due"]
AllowanceVerdict = Literal["within", "exceeded", "not available"]

NOT_RECORDED = Unavailable(reason="not recorded")


class TimelineEntry(Frozen):
    """One thing that happened, and where that is known from.

    Attributes:
        source: the source that tells: "requests", "alerts", "changes", "logs", "resources".
        milestone: which milestone of the handling it is; empty where it is none.
    """

    at: Quantity
    event: Sentence
    source: str
    milestone: str = ""


class Milestone(Frozen):
    """A step of the handling that a timeline should tell: when, or that nobody recorded it."""

    name: str
    title: str
    at: Quantity = NOT_RECORDED
    source: str = ""


class UsersAffected(Frozen):
    """How many users were hit.

    Attributes:
        share: of `of`.
        of: what the share is of, in words.
        estimated: the number is no count of users who failed; `basis` says what it rests on.
    """

    count: Quantity
    share: Quantity
    of: str = ""
    estimated: bool = False
    basis: str = ""


class Allowance(Frozen):
    """What the uptime objective allows over its window, and what of it is gone, in minutes or in requests.

    Attributes:
        used: by this incident.
        spent: by everything in the objective's window up to the incident's end, this incident included.
        allowed: over the whole window.
    """

    by: Literal["time", "requests"]
    target: Target
    used: Quantity
    spent: Quantity
    allowed: Quantity
    verdict: AllowanceVerdict
    because: Sentence

    @property
    def objective(self) -> str:
        """The objective as printed: "Uptime 99.9%"."""
        return f"{self.target.title} {self.target.text()}"


class AlertFired(Frozen):
    """An alert on failing requests that fired, against its rule as the launch left it.

    Attributes:
        threshold, lasting: share of failing requests, and for how long, from which the rule fires.
        extreme: the share at its worst.
        after: from the start of the failures until it fired.
    """

    name: str
    threshold: Quantity
    lasting: Quantity
    extreme: Quantity
    after: Quantity


class Clock(Frozen):
    """A clock of the response: how long something may take, how long it took, and the verdict."""

    name: str
    title: str
    limit: str
    took: Quantity
    verdict: ClockVerdict
    because: Sentence


class CauseConsidered(Frozen):
    """A supposed cause, what speaks for it and against it, and what became of it.

    Attributes:
        name: its kind: "pool", "memory", "cpu", "disk", "change", "dependency", "code", "pod", "traffic", …
        sources: the independent sources that speak for it.
    """

    name: str
    title: str
    state: CauseState
    sources: tuple[str, ...] = ()
    supports: tuple[Sentence, ...] = ()
    against: tuple[Sentence, ...] = ()


class RootCause(Frozen):
    """What caused the incident, as far as the evidence goes.

    Attributes:
        name: kind of the cause; empty where the evidence is inconclusive.
        because: why the confidence is what it is.
        chain: from what set it off to what users saw.
    """

    name: str = ""
    title: str
    confidence: Confidence
    because: Sentence
    chain: tuple[Sentence, ...] = ()


class LongTermFix(Frozen):
    """Something that keeps the incident from coming back.

    Attributes:
        because: the finding it answers.
        candidate: id of the candidate item that is already declared for it; empty where there is none.
        includes: what a rule asks for beside, and that item covers.
    """

    action: Sentence
    because: Sentence
    candidate: str = ""
    includes: tuple[Sentence, ...] = ()


class ActionLine(Frozen):
    """Something to be done after the incident.

    Attributes:
        key: names it among the incident's items in the ledger.
        because: the finding it answers.
        state: "proposed" until the ledger has it.
        id: of the item in the ledger.
        overdue: nobody has closed it, and its day was past when the report was made.
    """

    key: str
    owner: str
    action: Sentence
    due: date
    because: Sentence
    state: Literal["proposed", "open", "closed"] = "proposed"
    id: str = ""
    overdue: bool = False

    @property
    def by(self) -> Author:
        """Who says that it should be done."""
        return self.action.by


class HotfixStep(Frozen):
    """One step of a hotfix and who does it."""

    owner: str
    step: str


class Hotfix(Frozen):
    """Whether a hotfix is to be made, and its steps where it is."""

    needed: bool
    because: Sentence
    steps: tuple[HotfixStep, ...] = ()


class RunbookUsed(Frozen):
    """The runbook of an alert, as the launch left it."""

    alert: str
    steps: tuple[str, ...] = ()
    escalation: tuple[str, ...] = ()


class Drafted(Frozen):
    """A message as it could be sent. Nothing here was sent: a person does that.

    Attributes:
        to: "#engineering", "status page", "customers".
        text: empty where none is to be sent.
        because: why it is drafted, or why not.
    """

    to: str
    text: str
    because: Sentence = Sentence(text="")


class Communication(Frozen):
    """Who is told what.

    Attributes:
        meeting: when the post-mortem is to be held.
    """

    internal: Drafted
    meeting: Sentence
    status_page: Drafted
    email: Drafted


class PostMortem(Frozen):
    """What went well, and what could be improved: by rules from the clocks, and what a model adds."""

    well: tuple[Sentence, ...] = ()
    improve: tuple[Sentence, ...] = ()
    lessons: tuple[Sentence, ...] = (Sentence(text=NEEDS_A_MODEL),)


class IncidentHeadline(Frozen):
    """What a person at seven in the morning needs.

    Attributes:
        state: status, severity, what it was, and how much is left to do, in a sentence.
        do: the first thing to be done; "nothing" is said, not left out.
        decides: who.
        remarks: what the specialist adds.
    """

    state: Sentence
    do: Sentence
    decides: str
    remarks: tuple[Sentence, ...] = ()


class SeverityStated(Frozen):
    """The severity, and the figures that decided it.

    Attributes:
        others: figures that would have given a lesser one.
    """

    level: Literal["SEV-1", "SEV-2", "SEV-3", "SEV-4", ""]
    because: tuple[Sentence, ...] = ()
    others: tuple[Sentence, ...] = Field(default=())
