"""Messages about an incident, drafted by rule. Nothing is sent from here: a person sends them, or not.

Colleagues are told figures and the cause. The public is told when it was and that it is over, or not: no
figure, no cause, no promise that nobody made.
"""

from __future__ import annotations

from datetime import datetime

from postlaunch.reports.health import Severity
from postlaunch.reports.incident_parts import Communication, Drafted, IncidentStatus
from postlaunch.reports.judged import Sentence
from postlaunch.tools.incident_case import Case
from postlaunch.tools.incident_clocks import business_days_after
from postlaunch.tools.incident_severity import EmailVerdict
from postlaunch.windows import Window

NOT_SENT = "drafted, not sent: a person sends it"
BRIEF_MINUTES = 10
"""What was shorter than this is called brief."""

INTERNAL = "drafted; the notification that the settings name sends it, where there is none a person does"


def communication(
    case: Case,
    incident: str,
    severity: Severity,
    status: IncidentStatus,
    summary: Sentence,
    email: EmailVerdict,
    ended: datetime | None,
) -> Communication:
    """The drafts for colleagues, for the status page and for customers, and when the post-mortem is held."""
    name = incident or "The incident"
    channel = case.settings.incidents.internal_channel
    if case.span is None:
        return _unconfirmed(name, channel, summary)
    application = case.settings.application.name
    span = Window(start=case.span.start, end=case.span.end, zone=case.zone)
    return Communication(
        internal=Drafted(
            to=channel,
            text=f"{name} ({severity}, {status.lower()}): {summary.text}",
            because=Sentence(text=INTERNAL),
        ),
        meeting=_meeting(case, ended),
        status_page=Drafted(
            to="status page",
            text=public_text(application, span, status),
            because=Sentence(text=NOT_SENT),
        ),
        email=Drafted(
            to="customers",
            text=_mail(application, span, status) if email.draft else "",
            because=email.because,
        ),
    )


def _unconfirmed(name: str, channel: str, summary: Sentence) -> Communication:
    nothing = Sentence(text="nothing is confirmed")
    return Communication(
        internal=Drafted(to=channel, text=f"{name}: {summary.text}", because=Sentence(text=INTERNAL)),
        meeting=Sentence(text="None: nothing is confirmed"),
        status_page=Drafted(to="status page", text="", because=nothing),
        email=Drafted(to="customers", text="", because=nothing),
    )


def _meeting(case: Case, ended: datetime | None) -> Sentence:
    if ended is None:
        return Sentence(text="Post-mortem meeting: to be scheduled when it is over")
    days = list(business_days_after(ended, case.settings.incidents.meeting_days, case.zone))
    when = days[-1]
    return Sentence(text=f"Post-mortem meeting proposed for {when:%Y-%m-%d %H:%M} {when:%Z}")


def public_text(application: str, span: Window, status: IncidentStatus) -> str:
    """What the status page says: when it was, and whether it is over."""
    if status == "Resolved":
        what = "Brief service disruption" if _is_brief(span) else "Service disruption"
        return f"{what} resolved: {_when(span)}, some requests to {application} failed."
    if status == "Monitoring":
        return (
            f"{application} has recovered from a disruption that began at {_clock(span)}. We are watching it."
        )
    return f"Some requests to {application} have been failing since {_clock(span)}. We are working on it."


def _mail(application: str, span: Window, status: IncidentStatus) -> str:
    if status != "Resolved":
        return (
            f"Since {_clock(span)} some requests to {application} have been failing. We are working on it "
            "and will write again when it is over."
        )
    return (
        f"{_capital(_when(span))}, some requests to {application} failed. It is resolved. If something you "
        "did then was not saved, please try again. We are sorry for the trouble."
    )


def _is_brief(span: Window) -> bool:
    return (span.end - span.start).total_seconds() < BRIEF_MINUTES * 60


def _when(span: Window) -> str:
    """ "on 2025-11-18 from 14:15 to 14:23 PST"; both days where it lasted over midnight, and both zones where
    the clock was changed meanwhile.
    """
    start, end = span.local(span.start), span.local(span.end)
    began = f"{start:%H:%M}" if start.tzname() == end.tzname() else f"{start:%H:%M %Z}"
    if start.date() == end.date():
        return f"on {start:%Y-%m-%d} from {began} to {end:%H:%M %Z}"
    return f"from {start:%Y-%m-%d} {began} to {end:%Y-%m-%d %H:%M %Z}"


def _clock(span: Window) -> str:
    return f"{span.local(span.start):%Y-%m-%d %H:%M %Z}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
