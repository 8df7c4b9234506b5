"""What a candidate item is worth: RICE, return on investment, and its band. Every input names its kind.

RICE = reach × impact × confidence ÷ effort (Intercom, 2018). ROI = (monthly benefit × months − cost) ÷ cost.
"""

from __future__ import annotations

from dataclasses import dataclass

from postlaunch.facts import Assumed, Derived, Measured, Quantity, Unavailable
from postlaunch.printing import value_text
from postlaunch.reports.backlog import ReturnOnInvestment, RoiBand
from postlaunch.settings import Verdicts
from postlaunch.sources.candidates import CandidateItem


@dataclass(frozen=True)
class Appraisal:
    """What the rules know of one item.

    Attributes:
        requests: distinct requesters.
        benefit: RICE's numerator, reach × impact × confidence: what the item brings whatever it costs.
        reach_basis: "declared", "requesters", or "" where there is no reach.
        rice_formula: the score with its formula and every input, or why there is none.
    """

    item: CandidateItem
    requests: Quantity
    effort: Derived
    rice: Derived | Unavailable
    benefit: Derived | Unavailable
    roi: ReturnOnInvestment
    reach_basis: str = ""
    rice_formula: str = ""


def appraise(
    item: CandidateItem,
    requests: Quantity,
    verdicts: Verdicts,
    *,
    effort_by: str = "",
    currency: str = "$",
) -> Appraisal:
    """Appraise one item by its declared inputs and the requests counted for it.

    Args:
        effort_by: who stated the effort, where it is not the candidates file (a person's edit).
        currency: of the money in the reasons.
    """
    effort = effort_of(item, effort_by)
    reach, basis = _reach(item, requests)
    benefit = _benefit(item, reach)
    rice: Derived | Unavailable = benefit
    if isinstance(benefit, Derived):
        rice = Derived.of("ratio", benefit, effort, unit="number", statement="RICE")
    return Appraisal(
        item=item,
        requests=requests,
        effort=effort,
        rice=rice,
        benefit=benefit,
        roi=return_on_investment(item, verdicts, currency),
        reach_basis=basis,
        rice_formula=_rice_formula(item, reach, basis, effort, rice),
    )


def _rice_formula(
    item: CandidateItem,
    reach: Assumed | Measured | Unavailable,
    basis: str,
    effort: Derived,
    rice: Derived | Unavailable,
) -> str:
    """ "284 = reach 142 (counted requesters) × impact 2 × confidence 80% ÷ 0.8 days of effort"."""
    if isinstance(rice, Unavailable) or isinstance(reach, Unavailable):
        assert isinstance(rice, Unavailable), "without a reach there is no score"
        return f"not available: {rice.reason}"
    assert item.impact is not None
    assert item.confidence is not None
    of_reach = f"declared by {item.declared_by or 'nobody named'}" if basis == "declared" else "requesters"
    return (
        f"{value_text(rice.value, 'number')} = reach {value_text(reach.value, 'number')} ({of_reach}) "
        f"× impact {value_text(item.impact, 'number')} × confidence {value_text(item.confidence, 'ratio')} "
        f"÷ {value_text(effort.value, 'days')} of effort"
    )


def effort_of(item: CandidateItem, effort_by: str = "") -> Derived:
    """Days of all owners, each an assumption with who made it."""
    basis = "one total, split evenly over the owners" if item.effort_assumed else "estimate per owner"
    return Derived.of(
        "sum",
        *(
            Assumed(value=days, unit="days", who=effort_by or item.declared_by, basis=f"{owner}: {basis}")
            for owner, days in item.effort_by_owner.items()
        ),
        unit="days",
        statement="effort of all owners",
    )


def _reach(item: CandidateItem, requests: Quantity) -> tuple[Assumed | Measured | Unavailable, str]:
    """The declared reach; else the requesters, who are a floor of it."""
    if item.reach is not None:
        return _declared(item, item.reach, "reach"), "declared"
    if isinstance(requests, (Measured, Assumed)) and requests.value > 0:
        return requests, "requesters"
    return Unavailable(reason="no reach is declared and no request is counted", remedy="declare reach"), ""


