"""`plan`, `advance`; at the gate `approvals`, `show`, `approve`, `edit`, `changes`, `discover`, `reject`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from postlaunch.cli.calling import (
    AsOfOption,
    BaseUrlOption,
    CandidatesOption,
    Choice,
    EverythingOption,
    JsonOption,
    ModelOption,
    NoModelOption,
    QuietOption,
    RequestsOption,
    SettingsOption,
    TicketsOption,
    exit_code,
    follow,
    moment,
    opened,
    print_json,
)
from postlaunch.cli.endings import decided, finished_run, how_to_decide
from postlaunch.cli.gate_prompt import GatePrompt
from postlaunch.cli.proposal import show_proposal
from postlaunch.errors import UsageError
from postlaunch.ledger.records import GateOption, RunRecord, ScopeEdits
from postlaunch.sync import PostLaunch

RequestArgument = Annotated[str, typer.Argument(help="The request's id, or a unique beginning of it.")]
ByOption = Annotated[str, typer.Option("--by", help="Who decides.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")]
DigestOption = Annotated[
    str | None,
    typer.Option("--digest", help="Digest of the proposal you saw; refused if it is another by now."),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (plan, advance, approvals, show, approve, edit, changes, discover, reject):
        app.command()(command)


def plan(
    sprint: Annotated[int | None, typer.Option("--sprint", min=1, help="Else one after the last.")] = None,
    week: Annotated[
        str | None, typer.Option("--week", help="The week looked at; else the last whole.")
    ] = None,
    settings: SettingsOption = None,
    requests: RequestsOption = None,
    tickets: TicketsOption = None,
    candidates: CandidatesOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    no_model: NoModelOption = False,
    as_of: AsOfOption = None,
    quiet: QuietOption = False,
    everything: EverythingOption = False,
    as_json: JsonOption = False,
) -> None:
    """Plan a sprint: the specialists look, a proposal is made, you decide, it is handed on."""
    choice = Choice(settings, tuple(requests or ()), tickets, candidates, model, base_url, no_model)
    with opened(choice.load(), json_lines=as_json) as postlaunch:
        run = postlaunch.start("sprint_planning", week=week, as_of=moment(as_of), sprint=sprint)
        run = follow(postlaunch, run, as_json=as_json, quiet=quiet, everything=everything)
        if not as_json:
            run = converse(postlaunch, run, quiet=quiet)
        finished_run(postlaunch, run, as_json=as_json)
        raise typer.Exit(exit_code(run))


def on_a_terminal() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def converse(postlaunch: PostLaunch, run: RunRecord, *, quiet: bool = False) -> RunRecord:
    """At a gate, on a terminal: ask until the run is done or the person leaves it open."""
    console = Console()
    prompt = GatePrompt(postlaunch, console, lambda question: console.input(question, markup=False))
    while run.state == "waiting" and on_a_terminal():
        request = next((one for one in postlaunch.pending() if one.run == run.id), None)
        if request is None or prompt.decide(request) is None:
            break
        run = follow(postlaunch, run, as_json=False, quiet=quiet)
    return run


def advance(
    run: Annotated[str, typer.Argument(help="A run's id, or a unique beginning of it.")],
    settings: SettingsOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Move a run on: after a decision, a crash, or a failure. Safe at any time."""
    with opened(Choice(settings).load(), json_lines=as_json) as postlaunch:
        moved = follow(postlaunch, postlaunch.run(run), as_json=as_json, quiet=quiet)
        finished_run(postlaunch, moved, as_json=as_json)
        raise typer.Exit(exit_code(moved))


