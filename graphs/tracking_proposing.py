"""Proposing changes of the tracking plan: what the data show and the rules would change, before a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from postlaunch.agents.analytics_measured import NAME as AGENT
from postlaunch.agents.bench import JSON_OBJECT, Bench
from postlaunch.errors import PostLaunchError
from postlaunch.facts import Fact, Frozen
from postlaunch.graphs.periods import event_log
from postlaunch.graphs.requesting import put_before_people
from postlaunch.graphs.session import Session
from postlaunch.ledger.records import ApprovalRequest, GateOption, ScopeEdits
from postlaunch.settings_gate import TRACKING_GATE
from postlaunch.sources.tables import clean
from postlaunch.sources.tracking_plan import MOST_EVENTS, TrackingPlan, TrackingPlanSource, open_tracking_plan
from postlaunch.tools.definitions_tracking import (
    PLAN_ALWAYS_THERE,
    PLAN_MISSING_PROPERTIES,
    PLAN_OTHER_TYPES,
    PLAN_PERSONAL_VALUES,
    PLAN_UNKNOWN_EVENTS,
    PLAN_UNKNOWN_PROPERTIES,
    PLAN_UNUSUAL_DAYS,
)
from postlaunch.tools.measurement import Limits, MeasurementResult
from postlaunch.tools.tracking_changes import (
    ChangeKind,
    PlanChange,
    chosen,
    fitting,
    left_to_people,
    proposed_changes,
    unknown_events,
)
from postlaunch.tools.tracking_findings import PlanFinding, finding_lines, place_of
from postlaunch.tools.tracking_plan_check import NAME as CHECK
from postlaunch.tools.tracking_recorded import Recorded, recorded, whole_days
from postlaunch.windows import Window

STUDY = "tracking/study"
"""The document of a run that holds what was found, so that every round proposes from the same."""

RULE = "tracking_plan"

MOST_CHANGES = 100
"""One proposal holds at most so many changes; the next one holds the others."""

LONGEST_LINE = 1000

RESTS_ON: dict[ChangeKind, str] = {
    "add event": PLAN_UNKNOWN_EVENTS.name,
    "add property": PLAN_UNKNOWN_PROPERTIES.name,
    "make optional": PLAN_MISSING_PROPERTIES.name,
    "make required": PLAN_ALWAYS_THERE.name,
    "change type": PLAN_OTHER_TYPES.name,
    "expect other volume": PLAN_UNUSUAL_DAYS.name,
    "stop sending": PLAN_PERSONAL_VALUES.name,
}
"""The figures behind each kind of change."""


class PlanStudy(Frozen):
    """What the recorded events say of the plan.

    Attributes:
        file: as the settings name it.
        before: SHA-256 of the file that was looked at.
        plan: what it holds.
        window: the whole days that were looked at.
        changes: everything that the rules would change.
        looked_at: findings that change no plan: somebody is to look.
        remarks: what else must be known to decide.
    """

    file: str
    before: str
    plan: TrackingPlan
    window: Window
    changes: tuple[PlanChange, ...]
    looked_at: tuple[PlanFinding, ...] = ()
    remarks: tuple[str, ...] = ()


class PlanProposal(Frozen):
    """What a person decides on; its canonical JSON is what the request's digest is taken of.

    Attributes:
        study: what it is made from; `before` binds the decision to the file as it was.
        changes: ids of the proposed changes; the others were left out as somebody asked.
        edits: every typed edit it was made under.
        remarks: what became of the person's last words.
    """

    application: str
    study: PlanStudy
    changes: tuple[str, ...]
    edits: ScopeEdits = ScopeEdits()
    remarks: tuple[str, ...] = ()

    @property
    def proposed(self) -> tuple[PlanChange, ...]:
        """The proposed changes."""
        return chosen(self.study.changes, self.changes)

    def lines(self) -> tuple[str, ...]:
        """In plain lines, for a person: every change, then what else must be known."""
        left = (change for change in self.study.changes if change.id not in self.changes)
        changes = (
            *(f"- {change.line()}" for change in self.proposed),
            *(f"- left out: {change.line()}" for change in left),
        )
        title, *rest = self.lines_beside()
        return (title, *(clean(line, LONGEST_LINE) for line in changes), *rest)

    def lines_beside(self) -> tuple[str, ...]:
        """The same without the changes: what they are of, and what else must be known."""
        study = self.study
        many = "1 change" if len(self.changes) == 1 else f"{len(self.changes)} changes"
        days = study.window.days()
        lines = (
            f"Tracking plan of {self.application} ({study.file}): {many}, by what {days} holds",
            *(f"to be looked at: {line}" for line in finding_lines(study.looked_at)),
            *study.remarks,
            *self.remarks,
        )
        return tuple(clean(line, LONGEST_LINE) for line in lines)


def plan_proposal_of(request: ApprovalRequest) -> PlanProposal:
    """The typed proposal of a stored request."""
    return PlanProposal.model_validate(request.proposal)


# --- what is found ----------------------------------------------------------------------------------------


def study_plan(session: Session) -> PlanStudy:
    """Hold the recorded events against the plan, once for each run. Blocking; may run again.

    Raises:
        SourceError: the plan or the events cannot be read.
        LeaseLost: another process moves this run now.
    """
    known = session.bench.document(STUDY)
    if known is not None:
        return PlanStudy.model_validate(known)
    root = session.recorder.emit("question", "What should the tracking plan say?", agent=AGENT)
    study = _studied(session.bench.beneath(root.seq), Window.model_validate(session.run.parameters["window"]))
    for change in study.changes:
        place = place_of(change.event, change.property)
        data: dict[str, JsonValue] = {
            "rule": RULE,
            "subject": place,
            "verdict": change.kind,
            "facts": list(change.facts),
        }
        text = f"{RULE}, {place}: {change.kind} ({change.because})"
        session.recorder.emit("verdict", text, agent=AGENT, parent=root.seq, data=data)
    for line in finding_lines(study.looked_at):
        looked: dict[str, JsonValue] = {"severity": "", "signal": ""}
        session.recorder.emit("finding", f"Look at {line}", agent=AGENT, parent=root.seq, data=looked)
    session.bench.put_document(STUDY, _json(study))
    return study


def _studied(bench: Bench, window: Window) -> PlanStudy:
    settings = bench.settings
    source, log = open_tracking_plan(settings), event_log(bench.sources)
    named = settings.sources.tracking_plan
    assert named is not None, "it was opened"
    limits = Limits(rows=settings.budget.rows, seconds=settings.budget.query_seconds)
    result = _measured(bench, source.plan, window)
    found = recorded(log, *whole_days(log, window), limits)
    changes = proposed_changes(source.plan, found)
    return PlanStudy(
        file=named.path,
        before=source.fingerprint,
        plan=source.plan,
        window=window,
        changes=tuple(_resting(change, result.facts) for change in changes[:MOST_CHANGES]),
        looked_at=left_to_people(source.plan, found),
        remarks=(*_without_room(source.plan, found), *_remarks(source, named.path, len(changes))),
    )


def _measured(bench: Bench, plan: TrackingPlan, window: Window) -> MeasurementResult:
    events = [event.model_dump(mode="json") for event in plan.events]
    result = bench.measure(AGENT, CHECK, {"window": window, "events": events})
    if result.status != "ok":
        raise PostLaunchError(f"the plan was not checked: {result.reason}", result.remedy)
    return result


def _resting(change: PlanChange, facts: Sequence[Fact]) -> PlanChange:
    """The change with the figures that it rests on."""
    place, name = place_of(change.event, change.property), RESTS_ON[change.kind]
    personal = change.kind == "stop sending"
    mine = (
        fact.id
        for fact in facts
        if fact.name == name and (fact.entity == place or (personal and fact.entity.startswith(f"{place}, ")))
    )
    return change.model_copy(update={"facts": tuple(mine)})


def _without_room(plan: TrackingPlan, found: Recorded) -> Iterator[str]:
    left = len(plan.events) + len(unknown_events(plan, found)) - MOST_EVENTS
    if left > 0:
        yield f"a plan has {MOST_EVENTS:,} events at most, and {left:,} more names were seen: made of ids?"


def _remarks(source: TrackingPlanSource, file: str, changes: int) -> Iterator[str]:
    if changes > MOST_CHANGES:
        yield f"{changes - MOST_CHANGES} more changes are left for the next proposal"
    if source.commented:
        yield f"comments in {file} are not kept: it is written anew"


def _json(value: Frozen) -> dict[str, JsonValue]:
    return JSON_OBJECT.validate_python(value.model_dump(mode="json"))


# --- what is put before a person ---------------------------------------------------------------------------


def propose_changes(
    session: Session, round_: int, edits: ScopeEdits, remarks: Sequence[str]
) -> ApprovalRequest:
    """Put the changes, under these edits, before a person. Blocking; may run again.

    Raises:
        LeaseLost: another process moves this run now.
    """
    bench, study = session.bench, study_plan(session)
    proposal = PlanProposal(
        application=bench.settings.application.name,
        study=study,
        changes=fitting(study.changes, edits.exclude),
        edits=edits,
        remarks=tuple(remarks),
    )
    return put_before_people(
        session, TRACKING_GATE, _json(proposal), _options(proposal), proposal.lines(), round_
    )


def _options(proposal: PlanProposal) -> tuple[GateOption, ...]:
    """What can be decided: where every change was left out there is nothing to approve."""
    rest: tuple[GateOption, ...] = ("edit", "changes", "reject")
    return ("approve", *rest) if proposal.changes else rest
