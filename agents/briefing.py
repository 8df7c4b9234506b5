"""What a model is shown of the data: lines of facts, the rules' verdicts, and text from outside in fences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import JsonValue

from postlaunch.agents.bench import Bench
from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.judgement import Verdict
from postlaunch.facts import Fact
from postlaunch.llm.fence import fenced

FACTS_LENGTH = 20_000
TEXTS_SHOWN = 12
TEXT_LENGTH = 500
VERDICTS_SHOWN = 40


def fact_lines(bench: Bench, book: FactBook, facts: Iterable[Fact]) -> str:
    """These facts, one line each, under the numbers by which a model cites them.

    An entity comes from outside (a path in a log is written by whoever sends the request), so the lines
    stand in a fence like any other text from outside.
    """
    refs = [ref for fact in facts if (ref := book.ref(fact.id)) is not None]
    return fenced("facts", "\n".join(_fact_line(bench, book, ref) for ref in refs), FACTS_LENGTH)


def _fact_line(bench: Bench, book: FactBook, ref: str) -> str:
    line, fact = book.line(ref), book.fact(ref)
    for text in (fact.entity, fact.note) if fact else ():
        if text and (hidden := bench.hide(text)) != text:
            line = line.replace(text, hidden)
    return line


def book_lines(bench: Bench, book: FactBook, brought: Sequence[Fact] = ()) -> str:
    """The facts of step 1, cut at `model.facts_shown`, and all that the investigation brought."""
    known = {fact.id for fact in brought}
    measured = [fact for fact in book if fact.id not in known]
    most = bench.settings.model.facts_shown
    shown = [*measured[:most], *brought]
    if not shown:
        return "No figure could be measured."
    left = len(measured) - most
    more = f"\n{left} more facts were measured and are not shown." if left > 0 else ""
    return f"{fact_lines(bench, book, shown)}{more}"


def verdict_lines(bench: Bench, verdicts: Sequence[Verdict]) -> str:
    """What the rules decided, one line each."""
    lines = [
        f"{verdict.rule} of {verdict.subject}: {verdict.value} ({verdict.because})"
        for verdict in verdicts[: min(VERDICTS_SHOWN, bench.settings.model.facts_shown)]
    ]
    return fenced("verdicts", bench.hide("\n".join(lines)), FACTS_LENGTH) if lines else "No rule applied."


def fenced_texts(bench: Bench, label: str, texts: Sequence[Mapping[str, JsonValue]]) -> str:
    """Text from outside, without the people in it, as data that is never an instruction."""
    most = min(TEXTS_SHOWN, bench.settings.model.facts_shown)
    parts = [_text(bench, text) for text in texts[:most]]
    if left := len(texts) - len(parts):
        parts.append(f"({left} more are not shown)")
    return fenced(label, "\n".join(parts), most * TEXT_LENGTH * 2)


def outside(bench: Bench, label: str, text: str) -> str:
    """What may quote a text from outside (an error names the cell): fenced, without the people in it."""
    return fenced(label, bench.hide(text), TEXT_LENGTH * 2)


def _text(bench: Bench, text: Mapping[str, JsonValue]) -> str:
    """One text on one line, each field named; hidden before it is cut, so that no half address is left."""
    kept: JsonValue = dict(text)
    known = bench.pseudonyms.hide_value(kept) if bench.pseudonyms else kept
    fields = known.items() if isinstance(known, dict) else ()
    hidden = bench.hide(" ".join("; ".join(f"{name}: {_plain(value)}" for name, value in fields).split()))
    return hidden if len(hidden) <= TEXT_LENGTH else f"{hidden[:TEXT_LENGTH]}…"


def _plain(value: JsonValue) -> str:
    return ", ".join(_plain(item) for item in value) if isinstance(value, list) else str(value)
