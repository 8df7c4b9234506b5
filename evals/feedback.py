"""How well feature requests are grouped and counted: `python -m postlaunch.evals.feedback`.

Four sets of tickets were written by hand for four products: `feedback/*.csv`, each ticket with what it asks
for, and `feedback/candidates.csv`, which leaves some themes without a candidate. Two sets are held out:
nothing in the method was chosen by looking at how it does on them. The sample, whose tickets come from a
phrase book, is one more set, with several seeds.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
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


def score(tickets: TicketSet) -> tuple[ThemeScore, ...]:
    """Every theme against the group of its candidate, or against the cluster that holds most of it."""
    grouping = group_requests(tickets.tickets, tickets.anchors)
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Print every theme, and a summary per kind of set."""
    parser = argparse.ArgumentParser(description="Feature requests grouped and counted, against the truth.")
    parser.add_argument("--only", choices=("tuned", "held-out", "sample"), help="One kind of set")
    only = parser.parse_args(arguments).only
    names = {"tuned": TUNED, "held-out": HELD_OUT}
    scored = {
        kind: [one for name in names[kind] for one in score(written_set(name))]
        for kind in names
        if only in (None, kind)
    }
    if only in (None, "sample"):
        scored["sample"] = [one for seed in SAMPLE_SEEDS for one in score(sample_set(seed))]
    print(table([one for scores in scored.values() for one in scores]))
    print()
    print(SUMMARY_HEAD)
    for kind, scores in scored.items():
        for with_candidate, words in ((True, "with"), (False, "without")):
            some = [one for one in scores if one.has_candidate is with_candidate]
            if some:
                print(summary(f"{kind}, {words} a candidate", some))


if __name__ == "__main__":
    main()
