"""`report weekly`, `daily`, `monthly`, `performance`, `analytics`: a report now, of the period named."""

from __future__ import annotations

from typing import Annotated

import typer

from postlaunch.cli.calling import (
    AsOfOption,
    BaseUrlOption,
    Choice,
    EventsOption,
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
)
from postlaunch.cli.endings import finished_run
from postlaunch.graphs.starting import Workflow

WeekOption = Annotated[
    str | None, typer.Option("--week", help="2026-W07 or a day of it; else the data's last whole week.")
]
DayOption = Annotated[str | None, typer.Option("--day", help="2026-02-11; else the data's last whole day.")]
MonthOption = Annotated[
    str | None, typer.Option("--month", help="2026-02 or a day of it; else the data's last whole month.")
]

report_app = typer.Typer(help="Make a report.", no_args_is_help=True, rich_markup_mode=None)


@report_app.command()
def weekly(
    week: WeekOption = None,
    settings: SettingsOption = None,
    requests: RequestsOption = None,
    events: EventsOption = None,
    tickets: TicketsOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    no_model: NoModelOption = False,
    as_of: AsOfOption = None,
    quiet: QuietOption = False,
    everything: EverythingOption = False,
    as_json: JsonOption = False,
) -> None:
    """Health, performance and usage of a week.

    Three specialists side by side; who has no data takes no part.
    """
    choice = _choice(settings, requests, events, tickets, model, base_url, no_model)
    _make(choice, "weekly_report", as_json, quiet, everything, as_of, week=week)


@report_app.command()
def daily(
    day: DayOption = None,
    settings: SettingsOption = None,
    requests: RequestsOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    no_model: NoModelOption = False,
    as_of: AsOfOption = None,
    quiet: QuietOption = False,
    everything: EverythingOption = False,
    as_json: JsonOption = False,
) -> None:
    """What was unusual on a day, and the triage of its alerts."""
    choice = _choice(settings, requests, None, None, model, base_url, no_model)
    _make(choice, "daily_check", as_json, quiet, everything, as_of, day=day)


@report_app.command()
def monthly(
    month: MonthOption = None,
    settings: SettingsOption = None,
    requests: RequestsOption = None,
    events: EventsOption = None,
    tickets: TicketsOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    no_model: NoModelOption = False,
    as_of: AsOfOption = None,
    quiet: QuietOption = False,
    everything: EverythingOption = False,
    as_json: JsonOption = False,
) -> None:
    """The review of a month on one page, and what to decide."""
    choice = _choice(settings, requests, events, tickets, model, base_url, no_model)
    _make(choice, "monthly_review", as_json, quiet, everything, as_of, month=month)


@report_app.command()
def performance(
    week: WeekOption = None,
    settings: SettingsOption = None,
    requests: RequestsOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    no_model: NoModelOption = False,
    as_of: AsOfOption = None,
    quiet: QuietOption = False,
    everything: EverythingOption = False,
    as_json: JsonOption = False,
) -> None:
    """Trend, opportunities and capacity, over the weeks up to one."""
    choice = _choice(settings, requests, None, None, model, base_url, no_model)
    _make(choice, "weekly_report", as_json, quiet, everything, as_of, week=week, only="performance-monitor")


@report_app.command()
def analytics(
    week: WeekOption = None,
    settings: SettingsOption = None,
    events: EventsOption = None,
    tickets: TicketsOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    no_model: NoModelOption = False,
    as_of: AsOfOption = None,
    quiet: QuietOption = False,
    everything: EverythingOption = False,
    as_json: JsonOption = False,
) -> None:
    """Users, funnels and experiments, over 28 days."""
    choice = _choice(settings, None, events, tickets, model, base_url, no_model)
    _make(choice, "weekly_report", as_json, quiet, everything, as_of, week=week, only="analytics-specialist")


def _choice(
    settings: SettingsOption,
    requests: RequestsOption,
    events: EventsOption,
    tickets: TicketsOption,
    model: ModelOption,
    base_url: BaseUrlOption,
    no_model: bool,
) -> Choice:
    return Choice(
        settings,
        tuple(requests or ()),
        tickets,
        None,
        model,
        base_url,
        no_model,
        events=tuple(events or ()),
    )


def _make(
    choice: Choice,
    workflow: Workflow,
    as_json: bool,
    quiet: bool,
    everything: bool,
    as_of: str | None,
    *,
    week: str | None = None,
    day: str | None = None,
    month: str | None = None,
    only: str | None = None,
) -> None:
    """Start the run that answers this, move it, and say what it made."""
    with opened(choice, as_json=as_json, quiet=quiet, everything=everything) as call:
        run = call.postlaunch.start(workflow, week=week, day=day, month=month, as_of=moment(as_of), only=only)
        run = call.follow(run)
        finished_run(call, run)
        raise typer.Exit(exit_code(run))
