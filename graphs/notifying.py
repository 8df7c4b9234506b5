"""Telling people of a gate: that it waits, that it still does, and that its time is over.

Each is one message for each way out, by its key; what cannot be told now holds up nothing and is told by the
next night. A message says what is proposed in ten plain lines, who may decide and until when, what the newest
decision was, and the command or link that decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

import structlog
from pydantic import JsonValue

from postlaunch.agents.bench import JSON_OBJECT
from postlaunch.errors import SettingsError
from postlaunch.facts import Frozen
from postlaunch.graphs.session import Services, Session
from postlaunch.ledger.addresses import Target, targets_of
from postlaunch.ledger.link_tokens import claims_for
from postlaunch.ledger.notices import notice_key
from postlaunch.ledger.notifying import Notice
from postlaunch.ledger.plain_words import plain_words
from postlaunch.ledger.records import ApprovalRequest, OutboxRow
from postlaunch.settings_gate import SPRINT_GATE
from postlaunch.settings_notify import Notify

log = structlog.get_logger(__name__)

About = Literal["opened", "reminder", "expired"]

HEADLINES: dict[About, str] = {
    "opened": "Waits for your decision",
    "reminder": "Still waits for a decision",
    "expired": "Expired undecided",
}
EXPIRY_TOLD = timedelta(days=14)
"""How long after it an expiry is still told, by a night that comes late."""


class WayOut(Frozen):
    """One way by which people are told.

    Attributes:
        name: of the way, in keys.
        target: the address, for apprise.
    """

    name: str
    channel: Literal["notify_command", "notify_webhook", "notify_apprise"]
    target: Target | None = None


def ways_out(services: Services) -> tuple[tuple[WayOut, ...], str]:
    """The ways that the settings name, and what of them cannot be used in this process, in words."""
    gate, notify = services.settings.gate, services.settings.notify
    found: list[WayOut] = []
    if gate.notify_command:
        found.append(WayOut(name="command", channel="notify_command"))
    if gate.notify_webhook:
        found.append(WayOut(name="webhook", channel="notify_webhook"))
    if not notify.configured:
        return tuple(found), ""
    try:
        targets = targets_of(services.settings, services.environment)
    except SettingsError as error:
        return tuple(found), str(error)
    found += (WayOut(name=one.label, channel="notify_apprise", target=one) for one in targets)
    return tuple(found), ""


def tell_opened(session: Session, request: ApprovalRequest) -> None:
    """Say that a person is waited for: in the run's events, and by every way out. Blocking; may run again.

    Raises:
        LeaseLost: another process moves this run now.
    """
    session.recorder.emit(
        "gate",
        f"waits for a decision on {request.id}, until {request.expires_at:%Y-%m-%d %H:%M} UTC",
        data={"request": request.id, "round": request.round, "digest": request.digest},
    )
    ways, problem = ways_out(session.services)
    if problem:
        text = f"some are not told yet: {problem}"
        session.recorder.emit("notified", text, data={"request": request.id, "problem": problem})
    rows = _rows(session.services, request, "opened", "opened", ways)
    session.services.ledger.enqueue(session.lease, rows)


def tell_at_once(services: Services, request: ApprovalRequest) -> None:
    """Say by every way out that a request waits, and send what is due. Blocking; may run again.

    For a gate that opens outside of the run that waits at it, whose end sends nothing.
    """
    if all(request.id != waiting.id for waiting in services.ledger.requests(request.run, pending=True)):
        return
    ways, problem = ways_out(services)
    if problem:
        log.warning("some are not told yet", request=request.id, problem=problem)
    services.ledger.enqueue(None, _rows(services, request, "opened", "opened", ways))
    services.deliver()


def tell_due(services: Services) -> None:
    """Put in the outbox what is to be told by now: openings that were not, reminders, expiries. Blocking."""
    ways, problem = ways_out(services)
    if problem:
        log.warning("some notifications are not sent", problem=problem)
    if not ways:
        return
    ledger, now = services.ledger, services.clock()
    for request in ledger.requests():
        told = ledger.told_about(request.id)
        if ledger.decision(request.id) is not None:
            continue
        if now < request.expires_at and not request.closed:
            ledger.enqueue(None, list(_still_waiting(services, request, told, ways, now)))
        elif _ran_out(request, now):
            before = [way for way in ways if _was_told(told, request, way)]
            ledger.enqueue(None, _rows(services, request, "expired", "expired", before))


def _still_waiting(
    services: Services, request: ApprovalRequest, told: frozenset[str], ways: Sequence[WayOut], now: datetime
) -> Iterator[OutboxRow]:
    """The opening for those who were not told of it, and the reminder that is due for those who were."""
    fresh = [way for way in ways if not _was_told(told, request, way)]
    yield from _rows(services, request, "opened", "opened", fresh)
    mark = due_reminder(request, services.settings.notify, now)
    if mark:
        reminded = [way for way in ways if way not in fresh]
        yield from _rows(services, request, "reminder", mark, reminded)


def _was_told(told: frozenset[str], request: ApprovalRequest, way: WayOut) -> bool:
    return notice_key(request.id, "opened", way.name) in told


def _ran_out(request: ApprovalRequest, now: datetime) -> bool:
    """Whether a request's time is over since lately, and nothing else closed it before."""
    return request.ran_out(now) and now < request.expires_at + EXPIRY_TOLD


