"""What becomes of a finding: the candidate item that addresses it and where that stands, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postlaunch.reports.backlog import BacklogItem
from postlaunch.reports.colleagues import Colleague, ColleagueFinding
from postlaunch.reports.features import FeatureReview, ReviewedFeature
from postlaunch.reports.judged import NEEDS_A_MODEL
from postlaunch.reports.report import Listing
from postlaunch.reports.security import ROUTE_WORDS, SecurityReview, Vulnerability
from postlaunch.sources.candidates import CandidateItem
from postlaunch.tools.addressing import addressing
from postlaunch.tools.gathered import Gathered
from postlaunch.tools.requirements import finding_items, vulnerability_items

NO_ITEM = "no candidate item yet: needs an effort estimate"


@dataclass(frozen=True)
class Fates:
    """Where every item stands, once the scope is known.

    Attributes:
        items: the candidates planned with, and those that an earlier sprint committed.
        planned: item id → the item of the backlog.
    """

    items: Sequence[CandidateItem]
    planned: Mapping[str, BacklogItem]
    sprint: int

    @classmethod
    def of(
        cls,
        candidates: Sequence[CandidateItem],
        backlog: Sequence[BacklogItem],
        gathered: Gathered,
        sprint: int,
    ) -> Fates:
        """The fates under one scope."""
        return cls((*candidates, *gathered.under_way), {item.id: item for item in backlog}, sprint)

    def words(self, ids: Sequence[str]) -> str:
        """What becomes of what these items address; empty where there are none."""
        return "; ".join(f"item {identity}: {self._stands(identity)}" for identity in ids)

    def _stands(self, identity: str) -> str:
        item = self.planned.get(identity)
        if item is None:
            return "committed in an earlier sprint"
        return (
            f"in sprint {self.sprint}" if item.in_scope else f"put off to {item.defer_to or 'a later sprint'}"
        )

    # --- each kind of finding -----------------------------------------------------------------------------

    def colleagues(self, colleagues: Sequence[Colleague]) -> tuple[Colleague, ...]:
        """The other specialists' findings with what becomes of each."""
        return tuple(
            colleague.model_copy(update={"findings": tuple(map(self._finding, colleague.findings))})
            for colleague in colleagues
        )

    def _finding(self, finding: ColleagueFinding) -> ColleagueFinding:
        ids = finding_items(self.items, finding)
        becomes = self.words(ids) or finding.otherwise or NO_ITEM
        return finding.model_copy(update={"items": ids, "becomes": becomes})

    def security(self, review: SecurityReview) -> SecurityReview:
        """The vulnerabilities with what becomes of each; a patched one stays patched."""
        if not review.listed.items:
            return review
        listed = tuple(map(self._vulnerability, review.listed.items))
        return review.model_copy(update={"listed": Listing(items=listed)})

    def _vulnerability(self, found: Vulnerability) -> Vulnerability:
        ids, route = vulnerability_items(self.items, found), ROUTE_WORDS[found.route]
        if found.route in ("nothing to do", "to be rated"):
            return found.model_copy(update={"items": ids, "becomes": route})
        if found.route == "hotfix":
            waits = f"; until a re-scan no longer lists it a Must: {self.words(ids)}" if ids else ""
            return found.model_copy(update={"items": ids, "becomes": f"{route}{waits}"})
        return found.model_copy(update={"items": ids, "becomes": f"{route}; {self.words(ids) or NO_ITEM}"})

    def features(self, review: FeatureReview) -> FeatureReview:
        """The features with what to do about each."""
        return review.model_copy(
            update={
                "sunset": self._reviewed(review.sunset),
                "underperforming": self._reviewed(review.underperforming),
            }
        )

    def _reviewed(self, listing: Listing[ReviewedFeature]) -> Listing[ReviewedFeature]:
        return listing.model_copy(update={"items": tuple(map(self._feature, listing.items))})

    def _feature(self, feature: ReviewedFeature) -> ReviewedFeature:
        ids = addressing(self.items, (feature.event, feature.title))
        titles = {item.id: item.title for item in self.items}
        actions = "; ".join(f"{titles[identity]} ({self.words((identity,))})" for identity in ids)
        return feature.model_copy(
            update={
                "items": ids,
                "action": actions or f"no candidate item addresses it; what to do: {NEEDS_A_MODEL}",
            }
        )
