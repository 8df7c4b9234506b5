"""What went live of what was handed on: rows of the ledger, as measurements read them."""

from __future__ import annotations

from dataclasses import dataclass

from postlaunch.facts import Frozen, digest_of
from postlaunch.windows import Moment

SOURCE = "deployments"


class DeployedItem(Frozen):
    """An item that went live, as of its first deployment.

    Attributes:
        handoff: id of its hand-off.
        approved_at: when a person approved it.
        success_measure, success_target: as they were declared; how it is seen to have worked.
    """

    handoff: str
    item: str
    title: str
    phase: int
    sprint: int | None = None
    approved_at: Moment
    deployed_at: Moment
    version: str
    success_measure: str = ""
    success_target: str = ""

    @property
    def days(self) -> float:
        """Days from the approval to the deployment."""
        return (self.deployed_at - self.approved_at).total_seconds() / 86_400


@dataclass(frozen=True)
class DeploymentTable:
    """The items that went live, the oldest deployment first.

    Attributes:
        waiting: hand-offs that were not reported as deployed.
    """

    fingerprint: str
    deployed: tuple[DeployedItem, ...]
    waiting: int = 0
    name: str = SOURCE

    @classmethod
    def of(cls, deployed: tuple[DeployedItem, ...], waiting: int) -> DeploymentTable:
        """The table of these items."""
        body = {"deployed": [item.model_dump(mode="json") for item in deployed], "waiting": waiting}
        return cls(digest_of(body), deployed, waiting)
