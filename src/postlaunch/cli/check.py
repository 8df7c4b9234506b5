"""`postlaunch check`: every setting and every source tried, with what to do about what does not work."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

from langchain_core.messages import HumanMessage

from postlaunch.cli.check_handoffs import hand_off_findings
from postlaunch.cli.source_findings import finding_of
from postlaunch.errors import PostLaunchError, SettingsError
from postlaunch.facts import Frozen
from postlaunch.ledger.addresses import targets_of
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.link_tokens import link_key
from postlaunch.ledger.notifying import usable
from postlaunch.llm.seat import seat_for
from postlaunch.roster import Roster
from postlaunch.settings import Settings
from postlaunch.settings_gate import SPRINT_GATE, RequiredTrust
from postlaunch.sources.opening import OPENERS, close_sources
from postlaunch.testing.recorder import MemoryRecorder
from postlaunch.windows import Clock

WITHOUT: Mapping[str, str] = {
    "requests": "no health report without it (--requests ACCESS_LOG)",
    "events": "no analytics report without it",
    "tickets": "feature requests are not counted without it",
    "feature_requests": "what is asked for elsewhere than with Support is not counted without it",
    "candidates": "no effort, so no scope, without it",
    "resources": "no resource usage, no limits met and no capacity plan without it",
    "logs": "warnings and errors that the application logs are not seen without it",
    "changes": "incidents and trends are not set beside deployments without it",
    "alerts": "timelines of incidents start from the requests alone without it",
    "costs": "no cost per user, no cost of scaling without it",
    "vulnerabilities": "vulnerable dependencies are not planned for without it",
    "competitors": "no competitive analysis without it",
    "launch": "nothing is compared with what the launch measured and promised without it",
    "tracking_plan": "what is recorded is held against no plan without it",
}
"""Every source, and what goes without it."""

PROOFS: Mapping[RequiredTrust, str] = {
    "link": "by the one-time link that each was sent, or a stronger proof",
    "token": "by a personal approval token, or a signature",
    "ssh": "by an SSH signature",
}
"""Each proof of who decides about sprints, in words."""


class Probe(Frozen):
    """One thing tried.

    Attributes:
        state: "works", "absent" (not configured, which is no failure) or "fails".
        exit_code: of the failure; 0 otherwise.
    """

    subject: str
    state: Literal["works", "absent", "fails"]
    finding: str
    remedy: str = ""
    exit_code: int = 0


def check(settings: Settings, clock: Clock, environment: Mapping[str, str]) -> tuple[Probe, ...]:
    """Try everything the settings name. Blocking; the model, when one is named, answers one word."""
    sources = settings.sources
    return (
        _tried("roster", lambda: _roster(settings)),
        _tried("ledger", lambda: _ledger(settings, environment, clock)),
        _tried("report folder", lambda: _folder(settings, "folder")),
        _tried("hand-off folder", lambda: _folder(settings, "handoffs")),
        *(_tried(name, tried) for name, tried in hand_off_findings(settings, environment, clock)),
        _who_decides(settings),
        *(
            _tried(name, partial(_source, name, settings, clock))
            if getattr(sources, name) is not None
            else _absent(name, f"{without}: [sources.{name}]")
            for name, without in WITHOUT.items()
        ),
        _tried("model", lambda: _model(settings, environment, clock))
        if settings.model.name
        else _absent("model", "rules write every figure and verdict; prose needs [model] name"),
        _tried("addresses", lambda: _addresses(settings, environment))
        if settings.notify.configured
        else _absent("addresses", "no e-mail and no chat tells of a waiting gate: [notify] urls_env"),
        _tried("links", lambda: _links(settings, environment))
        if settings.listen.url
        else _absent("links", "nobody is sent a link to decide by: [listen] url"),
        _tried("notification", lambda: _notification(settings))
        if settings.gate.notify_command or settings.gate.notify_webhook
        else _absent("notification", "nobody is told of a waiting gate: [gate] notify_command"),
    )


def _tried(subject: str, attempt: Callable[[], str]) -> Probe:
    try:
        return Probe(subject=subject, state="works", finding=attempt())
    except PostLaunchError as error:
        return Probe(
            subject=subject,
            state="fails",
            finding=str(error),
            remedy=error.remedy,
            exit_code=error.exit_code,
        )


def _absent(subject: str, consequence: str) -> Probe:
    return Probe(subject=subject, state="absent", finding="not configured", remedy=consequence)


def _who_decides(settings: Settings) -> Probe:
    """How it is known who decides about sprints; a name that is only typed proves nothing."""
    names = ", ".join(settings.approvers_at(SPRINT_GATE))
    trust = settings.trust_at(SPRINT_GATE)
    if trust == "local":
        anybody = f"in the name of {names}" if names else "in any name"
        consequence = f"whoever can run postlaunch here, a program too, decides {anybody}: [gate] trust"
        return Probe(
            subject="who decides", state="absent", finding="a typed name is believed", remedy=consequence
        )
    return Probe(subject="who decides", state="works", finding=f"{names or 'anybody'}, {PROOFS[trust]}")


def _roster(settings: Settings) -> str:
    roster = Roster.from_settings(settings)
    for approver in settings.gate.approvers:
        if not approver.strip():
            raise PostLaunchError("gate.approvers holds an empty name", "remove it")
    who = ", ".join(settings.approvers) or "anyone who gives a name"
    return f"{len(roster.parties)} named parties; may decide: {who}"


def _ledger(settings: Settings, environment: Mapping[str, str], clock: Clock) -> str:
    with Ledger.open(settings.ledger_place(environment), clock) as ledger:
        return f"{ledger.place}, {len(ledger.runs(limit=1_000_000))} runs"


def _folder(settings: Settings, name: Literal["folder", "handoffs"]) -> str:
    folder = settings.path(getattr(settings.reports, name))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise PostLaunchError(
            f"{folder} cannot be written: {error.strerror or error}", f"set reports.{name} to one that can"
        ) from error
    return str(folder)


def _source(name: str, settings: Settings, clock: Clock) -> str:
    source = OPENERS[name](settings, clock)
    try:
        return finding_of(source, settings.application.timezone)
    finally:
        close_sources({name: source})


def _model(settings: Settings, environment: Mapping[str, str], clock: Clock) -> str:
    seat = seat_for(settings, environment, MemoryRecorder("check", clock))
    assert seat is not None
    asyncio.run(seat.turn([HumanMessage("Answer with the one word: ready")]))
    return f"{settings.model.name} at {settings.model.base_url or 'the vendor'} answers"


def _notification(settings: Settings) -> str:
    command = settings.gate.notify_command
    if command and shutil.which(command[0], path=os.environ.get("PATH")) is None:
        raise PostLaunchError(f"gate.notify_command: no program {command[0]}", "install it, or name another")
    return "will be run when a gate opens" if command else "the webhook will be called when a gate opens"


def _addresses(settings: Settings, environment: Mapping[str, str]) -> str:
    """Whether every address can be read; nothing is sent."""
    targets = targets_of(settings, environment)
    unusable = [target.label for target in targets if not usable(target)]
    if unusable:
        raise SettingsError(
            f"apprise cannot read {', '.join(unusable)}", "see https://appriseit.com/services/", key="notify"
        )
    unknown = {target.person for target in targets if target.person} - set(settings.approvers)
    if unknown and settings.approvers:
        raise SettingsError(
            f"an address is that of {', '.join(sorted(unknown))}, who may not decide",
            f"those who may: {', '.join(settings.approvers)}",
            key="notify",
        )
    return f"{', '.join(target.label for target in targets)} will be told of a gate; nothing was sent now"


def _links(settings: Settings, environment: Mapping[str, str]) -> str:
    link_key(settings, environment)
    return f"{settings.listen.key_env} signs links to {settings.listen.url}"
