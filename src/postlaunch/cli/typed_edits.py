"""Typed edits of a proposal: from flags, and from the short signs a person types at the gate."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile

from postlaunch.errors import UsageError
from postlaunch.ledger.records import ScopeEdits

SIGNS = "-7 leaves item 7 out, +10 takes item 10 in, !3 makes item 3 a Must, NAME=5 gives a party 5 days"
SIGNED = re.compile(r"([+\-−!])(\S+)")
LISTS = {"+": "include", "-": "exclude", "−": "exclude", "!": "pin"}


def edits_of(
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    pin: Sequence[str] = (),
    effort: Sequence[str] = (),
    capacity: Sequence[str] = (),
) -> ScopeEdits | None:
    """Typed edits from flags; None when none is given.

    Raises:
        UsageError: "ITEM:OWNER=DAYS" or "PARTY=DAYS" cannot be read.
    """
    efforts: dict[str, dict[str, float]] = {}
    for text in effort:
        item, owner_and_days = _split(text, ":", "ITEM:OWNER=DAYS")
        owner, days = _split(owner_and_days, "=", "ITEM:OWNER=DAYS")
        efforts.setdefault(item, {})[owner] = _days(days, text)
    capacities = {}
    for text in capacity:
        party, days = _split(text, "=", "PARTY=DAYS")
        capacities[party] = _days(days, text)
    edits = ScopeEdits(
        include=tuple(include), exclude=tuple(exclude), pin=tuple(pin), effort=efforts, capacity=capacities
    )
    return None if edits.empty else edits


def edits_in(text: str, numbers: Mapping[str, str]) -> ScopeEdits | None:
    """The edits that a line of signs asks for ("-7 +10 security-expert=5"); None when it is words.

    Args:
        numbers: an item's number in the proposal → its id; ids may be typed as well.

    Raises:
        UsageError: a sign names no item, or days cannot be read.
    """
    signs = text.replace(",", " ").split()
    if not signs or not all(map(_is_sign, signs)):
        return None
    lists: dict[str, list[str]] = {"include": [], "exclude": [], "pin": [], "effort": [], "capacity": []}
    for sign in signs:
        signed = SIGNED.fullmatch(sign)
        if signed:
            lists[LISTS[signed[1]]].append(_item(signed[2], numbers))
        elif ":" in sign:
            item, rest = sign.split(":", 1)
            lists["effort"].append(f"{_item(item, numbers)}:{rest}")
        else:
            lists["capacity"].append(sign)
    return edits_of(**lists)


def edits_and_words(text: str, numbers: Mapping[str, str]) -> tuple[ScopeEdits | None, str]:
    """What a line asks for: the signs that it begins with as edits, and the words after them.

    Raises:
        UsageError: a sign names no item, or days cannot be read.
    """
    words = text.split()
    signs = list(takewhile(_is_sign, (word.rstrip(",") for word in words)))
    return edits_in(" ".join(signs), numbers), " ".join(words[len(signs) :])


def _is_sign(word: str) -> bool:
    return bool(SIGNED.fullmatch(word)) or _assigns(word)


def _assigns(sign: str) -> bool:
    before, _, after = sign.rpartition("=")
    return bool(before) and after[:1].isdigit()


def _item(named: str, numbers: Mapping[str, str]) -> str:
    found = numbers.get(named) or next((item for item in numbers.values() if item == named), None)
    if found is None:
        raise UsageError(f"there is no item {named}", f"its numbers: 1 to {len(numbers)}")
    return found


def _split(text: str, sign: str, form: str) -> tuple[str, str]:
    before, found, after = text.rpartition(sign) if sign == "=" else text.partition(sign)
    if not found or not before or not after:
        raise UsageError(f'"{text}" cannot be read', f"write {form}")
    return before, after


def _days(text: str, whole: str) -> float:
    try:
        days = float(text)
    except ValueError as error:
        raise UsageError(f'"{whole}": "{text}" is not a number of days', "write e.g. 2.5") from error
    if not 0 <= days < 1000:
        raise UsageError(f'"{whole}": {text} days are not possible', "0 to 999")
    return days
