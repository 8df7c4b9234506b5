"""What people write, read from `voices.toml`, and how they type it."""

from __future__ import annotations

import random
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from postlaunch.facts import Frozen


class Theme(Frozen):
    """One thing that people write about.

    Attributes:
        tickets: how many tickets of the theme the sample holds.
        again: how many of them come from a person who wrote about it before.
        candidate: id of the candidate item that would answer it; empty where there is none.
        spread: when they come; "incident": in the hours after it, "late": in the last week.
        verbatim: typed exactly as it stands.
    """

    kind: Literal["feature", "bug", "question", "other"]
    tickets: int = Field(ge=1)
    again: int = Field(ge=0)
    candidate: str = ""
    spread: Literal["even", "incident", "late"] = "even"
    verbatim: bool = False
    subjects: tuple[str, ...]
    says: tuple[str, ...]
    because: tuple[str, ...]


class Voices(Frozen):
    """The whole phrase book."""

    openings: tuple[str, ...]
    closings: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    domains: tuple[str, ...]
    themes: dict[str, Theme]


@cache
def voices() -> Voices:
    """The phrase book of the package."""
    text = files("postlaunch.sample").joinpath("voices.toml").read_text(encoding="utf-8")
    return Voices.model_validate(tomllib.loads(text))


def subject_of(rng: random.Random, theme: Theme) -> str:
    """A subject line; some people leave it lower-case, some shout."""
    subject = rng.choice(theme.subjects)
    return (
        subject
        if theme.verbatim
        else rng.choices((subject, subject.lower(), subject.upper()), (70, 24, 6))[0]
    )


def body_of(rng: random.Random, theme: Theme, says: str) -> str:
    """A message around what is said, typed as people type."""
    if theme.verbatim:
        return says
    book = voices()
    opening = rng.choice(book.openings)
    text = opening + says if opening else says[0].upper() + says[1:]
    if theme.because and rng.random() < 0.5:
        text = f"{text} {rng.choice(theme.because)}"
    return _typed(rng, text + rng.choice(book.closings))


def _typed(rng: random.Random, text: str) -> str:
    if rng.random() < 0.25:
        text = text.lower()
    if rng.random() < 0.08:
        text = text.replace(".", "!!")
    if rng.random() < 0.30:
        text = _with_slip(rng, text)
    return text


def _with_slip(rng: random.Random, text: str) -> str:
    """One typing slip in a longer word: two letters swapped, one left out, or one doubled."""
    words = text.split(" ")
    longer = [place for place, word in enumerate(words) if len(word) > 5 and word.isalpha()]
    if not longer:
        return text
    place = rng.choice(longer)
    word, at = words[place], rng.randrange(1, len(words[place]) - 2)
    words[place] = rng.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        )
    )
    return " ".join(words)