def _benefit(item: CandidateItem, reach: Assumed | Measured | Unavailable) -> Derived | Unavailable:
    if isinstance(reach, Unavailable):
        return reach
    missing = [name for name in ("impact", "confidence") if getattr(item, name) is None]
    if item.impact is None or item.confidence is None:
        return Unavailable(
            reason=f"no {' and no '.join(missing)} declared", remedy=f"declare {' and '.join(missing)}"
        )
    return Derived.of(
        "product",
        reach,
        _declared(item, item.impact, "impact"),
        _declared(item, item.confidence, "confidence"),
        unit="number",
        statement="reach × impact × confidence",
    )


def _declared(item: CandidateItem, value: float, field: str) -> Assumed:
    return Assumed(value=value, unit="number", who=item.declared_by, basis=f"{item.id}: {field}")


def return_on_investment(item: CandidateItem, verdicts: Verdicts, currency: str = "$") -> ReturnOnInvestment:
    """ROI over the settings' horizon and its band, with the figures that decided it."""
    value = _roi(item, verdicts)
    if item.unlocks_revenue:
        basis = f": {item.benefit_basis}" if item.benefit_basis else ""
        return ReturnOnInvestment(
            value=value,
            band="High",
            because=f"unlocks declared revenue{basis}",
            formula=_roi_formula(item, verdicts, value, currency),
        )
    if isinstance(value, Unavailable):
        return ReturnOnInvestment(value=value, band=None, because=f"not available: {value.reason}")
    assert item.monthly_benefit is not None
    benefit = value_text(item.monthly_benefit, "money", currency=currency)
    basis = f" ({item.benefit_basis})" if item.benefit_basis else ""
    return ReturnOnInvestment(
        value=value,
        band=roi_band(value.value, verdicts),
        because=f"{benefit} a month{basis}, {value_text(value.value, 'ratio')} of its cost "
        f"over {verdicts.roi_months} months; all declared",
        formula=_roi_formula(item, verdicts, value, currency),
    )


def _roi_formula(item: CandidateItem, verdicts: Verdicts, value: Derived | Unavailable, currency: str) -> str:
    """ "150% = ($500 a month × 12 months − $2,400) ÷ $2,400, declared by candidates.yaml"; or why not."""
    if isinstance(value, Unavailable) or item.monthly_benefit is None or not item.cost:
        return f"not available: {value.reason}" if isinstance(value, Unavailable) else ""
    benefit, cost = (
        value_text(sum_, "money", currency=currency) for sum_ in (item.monthly_benefit, item.cost)
    )
    return (
        f"{value_text(value.value, 'ratio')} = ({benefit} a month × {verdicts.roi_months} months − {cost}) ÷ "
        f"{cost}; benefit and cost declared by {item.declared_by or 'nobody named'}, months by the settings"
    )


def roi_band(roi: float, verdicts: Verdicts) -> RoiBand:
    """The band of an ROI (1.5 is 150 %)."""
    if roi >= verdicts.roi_high:
        return "High"
    return "Medium" if roi >= verdicts.roi_medium else "Low"


def _roi(item: CandidateItem, verdicts: Verdicts) -> Derived | Unavailable:
    if item.monthly_benefit is None or not item.cost:
        missing = " and no ".join(
            name
            for name, value in (("monthly benefit", item.monthly_benefit), ("cost", item.cost or None))
            if value is None
        )
        return Unavailable(reason=f"no {missing} declared", remedy="declare monthly_benefit and cost")
    basis = item.benefit_basis or f"{item.id}: monthly_benefit"
    monthly = Assumed(value=item.monthly_benefit, unit="money", who=item.declared_by, basis=basis)
    months = Assumed(value=verdicts.roi_months, unit="number", who="settings", basis="verdicts.roi_months")
    cost = Assumed(value=item.cost, unit="money", who=item.declared_by, basis=f"{item.id}: cost")
    benefit = Derived.of("product", monthly, months, unit="money", statement="benefit over the horizon")
    net = Derived.of("difference", benefit, cost, unit="money", statement="benefit less cost")
    return Derived.of("ratio", net, cost, unit="ratio", statement="ROI")
