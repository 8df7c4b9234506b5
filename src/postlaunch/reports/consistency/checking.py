"""The check that runs before a report is published: the rules C1 to C20 over all that reports state."""

from __future__ import annotations

from collections.abc import Sequence

from postlaunch.reports.consistency import part_rules, plan_rules, quantity_rules, time_rules
from postlaunch.reports.consistency.contradictions import Contradiction, Rule
from postlaunch.reports.consistency.extraction import statements_of
from postlaunch.reports.consistency.statements import Statement
from postlaunch.reports.report import Report

RULES = (
    Rule("C1", "parts and wholes", part_rules.parts_within_wholes),
    Rule("C2", "rates and peaks", quantity_rules.totals_under_peaks),
    Rule("C3", "shares", part_rules.shares_of_their_wholes),
    Rule("C4", "ordering", part_rules.rankings_in_order),
    Rule("C5", "growth", time_rules.growth_carries_projections),
    Rule("C6", "one quantity, one value", quantity_rules.one_quantity_one_value),
    Rule("C7", "rates and totals", quantity_rules.rates_and_totals),
    Rule("C8", "dates", time_rules.dates_in_order),
    Rule("C9", "uptime and downtime", time_rules.uptime_is_what_downtime_leaves),
    Rule("C10", "alerts", time_rules.alerts_can_have_fired),
    Rule("C11", "capacity", plan_rules.plans_fit),
    Rule("C12", "funnels", part_rules.funnels_step_down),
    Rule("C13", "populations", quantity_rules.one_name_one_population),
    Rule("C14", "attempts", quantity_rules.attempts_accounted_for),
    Rule("C15", "grades", plan_rules.grades_follow_their_rows),
    Rule("C16", "targets", plan_rules.one_target_a_metric),
    Rule("C17", "experiments", plan_rules.winners_are_decidable),
    Rule("C18", "sprints", plan_rules.one_sprint_an_item),
    Rule("C19", "budgets", plan_rules.costs_follow_instances),
    Rule("C20", "rounding", part_rules.shares_rounded_half_up),
)
"""Every class of contradiction (`docs/definitions.md`, "Consistency")."""


def check(*stated: Report | Statement) -> tuple[Contradiction, ...]:
    """What contradicts, within each and between all of these reports and statements; each contradiction
    once.
    """
    statements: list[Statement] = []
    for item in stated:
        statements += statements_of(item) if isinstance(item, Report) else (item,)
    return contradictions_in(statements)


def contradictions_of(report: Report, others: Sequence[Report]) -> tuple[Contradiction, ...]:
    """What contradicts in a report, or between it and the others; not what these have among themselves."""
    known = {contradiction.message for contradiction in check(*others)}
    return tuple(found for found in check(report, *others) if found.message not in known)


def contradictions_in(statements: Sequence[Statement]) -> tuple[Contradiction, ...]:
    """What contradicts among these statements, in the order of the rules."""
    found = (contradiction for rule in RULES for contradiction in rule.contradictions(statements))
    return tuple({contradiction.message: contradiction for contradiction in found}.values())
