"""The registry's measurements as tools for a model: simple arguments in, lines of facts out.

A model is offered only the measurements its specialist declares and whose source is configured. Windows have
names ("this_week", "last_week") or are days, so that a small model need not compose moments. Nothing here
writes, approves or decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import get_args

import structlog
from pydantic import JsonValue, TypeAdapter, ValidationError

from postlaunch.agents.bench import Assignment, Bench, arguments_text, json_parameters
from postlaunch.agents.briefing import fact_lines, fenced_texts, outside
from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.transcript import Call, Reply
from postlaunch.errors import PostLaunchError, UsageError
from postlaunch.facts import Fact
from postlaunch.tools.measurement import MeasurementResult, Parameters, Registered
from postlaunch.windows import Window, zone_named

log = structlog.get_logger(__name__)

FACTS_SHOWN = 30
"""Facts of one result that a model is shown and may cite; it is told how many were left out."""

THIS_WEEK, LAST_WEEK = "this_week", "last_week"

ToolSchema = dict[str, JsonValue]
"""A tool as the OpenAI interface describes it."""

_SCHEMA: TypeAdapter[ToolSchema] = TypeAdapter(ToolSchema)


def function_schema(
    name: str, description: str, properties: Mapping[str, JsonValue], required: Sequence[str] = ()
) -> ToolSchema:
    """A tool description with no argument beside the named ones."""
    parameters: dict[str, JsonValue] = {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }
    function: dict[str, JsonValue] = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


def no_such_tool(name: str, offered: Sequence[str]) -> str:
    """What a model is told that calls what does not exist: `approve`, `commit`, or a slip of the pen."""
    return (
        f"There is no such tool: {name}. Nothing here approves, commits or changes anything; "
        f"only a person decides. Your tools: {', '.join(offered)}."
    )


@dataclass(frozen=True)
class Toolbox:
    """The measurements one specialist's model may run for one assignment.

    Attributes:
        usual: parameters that the settings decide, by name; a model is not asked for them.
    """

    bench: Bench
    agent: str
    declared: tuple[str, ...]
    assignment: Assignment
    usual: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def entries(self) -> dict[str, Registered]:
        """The measurements on offer, in the order declared."""
        known = self.bench.registry.entries
        found = [known[name] for name in self.declared if name in known]
        usable = [entry for entry in found if entry.for_model and entry.source in self.bench.sources]
        return {entry.name: entry for entry in usable}

    def schemas(self) -> list[ToolSchema]:
        """The tools as a model is offered them."""
        return [self._schema(entry) for entry in self.entries.values()]

    def _schema(self, entry: Registered) -> ToolSchema:
        described = _SCHEMA.validate_python(entry.parameters.model_json_schema())
        plain = _properties(described)
        required = described.get("required")
        needed = [str(name) for name in required] if isinstance(required, list) else []
        unasked = {*self.usual, *(() if entry.compares else ("baseline",))}
        plain = {name: told for name, told in plain.items() if name not in unasked}
        for name in [name for name in _window_fields(entry.parameters) if name not in unasked]:
            plain[name] = self._window_property(name)
            if self.assignment.window is not None and name in needed:
                needed.remove(name)
        return function_schema(entry.name, entry.title, plain, needed)

    def _window_property(self, name: str) -> JsonValue:
        """Short: every tool repeats it, and the assignment says which spans the names stand for."""
        choices = ", ".join([*self._named_windows(), "or one day, such as 2025-11-18"])
        meaning = {"window": "Measured", "baseline": "Compared with"}.get(name, "A span")
        usual = self.assignment.window is not None and name == "window"
        return {
            "type": "string",
            "description": f"{meaning}: {choices}{'; else ' + THIS_WEEK if usual else ''}",
        }

    def _named_windows(self) -> dict[str, Window]:
        named = {THIS_WEEK: self.assignment.window, LAST_WEEK: self.assignment.baseline}
        return {name: window for name, window in named.items() if window is not None}

    def parameters(self, call: Call) -> Parameters:
        """The call's arguments as the measurement's own parameters.

        Raises:
            UsageError: an argument is unknown, missing or out of range; the remedy says what is allowed.
        """
        entry = self.entries[call.name]
        fields = entry.parameters.model_fields
        windows = _window_fields(entry.parameters)
        allowed = f"its arguments: {', '.join(fields) or 'none'}"
        if unknown := [name for name in call.arguments if name not in fields]:
            raise UsageError(f"{call.name} takes no {_short(', '.join(unknown))}", allowed)
        given: dict[str, object] = {name: value for name, value in self.usual.items() if name in fields}
        for name, value in call.arguments.items():
            given[name] = self._window(name, value) if name in windows else self._revealed(value)
        try:
            return entry.parameters.model_validate(self._with_usual_windows(windows, given))
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:4])
            raise UsageError(f"{call.name}: {_short(problems, 300)}", allowed) from error

    def _with_usual_windows(self, windows: Sequence[str], given: dict[str, object]) -> dict[str, object]:
        """The assignment's window where none is named, and its baseline where that window is measured."""
        usual = self.assignment.window
        if "window" in windows and given.get("window") is None and usual is not None:
            given["window"] = usual
        if "baseline" in windows and "baseline" not in given and given.get("window") == usual:
            given["baseline"] = self.assignment.baseline
        return given

    def _window(self, name: str, value: JsonValue) -> Window | None:
        if value is None or value == "":
            return None
        named = self._named_windows()
        if isinstance(value, str) and value in named:
            return named[value]
        try:
            return self._day(date.fromisoformat(value if isinstance(value, str) else ""))
        except (ValueError, OverflowError) as error:
            choices = ", ".join([*(f'"{known}"' for known in named), 'or a day such as "2025-11-18"'])
            raise UsageError(f"{name}={_short(value)} is no window", f"use {choices}") from error

    def _day(self, day: date) -> Window:
        zone = self.bench.settings.application.timezone
        if self.assignment.window is not None:
            zone = self.assignment.window.zone
        place = zone_named(zone)
        start = datetime.combine(day, time(), place)
        return Window(start=start, end=datetime.combine(day + timedelta(days=1), time(), place), zone=zone)

    def _revealed(self, value: JsonValue) -> JsonValue:
        """An argument with the people in it as the source knows them."""
        people = self.bench.pseudonyms
        if people is None:
            return value
        if isinstance(value, str):
            return people.reveal(value)
        return [self._revealed(item) for item in value] if isinstance(value, list) else value

    def run(self, call: Call, book: FactBook) -> Reply:
        """Run the measurement that a call asks for. Blocking.

        Raises:
            UsageError: the arguments do not fit and nothing was run, or they met a fault of the measurement:
                what a model happens to ask must not end the run.
        """
        parameters = self.parameters(call)
        try:
            result = self.bench.measure(
                self.agent,
                call.name,
                parameters,
                refs=lambda facts: _refs(book.extended(facts[:FACTS_SHOWN]), facts),
            )
        except PostLaunchError:
            raise
        except Exception as error:
            log.exception("a measurement that a model asked for has a fault", measurement=call.name)
            raise UsageError(f"{call.name} has a fault ({type(error).__name__})", "ask otherwise") from error
        given = arguments_text(json_parameters(parameters))
        shown = result.facts[:FACTS_SHOWN]
        text = result_text(self.bench, result, book.extended(shown))
        return Reply(
            call=call.id,
            key=call.key,
            text=text,
            facts=shown,
            news=result.status != "error",
            ran=f"{call.name}({given})",
        )


