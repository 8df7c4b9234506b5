"""How well verification tells right judgements from wrong: `python -m postlaunch.evals.judgement_corpus`.

The corpus is `judgements/*.json`, written by hand: fact books (`books.json`), judgements over them, and
`heldout-*.json`, which were written after the rules and first run against them unchanged. Each case is one
sentence with its mood, or a whole judgement. A wrong case counts as stopped when nothing of it stands; a
right one as kept when nothing of it is refused.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from typing import Literal

from pydantic import Field, TypeAdapter

from postlaunch.agents.judgement import (
    Claim,
    Hypothesis,
    Judgement,
    Recommendation,
    VerifiedJudgement,
)
from postlaunch.agents.slots import FactBook, Mood, verify_judgement
from postlaunch.facts import Definition, Fact, Frozen, Measurement, Unit
from postlaunch.settings_objectives import DEFAULT_OBJECTIVES
from postlaunch.windows import ISO_WEEK, Window, parse_week, zone_named

SECTIONS = ("summary", "incidents", "errors", "performance", "feedback", "capacity")
SUBJECTS = ("application", "p95_response_time", "error_rate", "uptime", "PA-1")
FOLDER = files("postlaunch.evals") / "judgements"
WRONG_STOPPED = 0.98
RIGHT_KEPT = 0.95
HELDOUT_KEPT = 0.80
"""Of held-out sentences, some of which break the rules that a model is told; see docs/verification.md."""


class FactRow(Frozen):
    """One fact of a book, in short."""

    name: str
    title: str
    unit: Unit
    value: float
    before: float | None = None
    entity: str = "application"
    n: int = 1000
    better: Literal["higher", "lower"] | None = None
    measurement: str = "request_summary"
    limit: int | None = None


class BookRow(Frozen):
    """A fact book: every fact has its window, and the one before it as baseline."""

    window: str
    zone: str
    source: str = "requests"
    entities: tuple[str, ...] = ()
    facts: tuple[FactRow, ...]


class Case(Frozen):
    """One judgement over a book, right or wrong.

    Attributes:
        kind: the class it belongs to, e.g. "direction"; for a right one what kind of sentence it is.
        text: one sentence, or
        judgement: a whole judgement.
    """

    book: str
    verdict: Literal["right", "wrong"]
    kind: str
    mood: Mood = "finding"
    text: str = ""
    judgement: Judgement | None = None

    def whole(self) -> Judgement:
        """The case as a whole judgement."""
        if self.judgement is not None:
            return self.judgement
        if self.mood == "finding":
            return Judgement(findings=(Claim(section="summary", text=self.text),))
        if self.mood == "proposal":
            why = "The people on call asked for it."
            return Judgement(
                recommendations=(Recommendation(target="application", action=self.text, rationale=why),)
            )
        return Judgement(
            hypotheses=(Hypothesis(statement=self.text, state="open", because="The log does not tell yet."),)
        )


class CorpusFile(Frozen):
    """A file of cases."""

    cases: tuple[Case, ...] = Field(min_length=1)


BOOKS: TypeAdapter[dict[str, BookRow]] = TypeAdapter(dict[str, BookRow])


@dataclass
class Tally:
    """Cases of one class, and those that went as they should."""

    cases: int = 0
    good: int = 0
    astray: list[tuple[Case, VerifiedJudgement]] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Share that went as it should."""
        return self.good / self.cases if self.cases else 1.0


