"""What went live, read from the ledger: the source "deployments" of the measurements."""

from __future__ import annotations

from postlaunch.ledger.deployments import Deployment
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.records import HandOff
from postlaunch.sources.deployments import DeployedItem, DeploymentTable


def deployment_table(ledger: Ledger, application: str) -> DeploymentTable | None:
    """The committed items of an application that went live, each as of its first deployment; None for none.

    A brief that asks for discovery is no item: nothing of it goes live as such. Blocking.
    """
    recorded = ledger.deployments()
    if not recorded:
        return None
    mine = {one.id for one in ledger.commitments() if one.body.get("application") == application}
    handoffs = {one.id: one for one in ledger.handoffs() if one.commitment in mine}
    first: dict[str, Deployment] = {}
    for deployment in recorded:  # the oldest first
        if deployment.handoff in handoffs:
            first.setdefault(deployment.handoff, deployment)
    deployed = tuple(_item(handoffs[one.handoff], one) for one in first.values())
    return DeploymentTable.of(deployed, len(handoffs) - len(first)) if deployed else None


def _item(handoff: HandOff, deployment: Deployment) -> DeployedItem:
    packet = handoff.packet
    sprint = packet.get("sprint")
    return DeployedItem(
        handoff=handoff.id,
        item=handoff.item,
        title=handoff.title,
        phase=handoff.phase,
        sprint=sprint if type(sprint) is int else None,
        approved_at=handoff.at,
        deployed_at=deployment.at,
        version=deployment.version,
        success_measure=str(packet.get("success_measure", "")),
        success_target=str(packet.get("success_target", "")),
    )
