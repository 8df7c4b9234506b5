"""What each figure read from product events means; `docs/definitions.md` carries these on."""

from __future__ import annotations

import re

from postlaunch.facts import Definition

# --- users --------------------------------------------------------------------------------------------

TOTAL_USERS = Definition(
    name="total_users",
    title="Total Users",
    statement=(
        "distinct people who joined by the window's end: with the sign-up event, or any event where none is "
        "named; where visitors' events are named, also with any other event"
    ),
    unit="count",
    better="higher",
)
NEW_USERS = Definition(
    name="new_users",
    title="New Users",
    statement="users whose first sign-up event (first event, where none is named) lies in the window",
    unit="count",
    better="higher",
)
USER_GROWTH = Definition(
    name="user_growth",
    title="User growth",
    statement="total users at the window's end ÷ total users at its start − 1",
    unit="ratio",
    better="higher",
)
DAILY_ACTIVE_USERS = Definition(
    name="daily_active_users",
    title="Daily Active Users (avg)",
    statement="distinct users of a day, mean over the window's complete days",
    unit="count",
    better="higher",
)
WEEKLY_ACTIVE_USERS = Definition(
    name="weekly_active_users",
    title="Weekly Active Users",
    statement="distinct users of the 7 days to the window's last complete day",
    unit="count",
    better="higher",
)
MONTHLY_ACTIVE_USERS = Definition(
    name="monthly_active_users",
    title="Monthly Active Users",
    statement="distinct users of the 30 days to the window's last complete day",
    unit="count",
    better="higher",
)
STICKINESS = Definition(
    name="stickiness",
    title="Stickiness",
    statement="mean daily active users of the 30 days to the window's last complete day ÷ their MAU",
    unit="ratio",
    better="higher",
)
DAY_ACTIVE_USERS = Definition(
    name="day_active_users",
    title="Active users on the day",
    statement="distinct users with an event on the day of the application's clock",
    unit="count",
    better="higher",
)

USERS_IN_SPAN = Definition(
    name="users_in_span",
    title="Users in the span",
    statement="distinct users with an event from the span's start to its end",
    unit="count",
)

# --- retention ----------------------------------------------------------------------------------------


def _complete(days: int) -> str:
    return f"{days} complete {'day' if days == 1 else 'days'}"


def on_day_retention(days: int) -> Definition:
    """Retention on one calendar day."""
    return Definition(
        name=f"day_{days}_retention",
        title=f"Day {days}",
        statement=(
            f"cohort users active on calendar day +{days} ÷ cohort users with {_complete(days)} behind them"
        ),
        unit="ratio",
        better="higher",
    )


def unbounded_retention(days: int) -> Definition:
    """Retention on a calendar day or any later one."""
    return Definition(
        name=f"day_{days}_retention_unbounded",
        title=f"Day {days} or later",
        statement=(
            f"cohort users active on calendar day +{days} or any later day observed ÷ "
            f"cohort users with {_complete(days)} behind them"
        ),
        unit="ratio",
        better="higher",
    )


# --- adoption -----------------------------------------------------------------------------------------

ADOPTERS = Definition(
    name="feature_users",
    title="Users",
    statement="users of the audience with the feature's event up to the window's end",
    unit="count",
    better="higher",
)
AUDIENCE = Definition(
    name="feature_audience",
    title="Audience",
    statement=(
        "users known at the window's end; those whose last known role is the audience's, where it is a role"
    ),
    unit="count",
)
FEATURE_ADOPTION = Definition(
    name="feature_adoption",
    title="Adoption Rate",
    statement="users of the audience who tried the feature up to the window's end ÷ the audience",
    unit="ratio",
    better="higher",
)

# --- funnels ------------------------------------------------------------------------------------------

FUNNEL_USERS = Definition(
    name="funnel_users",
    title="Users",
    statement="distinct users who reached the step, in the funnel's mode, within the window",
    unit="count",
    better="higher",
)
FUNNEL_FROM_FIRST = Definition(
    name="funnel_from_first",
    title="% of start",
    statement="users who reached the step ÷ users who reached the first",
    unit="ratio",
    better="higher",
)
FUNNEL_FROM_PREVIOUS = Definition(
    name="funnel_from_previous",
    title="% of step before",
    statement="users who reached the step ÷ users who reached the one before",
    unit="ratio",
    better="higher",
)
FUNNEL_DROPPED = Definition(
    name="funnel_dropped",
    title="Users dropped before",
    statement="users who reached the step before, not this one, and whose time for it is over",
    unit="count",
    better="lower",
)
FUNNEL_DROP_POINTS = Definition(
    name="funnel_drop_points",
    title="Users dropped, of all who entered",
    statement="users dropped before the step ÷ users who reached the first step",
    unit="points",
    better="lower",
)
FUNNEL_DROP = Definition(
    name="funnel_drop",
    title="Users dropped, of the step before",
    statement="users dropped before the step ÷ users who reached the step before",
    unit="ratio",
    better="lower",
)
FUNNEL_IN_PROGRESS = Definition(
    name="funnel_in_progress",
    title="In progress",
    statement="users who stand at the step and whose time for going on is not over at the window's end",
    unit="count",
)

FUNNEL_COMPLETED = Definition(
    name="funnel_completed",
    title="Finished",
    statement="users who reached the last step ÷ users who reached the first, in the mode named",
    unit="ratio",
    better="higher",
)

# --- sessions -----------------------------------------------------------------------------------------

