"""Deployments that a pipeline reports back: which hand-off went live, as which version, when."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import SCHEMA_VERSION, HandOff
from postlaunch.ledger.rows import all_of, one_or_none, values_of
from postlaunch.ledger.tables import deployments, handoffs
from postlaunch.windows import Moment

LONGEST_VERSION = 200
CLOCKS_APART = timedelta(minutes=5)
"""By which a pipeline's clock may be ahead of this one."""


class Deployment(Frozen):
    """A hand-off that went live. Append-only: one for each version that it went live as.

    Attributes:
        at: when it went live; `recorded_at`: when that was told.
    """

    schema_version: int = SCHEMA_VERSION
    handoff: str
    version: str
    at: Moment
    recorded_at: Moment


class Deployments(LedgerPart):
    """Record deployments, and look at them."""

    def record_deployment(self, handoff: str, version: str, at: datetime | None = None) -> Deployment:
        """Record that a hand-off went live; telling it again changes nothing and returns what is stored.

        Args:
            handoff: its whole id.
            at: when; None: now, or, where it is recorded already, the moment that is.

        Raises:
            UsageError: there is no such hand-off, no such moment, or it was recorded with another one.
        """
        name = version.strip()
        if not name or len(name) > LONGEST_VERSION or not name.isprintable():
            raise UsageError(f"{version!r} is no version", "name it as your releases are named: 1.1.0")
        with self._database.write() as connection:
            known = self._recorded(connection, handoff, name)
            if known is not None:
                return _the_same(known, at)
            handed_on = one_or_none(connection, select(handoffs).where(handoffs.c.id == handoff), HandOff)
            if handed_on is None:
                raise UsageError(f"there is no hand-off {handoff}", "list them with: postlaunch handoffs")
            made = Deployment(
                handoff=handoff, version=name, at=self._moment(handed_on, at), recorded_at=self._now()
            )
            connection.execute(insert(deployments).values(values_of(made)))
        return made

    def _moment(self, handoff: HandOff, at: datetime | None) -> datetime:
        """When it went live, where that can be."""
        now = self._now()
        moment = at or now
        if moment.tzinfo is None:
            raise UsageError(f"{moment.isoformat()} has no time zone", "give it one: 2026-01-05T09:00:00Z")
        if moment > now + CLOCKS_APART:
            raise UsageError(
                f"{moment.isoformat()} has not come yet", "a deployment is told once it took place"
            )
        if moment < handoff.at:
            raise UsageError(
                f"{moment.isoformat()} is before {handoff.id} was approved, {handoff.at.isoformat()}",
                "check the hand-off's id and the moment",
            )
        return moment

    def _recorded(self, connection: Connection, handoff: str, version: str) -> Deployment | None:
        same = select(deployments).where(deployments.c.handoff == handoff, deployments.c.version == version)
        return one_or_none(connection, same, Deployment)

    def deployments(self) -> tuple[Deployment, ...]:
        """Every deployment, the oldest first."""
        query = select(deployments).order_by(deployments.c.at, deployments.c.handoff, deployments.c.version)
        with self._database.read() as connection:
            return all_of(connection, query, Deployment)


def _the_same(known: Deployment, at: datetime | None) -> Deployment:
    """What is recorded.

    Raises:
        UsageError: it is told with another moment now.
    """
    if at is not None and at != known.at:
        raise UsageError(
            f"{known.handoff} is recorded as deployed in {known.version} at {known.at.isoformat()} already",
            "what was recorded stays; a later deployment has a version of its own",
        )
    return known
