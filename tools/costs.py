"""Measurements of the source "costs": what a month costs, by service, and what one pod of it does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from math import fsum

from postlaunch.facts import Definition
from postlaunch.sources.costs import CostLine, CostTable
from postlaunch.tools import definitions_capacity as definitions
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.windows import Window

DAYS_A_MONTH = 365.2425 / 12
"""Of the Gregorian calendar, on average."""

HOURS_A_DAY = 24

INSTANCES = (
    re.compile(r"\bpods?\b", re.IGNORECASE),
    re.compile(r"\b(replica|container|task|dyno)s?\b", re.IGNORECASE),
    re.compile(r"\b(instance|node|vm|virtual machine|server|machine)s?\b", re.IGNORECASE),
)
"""How a bill's unit names what the application runs in; the first kind that a bill has counts as pods."""

STORES = re.compile(
    r"database|\bdb\b|sql|postgres|\brds\b|mongo|redis|cache|search|queue|storage|\blogs?\b", re.IGNORECASE
)
"""Services that run on instances of their own, and are no pods of the application."""

HOURS = re.compile(r"\b(hours?|hrs?|h)\b", re.IGNORECASE)


@REGISTRY.measurement("costs_by_service", source="costs", parameters=WindowParameters)
def costs_by_service(table: CostTable, parameters: WindowParameters, limits: Limits) -> Readings:
    """What a month costs at the window's pace: in all, by service, and for one pod where the bill counts
    pods; compared with the baseline's pace.
    """
    window = parameters.window
    now = lines_in(table, window)
    if not now:
        first, last = table.lines[0].day, table.lines[-1].day
        return Readings(
            reason=f"no cost line in {window.label or window.days()}: the file covers {first} to {last}",
            notes=table.notes,
        )
    before = lines_in(table, parameters.baseline) if parameters.baseline else ()
    readings = list(_readings(now, before, parameters))
    notes = list(table.notes)
    if table.rejected:
        notes.append(f"{len(table.rejected)} rows of the cost file hold no cost line")
    if price_of_a_pod(now) is None:
        notes.append('no cost line counts pods or instances (unit "pod"): the cost of one is not known')
    days = _calendar_days(window)
    if len(_days(now)) < days:
        notes.append(f"cost lines on {len(_days(now))} of the window's {days} days")
    return Readings(readings=tuple(readings[: limits.rows]), notes=tuple(notes))


def lines_in(table: CostTable, window: Window) -> tuple[CostLine, ...]:
    """The lines of the days that begin in the observed part of a window; a bill's days are the vendor's."""
    first, end = window.local(window.start), window.local(window.observed_end)
    return tuple(
        line
        for line in table.lines
        if first.date() <= line.day < end.date() or (line.day == end.date() and end.hour >= 12)
    )


def _calendar_days(window: Window) -> int:
    span = window.local(window.observed_end).date() - window.local(window.start).date()
    return max(span.days, 1)


def _days(lines: Iterable[CostLine]) -> set[object]:
    return {line.day for line in lines}


def instances(line: CostLine) -> float | None:
    """How many pods (instances, nodes …) a line pays for on its day; None where it counts something else."""
    if line.quantity is None or _kind(line) is None:
        return None
    return line.quantity / HOURS_A_DAY if HOURS.search(_words(line.unit)) else line.quantity


def _kind(line: CostLine) -> int | None:
    """Which of the kinds of instances a line counts: 0 for pods."""
    unit = _words(line.unit)
    kind = next((place for place, words in enumerate(INSTANCES) if words.search(unit)), None)
    return None if kind and STORES.search(line.service) else kind


def pod_lines(lines: Sequence[CostLine]) -> tuple[CostLine, ...]:
    """The lines that pay for what the application runs in: those of the first kind there is."""
    kinds = {kind for line in lines if line.quantity and (kind := _kind(line)) is not None}
    return tuple(line for line in lines if kinds and _kind(line) == min(kinds))


def _words(unit: str) -> str:
    """A unit with its words apart: "Pod-Hours" → "Pod Hours"."""
    return re.sub(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])", " ", unit)


def _readings(
    now: Sequence[CostLine], before: Sequence[CostLine], parameters: WindowParameters
) -> Iterator[Reading]:
    def read(
        definition: Definition, value: float, old: float | None, n: int, entity: str = "application"
    ) -> Reading:
        return Reading(
            definition=definition,
            value=value,
            n=n,
            window=parameters.window,
            entity=entity,
            baseline=old,
            baseline_window=parameters.baseline if old is not None else None,
            baseline_n=len(before) if old is not None else None,
        )

    yield read(definitions.COST_A_MONTH, _monthly(now), _monthly(before) if before else None, len(now))
    price, paid = price_of_a_pod(now), pod_lines(now)
    if price is not None:
        yield read(definitions.POD_COST_A_MONTH, price, price_of_a_pod(before), len(paid))
        yield read(definitions.PODS_PAID, _most_paid(now), _most_paid(before) if before else None, len(paid))
    services = {line.service: None for line in sorted(now, key=lambda line: line.service)}
    costs = {name: [line for line in now if line.service == name] for name in services}
    all_days = len(_days(now))
    for name, lines in sorted(costs.items(), key=lambda pair: -fsum(line.amount for line in pair[1])):
        old = [line for line in before if line.service == name]
        yield read(
            definitions.SERVICE_COST_A_MONTH,
            fsum(line.amount for line in lines) / all_days * DAYS_A_MONTH,
            fsum(line.amount for line in old) / len(_days(before)) * DAYS_A_MONTH if before else None,
            len(lines),
            name[:140],
        )


def _monthly(lines: Sequence[CostLine]) -> float:
    return fsum(line.amount for line in lines) / len(_days(lines)) * DAYS_A_MONTH


def price_of_a_pod(lines: Sequence[CostLine]) -> float | None:
    """What one pod costs a month; None where no line counts pods, or none was paid for."""
    prices = []
    counted = pod_lines(lines)
    for service in {line.service for line in counted}:
        own = [line for line in counted if line.service == service]
        pods = fsum(instances(line) or 0.0 for line in own)
        if pods > 0:
            prices.append(fsum(line.amount for line in own) / pods * DAYS_A_MONTH)
    return fsum(prices) if prices else None


def _most_paid(lines: Sequence[CostLine]) -> float:
    """Pods paid for on average, of the service that has most."""
    by_service: dict[str, float] = {}
    for line in pod_lines(lines):
        by_service[line.service] = by_service.get(line.service, 0.0) + (instances(line) or 0.0)
    return max(by_service.values(), default=0.0) / max(len(_days(lines)), 1)
