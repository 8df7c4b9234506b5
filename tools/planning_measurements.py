"""Measurements over the candidates file: what its owners declare, citable like any other figure."""

from __future__ import annotations

from pydantic import Field

from postlaunch.facts import Derived, Unavailable
from postlaunch.settings import Verdicts
from postlaunch.sources.candidates import CandidateTable
from postlaunch.tools.definitions_feedback import EFFORT_DAYS, RICE
from postlaunch.tools.measurement import REGISTRY, Limits, Parameters, Reading, Readings
from postlaunch.tools.planning import appraise
from postlaunch.windows import Window

DECLARED = "declared, not measured"


class CandidateEffortParameters(Parameters):
    """Which item, and the span in whose report it is cited: a declaration has no time of its own."""

    window: Window = Field(description="The span of the report")
    item: str = Field(default="", description="Id of one candidate item; all where left out")


@REGISTRY.measurement("candidate_effort", source="candidates", parameters=CandidateEffortParameters)
def candidate_effort(
    source: CandidateTable, parameters: CandidateEffortParameters, limits: Limits
) -> Readings:
    """The effort in days and the RICE score that the candidates file declares for each item."""
    items = [item for item in source.items if parameters.item in ("", item.id)]
    if not items:
        known = ", ".join(item.id for item in source.items)
        return Readings(reason=f'there is no item "{parameters.item}"; one of: {known}')
    readings = []
    for item in items:
        readings.append(
            Reading(
                EFFORT_DAYS, item.effort_days, n=1, window=parameters.window, entity=item.id, note=DECLARED
            )
        )
        rice = appraise(item, Unavailable(reason="declared inputs only"), Verdicts()).rice
        if isinstance(rice, Derived):
            readings.append(
                Reading(RICE, rice.value, n=1, window=parameters.window, entity=item.id, note=DECLARED)
            )
    shown = readings[: limits.rows]
    cut = (f"{len(readings) - len(shown)} figures are not listed",) if len(shown) < len(readings) else ()
    return Readings(readings=tuple(shown), notes=(*source.notes, *cut))
