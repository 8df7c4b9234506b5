"""`handoffs`, `deployed`: what was handed on, whether it arrived, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Annotated

import typer
from rich.text import Text

from postlaunch.cli.calling import (
    Call,
    Choice,
    JsonOption,
    SettingsOption,
    moment,
    opened,
    print_json,
    printer,
    program,
)
from postlaunch.cli.endings import called_off_lines, issue_lines, messages_about, print_lines
from postlaunch.cli.tree_lines import printable
from postlaunch.ledger.calling_off import CalledOff
from postlaunch.ledger.deployments import Deployment
from postlaunch.ledger.records import HandOff, OutboxRow
from postlaunch.reports.backlog import NOT_DECLARED


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (handoffs, deployed):
        app.command()(command)


def handoffs(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """List what was handed on.

    Where to, whether it arrived, and what went live.
    """
    with opened(Choice(settings), as_json=as_json) as call:
        handed_on = call.postlaunch.handoffs()
        live = call.postlaunch.deployments()
        waiting = call.postlaunch.undelivered()
        addresses = call.postlaunch.handoff_addresses()
        off = call.postlaunch.called_off()
        if as_json:
            print_json([_as_json(one, live, waiting, addresses, off) for one in handed_on])
            return
        console = printer()
        if not handed_on:
            console.print(f"Nothing was handed on yet: {program()} plan proposes a sprint.")
        for one in handed_on:
            title = printable(one.title)
            print_lines(
                console, (f"{one.id}  Phase {one.phase}  {title}", f"           {_stands(one, live)}")
            )
            print_lines(console, issue_lines(addresses.get(one.id, "")))
            print_lines(console, called_off_lines(off.get(one.id)))
            for row in messages_about((one,), waiting, off):
                said = f"           {row.channel} waits: {printable(row.error) or 'not tried yet'}"
                console.print(Text(said, "yellow"), soft_wrap=True)


def deployed(
    handoff: Annotated[str, typer.Argument(help="The hand-off's id, or a unique beginning of it.")],
    version: Annotated[str, typer.Option("--version", help="The version that it went live as.")],
    at: Annotated[
        str | None, typer.Option("--at", help="When, with a zone: 2026-02-11T14:15+01:00; else now.")
    ] = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell that a hand-off went live. Telling it again changes nothing."""
    with opened(Choice(settings), as_json=as_json) as call:
        made = call.postlaunch.deployed(handoff, version=version, at=moment(at))
        if as_json:
            print_json(made.model_dump(mode="json"))
            return
        print_lines(printer(), _watched(call, made))


def _watched(call: Call, made: Deployment) -> tuple[str, ...]:
    """What was recorded, and what follows from it."""
    handoff = call.postlaunch.handoff(made.handoff)
    title = printable(handoff.title)
    return (
        f"{title} went live as {printable(made.version)}, {made.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC.",
        _compared(str(handoff.packet.get("success_measure", ""))),
        *called_off_lines(call.postlaunch.called_off().get(handoff.id)),
    )


def _compared(measure: str) -> str:
    """What later reports say of a success measure."""
    if measure in ("", NOT_DECLARED):
        return "No success measure was declared for it: reports compare nothing."
    return (
        f"Its success measure ({printable(measure)}) is watched: reports after the next whole week compare."
    )


def _stands(handoff: HandOff, live: tuple[Deployment, ...]) -> str:
    """Where an item stands: approved, or live."""
    versions = [one for one in live if one.handoff == handoff.id]
    if not versions:
        return f"approved {handoff.at:%Y-%m-%d}, not reported as deployed"
    told = ", ".join(f"{printable(one.version)} ({one.at.astimezone(UTC):%Y-%m-%d})" for one in versions)
    return f"deployed: {told}"


def _as_json(
    handoff: HandOff,
    live: tuple[Deployment, ...],
    waiting: tuple[OutboxRow, ...],
    addresses: Mapping[str, str],
    off: Mapping[str, CalledOff],
) -> dict[str, object]:
    called_off = off.get(handoff.id)
    return {
        **handoff.model_dump(mode="json"),
        "address": addresses.get(handoff.id, ""),
        "called_off": called_off.as_handoff().packet if called_off else None,
        "deployments": [one.model_dump(mode="json") for one in live if one.handoff == handoff.id],
        "undelivered": [
            {"channel": row.channel, "attempts": row.attempts, "error": row.error}
            for row in messages_about((handoff,), waiting, off)
        ],
    }
