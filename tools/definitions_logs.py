"""What each figure read from an application's log means; `docs/definitions.md` carries these on."""

from __future__ import annotations

from postlaunch.facts import Definition

LOG_LINES = Definition(
    name="log_lines",
    title="Log lines",
    statement="lines of the application's log, of every level",
    unit="count",
)
LEVEL_LINES = Definition(
    name="level_lines",
    title="Lines of the level",
    statement="lines of the application's log of this level",
    unit="count",
    better="lower",
)
LEVEL_SHARE = Definition(
    name="level_share",
    title="% of lines",
    statement="lines of this level ÷ all lines of the application's log",
    unit="ratio",
    better="lower",
)
TEMPLATES_SEEN = Definition(
    name="templates_seen",
    title="Kinds of warnings and errors",
    statement="distinct templates among the lines of the levels asked for",
    unit="count",
)
TEMPLATES_NEW = Definition(
    name="templates_new",
    title="New kinds",
    statement="templates whose first line in the whole log is in the window; unknown in its first 7 days",
    unit="count",
    better="lower",
)
TEMPLATE_LINES = Definition(
    name="template_lines",
    title="Lines",
    statement="lines of this template, a message with its numbers, ids and quoted values left out",
    unit="count",
    better="lower",
)
TEMPLATE_USUAL_LINES = Definition(
    name="template_usual_lines",
    title="Usual lines a day",
    statement="lines of this template in the 7 days before the window ÷ 7",
    unit="number",
)
TEMPLATE_FIRST_SEEN = Definition(
    name="template_first_seen",
    title="First seen",
    statement="moment of the template's first line in the whole log",
    unit="moment",
)
SLOW_QUERIES = Definition(
    name="slow_queries",
    title="Slow queries",
    statement='lines of the log that say "slow query", or give the duration of a statement as databases do',
    unit="count",
    better="lower",
)
SLOW_QUERIES_NEW = Definition(
    name="slow_queries_new",
    title="New slow queries",
    statement="templates of such lines that occur in the window and not in the window compared with",
    unit="count",
    better="lower",
)
SLOW_QUERIES_NEW_TIME = Definition(
    name="slow_queries_new_time",
    title="Time in new slow queries",
    statement="sum of the times that lines of new slow queries tell; not known where one of them tells none",
    unit="ms",
    better="lower",
)

OF_LOGS = (
    *(LOG_LINES, LEVEL_LINES, LEVEL_SHARE, TEMPLATES_SEEN, TEMPLATES_NEW),
    *(TEMPLATE_LINES, TEMPLATE_USUAL_LINES, TEMPLATE_FIRST_SEEN),
    *(SLOW_QUERIES, SLOW_QUERIES_NEW, SLOW_QUERIES_NEW_TIME),
)
