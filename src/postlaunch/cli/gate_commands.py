"""`plan`, `advance`; at the gate `approvals`, `show`, `approve`, `edit`, `changes`, `discover`, `reject`.

`decision-text` prints what a decision says, for a signature that is made elsewhere.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from postlaunch.cli.calling import (
    AsOfOption,
    BaseUrlOption,
    Call,
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
    moment,
    opened,
    print_json,
    printer,
)
from postlaunch.cli.endings import (
    decided,
    finished_run,
    handed_on_by,
    handed_on_lines,
    how_to_decide,
    print_lines,
)
from postlaunch.cli.gate_prompt import GatePrompt
from postlaunch.cli.proposal import moved_lines, show_details, show_proposal
from postlaunch.cli.proving import Proving, Said, SignatureOption, SignKeyOption
from postlaunch.cli.tree_lines import printable
from postlaunch.cli.typed_edits import edits_of
from postlaunch.errors import UnknownRequest
from postlaunch.graphs.proposals import whole_lines
from postlaunch.graphs.proposing import GATE as SPRINT_GATE
from postlaunch.ledger.gate_records import Trust
from postlaunch.ledger.records import ApprovalRequest, GateOption, RunRecord

RequestArgument = Annotated[str, typer.Argument(help="The request's id, or a unique beginning of it.")]
ByOption = Annotated[str, typer.Option("--by", help="Who decides.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")]
DigestOption = Annotated[
    str | None,
    typer.Option("--digest", help="Digest of the proposal you saw; refused if it is another by now."),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (plan, advance, approvals, show, approve, edit, changes, discover, reject, decision_text):
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
    """Plan a sprint, and decide on it.

    The specialists look, a proposal is made, you decide, it is handed on.
    """
    choice = Choice(settings, tuple(requests or ()), tickets, candidates, model, base_url, no_model)
    with opened(choice, as_json=as_json, quiet=quiet, everything=everything) as call:
        run = call.postlaunch.start("sprint_planning", week=week, as_of=moment(as_of), sprint=sprint)
        run = call.follow(run)
        if not as_json:
            run = converse(call, run)
        finished_run(call, run)
        raise typer.Exit(exit_code(run))


def on_a_terminal() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def converse(call: Call, run: RunRecord) -> RunRecord:
    """At a gate, on a terminal: ask until the run is done or the person leaves it open."""
    console = printer()
    prompt = GatePrompt(call.postlaunch, console, lambda asked: console.input(asked, markup=False))
    before: ApprovalRequest | None = None
    while run.state == "waiting" and on_a_terminal():
        request = waiting_request(call, run)
        if request is None:
            break
        if before is not None:
            print_lines(console, ("", *moved_lines(before, request)))
        if not prompt.settle(request):
            break
        before = request
        run = call.follow(run)
    return run


def waiting_request(call: Call, run: RunRecord) -> ApprovalRequest | None:
    """The request that a run waits for, if it does."""
    return next((request for request in call.postlaunch.pending() if request.run == run.id), None)


def advance(
    run: Annotated[str, typer.Argument(help="A run's id, or a unique beginning of it.")],
    settings: SettingsOption = None,
    requests: RequestsOption = None,
    tickets: TicketsOption = None,
    candidates: CandidatesOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    no_model: NoModelOption = False,
    quiet: QuietOption = False,
    everything: EverythingOption = False,
    as_json: JsonOption = False,
) -> None:
    """Move a run on. Safe at any time.

    After a decision, a crash or a failure; what is done is not done again.
    """
    choice = Choice(settings, tuple(requests or ()), tickets, candidates, model, base_url, no_model)
    with opened(choice, as_json=as_json, quiet=quiet, everything=everything) as call:
        moved = call.follow(call.postlaunch.run(run))
        finished_run(call, moved)
        raise typer.Exit(exit_code(moved))


def approvals(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """What waits for a person's decision."""
    with opened(Choice(settings)) as call:
        waiting = call.postlaunch.pending()
    if as_json:
        print_json([request.model_dump(mode="json", exclude={"proposal"}) for request in waiting])
        return
    console = printer()
    if not waiting:
        console.print("Nothing waits for a decision.")
    for request in waiting:
        shown = map(printable, request.summary)
        print_lines(console, (*shown, *how_to_decide(request, call.choice.place), ""))


