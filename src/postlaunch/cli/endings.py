"""The last lines of a command: where the run stands, what was written, and what to do next."""

from __future__ import annotations

import shlex

from rich.console import Console

from postlaunch.cli.calling import print_json
from postlaunch.ledger.records import ApprovalRequest, Decision, RunRecord
from postlaunch.sync import PostLaunch


def state_text(run: RunRecord) -> str:
    """A run's state for a person, with "degraded" where it did without something."""
    return f"{run.state}, degraded" if run.degraded and run.state != "failed" else run.state


def finished_run(postlaunch: PostLaunch, run: RunRecord, *, as_json: bool, settings_option: str = "") -> None:
    """Print what the run made, and what waits."""
    written = [path for record in postlaunch.reports(run.id) for path in record.paths]
    waiting = [request for request in postlaunch.pending() if request.run == run.id]
    if as_json:
        body = run.model_dump(mode="json")
        requests = [request.model_dump(mode="json", exclude={"proposal"}) for request in waiting]
        print_json({**body, "reports": written, "waiting": requests})
        return
    console = Console()
    for problem in run.problems:
        console.print(f"without: {problem}", style="yellow", markup=False, soft_wrap=True)
    for path in written:
        console.print(f"wrote {path}", markup=False, soft_wrap=True)
    for request in waiting:
        for line in how_to_decide(request, settings_option):
            console.print(line, markup=False, soft_wrap=True)


def decided(decision: Decision) -> str:
    """A decision in one line."""
    reason = f": {decision.reason}" if decision.reason else ""
    return f"{decision.request}: {decision.kind}, by {decision.by}, {decision.at:%Y-%m-%d %H:%M} UTC{reason}"


def how_to_decide(request: ApprovalRequest, settings_option: str = "") -> tuple[str, ...]:
    """What waits, who may decide, until when, and the commands that do."""
    who = ", ".join(request.approvers) or "anyone who gives a name"
    name = shlex.quote(request.approvers[0] if request.approvers else "NAME")
    end = f"{request.id} --by {name}{settings_option}"
    until = f"{request.expires_at:%Y-%m-%d %H:%M} UTC"
    return (
        f"Waiting for a decision on {request.id} until {until}, by {who}. Nothing is committed.",
        f"  look:     postlaunch show {request.id}{settings_option}",
        f"  approve:  postlaunch approve {end}",
        f'  change:   postlaunch changes {end} --text "what should change"',
        f"  reject:   postlaunch reject {end} --reason WHY",
    )
