"""`postlaunch check`: every setting and every source tried, with what to do about what does not work."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from typing import Literal

from langchain_core.messages import HumanMessage

from postlaunch.errors import PostLaunchError
from postlaunch.facts import Frozen
from postlaunch.ledger.ledger import Ledger
from postlaunch.llm.seat import seat_for
from postlaunch.roster import Roster
from postlaunch.settings import Settings
from postlaunch.sources.candidates import open_candidates
from postlaunch.sources.events import event_coverage_text, open_events
from postlaunch.sources.requests import coverage_text, open_requests
from postlaunch.sources.tickets import open_tickets
from postlaunch.testing.recorder import MemoryRecorder
from postlaunch.windows import Clock


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
        _tried("ledger", lambda: _ledger(settings, clock)),
        _tried("report folder", lambda: _folder(settings, "folder")),
        _tried("hand-off folder", lambda: _folder(settings, "handoffs")),
        _tried("requests", lambda: _requests(settings, clock))
        if sources.requests
        else _absent("requests", "no health report without it: --requests ACCESS_LOG or [sources.requests]"),
        _tried("events", lambda: _events(settings, clock))
        if sources.events
        else _absent("events", "no analytics report without it: [sources.events]"),
        _tried("tickets", lambda: _tickets(settings))
        if sources.tickets
        else _absent("tickets", "feature requests are not counted without it: [sources.tickets]"),
        _tried("candidates", lambda: _candidates(settings))
        if sources.candidates
        else _absent("candidates", "no effort, so no scope, without it: [sources.candidates]"),
        _tried("model", lambda: _model(settings, environment, clock))
        if settings.model.name
        else _absent("model", "rules write every figure and verdict; prose needs [model] name"),
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


def _roster(settings: Settings) -> str:
    roster = Roster.from_settings(settings)
    for approver in settings.gate.approvers:
        if not approver.strip():
            raise PostLaunchError("gate.approvers holds an empty name", "remove it")
    who = ", ".join(settings.approvers) or "anyone who gives a name"
    return f"{len(roster.parties)} named parties; may decide: {who}"


def _ledger(settings: Settings, clock: Clock) -> str:
    ledger = Ledger.open(settings.ledger_path(), clock)
    try:
        return f"{settings.ledger_path()}, {len(ledger.runs(limit=1_000_000))} runs"
    finally:
        ledger.close()


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


def _requests(settings: Settings, clock: Clock) -> str:
    log = open_requests(settings, clock)
    try:
        return coverage_text(log.coverage, settings.application.timezone)
    finally:
        log.close()


def _events(settings: Settings, clock: Clock) -> str:
    log = open_events(settings, clock)
    try:
        return event_coverage_text(log.coverage, settings.application.timezone)
    finally:
        log.close()


def _tickets(settings: Settings) -> str:
    table = open_tickets(settings)
    return f"{len(table.tickets):,} tickets{_left_out(len(table.rejected))}"


def _candidates(settings: Settings) -> str:
    table = open_candidates(settings)
    return "; ".join((f"{len(table.items):,} candidate items", *table.notes))


def _left_out(rows: int) -> str:
    return f"; {rows:,} rows do not fit and are left out" if rows else ""


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
