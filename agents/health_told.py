"""Deployments that somebody told of in between: noted in the report, as told and not as measured."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from postlaunch.agents.bench import Assignment
from postlaunch.ledger.records import Signal
from postlaunch.printing import value_text
from postlaunch.reports.judged import Sentence

LONGEST = 120
"""Of what somebody wrote, in a note."""


def deployments_told(assignment: Assignment, zone: str) -> tuple[Sentence, ...]:
    """A note on each deployment that was kept for this run, in the order told."""
    return tuple(_note(signal, zone) for signal in _signals(assignment) if signal.kind == "deployment")


def _signals(assignment: Assignment) -> Iterator[Signal]:
    given = assignment.parameters.get("signals")
    for body in given if isinstance(given, list) else []:
        try:
            yield Signal.model_validate(body)
        except ValidationError:
            continue


def _note(signal: Signal, zone: str) -> Sentence:
    named = " ".join(filter(None, (_text(signal, "version"), _text(signal, "title")))) or "without a name"
    when = value_text(signal.at.timestamp(), "moment", zone=zone)
    return Sentence(text=f"a deployment was told of, {named}, at {when}: noted, not measured")


def _text(signal: Signal, name: str) -> str:
    """One line of it."""
    value = signal.body.get(name)
    return " ".join(value.split())[:LONGEST] if isinstance(value, str) else ""