def approvals(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """What waits for a person's decision."""
    with opened(Choice(settings).load()) as postlaunch:
        waiting = postlaunch.pending()
    if as_json:
        print_json([request.model_dump(mode="json", exclude={"proposal"}) for request in waiting])
        return
    console = Console()
    if not waiting:
        console.print("Nothing waits for a decision.")
    for request in waiting:
        for line in (*request.summary, *how_to_decide(request), ""):
            console.print(line, markup=False, soft_wrap=True)


def show(request: RequestArgument, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """A proposal as it is decided on, and the decision once there is one."""
    with opened(Choice(settings).load()) as postlaunch:
        found = postlaunch.request(request)
        decision = postlaunch.decision(found.id)
    if as_json:
        body = found.model_dump(mode="json")
        print_json({**body, "decision": decision.model_dump(mode="json") if decision else None})
        return
    console = Console()
    show_proposal(console, found)
    for line in (decided(decision),) if decision else how_to_decide(found):
        console.print(line, markup=False, soft_wrap=True)


def approve(
    request: RequestArgument,
    by: ByOption,
    reason: ReasonOption = "",
    digest: DigestOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve the scope as proposed: it is committed and handed on."""
    _decide(settings, as_json, request, "approve", by=by, reason=reason, digest=digest)


def edit(
    request: RequestArgument,
    by: ByOption,
    items: Annotated[list[str], typer.Option("--item", help="Id of an item to commit; give each again.")],
    reason: ReasonOption = "",
    digest: DigestOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Commit another scope: exactly these items, if they fit."""
    _decide(settings, as_json, request, "edit", by=by, reason=reason, digest=digest, scope=tuple(items))


def changes(
    request: RequestArgument,
    by: ByOption,
    text: Annotated[str, typer.Option("--text", help="What should change, in your own words.")] = "",
    include: Annotated[list[str] | None, typer.Option("--include", help="Id of an item to take in.")] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", help="Id of an item to leave out.")
    ] = None,
    pin: Annotated[list[str] | None, typer.Option("--pin", help="Id of an item that is a Must.")] = None,
    effort: Annotated[
        list[str] | None, typer.Option("--effort", help="ITEM:OWNER=DAYS; another effort for an item.")
    ] = None,
    capacity: Annotated[
        list[str] | None, typer.Option("--capacity", help="PARTY=DAYS; other working days this sprint.")
    ] = None,
    reason: ReasonOption = "",
    digest: DigestOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask for another proposal: typed edits are applied; words need a model, and are kept without one."""
    edits = edits_of(include or [], exclude or [], pin or [], effort or [], capacity or [])
    _decide(
        settings, as_json, request, "changes", by=by, reason=reason, digest=digest, edits=edits, text=text
    )


def discover(
    request: RequestArgument,
    by: ByOption,
    text: Annotated[str, typer.Option("--text", help="What should be discovered.")],
    reason: ReasonOption = "",
    digest: DigestOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Commit nothing; hand one brief to Phase 1 and close the run."""
    _decide(settings, as_json, request, "discovery", by=by, reason=reason, digest=digest, text=text)


def reject(
    request: RequestArgument,
    by: ByOption,
    reason: ReasonOption = "",
    digest: DigestOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Commit nothing and close the run."""
    _decide(settings, as_json, request, "reject", by=by, reason=reason, digest=digest)


def edits_of(
    include: list[str], exclude: list[str], pin: list[str], effort: list[str], capacity: list[str]
) -> ScopeEdits | None:
    """Typed edits from flags; None when none is given.

    Raises:
        UsageError: "ITEM:OWNER=DAYS" or "PARTY=DAYS" cannot be read.
    """
    efforts: dict[str, dict[str, float]] = {}
    for text in effort:
        item, owner_and_days = _split(text, ":", "ITEM:OWNER=DAYS")
        owner, days = _split(owner_and_days, "=", "ITEM:OWNER=DAYS")
        efforts.setdefault(item, {})[owner] = _days(days, text)
    capacities = {}
    for text in capacity:
        party, days = _split(text, "=", "PARTY=DAYS")
        capacities[party] = _days(days, text)
    edits = ScopeEdits(
        include=tuple(include), exclude=tuple(exclude), pin=tuple(pin), effort=efforts, capacity=capacities
    )
    return None if edits.empty else edits


def _split(text: str, sign: str, form: str) -> tuple[str, str]:
    before, found, after = text.rpartition(sign) if sign == "=" else text.partition(sign)
    if not found or not before or not after:
        raise UsageError(f'"{text}" cannot be read', f"write {form}")
    return before, after


def _days(text: str, whole: str) -> float:
    try:
        days = float(text)
    except ValueError as error:
        raise UsageError(f'"{whole}": "{text}" is not a number of days', "write e.g. 2.5") from error
    if not 0 <= days < 1000:
        raise UsageError(f'"{whole}": {text} days are not possible', "0 to 999")
    return days


def _decide(
    settings: Path | None,
    as_json: bool,
    request: str,
    kind: GateOption,
    *,
    by: str,
    reason: str,
    digest: str | None,
    scope: tuple[str, ...] | None = None,
    edits: ScopeEdits | None = None,
    text: str = "",
) -> None:
    with opened(Choice(settings).load(), json_lines=as_json) as postlaunch:
        decision = postlaunch.decide(
            request, kind, by=by, reason=reason, scope=scope, edits=edits, text=text, digest=digest
        )
        if not as_json:
            Console().print(decided(decision), markup=False, soft_wrap=True)
        run = postlaunch.run(postlaunch.request(decision.request).run)
        run = follow(postlaunch, run, as_json=as_json, quiet=False)
        finished_run(postlaunch, run, as_json=as_json)
        raise typer.Exit(exit_code(run))
