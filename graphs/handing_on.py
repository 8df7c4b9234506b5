"""How hand-offs leave: the messages of one, as the settings say, and the channels that deliver them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import get_args

from pydantic import JsonValue

from postlaunch.github_api import GitHub
from postlaunch.ledger.calling_off import CalledOff, called_off
from postlaunch.ledger.channels import HandOffFiles
from postlaunch.ledger.github_tracker import GitHubTracker
from postlaunch.ledger.handoff_handlers import HandOffHandler, Registered, handler_key, handler_message
from postlaunch.ledger.handoff_webhook import HandOffWebhook
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.outbox_delivery import Channel
from postlaunch.ledger.records import HandOff, OutboxRow
from postlaunch.ledger.tracker import HandOffTracker
from postlaunch.reports.packets import Packet, packet_markdown
from postlaunch.settings import Settings
from postlaunch.settings_handoffs import GitHubConnection, Way
from postlaunch.windows import Clock


def messages_of(handoff: HandOff, packet: Packet, settings: Settings) -> Iterator[OutboxRow]:
    """One message for each way that a hand-off takes."""
    markdown = packet_markdown(packet, currency=settings.application.currency)
    for way in settings.handoffs.ways_of(handoff.phase):
        yield _message(handoff, packet.title, markdown, _key(handoff, way), way)


def messages_calling_off(one: CalledOff, ledger: Ledger) -> Iterator[OutboxRow]:
    """The same for what is called off, by the ways that it took, whatever the settings say now.

    Registered handlers are told by `enqueue_for_handlers`. Blocking.
    """
    told = one.as_handoff()
    taken = ledger.known([_key(one.handoff, way) for way in get_args(Way)])
    for way in get_args(Way):
        if _key(one.handoff, way) in taken:
            yield _message(told, one.title, one.markdown, f"{told.key}/{way}", way)


def _key(handoff: HandOff, way: Way) -> str:
    return handoff.key if way == "file" else f"{handoff.key}/{way}"


def _message(handoff: HandOff, title: str, markdown: str, key: str, way: str) -> OutboxRow:
    payload: dict[str, JsonValue] = {
        "handoff": handoff.id,
        "phase": handoff.phase,
        "title": title,
        "packet": handoff.packet,
        "markdown": markdown,
        "made_at": handoff.at.isoformat(),
    }
    return OutboxRow.model_validate(
        {"key": key, "channel": f"handoff_{way}", "payload": payload, "next_at": handoff.at}
    )


def enqueue_for_handlers(ledger: Ledger, handlers: Iterable[Registered], clock: Clock) -> None:
    """A message for every hand-off that a registered handler is to be given and has none yet. Blocking.

    What was called off is told to those who were to be given it, and given to nobody else.
    """
    wanting = tuple(handlers)
    if not wanting:
        return
    wanted = [one for one in ledger.handoffs() if any(handler.wants(one) for handler in wanting)]
    off = called_off(ledger)
    given = ledger.known([handler_key(one) for one in wanted if one.id in off])
    to_be_told = [off[one.id].as_handoff() for one in wanted if handler_key(one) in given]
    to_be_given = [one for one in wanted if one.id not in off]
    ledger.enqueue(None, [handler_message(one, clock()) for one in (*to_be_given, *to_be_told)])


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
    for one in handlers:
        channels[one.channel] = HandOffHandler(one, ledger)
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
