"""Writing the tracking plan as it was decided: once, whole, and only over the file that was looked at."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import yaml

from postlaunch.errors import DecisionRefused, PlanChanged, PostLaunchError
from postlaunch.facts import digest_of
from postlaunch.graphs.session import Services, Session
from postlaunch.graphs.tracking_proposing import PlanProposal, plan_proposal_of
from postlaunch.ledger.gate_records import Effect
from postlaunch.ledger.records import Decision
from postlaunch.settings import Settings
from postlaunch.sources.tracking_plan import SOURCE, TrackingPlan
from postlaunch.tools.tracking_changes import PlanChange, chosen, with_changes

PROPOSE_AGAIN = "propose again over the plan as it is now: postlaunch tracking propose"


def write_plan(session: Session, request_id: str) -> Effect:
    """Write the plan with the changes that were approved, once. Blocking; may run again.

    Raises:
        LeaseLost: another process moves this run now; nothing was written.
        PlanChanged: the file is no longer the one that the changes were proposed for; it is left as it is.
        PostLaunchError: the file cannot be written.
    """
    services = session.services
    request, decision = services.ledger.request(request_id), services.ledger.decision(request_id)
    if decision is None:
        raise DecisionRefused(
            f"nothing is written: nobody decided on {request_id}", f"postlaunch show {request_id}"
        )
    proposal = plan_proposal_of(request)
    changes = decided_changes(proposal, decision)
    path, text = plan_path(services.settings, proposal), _text(proposal, changes)
    effect = Effect(
        id=f"E{digest_of(request_id)[:8]}",
        run=session.run.id,
        request=request_id,
        decision=decision.hash,
        body={
            "wrote": proposal.study.file,
            "before": proposal.study.before,
            "after": _digest(text.encode()),
            "changes": [change.id for change in changes],
            "lines": [change.line() for change in changes],
            "by": decision.by,
            "trust": decision.trust,
        },
        at=decision.at,
    )
    done = services.ledger.carry_out(session.lease, effect, lambda: _put(path, proposal.study.before, text))
    services.reopen(SOURCE)
    session.recorder.emit("committed", wrote_text(done), data={"effect": done.id, "request": request_id})
    return done


def decided_changes(proposal: PlanProposal, decision: Decision) -> tuple[PlanChange, ...]:
    """The changes as proposed, or exactly those that the person chose."""
    if decision.kind == "edit" and decision.scope is not None:
        return chosen(proposal.study.changes, decision.scope)
    return proposal.proposed


def wrote_text(effect: Effect) -> str:
    """ "tracking.yaml is written: T1, T3"."""
    changes = effect.body["changes"]
    names = ", ".join(map(str, changes)) if isinstance(changes, list) else ""
    return f"{effect.body['wrote']} is written: {names}"


def plan_path(settings: Settings, proposal: PlanProposal) -> Path:
    """Where the plan is kept: as the settings say now, and as they did when it was looked at.

    Raises:
        PlanChanged: they name another file since.
    """
    named = settings.sources.tracking_plan
    if named is None or named.path != proposal.study.file:
        raise PlanChanged(
            f"the settings no longer name {proposal.study.file} as the tracking plan", PROPOSE_AGAIN
        )
    return settings.path(named.path)


def refuse_changed(services: Services, proposal: PlanProposal) -> None:
    """Refuse to decide on changes of a file that is another by now.

    Raises:
        PlanChanged: it is.
    """
    path = plan_path(services.settings, proposal)
    if _digest(_bytes(path)) != proposal.study.before:
        raise _changed(path)


def _text(proposal: PlanProposal, changes: tuple[PlanChange, ...]) -> str:
    """The plan with the changes, which reads back as what was decided."""
    plan = with_changes(proposal.study.plan, changes)
    text = plan.text()
    if TrackingPlan.model_validate(yaml.safe_load(text)) != plan:
        raise PostLaunchError(
            "the plan with these changes cannot be written as YAML", "edit the file by hand instead"
        )
    return text


def _put(path: Path, before: str, text: str) -> None:
    """Put the text in the place of the file that was looked at; nothing where it stands there already.

    Raises:
        PlanChanged: another file stands there.
        PostLaunchError: it cannot be written.
    """
    standing = _digest(_bytes(path))
    if standing == _digest(text.encode()):
        return
    if standing != before:
        raise _changed(path)
    try:
        _replace(path, text)
    except OSError as error:
        raise PostLaunchError(
            f"{path} cannot be written: {error.strerror or error}",
            "let it be written, then advance the run again; what was decided is kept",
        ) from error


def _replace(path: Path, text: str) -> None:
    """No reader ever sees half of the file, and a full disk leaves the old one; a link stays a link to it."""
    path = path.resolve()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(path.stat().st_mode & 0o777)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PlanChanged(f"{path} cannot be read: {error.strerror or error}", PROPOSE_AGAIN) from error


def _changed(path: Path) -> PlanChanged:
    return PlanChanged(
        f"{path} was changed since these changes were proposed; it is left as it is", PROPOSE_AGAIN
    )


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
