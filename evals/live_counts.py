"""What a model wrote in one run and what became of it, counted from the run's own documents and report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

from pydantic import BaseModel, JsonValue

from postlaunch.agents.bench import Document
from postlaunch.agents.judgement import Judgement, Refusal, VerifiedJudgement
from postlaunch.evals.figure_check import wrong_directions, wrong_figures
from postlaunch.facts import Fact
from postlaunch.reports.judged import Dispute, Hypothesis, Recommendation, Sentence
from postlaunch.reports.reading import AnyReport
from postlaunch.settings import Settings

WRITTEN = re.compile(r"(?P<work>.*)/judgement-(?P<attempt>\d+)")
TURN = re.compile(r".*/turn-\d+")

SENTENCES: Mapping[str, tuple[str, ...]] = {
    "findings": ("text",),
    "hypotheses": ("statement", "because"),
    "recommendations": ("action", "rationale"),
    "disputes": ("because",),
}
"""The fields of each part of a judgement that hold a sentence."""

CLASSES: tuple[tuple[str, str], ...] = (
    (r"digit stands|percent sign|currency sign|states a number|spells a number", "figure typed"),
    (r"is no fact|no endpoint|braces|evidence .* no fact", "no such fact or slot"),
    (r"is a verdict|no verdict is on", "verdict"),
    (r"no section is named|target .* is unknown|needs evidence", "no such place"),
    (r"quantity|whole kind|claims a size|nothing else|more than half", "quantity in words"),
    (r"a finding cites a fact", "nothing cited"),
    (r"markup|symbol|plain Latin|invisible|leave a space|side by side|empty|longer than", "not plain text"),
    (r"rose|fell|moved|compared with nothing|movement|clause|held|no change", "direction"),
    (r"does not name|stands beside|is named|path is named|names an endpoint|of what", "wrong entity"),
)
"""Reasons of verification by what they have in common; the first that fits counts. Else "another rule"."""


@dataclass(frozen=True)
class Counts:
    """One run, or several together.

    Attributes:
        attempts: judgements and repairs the model wrote.
        written: sentences in them, each attempt for itself; the same one twice counts once.
        stopped: those that did not stand up to verification.
        kept: those that stand in what was published.
        repaired: of the kept, those that a repair brought.
        calls, ran: tool calls the model made, and those that fitted and ran.
        hypotheses: it stated, while it investigated or in a judgement.
        checked: kept sentences that the second check looked at.
        classes: refusals of verification by class.
        wrong: figures and directions that got through, in words.
    """

    attempts: int = 0
    written: int = 0
    stopped: int = 0
    kept: int = 0
    repaired: int = 0
    calls: int = 0
    ran: int = 0
    hypotheses: int = 0
    checked: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    wrong: tuple[str, ...] = ()

    def __add__(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(
            **{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)}
        )


def class_of(refusal: Refusal) -> str:
    """The class of a refusal, by its first reason."""
    reason = refusal.reasons[0]
    return next((name for form, name in CLASSES if re.search(form, reason)), "another rule")


def refusal_classes(refusals: Sequence[Refusal]) -> Counter[str]:
    """How many refusals of each class."""
    return Counter(map(class_of, refusals))


def written_in(judgement: Judgement) -> int:
    """Sentences in a judgement; a statement made twice counts once."""
    return sum(len(dict.fromkeys(getattr(judgement, part))) * len(names) for part, names in SENTENCES.items())


def templates(judgement: Judgement | VerifiedJudgement) -> frozenset[str]:
    """Every sentence of a judgement as the model wrote it."""
    found: set[str] = set()
    for part, names in SENTENCES.items():
        for item in getattr(judgement, part):
            said = [getattr(item, "sentence" if hasattr(item, "sentence") else name) for name in names]
            found |= {one if isinstance(one, str) else one.template for one in said}
    return frozenset(found)


def standing_in(verified: VerifiedJudgement) -> int:
    """Sentences of a judgement that stand."""
    return sum(len(getattr(verified, part)) * len(names) for part, names in SENTENCES.items())


def counted(documents: Mapping[str, Document]) -> Counts:
    """What the documents of a run say: every specialist that took part, its attempts, turns and replies."""
    total = Counts()
    for name, body in documents.items():
        if found := WRITTEN.fullmatch(name):
            verified = documents.get(f"{found['work']}/verified-{found['attempt']}", {})
            total += _attempt(_judgement(body), VerifiedJudgement.model_validate(verified))
        elif TURN.fullmatch(name):
            total += _turn(body, documents.get(f"{name}/replies", {}))
        elif name.endswith("/judgement"):
            total += _published(name, body, documents)
    return total


def _judgement(body: Document) -> Judgement:
    """The parts that every specialist's judgement has."""
    return Judgement.model_validate({part: body[part] for part in SENTENCES if part in body})


