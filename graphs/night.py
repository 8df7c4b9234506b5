"""The night shift: what is due is done, one part after the other, and told in one summary.

signals that wait ─► gates that were decided ─► what is due by the calendar ─► one summary
(of the night         or ran out of time         (daily checks, weekly reports,
 before, or told                                  monthly reviews, planning)
 since)

Every part goes through the front (`operations`). One that fails is told, and the others go on. Two nights at
once do nothing twice: a part that the other moves is left to it. Gates stay open; a person decides by day,
and is reminded of it here (`postlaunch.graphs.notifying`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from postlaunch.errors import PostLaunchError, RunBusy
from postlaunch.events import Listener
from postlaunch.graphs.advancing import advance_run
from postlaunch.graphs.amending import carry_out_amendments
from postlaunch.graphs.asking import WORKFLOW as ASKED
from postlaunch.graphs.asking import is_asked_of
from postlaunch.graphs.cadence import Calendar, Due, Made, Recorded, due
from postlaunch.graphs.late_data import more_is_overdue, told_overdue, told_unread
from postlaunch.graphs.night_summary import Night, NightFailure, summary_of
from postlaunch.graphs.notifying import tell_due
from postlaunch.graphs.operations import MANY_STEPS, OperationsState, operations
from postlaunch.graphs.periods import recorded
from postlaunch.graphs.routing import route
from postlaunch.graphs.session import Services
from postlaunch.graphs.signals import TickBody, draft
from postlaunch.graphs.starting import next_sprint, question_of
from postlaunch.ledger.records import RunRecord, Signal
from postlaunch.windows import Window

log = structlog.get_logger(__name__)

RUNS_READ = 2000
"""Of each workflow, the newest runs that the calendar is held against."""

NIGHTLY = ("daily_check", "weekly_report", "monthly_review", "sprint_planning")


@dataclass
class _Shift:
    """One night while it goes on.

    Attributes:
        at: as of when it is asked what is due.
        as_of: given when that is not the present.
    """

    services: Services
    at: datetime
    as_of: datetime | None
    listeners: Sequence[Listener]
    runs: list[str] = field(default_factory=list)
    failed: list[NightFailure] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)

    async def take(self, what: str, signal: str) -> None:
        """One signal through the front."""
        graph = operations(self.services, self.listeners, lambda run: self.runs.append(run.id)).compile()
        given: OperationsState = {"signal": signal, "as_of": self.as_of}
        await self._noting(what, graph.ainvoke(given, MANY_STEPS))

    async def go_on(self, run: RunRecord) -> None:
        """A run that waited and may go on."""
        if await self._noting(_run_named(run), advance_run(self.services, run.id, self.listeners)):
            self.runs.append(run.id)

    async def _noting(self, what: str, work: Awaitable[object]) -> bool:
        """Do one part; what fails is noted, and the night goes on. Gives whether it went well."""
        try:
            await work
        except RunBusy as error:
            self.busy.append(f"{what}: {error}")
        except PostLaunchError as error:
            self.failed.append(_failure(what, error))
        except Exception as error:  # a bug in one part does not take the night with it
            log.warning("a part of the night failed", part=what, exc_info=True)
            self.failed.append(_failure(what, error))
        else:
            return True
        return False


def _failure(what: str, error: Exception) -> NightFailure:
    if isinstance(error, PostLaunchError):
        return NightFailure(what=what, error=str(error), remedy=error.remedy, exit_code=error.exit_code)
    remedy = "this is a bug in postlaunch; POSTLAUNCH_DEBUG=1 shows its trace"
    return NightFailure(what=what, error=f"{type(error).__name__}: {error}", remedy=remedy)


async def run_night(
    services: Services, as_of: datetime | None = None, listeners: Sequence[Listener] = ()
) -> Night:
    """Do what is due, and tell what came of it.

    Args:
        as_of: what is due, and what is known, is taken as of this moment; leases and expiry use the real
            clock.
    """
    at = as_of or services.clock()
    shift = _Shift(services, at, as_of, listeners)
    await asyncio.to_thread(tell_due, services)  # first: the night itself may replace what ran out of time
    for signal in await asyncio.to_thread(_waiting_signals, services):
        await shift.take(f"{signal.kind} of {signal.at:%Y-%m-%d %H:%M} UTC", signal.id)
    for run in await asyncio.to_thread(_decided_runs, services):
        await shift.go_on(run)
    await asyncio.to_thread(carry_out_amendments, services)
    calendar = await asyncio.to_thread(calendar_of, services, at)
    not_carried_out = {run.workflow for run in await asyncio.to_thread(_decided_runs, services)}
    for part in calendar.due:
        if part.workflow in not_carried_out:  # that comes first; why it could not be done is told already
            continue
        await shift.take(_named(part), await asyncio.to_thread(_tick, services, part, at))
    await asyncio.to_thread(services.deliver)
    late = await asyncio.to_thread(_late, services, calendar, at)
    notes = [*shift.busy, *calendar.notes, *await asyncio.to_thread(_left_behind, services)]
    return await asyncio.to_thread(summary_of, services, at, shift.runs, shift.failed, notes, late)


def _late(services: Services, calendar: Calendar, at: datetime) -> str:
    """What data is overdue, in words; "" where none is."""
    span = recorded(services)
    if span is None:
        return told_unread(services)
    return told_overdue(services, span, calendar.overdue, at) if calendar.overdue else ""


def _run_named(run: RunRecord) -> str:
    return f"{run.workflow.replace('_', ' ')}, run {run.id}"


def _named(part: Due) -> str:
    return f"{part.workflow.replace('_', ' ')} of {part.period}"


def _waiting_signals(services: Services) -> list[Signal]:
    """The signals that are to be taken at once and that nobody has taken. Ticks of a night that died are
    settled instead: the calendar says anew what is due."""
    pending = services.ledger.signals(application=services.settings.application.name)
    for signal in pending:
        if signal.kind == "tick":
            services.ledger.settle_signal(signal.id, outcome="left over: the calendar is asked anew")
    return [signal for signal in pending if signal.kind != "tick" and route(signal).now]


def _decided_runs(services: Services) -> list[RunRecord]:
    """The runs of a gate that can go on: somebody decided, or the time is over."""
    return [run for run in services.ledger.runs_to_go_on() if _mine(services, run)]


def _left_behind(services: Services) -> list[str]:
    """The runs that nobody moves, though they are under way, in words: a person says what becomes of them."""
    return [
        f"{_run_named(run)}, was left half done: postlaunch advance {run.id} goes on with it, "
        f"postlaunch cancel {run.id} calls it off"
        for run in services.ledger.runs_left_behind()
        if _mine(services, run)
    ]


def _tick(services: Services, part: Due, at: datetime) -> str:
    """The calendar's signal for one part of this night, in the ledger; gives its id. It has a key of its own
    each time: that a period was due before does not make it any less due now.
    """
    period = "" if part.workflow == "sprint_planning" else part.period
    told = draft(
        services.settings.application.name, "tick", at, TickBody(workflow=part.workflow, period=period)
    )
    unique = told.model_copy(update={"key": f"{told.key}/{services.unique()}"})
    return services.ledger.post_signal(unique).id


# --- the calendar -----------------------------------------------------------------------------------------


def calendar_of(services: Services, at: datetime) -> Calendar:
    """What is due at a moment, from the settings and the ledger. Blocking."""
    span = recorded(services)
    settings = services.settings
    covered = (
        Recorded(
            first=span.first,
            begins=span.first - span.slack,
            ends=span.end,
            reaches=span.end + span.slack,
            overdue=more_is_overdue(services, span, at),
        )
        if span is not None
        else None
    )
    plannable = settings.sources.tickets is not None or settings.sources.candidates is not None
    return due(
        at,
        settings.application.timezone,
        settings.cadence,
        recorded=covered,
        made=made_so_far(services),
        next_sprint=next_sprint(services) if plannable else None,
    )


def made_so_far(services: Services) -> list[Made]:
    """The runs of this application that the calendar knows."""
    return [
        Made(
            workflow=run.workflow,
            window=Window.model_validate(run.parameters["window"]),
            state=run.state,
            degraded=run.degraded,
            known_at=_known_at(run),
            sprint=_sprint(run),
        )
        for workflow in NIGHTLY
        for run in services.ledger.runs(RUNS_READ, workflow=workflow)
        if _mine(services, run)
    ]


def _mine(services: Services, run: RunRecord) -> bool:
    """Whether a run is of this application, and no part of a report alone."""
    if run.workflow == ASKED:
        return is_asked_of(run, services.settings.application.name)
    asked = {name: value for name, value in run.parameters.items() if name != "only"}
    return question_of(services.settings.application.name, run.workflow, asked) == run.question


def _known_at(run: RunRecord) -> datetime:
    """The moment whose knowledge a run has: the one it was asked to look back from, else its beginning."""
    as_of = run.parameters.get("as_of")
    return datetime.fromisoformat(as_of) if isinstance(as_of, str) else run.created_at


def _sprint(run: RunRecord) -> int | None:
    sprint = run.parameters.get("sprint")
    return sprint if isinstance(sprint, int) else None
