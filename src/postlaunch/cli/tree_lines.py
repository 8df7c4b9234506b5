"""One event as one line of the tree, and which verdicts are worth a line."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue
from rich.text import Text

from postlaunch.agents.bench import arguments_text
from postlaunch.events import Event, EventKind

MARKS: dict[EventKind, tuple[str, str]] = {
    "run": ("■", "bold"),
    "step": ("", "dim"),
    "question": ("●", "bold cyan"),
    "tool": ("├─", "blue"),
    "result": ("", "dim"),
    "fact": ("", ""),
    "verdict": ("§", "yellow"),
    "hypothesis": ("?", "magenta"),
    "consult": ("→", "bold green"),
    "answer": ("←", "green"),
    "judgement": ("✓", "green"),
    "refused": ("✗", "red"),
    "usage": ("$", "dim"),
    "finding": ("◇", "bold yellow"),
    "signal": ("⇢", "cyan"),
    "degraded": ("!", "bold red"),
    "report": ("▤", "bold"),
    "gate": ("◆", "bold yellow"),
    "decision": ("◆", "bold yellow"),
    "committed": ("◆", "bold green"),
    "handoff": ("▶", "bold green"),
    "notified": ("»", "dim"),
}

HYPOTHESIS_MARKS = {"kept": ("✓", "green"), "dropped": ("✗", "dim"), "open": ("?", "magenta")}

SEEN_ELSEWHERE = frozenset({"tier", "route"})
"""Rules whose verdicts the proposal shows, item by item."""
NAMED_BY_SUBJECT = frozenset({"row_status", "endpoint", "severity"})
"""Rules whose subject says enough."""
NOTHING_TO_DO = frozenset({"ok", "fits", "not available"})
ARGUMENT_LENGTH = 60
NO_DATA = "no_data"
WHOLE = ", application"
"""What a fact about everything is about: goes without saying."""
REASON_LINES = 3


def printable(text: str) -> str:
    """One line without control characters: text from a log or a model cannot move the cursor."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def plain(event: Event) -> str:
    """A fact as the tree names it: "Error Rate: 0.68%", "Errors, GET /users: 161"."""
    return printable(event.text).replace(f"{WHOLE}: ", ": ", 1)


def telling(event: Event) -> bool:
    """Whether an event asks something of its reader, or is shown nowhere else; `--all` shows the others."""
    if event.kind == "usage":
        return False
    if event.kind != "verdict":
        return True
    return event.data.get("rule") not in SEEN_ELSEWHERE and event.data.get("verdict") not in NOTHING_TO_DO


def line_of(event: Event, *, everything: bool, width: int) -> Text | None:
    """The line of an event; None for one that says nothing beside those around it.

    Args:
        width: columns there are; reasons longer than a few lines are cut, unless everything is shown.
    """
    mark, style = MARKS[event.kind]
    text = printable(event.text)
    match event.kind:
        case "question":
            return Text.assemble((f"{mark} {event.agent}", style), "  ", (text, "italic"))
        case "consult":
            return Text.assemble((f"{mark} {event.data.get('to', '')}", style), "  ", (text, "italic"))
        case "answer":
            return Text.assemble((f"{mark} {event.agent}", style), "  ", text)
        case "result":
            said = text.replace(NO_DATA, "no data", 1)
            return None if event.data.get("status") == "ok" else Text(said, "yellow")
        case "hypothesis":
            state = str(event.data.get("state", ""))
            mark, style = HYPOTHESIS_MARKS.get(state, (mark, style))
            return Text.assemble((f"{mark} hypothesis {state}: ", style), text)
        case "fact":
            return Text(plain(event))
        case "tool":
            called = text if everything else _call(event)
            return Text.assemble((f"{mark} {called}", style))
        case "verdict":
            return _verdict(event, None if everything else REASON_LINES * width)
        case "refused" if not everything:
            return Text(f"{mark} {_cut(text, REASON_LINES * width)}", style)
        case _:
            return Text.assemble((f"{mark} " if mark else "", style), (text, style))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most].rstrip()}…"


def _call(event: Event) -> str:
    """A tool with its arguments; what is long is named by its size."""
    given = event.data.get("arguments")
    if not isinstance(given, dict):
        return printable(event.text)
    return printable(f"{event.data.get('tool', '')}({arguments_text(_shortened(given))})")


def _shortened(given: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: _short(value) for name, value in given.items()}


def _short(value: JsonValue) -> JsonValue:
    if isinstance(value, list) and len(str(value)) > ARGUMENT_LENGTH:
        return f"[{len(value)} items]"
    if isinstance(value, str):
        return _cut(value, ARGUMENT_LENGTH)
    return value


def _verdict(event: Event, most: int | None) -> Text:
    """ "§ incident 1: SEV-2 (brief elevated error rate)", the verdict itself standing out."""
    rule, subject = str(event.data.get("rule", "")), str(event.data.get("subject", ""))
    value = str(event.data.get("verdict", ""))
    why = printable(event.text.removeprefix(f"{rule}, {subject}: {value}"))
    if most is not None:
        why = _cut(why, most)
    mark, style = MARKS["verdict"]
    return Text.assemble(
        (f"{mark} {printable(_about(rule, subject))}: ", style),
        (printable(value), f"bold {style}"),
        (f" {why}", "dim"),
    )


def _about(rule: str, subject: str) -> str:
    """What a verdict is about, in as few words as tell it apart: "health grade", "error rate"."""
    if subject == "application":
        return rule.replace("_", " ")
    if rule in NAMED_BY_SUBJECT:
        return subject if " " in subject else subject.replace("_", " ")
    return f"{rule.replace('_', ' ')}, {subject}"
