"""What is known of competitors, as reports print it: each claim with its source and day, old ones marked."""

from __future__ import annotations

from datetime import date

from postlaunch.facts import Frozen, Quantity, Unavailable
from postlaunch.reports.judged import Sentence
from postlaunch.reports.report import Listing

NO_COMPETITORS = "not available: no source of competitors is configured"


class SourcedClaim(Frozen):
    """What somebody says, and where and when it was read. Text from outside.

    Attributes:
        stale: older than the settings allow.
    """

    text: str
    source: str
    date: date
    stale: bool = False


class Competitor(Frozen):
    """One competitor; None where nobody noted anything.

    Attributes:
        advantage, disadvantage: of the competitor.
        edge: what we do better.
    """

    name: str
    summary: SourcedClaim | None = None
    advantage: SourcedClaim | None = None
    disadvantage: SourcedClaim | None = None
    edge: SourcedClaim | None = None


class Competition(Frozen):
    """Where the application stands among its competitors.

    Attributes:
        positioning_note: why there is no statement of positioning; empty where there is one.
        claims, stale: how many claims there are, and how many of them are stale.
        months: age from which a claim is stale.
    """

    competitors: Listing[Competitor] = Listing[Competitor](reason=NO_COMPETITORS)
    positioning: SourcedClaim | None = None
    positioning_note: str = NO_COMPETITORS
    claims: Quantity = Unavailable(reason="no source of competitors is configured")
    stale: Quantity = Unavailable(reason="no source of competitors is configured")
    months: int = 0
    notes: tuple[Sentence, ...] = ()
