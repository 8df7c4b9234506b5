"""What an item was to bring, and what it brought, once it is live."""

from __future__ import annotations

from typing import Literal

from postlaunch.facts import Frozen, Quantity
from postlaunch.reports.report import Listing
from postlaunch.windows import Moment

Outcome = Literal["reached", "not reached", "see the figures", "too early", "not measured"]


class RealisedItem(Frozen):
    """A deployed item: what was predicted of it, and what is measured.

    Attributes:
        measure, target: its success measure and how much of it was wanted, as declared.
        before, after: the measure in the whole week before the deployment's and in the one after it.
        outcome: "see the figures" where the target is not a plain limit: nobody guesses what it means.
        because: why there is no figure, or until when it is too early; empty where there is nothing to say.
    """

    handoff: str
    title: str
    version: str
    deployed_at: Moment
    measure: str
    target: str
    before: Quantity
    after: Quantity
    outcome: Outcome
    because: str = ""


NOT_WATCHED: Listing[RealisedItem] = Listing(reason="None: nothing was reported as deployed")
"""In a report that was made before anything was watched."""