def window_named(text: str, zone: str) -> Window:
    """A window of a book: an ISO week "2026-W07", a day "2026-02-11" or a month "2026-01"."""
    if ISO_WEEK.match(text):
        return parse_week(text, zone)
    place = zone_named(zone)
    if len(text) == len("2026-01"):
        start = datetime.fromisoformat(f"{text}-01").replace(tzinfo=place)
        following = date(start.year + start.month // 12, start.month % 12 + 1, 1)
        return Window(start=start, end=datetime(following.year, following.month, 1, tzinfo=place), zone=zone)
    start = datetime.fromisoformat(text).replace(tzinfo=place)
    return Window(start=start, end=start.replace(day=start.day + 1), zone=zone)


def book_of(row: BookRow) -> FactBook:
    """The fact book of a row."""
    window = window_named(row.window, row.zone)
    return FactBook([_fact(fact, window, row.source) for fact in row.facts])


def _fact(row: FactRow, window: Window, source: str) -> Fact:
    return Fact(
        name=row.name,
        value=row.value,
        unit=row.unit,
        entity=row.entity,
        window=window,
        definition=Definition(
            name=row.name, title=row.title, statement=row.title, unit=row.unit, better=row.better
        ),
        measurement=Measurement(
            name=row.measurement,
            parameters={} if row.limit is None else {"limit": row.limit},
            source=source,
            fingerprint="corpus",
        ),
        n=row.n,
        baseline=row.before,
        baseline_window=None if row.before is None else window.before(),
    )


def books() -> dict[str, BookRow]:
    """Every fact book of the corpus."""
    return BOOKS.validate_json((FOLDER / "books.json").read_text(encoding="utf-8"))


def cases(*, heldout: bool) -> tuple[Case, ...]:
    """The cases of the corpus, or of the held-out set."""
    return tuple(
        case
        for file in sorted(FOLDER.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".json") and file.name != "books.json"
        if file.name.startswith("heldout") == heldout
        for case in CorpusFile.model_validate(json.loads(file.read_text(encoding="utf-8"))).cases
    )


def verified(case: Case, rows: dict[str, BookRow]) -> VerifiedJudgement:
    """What verification makes of a case."""
    row = rows[case.book]
    return verify_judgement(
        case.whole(),
        book_of(row),
        sections=SECTIONS,
        verdict_subjects=SUBJECTS,
        entities=frozenset(row.entities),
        objectives=DEFAULT_OBJECTIVES,
    )


def as_it_should(case: Case, found: VerifiedJudgement) -> bool:
    """A right case is kept whole; of a wrong one nothing stands."""
    if case.verdict == "right":
        return not found.refusals
    return not (found.findings or found.hypotheses or found.recommendations or found.disputes)


def tallies(of: Iterable[Case]) -> dict[tuple[str, str], Tally]:
    """Verdict and class → its tally."""
    rows, table = books(), defaultdict[tuple[str, str], Tally](Tally)
    for case in of:
        tally, found = table[(case.verdict, case.kind)], verified(case, rows)
        tally.cases += 1
        if as_it_should(case, found):
            tally.good += 1
        else:
            tally.astray.append((case, found))
    return dict(table)


def total(table: dict[tuple[str, str], Tally], verdict: str) -> Tally:
    """All classes of one verdict together."""
    parts = [tally for (of, _), tally in table.items() if of == verdict]
    return Tally(
        cases=sum(part.cases for part in parts),
        good=sum(part.good for part in parts),
        astray=[one for part in parts for one in part.astray],
    )


def lines(table: dict[tuple[str, str], Tally], *, astray: bool = False) -> Iterator[str]:
    """The table as a person reads it: per class, then the two totals."""
    for verdict, word in (("wrong", "stopped"), ("right", "kept")):
        for (of, kind), tally in sorted(table.items()):
            if of == verdict:
                yield f"  {kind:<28} {tally.good:>3} of {tally.cases:<3} {word}"
                if astray:
                    yield from map(_astray_line, tally.astray)
        whole = total(table, verdict)
        yield f"{verdict}: {whole.good} of {whole.cases} {word} ({whole.share:.1%})"


def _astray_line(one: tuple[Case, VerifiedJudgement]) -> str:
    case, found = one
    reasons = "; ".join(reason for refusal in found.refusals for reason in refusal.reasons)
    return f"      [{case.book}] {case.text or _shown(case.judgement)}\n        {reasons or 'stood'}"


def _shown(judgement: Judgement | None) -> str:
    return "" if judgement is None else judgement.model_dump_json(exclude_defaults=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both tables; the exit code is 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description="Verification over the corpus of judgements")
    parser.add_argument("--astray", action="store_true", help="also print every case that went astray")
    options = parser.parse_args(arguments)
    met = True
    for title, heldout in (("corpus", False), ("held out", True)):
        table = tallies(cases(heldout=heldout))
        print(title)
        print("\n".join(lines(table, astray=options.astray)))
        stopped, kept = total(table, "wrong").share, total(table, "right").share
        met = met and stopped >= WRONG_STOPPED and kept >= (HELDOUT_KEPT if heldout else RIGHT_KEPT)
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
