"""The registry of measurements: a name, typed parameters, a source, and the code that reads it.

A measurement is the only way a figure comes into being. It is registered under a name, so that
`postlaunch verify` can run it again from a report, and it is offered to a model as a tool under the same
name, so that a model can only ask what a report could have asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import structlog
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from postlaunch.errors import SourceError, UsageError
from postlaunch.facts import Definition, Fact, Frozen, Measurement
from postlaunch.windows import Window

log = structlog.get_logger(__name__)


class Source(Protocol):
    """What a measurement reads. `fingerprint` changes when the content or the way it is read does."""

    @property
    def name(self) -> str:
        """The source's name in the settings: "requests", "tickets", "candidates"."""
        ...

    @property
    def fingerprint(self) -> str:
        """Digest of content and parse settings."""
        ...


class Parameters(BaseModel):
    """The arguments of a measurement; a model reads the field descriptions."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class WindowParameters(Parameters):
    """A measurement over one window, compared with another where `baseline` is given."""

    window: Window = Field(description="The span measured")
    baseline: Window | None = Field(default=None, description="The span compared with")


@dataclass(frozen=True)
class Limits:
    """What one measurement may use.

    Attributes:
        rows: most facts or rows one measurement returns; what is cut off is said in `MeasurementResult.note`.
        seconds: after which the query is interrupted and the result is an error.
    """

    rows: int = 200
    seconds: float = 60.0


@dataclass(frozen=True)
class Reading:
    """One figure as a measurement's code returns it; the registry makes it a `Fact`."""

    definition: Definition
    value: float
    n: int
    window: Window
    entity: str = "application"
    baseline: float | None = None
    baseline_window: Window | None = None
    baseline_n: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Readings:
    """What a measurement's code returns.

    Attributes:
        readings: the figures; empty means no data, and then `reason` says why.
        texts: text from outside that belongs to the figures (ticket texts, error lines), for display and,
            fenced, for a model. Never instructions.
        notes: what a reader must know: rows cut off, lines that did not parse.
    """

    readings: tuple[Reading, ...] = ()
    reason: str = ""
    texts: tuple[Mapping[str, JsonValue], ...] = ()
    notes: tuple[str, ...] = ()


class MeasurementResult(Frozen):
    """The outcome of one measurement: figures, or no data, or an error; never confused.

    Attributes:
        status: "no_data" means the source was read and holds nothing for these parameters;
            "error" means it could not be read.
        error_kind: exit code family: "source" for a failed source, "usage" for wrong parameters.
    """

    measurement: Measurement
    status: Literal["ok", "no_data", "error"]
    facts: tuple[Fact, ...] = ()
    reason: str = ""
    remedy: str = ""
    texts: tuple[dict[str, JsonValue], ...] = ()
    notes: tuple[str, ...] = ()

    def fact(self, name: str, entity: str = "application") -> Fact | None:
        """The fact of this name and entity, if there is one."""
        return next((fact for fact in self.facts if fact.key == (name, entity)), None)

    def named(self, name: str) -> tuple[Fact, ...]:
        """Every fact of this name, in the order measured."""
        return tuple(fact for fact in self.facts if fact.name == name)


Code = Callable[..., Readings]


@dataclass(frozen=True)
class Registered:
    """One entry of the registry.

    Attributes:
        title: what a model reads.
        compares: whether `baseline` changes what comes back; a model is not asked for one that does not.
        repeats: whether `postlaunch verify` may run it again from a report; not where a parameter is a text
            that is executed.
    """

    name: str
    source: str
    parameters: type[Parameters]
    code: Code
    title: str
    for_model: bool = True
    compares: bool = True
    repeats: bool = True


