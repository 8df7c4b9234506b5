"""`audit`, `token`; and going back on something: `cancel`, `amend`, `revoke`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.text import Text

from postlaunch.cli.calling import (
    Call,
    Choice,
    JsonOption,
    SettingsOption,
    opened,
    print_json,
    printer,
)
from postlaunch.cli.endings import decided, how_to_decide, print_lines
from postlaunch.cli.gate_commands import ByOption, ReasonOption
from postlaunch.cli.proving import Proving, SignKeyOption
from postlaunch.cli.tree_lines import printable
from postlaunch.ledger.audit import Audit
from postlaunch.ledger.gate_records import AmendmentKind
from postlaunch.ledger.trust import grant_text

DOES_NOT_HOLD = 5
"""Exit code: what is stored does not hold."""

WhyOption = Annotated[str, typer.Option("--reason", help="Why; kept with the record.")]
CommitmentArgument = Annotated[str, typer.Argument(help="A commitment's id, or a unique beginning of it.")]
token_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Personal approval tokens.")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (audit, cancel, amend, revoke):
        app.command()(command)
    token_app.command("create")(token_create)
    token_app.command("list")(token_list)
    token_app.command("revoke")(token_revoke)
    app.add_typer(token_app, name="token")


def audit(
    head: Annotated[
        str | None, typer.Option("--head", help="A chain head that was sent out; it must still be there.")
    ] = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Verify who decided what.

    Checks the whole chain of decisions, their proofs, and what was committed on them. Ends with code 5 when
    something does not hold.
    """
    with opened(Choice(settings)) as call:
        found = call.postlaunch.audit(head)
    if as_json:
        print_json({**found.model_dump(mode="json"), "holds": found.holds})
    else:
        _print_audit(found)
    raise typer.Exit(0 if found.holds else DOES_NOT_HOLD)


def _print_audit(found: Audit) -> None:
    console = printer()
    print_lines(console, _decision_lines(found))
    if found.journal:
        console.print("Beside decisions:")
    for entry in found.journal:
        who = f" by {entry.by}" if entry.by else ""
        what = f" on {entry.request}" if entry.request else ""
        said = f"  {entry.at:%Y-%m-%d %H:%M} UTC  {entry.kind}{who}{what}: {entry.text}"
        console.print(printable(said), soft_wrap=True)
    for note in found.notes:
        console.print(printable(f"Note: {note}."), soft_wrap=True)
    console.print(f"The {found.head}")
    for problem in found.problems:
        console.print(Text(printable(f"Does not hold: {problem}"), "bold red"), soft_wrap=True)
    if found.holds:
        console.print(Text("Everything holds.", "green"))


def _decision_lines(found: Audit) -> Iterator[str]:
    if not found.decisions:
        yield "Nobody has decided anything yet."
    for one in found.decisions:
        yield f"{one.decision.seq}. {printable(one.gate)}  {decided(one.decision)}"


def cancel(
    run: Annotated[str, typer.Argument(help="A run's id, or a unique beginning of it.")],
    by: ByOption,
    reason: WhyOption,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Call off a run that waits or works.

    Its request is closed, and nothing is committed. What a person decided already is carried out instead.
    """
    with opened(Choice(settings)) as call:
        cancelled = call.postlaunch.cancel(run, by=by, reason=reason)
    if as_json:
        print_json(cancelled.model_dump(mode="json"))
    else:
        said = f"Run {cancelled.id} is {cancelled.error}. Nothing of it is committed."
        printer().print(printable(said), soft_wrap=True)


def amend(
    commitment: CommitmentArgument,
    by: ByOption,
    reason: WhyOption,
    items: Annotated[list[str], typer.Option("--item", help="Id of an item it holds from then on; again.")],
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask that a commitment be changed.

    To exactly these items; a person decides it, and everybody who was handed something is told.
    """
    _ask(Choice(settings), commitment, "amend", by=by, reason=reason, items=items, as_json=as_json)


def revoke(
    commitment: CommitmentArgument,
    by: ByOption,
    reason: WhyOption,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask that a commitment be called off.

    A person decides it, and everybody who was handed something is told.
    """
    _ask(Choice(settings), commitment, "revoke", by=by, reason=reason, items=[], as_json=as_json)


def _ask(
    choice: Choice,
    commitment: str,
    kind: AmendmentKind,
    *,
    by: str,
    reason: str,
    items: list[str],
    as_json: bool,
) -> None:
    with opened(choice, as_json=as_json) as call:
        request = call.postlaunch.amend(commitment, kind, items=items, by=by, reason=reason)
    if as_json:
        print_json(request.model_dump(mode="json"))
    else:
        print_lines(printer(), (*map(printable, request.summary), "", *how_to_decide(request, choice.place)))


def token_create(
    name: Annotated[str, typer.Argument(help="Whose token it is to be: a name that may decide.")],
    days: Annotated[float | None, typer.Option("--days", min=0.01, help="How long it is good for.")] = None,
    sign_key: SignKeyOption = None,
    settings: SettingsOption = None,
) -> None:
    """Make a token and show it once.

    Where a gate asks for proof of who decides, so does this: sign with --sign-key, or have a token of the
    same person in POSTLAUNCH_APPROVAL_TOKEN.
    """
    with opened(Choice(settings)) as call:
        grant = call.postlaunch.token_grant(name, days=days)
        proof = Proving(sign_key).proof(lambda: grant_text(grant), "local")
        secret = call.postlaunch.create_token(grant, proof)
    console = printer()
    console.print(f"Token {grant.id} of {printable(grant.person)}, good until {grant.expires_at:%Y-%m-%d}:")
    console.print(secret, soft_wrap=True)
    console.print("It is not shown again. Decide with it in the environment: POSTLAUNCH_APPROVAL_TOKEN")


def token_list(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """The tokens there are, without what makes them work."""
    with opened(Choice(settings)) as call:
        lines = list(_tokens(call))
    if as_json:
        print_json(lines)
        return
    for one in lines:
        revoked = f", revoked {str(one['revoked_at'])[:10]}" if one["revoked_at"] else ""
        until = f"until {str(one['expires_at'])[:10]}{revoked}"
        said = f"{one['id']}  {one['person']}  {until}  (made: trust {one['trust']})"
        printer().print(printable(said), soft_wrap=True)
    if not lines:
        printer().print("There is no token.")


def _tokens(call: Call) -> Iterator[dict[str, str | None]]:
    for token, revocation in call.postlaunch.tokens():
        shown = token.model_dump(mode="json", exclude={"salt", "hashed", "proof"})
        yield {**shown, "revoked_at": revocation.at.isoformat() if revocation else None}


def token_revoke(
    token: Annotated[str, typer.Argument(help="The token's id.")],
    by: ByOption,
    reason: ReasonOption = "",
    settings: SettingsOption = None,
) -> None:
    """Revoke a token for good. Anybody may."""
    with opened(Choice(settings)) as call:
        revocation = call.postlaunch.revoke_token(token, by=by, reason=reason)
    printer().print(f"Token {revocation.token} counts no more since {revocation.at:%Y-%m-%d %H:%M} UTC.")