def result_text(bench: Bench, result: MeasurementResult, book: FactBook) -> str:
    """A result as a model is told it: facts it may cite, or that there is no data, or that it failed."""
    if result.status == "error":
        why = outside(bench, "error", result.reason)
        return f"Error: the source could not be read. Nothing is known from it.\n{why}"
    if result.status == "no_data":
        why = outside(bench, "reason", result.reason or "nothing was found")
        return f"No data. That is unknown, not zero.\n{why}"
    facts = result.facts[:FACTS_SHOWN]
    parts = [fact_lines(bench, book, facts)] if facts else []
    if left := len(result.facts) - len(facts):
        parts.append(f"{left} more are not shown: ask for less.")
    if result.notes:
        parts.append(outside(bench, "notes", "\n".join(result.notes)))
    if result.texts:
        parts.append(fenced_texts(bench, result.measurement.name, result.texts))
    return "\n".join(parts)


def _refs(book: FactBook, facts: Sequence[Fact]) -> dict[str, str]:
    found = {fact.id: book.ref(fact.id) for fact in facts}
    return {fact: ref for fact, ref in found.items() if ref is not None}


def _window_fields(parameters: type[Parameters]) -> list[str]:
    return [
        name
        for name, field in parameters.model_fields.items()
        if field.annotation is Window or Window in get_args(field.annotation)
    ]


def _properties(described: ToolSchema) -> dict[str, JsonValue]:
    """The properties of a schema without references, titles and nulls: what a small model reads best."""
    properties, definitions = described.get("properties"), described.get("$defs")
    if not isinstance(properties, dict):
        return {}
    known = definitions if isinstance(definitions, dict) else {}
    return {name: _plain(value, known) for name, value in properties.items()}


def _plain(value: JsonValue, definitions: Mapping[str, JsonValue]) -> JsonValue:
    if isinstance(value, list):
        return [_plain(item, definitions) for item in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str):
        return _plain(definitions[reference.rsplit("/", 1)[-1]], definitions)
    choices = value.get("anyOf")
    if isinstance(choices, list):
        real = [choice for choice in choices if choice != {"type": "null"}]
        if len(real) == 1 and isinstance(real[0], dict):
            value = {**{key: kept for key, kept in value.items() if key != "anyOf"}, **real[0]}
    return {
        key: _plain(kept, definitions)
        for key, kept in value.items()
        if not (key == "title" and isinstance(kept, str)) and not (key == "default" and kept is None)
    }


def _short(value: object, length: int = 60) -> str:
    text = str(value)
    return text if len(text) <= length else f"{text[:length]}…"
