"""How long it takes from a person's approval until an item is live."""

from __future__ import annotations

from statistics import median

from postlaunch.facts import Definition
from postlaunch.sources.deployments import DeployedItem, DeploymentTable
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters
from postlaunch.windows import Window

TIME_TO_DEPLOY = Definition(
    name="time_to_deploy",
    title="Time to deploy",
    statement=(
        "median days from the approving decision to the first deployment, over the hand-offs that were first "
        "deployed in the span, as the pipeline reports them"
    ),
    unit="days",
    better="lower",
)


@REGISTRY.measurement("time_to_deploy", source="deployments", parameters=WindowParameters)
def time_to_deploy(source: DeploymentTable, parameters: WindowParameters, limits: Limits) -> Readings:
    """Days from approval to deployment of the items that went live in the window: the median."""
    window, baseline = parameters.window, parameters.baseline
    items = _deployed_in(source, window)
    waiting = f"{source.waiting} hand-offs were not reported as deployed" if source.waiting else ""
    notes = (waiting,) if waiting else ()
    if not items:
        return Readings(reason="no hand-off was reported as deployed in this span", notes=notes)
    before = _deployed_in(source, baseline) if baseline is not None else ()
    return Readings(
        readings=(
            Reading(
                TIME_TO_DEPLOY,
                median(item.days for item in items),
                n=len(items),
                window=window,
                baseline=median(item.days for item in before) if before else None,
                baseline_window=baseline if before else None,
                baseline_n=len(before) if before else None,
            ),
        ),
        notes=notes,
    )


def _deployed_in(source: DeploymentTable, window: Window) -> tuple[DeployedItem, ...]:
    return tuple(item for item in source.deployed if window.start <= item.deployed_at < window.observed_end)
