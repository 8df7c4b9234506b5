"""How well feature requests are grouped and counted: `python -m postlaunch.evals.feedback`.

Four sets of tickets were written by hand for four products: `feedback/*.csv`, each ticket with what it asks
for, and `feedback/candidates.csv`, which leaves some themes without a candidate. Two sets are held out:
nothing in the method was chosen by looking at how it does on them. The sample, whose tickets come from a
phrase book, is one more set, with several seeds. `--vectors` says by what requests are compared.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import combinations
from pathlib import Path

from postlaunch.sample.generate import generate
from postlaunch.sample.truth import Truth
from postlaunch.settings import Settings
from postlaunch.settings_sources import Sources, TableSource
from postlaunch.sources.candidates import open_candidates
from postlaunch.sources.tickets import Ticket, open_tickets
from postlaunch.tools.backlog_requests import anchors_of
from postlaunch.tools.feedback import group_requests
from postlaunch.tools.feedback_groups import Anchor, Group
from postlaunch.tools.feedback_text import requester_of
from postlaunch.tools.feedback_ways import Way, way_of

FOLDER = files("postlaunch.evals") / "feedback"
TUNED = ("billing", "hosting")
HELD_OUT = ("fitness", "library")
SAMPLE_SEEDS = (3, 11, 2025)
FIRST_DAY = datetime(2025, 11, 3, tzinfo=UTC)


@dataclass(frozen=True)
class TicketSet:
    """Tickets of one product with what each asks for.

    Attributes:
        asked: theme → ids of the tickets that ask for it.
    """

    name: str
    tickets: tuple[Ticket, ...]
    anchors: tuple[Anchor, ...]
    asked: dict[str, frozenset[str]]

    def people(self, theme: str) -> int:
        """Distinct requesters of a theme."""
        return len({requester_of(t) or t.id for t in self.tickets if t.id in self.asked[theme]})


@dataclass(frozen=True)
class ThemeScore:
    """One theme: what was counted for it, and how right that is.

    Attributes:
        group: what was found; None: no group holds a ticket of the theme.
        people: its distinct requesters in truth.
        right: tickets of the group that ask for the theme.
    """

    set_name: str
    theme: str
    has_candidate: bool
    people: int
    asked: int
    group: Group | None
    right: int

    @property
    def precision(self) -> float:
        """Share of the counted tickets that ask for the theme."""
        return self.right / len(self.group.tickets) if self.group and self.group.tickets else 1.0

    @property
    def recall(self) -> float:
        """Share of the theme's tickets that are counted."""
        return self.right / self.asked if self.asked else 1.0

    @property
    def count(self) -> int:
        """Requesters as counted."""
        return self.group.count if self.group else 0

    @property
    def error(self) -> float:
        """Counted ÷ true − 1; for a theme that nobody asks for, the wrong requesters themselves."""
        return self.count / self.people - 1 if self.people else float(self.count)

    @property
    def covered(self) -> bool:
        """Whether the truth lies within the group's range."""
        return self.group is not None and self.group.low <= self.people <= self.group.high


def written_set(name: str) -> TicketSet:
    """One of the sets written by hand."""
    tickets, asked = [], dict[str, set[str]]()
    for number, row in enumerate(_rows(f"{name}.csv"), start=1):
        ticket = Ticket(
            id=f"{name}-{number}",
            created_at=FIRST_DAY + timedelta(hours=number),
            requester=row["requester"],
            subject=row["subject"],
            text=row["text"],
            kind=row["kind"],
        )
        tickets.append(ticket)
        for theme in filter(None, row["asks_for"].split(";")):
            asked.setdefault(theme, set()).add(ticket.id)
    anchors = tuple(
        Anchor(
            candidate=row["id"],
            title=row["title"],
            description=row["description"],
            keywords=tuple(row["keywords"].split(";")),
        )
        for row in _rows("candidates.csv")
        if row["set"] == name
    )
    for anchor in anchors:
        asked.setdefault(anchor.candidate, set())
    return TicketSet(name, tuple(tickets), anchors, {theme: frozenset(ids) for theme, ids in asked.items()})


