"""How features perform, as a backlog reviews them: which to sunset, which fall short, and what to do."""

from __future__ import annotations

from postlaunch.facts import Frozen, Quantity
from postlaunch.reports.judged import Sentence
from postlaunch.reports.report import Listing
from postlaunch.reports.series import Series

NO_FEATURE_USE = "not available: no source of feature use is configured"


class ReviewedFeature(Frozen):
    """A feature, or a step of a funnel, that calls for a decision.

    Attributes:
        event: whose occurrence is the feature's use, or the step.
        figure: its adoption, or how many of those who start the funnel are lost before the step.
        items: ids of the candidate items that address it.
        action: what to do about it: the item that addresses it, and what becomes of that.
    """

    title: str
    event: str
    figure: Quantity
    because: Sentence
    items: tuple[str, ...] = ()
    action: str = ""


class FeatureReview(Frozen):
    """The features that were looked at.

    Attributes:
        basis: what was looked at, by whom and in which span.
        unjudged: features whose figures say too little to judge them, and why.
        adoption: every feature's adoption, for a chart.
    """

    sunset: Listing[ReviewedFeature] = Listing[ReviewedFeature](reason=NO_FEATURE_USE)
    underperforming: Listing[ReviewedFeature] = Listing[ReviewedFeature](reason=NO_FEATURE_USE)
    basis: str = ""
    unjudged: tuple[Sentence, ...] = ()
    adoption: Series | None = None

    @property
    def available(self) -> bool:
        """Whether any feature could be looked at."""
        return bool(self.basis)
