"""A second opinion on printed sentences: does every figure stand in the facts that the sentence cites?

It reads the text as a person does and shares no code with verification, nor with what prints a figure: each
number is parsed back with its unit and held against the facts' values, to the decimals that it shows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import permutations
from zoneinfo import ZoneInfo

from postlaunch.facts import Fact, Unit
from postlaunch.settings_objectives import Objective

NAMES_WITH_DIGITS = ("p50", "p90", "p95", "p99", "2xx", "3xx", "4xx", "5xx")
"""Terms of the field that hold a digit and state no figure."""

MASK = "·"
"""Stands where a name was, so that what is beside it does not grow together."""

BY_UNIT: Mapping[Unit, tuple[float, str]] = {
    "ratio": (100, "%"),
    "points": (100, "pp"),
    "count": (1, ""),
    "ms": (1, "ms"),
    "minutes": (1, "min"),
    "hours": (1, "h"),
    "days": (1, "days"),
    "per_second": (1, "/s"),
    "number": (1, ""),
}
"""How a value is shown: times what, with which unit behind it. Bytes, money and moments are apart."""

BYTES = {"B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "TB": 1000**4}
MOMENT = re.compile(r"\b(\d{4}-\d\d-\d\d \d\d:\d\d)(?: [A-Z]{2,5}|\s?[+-]\d\d(?::?\d\d)?)?")
NUMBER = re.compile(
    r"(?P<currency>[$€£])?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:(?P<near>%|/s)|\s?(?P<unit>%|pp|ms|min|h|days?|/s|[KMGT]?B|times)(?![A-Za-z]))?"
)
NUMBER_WORD = re.compile(
    r"\b(?:zero|one(?! (?:may|might|can|could|would|should)\b)|two|three|four|five|six|seven|eight|nine|ten"
    r"|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-\w+)?"
    r"|hundreds?|thousands?|[mb]illions?|dozens?|half|halves|halved|thirds?|quarters?|percent(?:age)?"
    r"|doubl(?:e|es|ed|ing)|tripl(?:e|es|ed|ing)|quadrupl(?:e|es|ed)|twice|thrice|\w+fold)\b",
    re.IGNORECASE,
)
ROSE = re.compile(r"\b(?:rose|risen|increased|grew|grown|climbed|jumped|surged|went up)\b", re.IGNORECASE)
FELL = re.compile(
    r"\b(?:fell|fallen|dropped|decreased|declined|shrank|shrunk|sank|went down)\b", re.IGNORECASE
)
DENIAL = re.compile(r"\b(?:not|never|no|nor|neither|without)\b|n't\b", re.IGNORECASE)


@dataclass(frozen=True)
class Shown:
    """A figure as a sentence may show it: what stands before its unit, and the unit."""

    number: float
    unit: str


def wrong_figures(
    text: str, facts: Sequence[Fact], names: Collection[str] = (), objectives: Sequence[Objective] = ()
) -> tuple[str, ...]:
    """Every number of a sentence that no fact it cites bears out, as it stands there; empty when all do.

    Args:
        facts: those that the sentence cites.
        names: what may be written as a name although it holds a digit: the application, its version, the
            target of a recommendation, the entities of a hypothesis' evidence.
        objectives: whose targets may be stated.
    """
    rest = _without_names(text, facts, names)
    wrong: list[str] = []
    for figure in MOMENT.finditer(rest):
        if figure[1] not in set(_moments(facts)):
            wrong.append(figure[0])
    rest = MOMENT.sub(MASK, rest)
    allowed = [*_figures(facts), *map(_target, objectives)]
    for figure in NUMBER.finditer(rest):
        if not any(_shows(figure, one) for one in allowed):
            wrong.append(figure[0].strip())
    rest = NUMBER.sub(MASK, rest)
    wrong += [letter for letter in rest if letter.isnumeric()]
    wrong += [word[0] for word in NUMBER_WORD.finditer(rest) if not _two_of_two(word[0], facts)]
    return tuple(wrong)


def wrong_directions(text: str, facts: Sequence[Fact], *, claimed: bool = True) -> tuple[str, ...]:
    """Words that say a figure rose or fell where no fact cited did; empty when each has one that did.

    Args:
        claimed: False for a supposition or a proposal, which may speak of what no fact shows.
    """
    moves = {fact.change.direction for fact in facts if fact.change is not None}
    if DENIAL.search(text) or (not moves and not claimed):
        return ()
    said = ((ROSE, 1), (FELL, -1))
    return tuple(word[0] for form, way in said for word in form.finditer(text) if way not in moves)


def _without_names(text: str, facts: Sequence[Fact], names: Collection[str]) -> str:
    """The text with every name that may hold a digit masked, the longest first."""
    known = {*names, *NAMES_WITH_DIGITS}
    for fact in facts:
        known |= {fact.entity, fact.definition.title}
        for window in filter(None, (fact.window, fact.baseline_window)):
            known |= {window.label, window.days()}
    for name in sorted(filter(None, known), key=len, reverse=True):
        if any(letter.isdigit() for letter in name):
            text = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w])", MASK, text, flags=re.IGNORECASE)
    return text


def _figures(facts: Sequence[Fact]) -> Iterator[Shown]:
    """What these facts state: values, baselines, changes, numbers of observations; two of them together."""
    for fact in facts:
        yield Shown(fact.n, "")
        yield from _as_shown(fact.value, fact.unit)
        if fact.baseline is not None:
            yield from _as_shown(fact.baseline, fact.unit)
            if fact.unit == "ratio":
                yield Shown(abs(fact.value - fact.baseline) * 100, "pp")
            elif fact.baseline:
                yield Shown(abs(fact.value - fact.baseline) / abs(fact.baseline) * 100, "%")
    for left, right in permutations(facts, 2):
        if (left.name, left.unit) == (right.name, right.unit):
            unit: Unit = "points" if left.unit == "ratio" else left.unit
            yield from _as_shown(left.value - right.value, unit)
            if right.value:
                yield Shown(left.value / right.value, "times")


def _as_shown(value: float, unit: Unit) -> Iterator[Shown]:
    if unit == "bytes":
        yield from (Shown(value / size, name) for name, size in BYTES.items())
    elif unit == "money":
        yield Shown(value, "money")
    elif unit != "moment":
        scale, name = BY_UNIT[unit]
        yield Shown(value * scale, name)


def _target(objective: Objective) -> Shown:
    return next(_as_shown(objective.target, objective.unit))


def _moments(facts: Sequence[Fact]) -> Iterator[str]:
    """The moments that these facts state, on the application's clock."""
    for fact in facts:
        for value in filter(None, (fact.value, fact.baseline)):
            if fact.unit == "moment":
                when = datetime.fromtimestamp(value, UTC).astimezone(ZoneInfo(fact.window.zone))
                yield f"{when:%Y-%m-%d %H:%M}"


def _shows(figure: re.Match[str], stated: Shown) -> bool:
    """Whether a number in the text is this figure, to half a unit of its last decimal."""
    written = figure["number"].replace(",", "")
    unit = "money" if figure["currency"] else (figure["near"] or figure["unit"] or "")
    decimals = len(written.partition(".")[2])
    slack = 0.5 * 10.0**-decimals + 1e-9 * abs(stated.number)
    same_unit = ("days" if unit == "day" else unit) == stated.unit
    return same_unit and abs(float(written) - abs(stated.number)) <= slack


def _two_of_two(word: str, facts: Sequence[Fact]) -> bool:
    """ "two" is no figure of its own where exactly two facts, or facts of two entities, are cited."""
    return word.casefold() == "two" and 2 in (len(facts), len({fact.entity for fact in facts}))