def _attempt(written: Judgement, verified: VerifiedJudgement) -> Counts:
    sentences = written_in(written)
    return Counts(
        attempts=1,
        written=sentences,
        stopped=sentences - standing_in(verified),
        hypotheses=len(dict.fromkeys(written.hypotheses)),
        classes=refusal_classes(verified.refusals),
    )


def _turn(turn: Document, replies: Document) -> Counts:
    told = [reply for reply in _items(replies, "replies") if isinstance(reply, dict)]
    noted = sum(1 for reply in told if reply.get("hypothesis") is not None)
    ran = sum(1 for reply in told if reply.get("ran"))
    return Counts(calls=len(_items(turn, "calls")), ran=ran + noted, hypotheses=noted)


def _published(name: str, body: Document, documents: Mapping[str, Document]) -> Counts:
    """What stands in a specialist's part of the report, and how much of it a repair brought."""
    stands = VerifiedJudgement.model_validate(body)
    agent = name.removesuffix("/judgement")
    first = [
        templates(_judgement(document))
        for other, document in documents.items()
        if re.fullmatch(rf"{re.escape(agent)}/[0-9a-f]+/judgement-1", other)
    ]
    mended = templates(stands) - frozenset().union(*first)
    return Counts(kept=standing_in(stands), repaired=len(mended))


def _items(body: Document, name: str) -> Sequence[JsonValue]:
    value = body.get(name)
    return value if isinstance(value, list) else ()


@dataclass(frozen=True)
class Printed:
    """One sentence of a model as published, with all that the second check needs."""

    text: str
    facts: tuple[Fact, ...]
    names: tuple[str, ...] = ()
    claimed: bool = True

    def wrong(self, settings: Settings) -> tuple[str, ...]:
        """What is wrong with it, in words; empty when nothing is."""
        application = settings.application
        names = (*self.names, application.name, application.version, f"v{application.version}")
        figures = wrong_figures(self.text, self.facts, names, tuple(settings.objectives.values()))
        moves = wrong_directions(self.text, self.facts, claimed=self.claimed)
        return tuple(
            f'{kind} "{one}" in: {self.text}'
            for kind, ones in (("figure", figures), ("direction", moves))
            for one in ones
        )


def printed_in(report: AnyReport) -> Iterator[Printed]:
    """Every sentence by a model in a report, wherever it stands."""
    known = report.evidence.facts

    def of(sentence: Sentence, names: tuple[str, ...] = (), claimed: bool = True) -> Iterator[Printed]:
        if sentence.by == "model":
            yield Printed(sentence.text, tuple(known[fact] for fact in sentence.facts), names, claimed)

    def walk(value: object) -> Iterator[Printed]:
        if isinstance(value, Sentence):
            yield from of(value)
        elif isinstance(value, Hypothesis):
            names = tuple(known[fact].entity for fact in value.evidence)
            yield from of(value.statement, names, False)
            yield from of(value.because, names, False)
        elif isinstance(value, Recommendation):
            yield from of(value.action, (value.target,), False)
            yield from of(value.rationale, (value.target,), False)
        elif isinstance(value, Dispute):
            yield from of(value.objection, (), False)
        elif isinstance(value, BaseModel):
            for name in type(value).model_fields:
                yield from walk(getattr(value, name))
        elif isinstance(value, (tuple, list)):
            for item in value:
                yield from walk(item)

    yield from walk(report)
