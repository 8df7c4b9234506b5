"""Which tier an item stands in: Must, Should or Could; and the ceiling on Musts.

The rule, in order (thresholds in `[verdicts]`):

* Must: a declared "required by" (contract, law, critical security, objective at risk), the same as measured
  (`postlaunch.tools.requirements`), a person's pin, or RICE in the top third with ROI High;
* Should: ROI Medium or above, or RICE in the top two thirds;
* Could: the rest.

Thirds are of the items that have a RICE score: an item is in the top third when fewer than a third of them
score higher, so equal scores share a tier.

MoSCoW's ceiling: Musts take at most `capacity.must_share` of plannable days. Required and pinned Musts come
first and are never taken back; of those that earned it by RICE and ROI, the highest score first, each stays
Must while it fits under the ceiling and is else a Should that says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from postlaunch.facts import Derived
from postlaunch.printing import value_text
from postlaunch.reports.backlog import TierName
from postlaunch.tools.planning import Appraisal


@dataclass(frozen=True)
class TierVerdict:
    """An item's tier, and the rule and inputs that gave it.

    Attributes:
        bound: a Must that no ceiling takes back: required, or pinned by a person.
        required: what was measured that requires it; empty where nothing was.
    """

    tier: TierName
    because: str
    bound: bool = False
    required: str = ""


def assign_tiers(
    appraisals: Sequence[Appraisal],
    *,
    pinned: Collection[str] = (),
    required: Mapping[str, str] | None = None,
    must_days: float = float("inf"),
) -> dict[str, TierVerdict]:
    """The tier of each item, by its id.

    Args:
        pinned: ids that a person made Must.
        required: id → what was measured that requires the item.
        must_days: the most days that Musts may take: `must_share` of plannable capacity.
    """
    scores = {a.item.id: a.rice.value for a in appraisals if isinstance(a.rice, Derived)}
    measured = required or {}
    verdicts = {
        a.item.id: _tier(a, scores, a.item.id in pinned, measured.get(a.item.id, "")) for a in appraisals
    }
    return {**verdicts, **_over_ceiling(appraisals, verdicts, scores, must_days)}


def _tier(appraisal: Appraisal, scores: dict[str, float], pinned: bool, required: str) -> TierVerdict:
    item, band = appraisal.item, appraisal.roi.band
    if pinned:
        return TierVerdict("Must", "pinned by a person", bound=True, required=required)
    if item.required_by or required:
        declared = f"{item.required_by} (declared)" if item.required_by else ""
        because = "; ".join(filter(None, (declared, required)))
        return TierVerdict("Must", f"required by: {because}", bound=True, required=required)
    place, words = _place(item.id, scores)
    if place == "top third" and band == "High":
        return TierVerdict("Must", f"{words} and ROI is High")
    if band in ("High", "Medium"):
        return TierVerdict("Should", f"ROI is {band}; {words}")
    roi = f"ROI is {band}" if band else "ROI is not available"
    if place in ("top third", "middle third"):
        return TierVerdict("Should", f"{words}; {roi}")
    return TierVerdict("Could", f"{roi}; {words}")


def _place(identity: str, scores: dict[str, float]) -> tuple[str, str]:
    """The third in which an item's RICE lies, and that in words."""
    if identity not in scores:
        return "", "RICE is not available"
    score = scores[identity]
    higher = sum(other > score for other in scores.values())
    third = ("top third", "middle third", "bottom third")[3 * higher // len(scores)]
    return third, f"RICE {value_text(score, 'number')} is in the {third} of {len(scores)}"


def _over_ceiling(
    appraisals: Sequence[Appraisal],
    verdicts: dict[str, TierVerdict],
    scores: dict[str, float],
    must_days: float,
) -> dict[str, TierVerdict]:
    """The Musts that the ceiling makes Shoulds."""
    musts = [a for a in appraisals if verdicts[a.item.id].tier == "Must"]
    taken = sum(a.item.effort_days for a in musts if verdicts[a.item.id].bound)
    earned = [a for a in musts if not verdicts[a.item.id].bound]
    lowered = {}
    for appraisal in sorted(earned, key=lambda a: -scores[a.item.id]):
        days = appraisal.item.effort_days
        if taken + days <= must_days + 1e-9:
            taken += days
            continue
        because = verdicts[appraisal.item.id].because
        ceiling = value_text(must_days, "days")
        lowered[appraisal.item.id] = TierVerdict(
            "Should", f"{because}, but Musts may take {ceiling} and those before it take more with it"
        )
    return lowered
