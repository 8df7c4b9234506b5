"""The last lines of a command: where the run stands, what was committed and written, and what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from postlaunch.cli.calling import Call, nearby, print_json, printer, program
from postlaunch.cli.tree_lines import printable
from postlaunch.graphs.tracking_writing import wrote_text
from postlaunch.ledger.calling_off import CalledOff
from postlaunch.ledger.channels import HandOffMessage
from postlaunch.ledger.gate_records import Effect, Proof, Trust
from postlaunch.ledger.records import (
    ApprovalRequest,
    Commitment,
    Decision,
    HandOff,
    OutboxRow,
    ReportRecord,
    RunRecord,
)
from postlaunch.ledger.trust import HOW_TO_PROVE
from postlaunch.llm.usage import usage_in
from postlaunch.settings_gate import SPRINT_GATE


def state_text(run: RunRecord) -> str:
    """A run's state for a person, with "degraded" where it did without something."""
    return f"{run.state}, degraded" if run.degraded and run.state != "failed" else run.state


def question_text(run: RunRecord) -> str:
    """What a run was asked, for a person: "sprint planning, User Management System, 4"."""
    return printable(run.question.replace(run.workflow, run.workflow.replace("_", " "), 1))


def finished_run(call: Call, run: RunRecord) -> None:
    """Print what the run made, what was committed, and what waits."""
    postlaunch = call.postlaunch
    reports = postlaunch.reports(run.id)
    waiting = [request for request in postlaunch.pending() if request.run == run.id]
    if call.as_json:
        body = run.model_dump(mode="json")
        paths = [path for record in reports for path in record.paths]
        requests = [request.model_dump(mode="json", exclude={"proposal"}) for request in waiting]
        print_json({**body, "reports": paths, "waiting": requests})
        return
    console = printer()
    for problem in run.problems:
        console.print(Text(f"without: {printable(problem)}", "yellow"), soft_wrap=True)
    used = usage_in(call.postlaunch.events(run.id))
    if used.calls:
        console.print(f"The model was asked {used.calls} times: {used.words(_currency(call))}.")
    _print_committed(console, call, run)
    if run.problems or waiting or not call.quiet:
        _print_reports(console, reports)
    for request in waiting:
        print_lines(console, how_to_decide(request, call.choice.place))


def _currency(call: Call) -> str:
    return call.postlaunch.settings.application.currency


def _print_committed(console: Console, call: Call, run: RunRecord) -> None:
    handoffs = call.postlaunch.handoffs(run.id)
    for commitment in call.postlaunch.commitments():
        if commitment.run == run.id:
            console.print(Text(committed_text(commitment), "bold green"), soft_wrap=True)
            decision = call.postlaunch.decision(commitment.request)
            if decision is not None:
                print_lines(console, (f"  {trust_text(decision)}",))
            print_lines(console, _what_changed_it(call, commitment))
    for effect in call.postlaunch.effects(run.id):
        console.print(Text(done_text(effect), "bold green"), soft_wrap=True)
        decision = call.postlaunch.decision(effect.request)
        if decision is not None:
            print_lines(console, (f"  {trust_text(decision)}",))
    if not handoffs:
        return
    folder = call.postlaunch.settings.path(call.postlaunch.settings.reports.handoffs)
    files = {handoff.id: handoff_file(handoff, folder) for handoff in handoffs}
    addresses, off = call.postlaunch.handoff_addresses(), call.postlaunch.called_off()
    console.print("Handed on:")
    for handoff in handoffs:
        file = files[handoff.id]
        written = nearby(file) if file.exists() else "not written yet"
        print_lines(console, (f"  Phase {handoff.phase}  {_title(handoff)}", f"           {written}"))
        print_lines(console, called_off_lines(off.get(handoff.id)))
        print_lines(console, issue_lines(addresses.get(handoff.id, "")))
    _print_not_arrived(console, call, handoffs, off)
    if not all(file.exists() for file in files.values()):
        again = f"{program()} advance {run.id}{call.choice.place}"
        left = f"Packets are kept until {nearby(folder)} can be written: {again} tries again."
        console.print(Text(left, "yellow"), soft_wrap=True)


def messages_about(
    handoffs: Sequence[HandOff], rows: Sequence[OutboxRow], off: Mapping[str, CalledOff]
) -> tuple[OutboxRow, ...]:
    """The messages that hand something over, and those that call it off."""
    told = {off[one.id].as_handoff().id for one in handoffs if one.id in off}
    mine = {one.id for one in handoffs} | told
    return tuple(row for row in rows if row.payload.get("handoff") in mine)


def _print_not_arrived(
    console: Console, call: Call, handoffs: Sequence[HandOff], off: Mapping[str, CalledOff]
) -> None:
    """How many messages wait on their way to a receiver; files are told of by themselves."""
    rows = messages_about(handoffs, call.postlaunch.undelivered(), off)
    waiting = [row for row in rows if row.channel != "handoff_file"]
    if waiting:
        why = f"{program()} handoffs{call.choice.place} says why; they are tried again."
        console.print(
            Text(f"Not arrived yet: {len(waiting)} of their messages. {why}", "yellow"), soft_wrap=True
        )


def committed_text(commitment: Commitment) -> str:
    """ "Sprint 4 is committed as C1234abcd, decided by ana, 2026-01-05 09:00 UTC." """
    body = commitment.body
    who = printable(str(body.get("by", "")))
    return (
        f"Sprint {body.get('sprint')} is committed as {commitment.id}, "
        f"decided by {who}, {commitment.at:%Y-%m-%d %H:%M} UTC."
    )


