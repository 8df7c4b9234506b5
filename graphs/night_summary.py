"""The night's one summary: what was made, what is new and needs a person, what failed, what waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from postlaunch.facts import Frozen
from postlaunch.graphs.asking import WORKFLOW as ASKED
from postlaunch.graphs.session import Services
from postlaunch.ledger.records import ApprovalRequest, RunRecord
from postlaunch.windows import Moment, Window, zone_named

DONE, OTHER, FAILED_PART, WAITING = 0, 1, 3, 4


class NightPart(Frozen):
    """One run of the night.

    Attributes:
        period: the day, week, month or span it looked at; of what a pipeline asks, its gate.
        reports: its files; the Markdown ones.
        why: what it was started for.
    """

    workflow: str
    period: str
    run: str
    state: str
    degraded: bool = False
    problems: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    why: str = ""


class NightFailure(Frozen):
    """One part that did not come to its end; the next night tries it again.

    Attributes:
        exit_code: of its error.
    """

    what: str
    error: str
    remedy: str = ""
    exit_code: int = OTHER


class NightWaiting(Frozen):
    """One decision that is waited for."""

    request: str
    run: str
    about: str
    expires_at: Moment


class Night(Frozen):
    """What came of one night.

    Attributes:
        at: as of when it was asked what is due.
        needs_a_person: what is new and cannot wait for the next meeting, in words.
        notes: what is not due yet, and why; what another process does.
        late: since when data is missing that should have come, and what waits for it; "" where none is. It
            stands first in what needs a person.
    """

    at: Moment
    made: tuple[NightPart, ...] = ()
    needs_a_person: tuple[str, ...] = ()
    failed: tuple[NightFailure, ...] = ()
    waiting: tuple[NightWaiting, ...] = ()
    notes: tuple[str, ...] = ()
    late: str = ""

    @property
    def degraded(self) -> bool:
        """Whether a source or the model failed in a part that came to its end, or a part failed, or a source
        brings nothing any more.
        """
        return bool(self.failed or self.late) or any(part.degraded for part in self.made)

    @property
    def exit_code(self) -> int:
        """The documented code: 1 for a part that failed otherwise than by a source or the model, else 4 while
        a decision is waited for, else 3 for what is degraded, else 0.
        """
        if any(failure.exit_code != FAILED_PART for failure in self.failed):
            return OTHER
        if self.waiting:
            return WAITING
        return FAILED_PART if self.degraded else DONE


def summary_of(
    services: Services,
    at: datetime,
    runs: Sequence[str],
    failed: Sequence[NightFailure],
    notes: Sequence[str],
    late: str = "",
) -> Night:
    """The summary of a night, from the runs it moved. Blocking."""
    records = [services.ledger.run(run) for run in dict.fromkeys(runs)]
    return Night(
        at=at,
        made=tuple(_part(services, run) for run in records),
        needs_a_person=tuple(dict.fromkeys((*filter(None, (late,)), *_news(services, records, at)))),
        failed=tuple(failed),
        waiting=tuple(_waiting(request) for request in services.ledger.requests(pending=True)),
        notes=tuple(dict.fromkeys(notes)),
        late=late,
    )


def _part(services: Services, run: RunRecord) -> NightPart:
    first = next(iter(services.ledger.events(run.id)), None)
    published = services.ledger.reports(run.id)
    return NightPart(
        workflow=run.workflow,
        period=_period(run),
        run=run.id,
        state=run.state,
        degraded=run.degraded,
        problems=run.problems,
        reports=tuple(
            path for record in reversed(published) for path in record.paths if Path(path).suffix == ".md"
        ),
        why=str(first.data.get("because", "")) if first is not None else "",
    )


def _period(run: RunRecord) -> str:
    """The span that a run is about; of a pipeline's question, its gate."""
    if run.workflow == ASKED:
        return str(run.parameters["gate"])
    window = Window.model_validate(run.parameters["window"])
    return window.label or window.days()


def _waiting(request: ApprovalRequest) -> NightWaiting:
    about = request.summary[0] if request.summary else request.gate.replace("_", " ")
    return NightWaiting(request=request.id, run=request.run, about=about, expires_at=request.expires_at)


def _news(services: Services, runs: Sequence[RunRecord], at: datetime) -> Iterator[str]:
    """What is new and needs somebody: incidents, findings, bad grades; action items past their day."""
    moved = {run.id for run in runs}
    for record in services.ledger.incidents():
        if record.run in moved:
            severity = f" ({record.severity})" if record.severity else ""
            yield f"{record.id}{severity}: {record.status}, see its report"
    for run in runs:
        for event in services.ledger.events(run.id):
            if event.kind == "finding":
                yield event.text
        yield from _grades(services, run)
    application = services.settings.application
    today = at.astimezone(zone_named(application.timezone)).date()
    for item in services.ledger.action_items("open"):
        if item.application == application.name and item.due < today:
            yield f"{item.id} is past its day ({item.due}): {item.action} ({item.owner})"


ATTENTION = frozenset({"NEEDS ATTENTION", "POOR"})


def _grades(services: Services, run: RunRecord) -> Iterator[str]:
    """Health that is not what it should be."""
    for record in services.ledger.reports(run.id, kind="weekly_health"):
        headline = record.body.get("headline")
        grade = headline.get("grade") if isinstance(headline, dict) else None
        if grade in ATTENTION:
            yield f"health is {grade} ({record.title})"
