"""How hand-offs leave: the messages of one, as the settings say, and the channels that deliver them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pydantic import JsonValue

from postlaunch.github_api import GitHub
from postlaunch.ledger.channels import HandOffFiles
from postlaunch.ledger.github_tracker import GitHubTracker
from postlaunch.ledger.handoff_handlers import HandOffHandler, Registered, handler_message
from postlaunch.ledger.handoff_webhook import HandOffWebhook
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.outbox_delivery import Channel
from postlaunch.ledger.records import HandOff, OutboxRow
from postlaunch.ledger.tracker import HandOffTracker
from postlaunch.reports.packets import Packet, packet_markdown
from postlaunch.settings import Settings
from postlaunch.settings_handoffs import GitHubConnection
from postlaunch.windows import Clock


def messages_of(handoff: HandOff, packet: Packet, settings: Settings) -> Iterator[OutboxRow]:
    """One message for each way that a hand-off takes."""
    payload: dict[str, JsonValue] = {
        "handoff": handoff.id,
        "phase": handoff.phase,
        "title": packet.title,
        "packet": handoff.packet,
        "markdown": packet_markdown(packet, currency=settings.application.currency),
        "made_at": handoff.at.isoformat(),
    }
    for way in settings.handoffs.ways_of(handoff.phase):
        key = handoff.key if way == "file" else f"{handoff.key}/{way}"
        yield OutboxRow.model_validate(
            {"key": key, "channel": f"handoff_{way}", "payload": payload, "next_at": handoff.at}
        )


def enqueue_for_handlers(ledger: Ledger, handlers: Iterable[Registered], clock: Clock) -> None:
    """A message for every hand-off that a registered handler is to be given and has none yet. Blocking."""
    wanting = tuple(handlers)
    if not wanting:
        return
    handoffs = ledger.handoffs()
    rows = [
        handler_message(one, clock()) for one in handoffs if any(handler.wants(one) for handler in wanting)
    ]
    ledger.enqueue(None, rows)


def handoff_channels(
    settings: Settings,
    environment: Mapping[str, str],
    ledger: Ledger,
    handlers: Iterable[Registered],
    clock: Clock,
) -> dict[str, Channel]:
    """The ways out that this process has, by their names in the outbox."""
    webhook = settings.handoffs.webhook
    tracker = github_tracker(settings, environment, clock)
    channels: dict[str, Channel] = {"handoff_file": HandOffFiles(settings.path(settings.reports.handoffs))}
    if webhook is not None:
        channels["handoff_webhook"] = HandOffWebhook(webhook, environment.get(webhook.secret_env, ""), clock)
    if tracker is not None:
        channels["handoff_github"] = HandOffTracker(tracker)
    for registered in handlers:
        channels[registered.channel] = HandOffHandler(registered, ledger)
    return channels


def github_tracker(settings: Settings, environment: Mapping[str, str], clock: Clock) -> GitHubTracker | None:
    """The tracker that the settings name, or None."""
    chosen = settings.handoffs.github
    return None if chosen is None else GitHubTracker(_connection(chosen, environment, clock), chosen)


def _connection(chosen: GitHubConnection, environment: Mapping[str, str], clock: Clock) -> GitHub:
    return GitHub(
        chosen.base_url,
        environment.get(chosen.token_env, ""),
        chosen.token_env,
        timeout_seconds=chosen.timeout_seconds,
        clock=clock,
    )