@dataclass
class Registry:
    """Measurements by name. One instance, `REGISTRY`, is filled when the domain modules are imported."""

    entries: dict[str, Registered] = field(default_factory=dict)

    def measurement(
        self,
        name: str,
        *,
        source: str,
        parameters: type[Parameters],
        for_model: bool = True,
        compares: bool = True,
        repeats: bool = True,
    ) -> Callable[[Code], Code]:
        """Register `code(source, parameters, limits) -> Readings` under a name.

        The docstring's first paragraph is what a model reads; `for_model=False` keeps it from models;
        `compares=False` says that a baseline changes nothing, `repeats=False` that no report can have it run.
        """

        def register(code: Code) -> Code:
            if name in self.entries:
                raise ValueError(f"two measurements are named {name}")
            if not code.__doc__:
                raise ValueError(f"measurement {name} has no docstring")
            title = " ".join(code.__doc__.strip().split("\n\n")[0].split())
            self.entries[name] = Registered(
                name, source, parameters, code, title, for_model, compares, repeats
            )
            return code

        return register

    def named(self, name: str) -> Registered:
        """The entry of this name.

        Raises:
            UsageError: no measurement is named so.
        """
        try:
            return self.entries[name]
        except KeyError:
            known = ", ".join(sorted(self.entries))
            raise UsageError(f'no measurement is named "{name}"', f"one of: {known}") from None


REGISTRY = Registry()
"""Every measurement of the package."""


def run_measurement(
    name: str,
    parameters: Parameters | Mapping[str, object],
    sources: Mapping[str, Source],
    limits: Limits | None = None,
    registry: Registry = REGISTRY,
) -> MeasurementResult:
    """Run one measurement; blocking. A failing source gives a result with status "error", not an exception.

    Raises:
        UsageError: no measurement has this name, or the parameters do not fit it.
    """
    entry = registry.named(name)
    try:
        given = parameters.model_dump() if isinstance(parameters, Parameters) else dict(parameters)
        valid = entry.parameters.model_validate(given)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise UsageError(f"{name}: {problems}", "correct the parameters") from error
    arguments: dict[str, JsonValue] = valid.model_dump(mode="json", exclude_none=True)
    source = sources.get(entry.source)
    if source is None:
        measurement = Measurement(name=name, parameters=arguments, source=entry.source, fingerprint="")
        return MeasurementResult(
            measurement=measurement,
            status="no_data",
            reason=f"no source of {entry.source} is configured",
            remedy=f"add [sources.{entry.source}] to postlaunch.toml",
        )
    try:
        fingerprint = source.fingerprint
        measurement = Measurement(
            name=name, parameters=arguments, source=entry.source, fingerprint=fingerprint
        )
        found = entry.code(source, valid, limits or Limits())
    except SourceError as error:
        log.warning("measurement failed", measurement=name, source=entry.source, reason=str(error))
        return MeasurementResult(
            measurement=Measurement(
                name=name, parameters=arguments, source=entry.source, fingerprint="unreadable"
            ),
            status="error",
            reason=str(error),
            remedy=error.remedy,
        )
    return _result(measurement, found)


def _result(measurement: Measurement, found: Readings) -> MeasurementResult:
    facts = tuple(
        Fact(
            name=reading.definition.name,
            value=float(reading.value),
            unit=reading.definition.unit,
            entity=reading.entity,
            window=reading.window,
            definition=reading.definition,
            measurement=measurement,
            n=reading.n,
            baseline=None if reading.baseline is None else float(reading.baseline),
            baseline_window=reading.baseline_window,
            baseline_n=reading.baseline_n,
            note=reading.note,
        )
        for reading in found.readings
    )
    return MeasurementResult(
        measurement=measurement,
        status="ok" if facts or found.texts else "no_data",
        facts=facts,
        reason=found.reason,
        texts=tuple(dict(text) for text in found.texts),
        notes=found.notes,
    )


class Deadline:
    """Calls `interrupt` when time is up; `expired` then tells a time-out from any other failure."""

    def __init__(self, seconds: float, interrupt: Callable[[], None]) -> None:
        self.expired = False
        self._interrupt = interrupt
        self._timer = threading.Timer(seconds, self._up)

    def _up(self) -> None:
        self.expired = True
        self._interrupt()

    def __enter__(self) -> Deadline:
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
