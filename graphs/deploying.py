"""A hand-off that went live: recorded, told to the workflows, and measured from then on."""

from __future__ import annotations

from datetime import datetime

from postlaunch.graphs.session import Services
from postlaunch.graphs.signals import DeploymentBody, draft
from postlaunch.ledger.deployments import Deployment


def record_deployed(services: Services, handoff: str, version: str, at: datetime | None) -> Deployment:
    """Record a deployment that a pipeline reports, once, and post it as a signal. Blocking.

    Raises:
        UsageError: there is no such hand-off, or what is told cannot be.
    """
    found = services.ledger.handoff(handoff)
    made = services.ledger.record_deployment(found.id, version, at)
    title = found.title
    body = DeploymentBody(title=f"{title} went live", version=made.version)
    services.ledger.post_signal(draft(services.settings.application.name, "deployment", made.at, body))
    return made
