"""What a backlog rests on beside candidate items and tickets; stored, so that a plan can be made again."""

from __future__ import annotations

from postlaunch.facts import Fact, Frozen
from postlaunch.reports.colleagues import Colleague
from postlaunch.reports.competition import Competition
from postlaunch.reports.features import FeatureReview
from postlaunch.reports.realised import NOT_WATCHED, RealisedItem
from postlaunch.reports.report import Listing
from postlaunch.reports.security import SecurityReview
from postlaunch.sources.candidates import CandidateItem


class Gathered(Frozen):
    """What the other specialists, the scans and the notes say, before any item is matched to it.

    Attributes:
        colleagues: the other specialists, with or without findings.
        realised: what items of earlier sprints were to bring, and brought.
        facts: every fact that any part cites.
        under_way: items that an earlier sprint committed: what they address is being worked on.
    """

    colleagues: tuple[Colleague, ...] = ()
    security: SecurityReview = SecurityReview()
    features: FeatureReview = FeatureReview()
    competition: Competition = Competition()
    realised: Listing[RealisedItem] = NOT_WATCHED
    facts: tuple[Fact, ...] = ()
    under_way: tuple[CandidateItem, ...] = ()


NOTHING = Gathered()
"""Where there is nothing but candidate items and tickets."""
