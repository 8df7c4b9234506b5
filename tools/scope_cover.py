"""The least that covers a need, proved by HiGHS: what to leave out, whom to give more days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postlaunch.errors import PostLaunchError
from postlaunch.tools.scope_solver import new_solver


@dataclass(frozen=True)
class Cover:
    """Whole amounts to choose, at the least cost.

    Attributes:
        costs: of one unit of each choice; zero or more.
        most: of each choice.
        needs: sums that must be reached: weight by place, and the least sum.
    """

    costs: Sequence[int]
    most: Sequence[int]
    needs: Sequence[tuple[Mapping[int, int], int]]


def least_cover(cover: Cover) -> list[int] | None:
    """The amount of each choice, or None where no amounts are enough.

    Raises:
        PostLaunchError: the solver could not prove an answer in time.
    """
    if any(
        sum(weight * cover.most[p] for p, weight in need.items() if weight > 0) < n for need, n in cover.needs
    ):
        return None
    import highspy

    highs = new_solver()
    for place, cost in enumerate(cover.costs):
        highs.addVar(0.0, float(cover.most[place]))
        highs.changeColIntegrality(place, highspy.HighsVarType.kInteger)
        highs.changeColCost(place, float(cost))
    for weights, least in cover.needs:
        highs.addRow(
            float(least),
            highs.getInfinity(),
            len(weights),
            list(weights),
            [float(weight) for weight in weights.values()],
        )
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        raise PostLaunchError(
            f"what a left-out item would take was not solved: {highs.modelStatusToString(status)}",
            "plan fewer candidate items at once",
        )
    return [round(value) for value in highs.getSolution().col_value]
