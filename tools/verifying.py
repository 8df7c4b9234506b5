"""Running a report's measurements again: by name and parameters, over the sources as they are now."""

from __future__ import annotations

import math
from collections.abc import Mapping

from postlaunch.errors import UsageError
from postlaunch.facts import Evidence, Fact, Frozen, Measurement
from postlaunch.printing import fact_text
from postlaunch.tools.measurement import (
    REGISTRY,
    Limits,
    MeasurementResult,
    Registry,
    Source,
    run_measurement,
)


class Moved(Frozen):
    """A figure that is no longer what the report says.

    Attributes:
        was: as the report's fact prints it.
        now: as it is measured now; "not found" when the measurement no longer yields it.
    """

    fact: str
    measurement: str
    title: str
    entity: str
    was: str
    now: str

    def text(self) -> str:
        """For a person: "Error Rate, application: 0.41% → 0.42%"."""
        return f"{self.title}, {self.entity}: {self.was} → {self.now}"


class Verification(Frozen):
    """What came of measuring again.

    Attributes:
        checked: figures compared.
        changed_sources: sources whose content, or the way it is read, is not what it was.
        unmeasured: measurements that could not be run at all, and why.
        left_alone: figures that are not measured again, because that would execute a text of the report.
        notes: what else to know of how the report was measured.
    """

    checked: int
    moved: tuple[Moved, ...] = ()
    changed_sources: tuple[str, ...] = ()
    unmeasured: tuple[str, ...] = ()
    left_alone: int = 0
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every figure that was measured again is what the report says."""
        return not self.moved and not self.unmeasured


def verify_evidence(
    evidence: Evidence,
    sources: Mapping[str, Source],
    limits: Limits | None = None,
    registry: Registry = REGISTRY,
) -> Verification:
    """Measure every fact of the evidence again. Blocking.

    Text in the evidence is looked up, never executed: a name that is not registered is reported.
    """
    moved: list[Moved] = []
    unmeasured: list[str] = []
    changed: dict[str, None] = {}
    left_alone = 0
    for measurement in evidence.measurements():
        facts = [fact for fact in evidence.facts.values() if fact.measurement == measurement]
        entry = registry.entries.get(measurement.name)
        if entry is not None and not entry.repeats:
            left_alone += len(facts)
            continue
        result = _again(measurement, sources, limits or Limits(), registry)
        if isinstance(result, str):
            unmeasured.append(f"{measurement.name}: {result}")
            continue
        if result.measurement.fingerprint != measurement.fingerprint:
            changed[measurement.source] = None
        moved.extend(difference for fact in facts if (difference := _difference(fact, result)))
    return Verification(
        checked=len(evidence.facts) - left_alone,
        moved=tuple(moved),
        changed_sources=tuple(changed),
        unmeasured=tuple(unmeasured),
        left_alone=left_alone,
    )


def _again(
    measurement: Measurement, sources: Mapping[str, Source], limits: Limits, registry: Registry
) -> MeasurementResult | str:
    if measurement.source not in sources:
        return f"no source of {measurement.source} is configured"
    try:
        result = run_measurement(measurement.name, measurement.parameters, sources, limits, registry)
    except UsageError as error:
        return str(error)
    return result.reason if result.status == "error" else result


def _difference(fact: Fact, result: MeasurementResult) -> Moved | None:
    now = next((other for other in result.facts if _same_figure(fact, other)), None)
    if now is not None and _agree(fact, now):
        return None
    return Moved(
        fact=fact.id,
        measurement=fact.measurement.name,
        title=fact.definition.title,
        entity=fact.entity,
        was=_shown(fact),
        now=_shown(now) if now else "not found",
    )


def _same_figure(fact: Fact, other: Fact) -> bool:
    return (fact.key, fact.window.start, fact.window.end) == (
        other.key,
        other.window.start,
        other.window.end,
    )


def _agree(was: Fact, now: Fact) -> bool:
    """Equal counts, and values equal but for the order in which threads added them up: a part in 10¹⁵ of a
    mean, and a part in 10¹¹ of a probability far out in a tail that is computed from it.
    """
    return (was.n, was.baseline_n) == (now.n, now.baseline_n) and all(
        before == after
        or (before is not None and after is not None and math.isclose(before, after, rel_tol=1e-9))
        for before, after in ((was.value, now.value), (was.baseline, now.baseline))
    )


def _shown(fact: Fact) -> str:
    base = "" if fact.baseline is None else f", before {fact.baseline!r}"
    return f"{fact_text(fact)} ({fact.value!r}, n={fact.n}{base})"