def sample_set(seed: int) -> TicketSet:
    """The tickets of the sample; a theme of trouble is no request for the candidate that would end it."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), seed=seed, scale=0.02)
        truth = Truth.model_validate_json((Path(folder) / "truth.json").read_text(encoding="utf-8"))
        sources = Sources(
            tickets=TableSource(path="tickets.csv"), candidates=TableSource(path="candidates.yaml")
        )
        settings = Settings(folder=Path(folder), sources=sources)
        tickets, items = open_tickets(settings).tickets, open_candidates(settings).items
    wanted = [theme for theme in truth.themes.values() if theme.kind == "feature" and theme.candidate]
    return TicketSet(
        f"sample {seed}",
        tickets,
        anchors_of(items),
        {theme.candidate: frozenset(theme.tickets) for theme in wanted},
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def score(tickets: TicketSet, way: Way = "words") -> tuple[ThemeScore, ...]:
    """Every theme against the group of its candidate, or against the cluster that holds most of it."""
    grouping = group_requests(tickets.tickets, tickets.anchors, way=way)
    of_candidate = {group.candidate: group for group in grouping.groups if group.candidate}
    clusters = [group for group in grouping.groups if not group.candidate]
    scores = []
    for theme, asked in tickets.asked.items():
        found = of_candidate.get(theme) or _holding_most(clusters, asked)
        scores.append(
            ThemeScore(
                set_name=tickets.name,
                theme=theme,
                has_candidate=theme in of_candidate,
                people=tickets.people(theme),
                asked=len(asked),
                group=found,
                right=len(asked.intersection(found.tickets)) if found else 0,
            )
        )
    return tuple(scores)


def _holding_most(clusters: Sequence[Group], asked: frozenset[str]) -> Group | None:
    """The cluster with most tickets of a theme, among equals the one with fewest others."""
    held = [group for group in clusters if len(asked.intersection(group.tickets)) > 1]
    return max(held, key=lambda g: (len(asked.intersection(g.tickets)), -len(g.tickets)), default=None)


def table(scores: Sequence[ThemeScore]) -> str:
    """One line a theme, in Markdown."""
    lines = [
        "| Set | Theme | People | Counted | Range | Precision | Recall |",
        "|---|---|---:|---:|---|---:|---:|",
    ]
    for one in scores:
        between = f"{one.group.low}–{one.group.high}{'' if one.covered else ' ✗'}" if one.group else "– ✗"
        theme = one.theme if one.has_candidate else f"{one.theme} (no candidate)"
        lines.append(
            f"| {one.set_name} | {theme} | {one.people} | {one.count} | {between} | "
            f"{one.precision:.0%} | {one.recall:.0%} |"
        )
    return "\n".join(lines)


def summary(name: str, scores: Sequence[ThemeScore]) -> str:
    """One line for some themes, in Markdown: tickets pooled, errors per theme."""
    asked_for = [one for one in scores if one.people]
    right = sum(one.right for one in scores)
    counted = sum(len(one.group.tickets) for one in scores if one.group)
    errors = sorted(abs(one.error) for one in asked_for)
    return (
        f"| {name} | {len(asked_for)} | {right / max(1, counted):.0%} | "
        f"{right / max(1, sum(one.asked for one in scores)):.0%} | {errors[len(errors) // 2]:.0%} | "
        f"{errors[-1]:.0%} | {sum(one.covered for one in scores)} of {len(scores)} |"
    )


SUMMARY_HEAD = (
    "| Themes | Number | Precision | Recall | Median error | Largest error | Truth in the range |\n"
    "|---|---:|---:|---:|---:|---:|---:|"
)


@dataclass(frozen=True)
class PairScore:
    """Pairs of tickets that ask for the same: found together, wrongly together, and kept apart."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: PairScore) -> PairScore:
        return PairScore(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """Share of the pairs found together that ask for the same."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Share of the pairs that ask for the same which were found together."""
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


def pair_score(tickets: TicketSet, way: Way = "words") -> PairScore:
    """Every pair of tickets, by whether both stand in one group and whether both ask for one theme."""
    grouping = group_requests(tickets.tickets, tickets.anchors, way=way)
    together = {pair for group in grouping.groups for pair in _pairs(group.tickets)}
    same = {pair for asked in tickets.asked.values() for pair in _pairs(asked)}
    return PairScore(len(together & same), len(together - same), len(same - together))


def _pairs(ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    return combinations(sorted(ids), 2)


PAIRS_HEAD = (
    "| Pairs of requests | Precision | Recall | F1 | Mean error of a count |\n|---|---:|---:|---:|---:|"
)


def pairs_line(name: str, pairs: PairScore, scores: Sequence[ThemeScore]) -> str:
    """One line for some sets, in Markdown: pairs and themes pooled; themes that nobody asks for left out."""
    errors = [abs(one.error) for one in scores if one.people]
    return (
        f"| {name} | {pairs.precision:.0%} | {pairs.recall:.0%} | {pairs.f1:.2f} | "
        f"{sum(errors) / max(1, len(errors)):.0%} |"
    )


def _sets(only: str | None) -> dict[str, tuple[TicketSet, ...]]:
    made: dict[str, Callable[[], tuple[TicketSet, ...]]] = {
        "tuned": lambda: tuple(map(written_set, TUNED)),
        "held-out": lambda: tuple(map(written_set, HELD_OUT)),
        "sample": lambda: tuple(map(sample_set, SAMPLE_SEEDS)),
    }
    return {kind: make() for kind, make in made.items() if only in (None, kind)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print every theme, a summary per kind of set, and the pairs with candidates and without any."""
    parser = argparse.ArgumentParser(description="Feature requests grouped and counted, against the truth.")
    parser.add_argument("--only", choices=("tuned", "held-out", "sample"), help="One kind of set")
    parser.add_argument("--vectors", choices=("words", "embeddings"), default="words", help="How to compare")
    given = parser.parse_args(arguments)
    way, sets = way_of(given.vectors), _sets(given.only)
    scored = {kind: [one for each in some for one in score(each, way)] for kind, some in sets.items()}
    print(table([one for scores in scored.values() for one in scores]))
    print()
    print(SUMMARY_HEAD)
    for kind, scores in scored.items():
        for with_candidate, words in ((True, "with"), (False, "without")):
            themes = [one for one in scores if one.has_candidate is with_candidate]
            if themes:
                print(summary(f"{kind}, {words} a candidate", themes))
    print()
    print(PAIRS_HEAD)
    for kind, some in sets.items():
        bare = [replace(each, anchors=()) for each in some]
        themes = [one for each in bare for one in score(each, way)]
        print(pairs_line(kind, sum((pair_score(each, way) for each in some), PairScore()), scored[kind]))
        alone = sum((pair_score(each, way) for each in bare), PairScore())
        print(pairs_line(f"{kind}, no candidates given", alone, themes))


if __name__ == "__main__":
    main()