def show(request: RequestArgument, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """A proposal, and what it rests on.

    As it is decided on; with the decision, once there is one.
    """
    with opened(Choice(settings)) as call:
        found = call.postlaunch.request(request)
        decision = call.postlaunch.decision(found.id)
        handed_on = handed_on_by(decision, call) if decision else ()
        off = call.postlaunch.called_off()
    if as_json:
        body = found.model_dump(mode="json")
        followed = [
            {
                "handoff": one.id,
                "item": one.item,
                "address": address,
                "called_off": off[one.id].as_handoff().packet if one.id in off else None,
            }
            for one, address in handed_on
        ]
        made = decision.model_dump(mode="json") if decision else None
        print_json({**body, "decision": made, "handed_on": followed})
        return
    console = printer()
    if found.gate == SPRINT_GATE:
        show_proposal(console, found)
        console.print()
        show_details(console, found)
    else:
        print_lines(console, [printable(line) for line in whole_lines(found)])
    console.print()
    print_lines(console, (decided(decision),) if decision else how_to_decide(found, call.choice.place))
    print_lines(console, handed_on_lines(handed_on, off))


def approve(
    request: RequestArgument,
    by: ByOption,
    reason: ReasonOption = "",
    digest: DigestOption = None,
    sign_key: SignKeyOption = None,
    signature: SignatureOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve what is proposed.

    A sprint's items are committed and handed on; a tracking plan is written.
    """
    _decide(
        Choice(settings), as_json, Said(request, "approve", by, reason, digest), Proving(sign_key, signature)
    )


def edit(
    request: RequestArgument,
    by: ByOption,
    items: Annotated[list[str], typer.Option("--item", help="Id of an item or change; give each again.")],
    reason: ReasonOption = "",
    digest: DigestOption = None,
    sign_key: SignKeyOption = None,
    signature: SignatureOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve exactly these items or changes, if they fit."""
    said = Said(request, "edit", by, reason, digest, scope=tuple(items))
    _decide(Choice(settings), as_json, said, Proving(sign_key, signature))


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
    sign_key: SignKeyOption = None,
    signature: SignatureOption = None,
    settings: SettingsOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    no_model: NoModelOption = False,
    as_json: JsonOption = False,
) -> None:
    """Ask for another proposal.

    Typed edits are applied; words need a model, and are kept without one.
    """
    edits = edits_of(include or [], exclude or [], pin or [], effort or [], capacity or [])
    choice = Choice(settings, model=model, base_url=base_url, no_model=no_model)
    said = Said(request, "changes", by, reason, digest, edits=edits, text=text)
    _decide(choice, as_json, said, Proving(sign_key, signature))


def discover(
    request: RequestArgument,
    by: ByOption,
    text: Annotated[str, typer.Option("--text", help="What should be discovered.")],
    reason: ReasonOption = "",
    digest: DigestOption = None,
    sign_key: SignKeyOption = None,
    signature: SignatureOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Commit nothing; hand one brief to Phase 1.

    The run is closed.
    """
    said = Said(request, "discovery", by, reason, digest, text=text)
    _decide(Choice(settings), as_json, said, Proving(sign_key, signature))


def reject(
    request: RequestArgument,
    by: ByOption,
    reason: ReasonOption = "",
    digest: DigestOption = None,
    sign_key: SignKeyOption = None,
    signature: SignatureOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Commit nothing and close the run."""
    _decide(
        Choice(settings), as_json, Said(request, "reject", by, reason, digest), Proving(sign_key, signature)
    )


def decision_text(
    request: RequestArgument,
    kind: Annotated[GateOption, typer.Argument(help="approve, edit, changes, discovery or reject.")],
    by: ByOption,
    items: Annotated[list[str] | None, typer.Option("--item", help="As for edit.")] = None,
    text: Annotated[str, typer.Option("--text", help="As for changes and discover.")] = "",
    include: Annotated[list[str] | None, typer.Option("--include", help="As for changes.")] = None,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", help="As for changes.")] = None,
    pin: Annotated[list[str] | None, typer.Option("--pin", help="As for changes.")] = None,
    effort: Annotated[list[str] | None, typer.Option("--effort", help="As for changes.")] = None,
    capacity: Annotated[list[str] | None, typer.Option("--capacity", help="As for changes.")] = None,
    reason: ReasonOption = "",
    digest: DigestOption = None,
    settings: SettingsOption = None,
) -> None:
    """Print what a decision says, to sign it elsewhere.

    For example into: ssh-keygen -Y sign -n postlaunch-decision@v1 -f KEY
    """
    edits = edits_of(include or [], exclude or [], pin or [], effort or [], capacity or [])
    scope = tuple(items) if items else None
    said = Said(request, kind, by, reason, digest, scope=scope, edits=edits, text=text)
    with opened(Choice(settings)) as call:
        sys.stdout.write(said.text_of(call.postlaunch))


def _needed(call: Call, request: str) -> Trust:
    """The proof that a request asks for; what names no request is refused, and kept, when it is decided."""
    try:
        return call.postlaunch.request(request).trust
    except UnknownRequest:
        return "local"


def _decide(choice: Choice, as_json: bool, said: Said, proving: Proving) -> None:
    with opened(choice, as_json=as_json) as call:
        proof = proving.proof(lambda: said.text_of(call.postlaunch), _needed(call, said.request))
        decision = call.postlaunch.decide(**said.arguments(), proof=proof)
        asked = call.postlaunch.request(decision.request)
        if not as_json:
            printer().print(decided(decision), soft_wrap=True)
        run = call.follow(call.postlaunch.run(asked.run))
        again = waiting_request(call, run)
        if again is not None and not as_json and asked.gate == SPRINT_GATE:
            print_lines(printer(), moved_lines(asked, again))
        finished_run(call, run)
        raise typer.Exit(exit_code(run))
