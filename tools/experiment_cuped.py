"""CUPED: what users did before they met an arm, taken out of the noise of a difference.

Deng, Xu, Kohavi and Walker, "Improving the Sensitivity of Online Controlled Experiments by Utilizing
Pre-Experiment Data" (WSDM 2013): a mean less θ times the mean of the same metric before exposure, with
θ = covariance ÷ variance of the latter, within the arms. Arms are drawn by chance, so that the adjusted
difference estimates the same effect, with less variance the closer a user's two values follow each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from postlaunch.tools.experiment_statistics import Before, Difference, Sample

LEAST_VARIANCE_LEFT = 1e-9
"""Share of an arm's variance that must be left: below it there is only rounding to test with."""


@dataclass(frozen=True)
class Adjustment:
    """A difference and what an adjustment made of it.

    Attributes:
        raw: as counted.
        difference: adjusted; `raw` itself where nothing was adjusted.
        reduction: share of the variance of `raw` that the adjustment took away; None where there was none.
        reason: why nothing was adjusted, where an adjustment was possible; else empty.
    """

    raw: Difference
    difference: Difference
    reduction: float | None = None
    reason: str = ""


def adjusted(raw: Difference) -> Adjustment:
    """The difference less what the users' own past explains, or as it was with the reason."""
    control, treatment = raw.control.before, raw.treatment.before
    if control is None or treatment is None:
        return Adjustment(raw, raw)
    theta = _theta(raw, control, treatment)
    if theta is None:
        return Adjustment(raw, raw, reason="no user's value before exposure differs from another's")
    overall = (raw.control.n * control.mean + raw.treatment.n * treatment.mean) / raw.users
    difference = Difference(
        _adjusted(raw.control, control, theta, overall),
        _adjusted(raw.treatment, treatment, theta, overall),
    )
    if not (_varies(difference.control, raw.control) and _varies(difference.treatment, raw.treatment)):
        return Adjustment(
            raw, raw, reason="in an arm every user's value follows from the one before exposure"
        )
    reduction = 1 - (difference.standard_error / raw.standard_error) ** 2
    return Adjustment(raw, difference, reduction)


def _theta(raw: Difference, control: Before, treatment: Before) -> float | None:
    """Covariance ÷ variance within the two arms together; None where nothing varies."""
    weights = (raw.control.n - 1, raw.treatment.n - 1)
    variance = weights[0] * control.variance + weights[1] * treatment.variance
    covariance = weights[0] * control.covariance + weights[1] * treatment.covariance
    return covariance / variance if variance > 0 else None


def _adjusted(sample: Sample, before: Before, theta: float, overall: float) -> Sample:
    """Of each user's value less θ times the one before exposure, that counted from its overall mean."""
    variance = _unbiased(sample) - 2 * theta * before.covariance + theta**2 * before.variance
    return replace(
        sample,
        mean=sample.mean - theta * (before.mean - overall),
        variance=max(0.0, variance),
        is_proportion=False,
        before=None,
    )


def _unbiased(sample: Sample) -> float:
    """The variance as those beside it are: a proportion's is of its users, not of a sample of them."""
    return sample.variance * sample.n / max(sample.n - 1, 1) if sample.is_proportion else sample.variance


def _varies(sample: Sample, raw: Sample) -> bool:
    return sample.variance > LEAST_VARIANCE_LEFT * raw.variance