SESSIONS = Definition(
    name="sessions",
    title="Sessions",
    statement="users' sessions that begin in the window; one ends after 30 minutes without an event",
    unit="count",
    better="higher",
)
MEAN_SESSION = Definition(
    name="mean_session",
    title="Average session",
    statement="mean time from a session's first event to its last; one of a single event lasts 0 minutes",
    unit="minutes",
    better="higher",
)
MEDIAN_SESSION = Definition(
    name="median_session",
    title="Median session",
    statement="median time from a session's first event to its last; one of a single event lasts 0 minutes",
    unit="minutes",
    better="higher",
)
ENGAGED_USERS = Definition(
    name="engaged_users",
    title="Engaged users",
    statement="users with more time in sessions, per week of the window, than the settings ask (30 minutes)",
    unit="count",
    better="higher",
)
ENGAGED_SHARE = Definition(
    name="engaged_share",
    title="Engaged users, share",
    statement="engaged users ÷ users with a session in the window, visitors left out",
    unit="ratio",
    better="higher",
)
POWER_USERS = Definition(
    name="power_users",
    title="Power users",
    statement="users with more time in sessions, per week of the window, than the settings ask (2 hours)",
    unit="count",
    better="higher",
)
POWER_SHARE = Definition(
    name="power_share",
    title="Power users, share",
    statement="power users ÷ users with a session in the window, visitors left out",
    unit="ratio",
    better="higher",
)
SESSIONS_WITH_EVENT = Definition(
    name="sessions_with_event",
    title="% of sessions",
    statement="sessions with the event ÷ all sessions",
    unit="ratio",
)
EVENT_POSITION = Definition(
    name="event_position",
    title="Place in the session",
    statement="at which step of a session the event comes first, mean over the sessions with it",
    unit="number",
)
TRANSITIONS = Definition(
    name="transitions",
    title="Times",
    statement="how often the second event came directly after the first in a session, repeats left out",
    unit="count",
)
TRANSITION_SHARE = Definition(
    name="transition_share",
    title="% of departures",
    statement="times the second event came directly after the first ÷ times any event did",
    unit="ratio",
)
PATH_SESSIONS = Definition(
    name="path_sessions",
    title="Sessions",
    statement="sessions that begin with these steps, repeats left out",
    unit="count",
)
PATH_SHARE = Definition(
    name="path_share",
    title="% of sessions",
    statement="sessions that begin with these steps ÷ all sessions",
    unit="ratio",
)

# --- the events themselves ----------------------------------------------------------------------------

EVENTS_OF_KIND = Definition(
    name="events_of_kind",
    title="Events",
    statement="events of this name in the window",
    unit="count",
)
USERS_OF_KIND = Definition(
    name="users_of_kind",
    title="Users",
    statement="distinct users with an event of this name in the window",
    unit="count",
)
ROWS_READ = Definition(
    name="rows_read", title="Rows read", statement="rows of all event files that are not blank", unit="count"
)
ROWS_REJECTED = Definition(
    name="rows_rejected",
    title="Rows rejected",
    statement="rows that are not whole, or have no readable time or no event name",
    unit="count",
    better="lower",
)
ROWS_FUTURE = Definition(
    name="rows_future",
    title="Rows from the future",
    statement="rows dated more than a day after the clock, left out",
    unit="count",
    better="lower",
)
ROWS_REPEATED = Definition(
    name="rows_repeated",
    title="Rows repeated",
    statement="rows with the id of an earlier event, left out",
    unit="count",
    better="lower",
)
EVENTS_WITHOUT_USER = Definition(
    name="events_without_user",
    title="Events without a user",
    statement="events that name no user: in no figure about users",
    unit="count",
    better="lower",
)

TRACKED_EVENTS = Definition(
    name="tracked_events",
    title="Events",
    statement="events of a name that the settings or the flows use, in the window",
    unit="count",
)
UNTRACKED_EVENTS = Definition(
    name="untracked_events",
    title="Events of no use",
    statement="events of a name that neither the settings nor the flows use, in the window",
    unit="count",
)
PROPERTY_FILLED = Definition(
    name="property_filled",
    title="With the property",
    statement="events of this name with a value of the property that the settings use ÷ events of this name",
    unit="ratio",
    better="higher",
)
NAMES_TRACKED = Definition(
    name="names_tracked",
    title="Names used",
    statement="distinct names that the settings use, an experiment's only where it ran in the window",
    unit="count",
)
NAMES_NEVER_SEEN = Definition(
    name="names_never_seen",
    title="Names never seen",
    statement="names that the settings use, of which the whole log has no event",
    unit="count",
    better="lower",
)
NAMES_UNTRACKED = Definition(
    name="names_untracked",
    title="Names not used",
    statement="distinct names of events in the window that neither the settings nor the flows use",
    unit="count",
    better="lower",
)

# --- support ------------------------------------------------------------------------------------------

SUPPORT_TICKET_RATE = Definition(
    name="support_ticket_rate",
    title="Support tickets a week",
    statement="tickets created in the window ÷ its weeks of the calendar",
    unit="number",
    better="lower",
)


# --- by name ------------------------------------------------------------------------------------------

RETENTION_NAME = re.compile(r"^day_(\d{1,3})_retention(_unbounded)?$")


def definition_named(name: str) -> Definition | None:
    """The definition of a figure of product analytics, or None where none is called so."""
    if retention := RETENTION_NAME.match(name):
        days = int(retention[1])
        return unbounded_retention(days) if retention[2] else on_day_retention(days)
    known = (value for value in globals().values() if isinstance(value, Definition))
    return next((definition for definition in known if definition.name == name), None)
