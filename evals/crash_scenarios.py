"""What forked children play in crash trials. Each function is called with JSON and returns JSON.

A trial has a folder and a ledger of its own, reports and packets; all trials share the sample and its
staged log. A later life of a run plays on a clock that is `LIFE` ahead, so that the leases and claims of
those who died have run out.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from postlaunch.errors import AlreadyDecided, RunBusy
from postlaunch.evals.crash_moments import Moments, wait_at
from postlaunch.sample.generate import generate
from postlaunch.settings import LedgerSettings, Reports, Settings
from postlaunch.settings_file import load_settings
from postlaunch.settings_gate import Gate
from postlaunch.settings_sources import Sources
from postlaunch.sync import PostLaunch
from postlaunch.testing.crashpoints import die, wait_for
from postlaunch.windows import system_clock

Json = dict[str, Any]

SCALE = 0.02
"""Of the sample's ordinary traffic: about 73,000 requests."""

LIFE = timedelta(minutes=10)
LONG = 60.0
PERSON = "User"
NOTIFIED = "notified.txt"
NOTIFY = ("/bin/sh", "-c", f'printf "%s\\n" "$POSTLAUNCH_KEY" >> {NOTIFIED}')
LEFT_OUT = "dark-mode"

APPROVE: Json = {"kind": "approve", "reason": "it fits"}
STORIES: dict[str, tuple[Json, ...]] = {
    "approve": (APPROVE,),
    "changes": ({"kind": "changes", "edits": {"exclude": [LEFT_OUT]}, "text": "No dark mode yet."}, APPROVE),
    "discovery": ({"kind": "discovery", "text": "Why do people ask for an export?"},),
    "reject": ({"kind": "reject", "reason": "not now"},),
}
"""What a person answers, round by round."""


def settings_in(home: str, trial: str, ledger: str, lease_seconds: float = LONG) -> Settings:
    """The sample's settings, with what is written kept in the trial's folder."""
    sample = load_settings(Path(home) / "postlaunch.toml", environment={})
    log, events = sample.sources.requests, sample.sources.events
    tickets, candidates = sample.sources.tickets, sample.sources.candidates
    assert log is not None
    assert events is not None
    assert tickets is not None
    assert candidates is not None
    sources = Sources(
        requests=log.model_copy(update={"paths": tuple(str(sample.path(path)) for path in log.paths)}),
        events=events.model_copy(update={"paths": tuple(str(sample.path(path)) for path in events.paths)}),
        tickets=tickets.model_copy(update={"path": str(sample.path(tickets.path))}),
        candidates=candidates.model_copy(update={"path": str(sample.path(candidates.path))}),
    )
    return sample.model_copy(
        update={
            "folder": Path(trial),
            "sources": sources,
            "gate": Gate(approvers=(PERSON,), notify_command=NOTIFY),
            "ledger": LedgerSettings(url=ledger, lease_seconds=lease_seconds),
            "reports": Reports(staging=str(sample.path(sample.reports.staging))),
        }
    )


def opened(home: str, trial: str, ledger: str, life: int = 0, lease_seconds: float = LONG) -> PostLaunch:
    """postlaunch in a trial's folder, in one of its lives."""
    os.chdir(trial)

    def clock() -> datetime:
        return system_clock() + life * LIFE

    return PostLaunch(
        settings_in(home, trial, ledger, lease_seconds), clock=clock, environment={"PATH": os.environ["PATH"]}
    )


def prepare(home: str, trial: str, ledger: str) -> str:
    """Generate the sample, stage its log, and start a run that has not moved yet; gives its id."""
    generate(Path(home), scale=SCALE)
    with opened(home, trial, ledger) as postlaunch:
        return postlaunch.start("sprint_planning").id


def advance(home: str, trial: str, ledger: str, run: str, go: str = "") -> str:
    """Move the run once, when `go` is there; gives where it stands, or "busy"."""
    with opened(home, trial, ledger) as postlaunch:
        if go:
            wait_for(Path(go))
        try:
            return postlaunch.advance(run).state
        except RunBusy:
            return "busy"


def decide(home: str, trial: str, ledger: str, story: str, request: str, go: str) -> str:
    """Answer as the story does, when `go` is there; gives "stored" or who was first."""
    with opened(home, trial, ledger) as postlaunch:
        answer = STORIES[story][0]
        wait_for(Path(go))
        try:
            postlaunch.decide(request, by=PERSON, **answer)
        except AlreadyDecided as error:
            return str(error)
    return "stored"


def play(
    home: str,
    trial: str,
    ledger: str,
    run: str,
    story: str,
    life: int = 0,
    at: str = "",
    nth: int = 1,
    stop: bool = False,
    lease_seconds: float = LONG,
) -> Json:
    """Move the run to its end, answering as the story does; be killed, or wait to be stopped, at a moment.

    Gives the run's state, the moments passed, and how many of them before the first answer.
    """
    act = wait_at(Path(trial) / "ready", Path(trial) / "go") if stop else die
    moments = Moments(at, nth, act)
    moments.watch()
    before = 0
    with opened(home, trial, ledger, life, lease_seconds) as postlaunch:
        while True:
            record = postlaunch.advance(run, moments.listen)
            pending = postlaunch.pending()
            if not pending:
                return {"state": record.state, "moments": moments.passed, "before": before}
            [request] = pending
            before = before or len(moments.passed)
            postlaunch.decide(request.id, by=PERSON, **STORIES[story][request.round - 1])