def _what_changed_it(call: Call, commitment: Commitment) -> Iterator[str]:
    """What later decisions made of a commitment: "called off by ana, 2026-01-08: no budget"."""
    for changed in call.postlaunch.amendments(commitment.id):
        decision = call.postlaunch.decision(changed.request)
        if decision is not None:
            what = "called off" if changed.kind == "revoke" else "changed"
            why = decision.reason or changed.body["reason"]
            yield f"  {printable(f'{what} by {decision.by}, {decision.at:%Y-%m-%d}: {why}')}"


def called_off_lines(called_off: CalledOff | None) -> tuple[str, ...]:
    """That a hand-off was called off since, by whom and why; nothing where it was not."""
    if called_off is None:
        return ()
    made = called_off.decision
    said = printable(f"called off by {made.by}, {made.at:%Y-%m-%d}: {called_off.reason}")
    return (f"           {said}",)


def done_text(effect: Effect) -> str:
    """ "tracking.yaml is written: T1, T3, decided by ana, 2026-01-05 09:00 UTC." """
    who = str(effect.body.get("by", ""))
    return printable(f"{wrote_text(effect)}, decided by {who}, {effect.at:%Y-%m-%d %H:%M} UTC.")


def handoff_file(handoff: HandOff, folder: Path) -> Path:
    """Where a hand-off is written for a person to read; a JSON file stands beside it."""
    file = HandOffMessage(
        handoff=handoff.id,
        phase=handoff.phase,
        title=handoff.title,
        packet=handoff.packet,
        markdown="",
    )
    return folder / f"{file.stem}.md"


def issue_lines(address: str) -> tuple[str, ...]:
    """The address of a hand-off's issue, where it was filed as one."""
    return (f"           {printable(address)}",) if address else ()


def handed_on_by(decision: Decision, call: Call) -> tuple[tuple[HandOff, str], ...]:
    """What a decision handed on, each with the address of its issue or ""."""
    addresses = call.postlaunch.handoff_addresses()
    mine = (one for one in call.postlaunch.handoffs() if one.decision == decision.hash)
    return tuple((one, addresses.get(one.id, "")) for one in mine)


def handed_on_lines(handed_on: Sequence[tuple[HandOff, str]], off: Mapping[str, CalledOff]) -> Iterator[str]:
    """The same for a person, with what was called off since; nothing where nothing was handed on."""
    if handed_on:
        yield "Handed on:"
    for handoff, address in handed_on:
        yield f"  {handoff.id}  Phase {handoff.phase}  {_title(handoff)}"
        yield from issue_lines(address)
        yield from called_off_lines(off.get(handoff.id))


def _title(handoff: HandOff) -> str:
    return printable(handoff.title)


def _print_reports(console: Console, reports: Sequence[ReportRecord]) -> None:
    if reports:
        console.print("Reports, each as .md, .html and .json:")
    print_lines(console, (f"  {path}" for report in reports for path in report_files(report)))


def report_files(report: ReportRecord) -> Iterator[str]:
    """The Markdown file, from the current folder: the others stand beside it."""
    for path in report.paths:
        if path.endswith(".md"):
            yield nearby(path) if Path(path).exists() else f"{nearby(path)} (no longer there)"


def decided(decision: Decision) -> str:
    """A decision in one line, with how it is known who decided."""
    reason = f": {decision.reason}" if decision.reason else ""
    said = f"{decision.request}: {decision.kind}, by {decision.by}, {decision.at:%Y-%m-%d %H:%M} UTC{reason}"
    return printable(f"{said} ({trust_text(decision)})")


TRUST_WORDS: Mapping[Trust, str] = {
    "local": "the name was typed",
    "link": "by the one-time link that was sent to {signer}",
    "token": "by {signer}'s approval token {key}",
    "ssh": "signed by {signer} with {key}",
    "policy": "approved beforehand by the settings",
}


def trust_text(decision: Decision) -> str:
    """How it is known who decided: "trust: local (the name was typed)"."""
    proof = decision.proof or Proof(kind=decision.trust, signer=decision.by)
    words = TRUST_WORDS[decision.trust].format(signer=proof.signer, key=proof.key)
    return printable(f"trust: {decision.trust} ({words})")


def how_to_decide(request: ApprovalRequest, place: str = "") -> tuple[str, ...]:
    """What waits, who may decide, until when, and the commands that do.

    Args:
        place: the option that finds the settings again.
    """
    who = ", ".join(request.approvers) or "anyone who gives a name"
    name = shlex.quote(request.approvers[0] if request.approvers else "NAME")
    call, end = program(), f"{request.id} --by {name}{place}"
    before = "Nothing is committed." if request.gate == SPRINT_GATE else "Nothing is changed."
    commands = {
        "approve": f"{call} approve {end}",
        "edit": f"{call} edit {end} --item ID --item ID",
        "changes": f'{call} changes {end} --text "what should change"',
        "discovery": f'{call} discover {end} --text "what to find out"',
        "reject": f"{call} reject {end} --reason WHY",
    }
    return (
        f"{request.id} waits for a decision by {printable(who)}, until "
        f"{request.expires_at:%Y-%m-%d %H:%M} UTC. {before}",
        *_proof_needed(request),
        f"  look:      {call} show {request.id}{place}",
        *(f"  {option + ':':<10} {commands[option]}" for option in request.options),
    )


def _proof_needed(request: ApprovalRequest) -> tuple[str, ...]:
    if request.trust == "local":
        return ()
    return (f"  who decides must be proved ({request.trust}): {HOW_TO_PROVE[request.trust]}",)


def print_lines(console: Console, lines: Sequence[str] | Iterator[str]) -> None:
    """Lines as they are, however long: paths and commands are copied whole."""
    for line in lines:
        console.print(line, soft_wrap=True)
