"""postlaunch: specialists run a live application after its launch.

The public API: `PostLaunch` (or `AsyncPostLaunch`), settings, errors, and the records that calls return.
Everything else may change between minor versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from postlaunch.errors import DecisionRefused, PostLaunchError
from postlaunch.events import Event
from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings
from postlaunch.webhook_signature import verify_webhook

if TYPE_CHECKING:
    from postlaunch.api import AsyncPostLaunch
    from postlaunch.graphs.night_summary import Night
    from postlaunch.graphs.starting import IncidentAsked
    from postlaunch.ledger.deployments import Deployment
    from postlaunch.ledger.records import (
        ActionItem,
        ApprovalRequest,
        Commitment,
        Decision,
        HandOff,
        IncidentRecord,
        ReportRecord,
        RunRecord,
        ScopeEdits,
        Signal,
    )
    from postlaunch.ledger.trust import ApprovalToken, SshSignature
    from postlaunch.sync import PostLaunch

__version__ = "0.1.0"

__all__ = [
    "ActionItem",
    "ApprovalRequest",
    "ApprovalToken",
    "AsyncPostLaunch",
    "Commitment",
    "Decision",
    "DecisionRefused",
    "Deployment",
    "Event",
    "HandOff",
    "IncidentAsked",
    "IncidentRecord",
    "Night",
    "PostLaunch",
    "PostLaunchError",
    "ReportRecord",
    "RunRecord",
    "ScopeEdits",
    "Settings",
    "Signal",
    "SshSignature",
    "load_settings",
    "verify_webhook",
]

_LAZY = {
    "AsyncPostLaunch": "postlaunch.api",
    "Deployment": "postlaunch.ledger.deployments",
    "IncidentAsked": "postlaunch.graphs.starting",
    "Night": "postlaunch.graphs.night_summary",
    "ApprovalToken": "postlaunch.ledger.trust",
    "PostLaunch": "postlaunch.sync",
    "SshSignature": "postlaunch.ledger.trust",
    **dict.fromkeys(
        (
            "ActionItem",
            "ApprovalRequest",
            "Commitment",
            "Decision",
            "HandOff",
            "IncidentRecord",
            "ReportRecord",
            "RunRecord",
            "ScopeEdits",
            "Signal",
        ),
        "postlaunch.ledger.records",
    ),
}
"""Names whose modules import LangGraph or SQLAlchemy: looked up when they are first used."""


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'postlaunch' has no attribute {name!r}")
