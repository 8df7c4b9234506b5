"""What was kept for this planning: findings of daily checks, vulnerabilities and deployments told in between.

They come from outside a report: what is taken up of them is said with when it was told, and cites no figure.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue, ValidationError

from postlaunch.agents.bench import Assignment
from postlaunch.ledger.records import Signal
from postlaunch.printing import value_text
from postlaunch.reports.colleagues import Colleague, ColleagueFinding
from postlaunch.reports.judged import Sentence

SINCE = "since the last planning"
"""The name under which they stand beside the specialists."""

KEPT = 12
"""Of them are printed; the newest last."""

NOTED = "noted: it asks for no item"
SUBJECTS = ("subject", "package", "id", "component")
GRAVE = frozenset({"critical", "high"})


def kept_signals(assignment: Assignment, zone: str) -> tuple[Colleague, ...]:
    """One entry with all of them; nothing where none was kept."""
    findings = tuple(_finding(signal, zone) for signal in _signals(assignment))
    if not findings:
        return ()
    left = len(findings) - KEPT
    report = f"{left} earlier ones are not printed" if left > 0 else ""
    return (Colleague(name=SINCE, report=report, findings=findings[-KEPT:]),)


def _signals(assignment: Assignment) -> Iterator[Signal]:
    given = assignment.parameters.get("signals")
    for body in given if isinstance(given, list) else []:
        try:
            yield Signal.model_validate(body)
        except ValidationError:
            continue


def _finding(signal: Signal, zone: str) -> ColleagueFinding:
    told = value_text(signal.at.timestamp(), "moment", zone=zone)
    what = _text(signal, "title") or _text(signal, "text") or signal.kind.replace("_", " ")
    subjects = tuple(
        filter(None, (_text(signal, name) for name in ("subject", "package", "id", "component")))
    )
    grave = signal.kind == "vulnerability" and _text(signal, "severity").casefold() in GRAVE
    named = " in ".join(filter(None, (_text(signal, "id"), _text(signal, "package"))))
    title = f"{named}: {what}" if named else what
    return ColleagueFinding(
        title=title,
        finding=Sentence(text=f"{signal.kind.replace('_', ' ')} told of {told}: {title}"),
        subjects=subjects,
        words=" ".join(filter(None, (what, _text(signal, "text")))),
        requires=f"a {_text(signal, 'severity').casefold()} vulnerability: {named}" if grave else "",
        otherwise=NOTED if signal.kind == "deployment" else "",
    )


def _text(signal: Signal, name: str) -> str:
    value: JsonValue = signal.body.get(name)
    return " ".join(value.split()) if isinstance(value, str) else ""