def due_reminder(request: ApprovalRequest, notify: Notify, now: datetime) -> str:
    """The mark of the newest reminder whose time has come; empty where none has.

    Marks that were missed are not made up for: one reminder a night says all that several would.
    """
    opened, end = request.requested_at, request.expires_at
    marks = [(end - timedelta(hours=hours), f"{hours:g}h-left") for hours in notify.remind_hours_before]
    if notify.remind_every_hours:
        times = int((now - opened) / timedelta(hours=notify.remind_every_hours))
        passed = times * notify.remind_every_hours
        marks.append((opened + timedelta(hours=passed), f"after-{passed:g}h"))
    come = [(moment, mark) for moment, mark in marks if opened < moment <= now < end]
    return max(come)[1] if come else ""


# --- what is said -----------------------------------------------------------------------------------------


def _rows(
    services: Services, request: ApprovalRequest, about: About, mark: str, ways: Sequence[WayOut]
) -> list[OutboxRow]:
    """One message for each way out, about the same."""
    if not ways:
        return []
    lines = message_lines(services, request, about)
    return [
        OutboxRow(
            key=notice_key(request.id, mark, way.name),
            channel=way.channel,
            payload=_notice(services, request, about, lines, way.target)
            if way.target
            else _whole(services, request, about, lines),
            next_at=services.clock(),
        )
        for way in ways
    ]


def message_lines(services: Services, request: ApprovalRequest, about: About) -> tuple[str, ...]:
    """The message: the proposal in at most ten lines, then who decides until when, and the newest decision.

    What comes from outside is words here, whatever it holds (`plain_words`).
    """
    who = plain_words(", ".join(request.approvers)) or "anyone who gives a name"
    end = f"{request.expires_at:%Y-%m-%d %H:%M} UTC"
    done = "committed" if request.gate == SPRINT_GATE else "changed"
    waits = (
        f"{request.id} was open until {end}, and nobody decided. Nothing was {done}."
        if about == "expired"
        else f"{request.id} can be decided by {who}, until {end}. Nothing is {done} before."
    )
    return (
        *map(plain_words, request.summary),
        "",
        waits,
        f"Proposal {request.digest[:12]}, round {request.round}. {chain_line(services)}",
    )


def chain_line(services: Services) -> str:
    """The decision chain's newest hash: kept elsewhere, it shows that the ledger was written anew."""
    return f"The {services.ledger.chain_head()}."


def commands_for(request: ApprovalRequest, about: About) -> tuple[str, ...]:
    """What to type: to look and decide, or for a fresh proposal."""
    if about == "expired":
        again = "Plan again: postlaunch plan" if request.gate == SPRINT_GATE else "Ask again if it is wanted."
        return (again,)
    return (
        f"Look:   postlaunch show {request.id}",
        f"Decide: postlaunch approve {request.id} --by NAME ({_others(request)})",
    )


def _others(request: ApprovalRequest) -> str:
    """The other commands that decide: "or edit, changes, discover, reject"."""
    names = ("discover" if option == "discovery" else option for option in request.options)
    return "or " + ", ".join(name for name in names if name != "approve")


def _notice(
    services: Services, request: ApprovalRequest, about: About, lines: Sequence[str], target: Target
) -> dict[str, JsonValue]:
    """The payload for one address; a person's own gets a link, where links are set up."""
    may = not request.approvers or target.person in request.approvers
    linked = bool(services.settings.listen.url and target.person and may and about != "expired")
    subject = plain_words(request.summary[0]) if request.summary else request.id
    notice = Notice(
        target=target.label,
        title=f"{HEADLINES[about]}: {subject}",
        lines=(*lines, ""),
        link=claims_for(request, target.person) if linked else None,
        without_link=commands_for(request, about),
    )
    return JSON_OBJECT.validate_python(notice.model_dump(mode="json"))


def _whole(
    services: Services, request: ApprovalRequest, about: About, lines: Sequence[str]
) -> dict[str, JsonValue]:
    """The payload for a command or a web hook: the request without its proposal, and the message."""
    shown = JSON_OBJECT.validate_python(request.model_dump(mode="json", exclude={"proposal"}))
    return {
        **shown,
        "about": about,
        "message": "\n".join(lines),
        "chain_head": chain_line(services),
        "commands": [f"postlaunch show {request.id}", f"postlaunch approve {request.id} --by NAME"],
    }
