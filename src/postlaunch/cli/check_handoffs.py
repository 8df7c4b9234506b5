"""What `postlaunch check` tries of the ways that hand-offs take; nothing is sent or filed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from postlaunch.errors import PostLaunchError
from postlaunch.graphs.handing_on import github_tracker
from postlaunch.settings import Settings
from postlaunch.settings_handoffs import HandOffWebhookSettings
from postlaunch.windows import Clock


def hand_off_findings(
    settings: Settings, environment: Mapping[str, str], clock: Clock
) -> Iterator[tuple[str, Callable[[], str]]]:
    """Each way beside files that a hand-off takes, with what tries it: it says what was found, or raises."""
    ways = settings.handoffs
    if "webhook" in ways.ways and ways.webhook is not None:
        yield "hand-off webhook", partial(_webhook, ways.webhook, environment)
    if "github" in ways.ways:
        yield "hand-off tracker", partial(_tracker, settings, environment, clock)


def _webhook(webhook: HandOffWebhookSettings, environment: Mapping[str, str]) -> str:
    """Nothing is sent: a receiver would take it for a hand-off."""
    if not environment.get(webhook.secret_env):
        raise PostLaunchError(
            f"hand-offs by webhook are signed, but {webhook.secret_env} is not set",
            "set it to the secret that the receiver checks signatures with",
        )
    looked_up = "looked up" if webhook.lookup_url else "sent again with the same key"
    return f"signed with {webhook.secret_env}; what may not have arrived is {looked_up}"


def _tracker(settings: Settings, environment: Mapping[str, str], clock: Clock) -> str:
    tracker = github_tracker(settings, environment, clock)
    assert tracker is not None  # settings that send hand-offs to GitHub say where it is
    missing = tracker.missing()
    if missing:
        raise PostLaunchError("; ".join(missing), "hand-offs wait in the outbox until nothing is missing")
    return f"issues can be filed in {tracker.settings.repository}"
