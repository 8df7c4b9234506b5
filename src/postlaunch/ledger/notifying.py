"""Notifications by apprise: the address is looked up, the link made and the message sent at the last moment.

So nothing that is stored holds a secret: a message in the outbox names its address by a label, and says whom
a link is for. A process that knows neither addresses nor key leaves the message to one that does.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType

from pydantic import Field, ValidationError

from postlaunch.errors import DeliveryFailed, SettingsError
from postlaunch.facts import Frozen
from postlaunch.ledger.addresses import Target, targets_of
from postlaunch.ledger.link_tokens import LinkClaims, link_key, signed
from postlaunch.ledger.records import OutboxRow
from postlaunch.settings import Settings

EXTRA = "pip install 'postlaunch[notify]'"
DECIDE_PATH = "/decide/"
TALKATIVE = ("apprise", "urllib3.connectionpool", "requests")
"""Libraries that log addresses: of what they say only the worst is heard, and that names none."""


class Notice(Frozen):
    """The payload of a `notify_apprise` message.

    Attributes:
        target: label of the address.
        title: of the message.
        lines: its text, without anything that a chat or mail program acts on.
        link: claims of the link that is added; None: none is.
        without_link: the lines that stand in the link's place where there is none.
    """

    target: str
    title: str
    lines: tuple[str, ...]
    link: LinkClaims | None = None
    without_link: tuple[str, ...] = Field(default=())


@dataclass(frozen=True)
class AppriseChannel:
    """Sends notices to the addresses of this process's environment.

    Attributes:
        environment: where addresses and the key that signs links are.
    """

    settings: Settings
    environment: Mapping[str, str] = field(repr=False)

    def deliver(self, row: OutboxRow) -> None:
        """Send one notice to its address."""
        try:
            notice = Notice.model_validate(row.payload)
        except ValidationError as error:
            raise DeliveryFailed(f"the payload of {row.key} is no notice") from error
        try:
            target = self._target(notice.target)
            body = "\n".join((*notice.lines, *self._how_to_decide(notice)))
        except SettingsError as error:
            raise DeliveryFailed(
                f"this process cannot send it: {error}", f"a process that can will; here: {error.remedy}"
            ) from error
        _send(target, notice.title, body, self.settings.gate.notify_timeout_seconds)

    def _target(self, label: str) -> Target:
        for target in targets_of(self.settings, self.environment):
            if target.label == label:
                return target
        raise DeliveryFailed(
            f"the address {label} is not among those that this process knows",
            "it was taken out or changed; put it back, or let the message be",
        )

    def _how_to_decide(self, notice: Notice) -> tuple[str, ...]:
        if notice.link is None or not self.settings.listen.url:
            return notice.without_link
        token = signed(notice.link, link_key(self.settings, self.environment))
        address = f"{self.settings.listen.url}{DECIDE_PATH}{token}"
        return (f"Look and decide, as {notice.link.person} and once:", address)


def _send(target: Target, title: str, body: str, seconds: float) -> None:
    """Hand a message to apprise.

    Raises:
        DeliveryFailed: it did not arrive, or it is not known that it did.
    """
    apprise = imported_apprise()
    try:
        sender = apprise.Apprise()
        known = sender.add(target.url.get_secret_value())
        as_text = apprise.NotifyFormat.TEXT
        arrived = known and sender.notify(body=body, title=title, body_format=as_text, timeout=seconds)
    except Exception as error:  # noqa: BLE001 - whatever a plugin does; its words may hold the address
        raise DeliveryFailed(f"{target.label} failed with {type(error).__name__}") from None
    if not known:
        raise DeliveryFailed(
            f"the address {target.label} cannot be used",
            "see how apprise writes it: https://appriseit.com/services/",
        )
    if not arrived:
        raise DeliveryFailed(f"{target.label} did not take the message", "check the address and the network")


def imported_apprise() -> ModuleType:
    """The apprise library, made to keep addresses to itself.

    Raises:
        DeliveryFailed: it is not installed.
    """
    try:
        import apprise
    except ImportError as error:
        raise DeliveryFailed("notifications need the extra that is not installed", EXTRA) from error
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return apprise


def usable(target: Target) -> bool:
    """Whether apprise can read an address; nothing is sent.

    Raises:
        DeliveryFailed: apprise is not installed.
    """
    return bool(imported_apprise().Apprise().add(target.url.get_secret_value()))
