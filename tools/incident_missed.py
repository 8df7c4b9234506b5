"""Why the launch did not see it coming: the incident's load against the load that was tried, and the alerts.

What was tried before the launch is declared in the launch record (phase 4), what came is measured. A
dimension of load is said to be missed only where what came exceeds what was tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from postlaunch.facts import Assumed, Fact, Measured
from postlaunch.printing import value_text
from postlaunch.reports.incident_parts import AlertFired
from postlaunch.reports.judged import Sentence, said
from postlaunch.sources.launch import AlertRule, LaunchRecord
from postlaunch.tools.definitions_incidents import RESOURCE_FIGURES
from postlaunch.tools.incident_case import Case, minutes_between
from postlaunch.tools.incident_evidence import joined
from postlaunch.tools.incident_resources import RESOURCES
from postlaunch.tools.incident_signatures import RESOURCE_NAMES, names_resource

NO_RECORD = "cannot be told: no launch record is configured ([sources.launch])"
NO_PROFILE = "cannot be told: the launch record has no load profile"


@dataclass(frozen=True)
class LoadGap:
    """One dimension of load: what was tried, what came.

    Attributes:
        missed: what came exceeds what was tried; None: it could not be compared.
    """

    dimension: str
    missed: bool | None
    sentence: Sentence


def load_gaps(case: Case) -> tuple[LoadGap, ...]:
    """Each dimension that the launch's load test states, against what the incident brought."""
    profile = case.launch.load_profile if case.launch else None
    if profile is None:
        return ()
    phase = f"phase {profile.phase}"
    tool = f" with {profile.tool}" if profile.tool else ""
    tried = (
        ("database connections", profile.concurrent_database_operations, _connections(case)),
        ("requests per second", profile.requests_per_second, _per_second(case)),
        ("users at once", profile.concurrent_users, _users(case)),
    )
    return tuple(
        _gap(dimension, limit, came, f"the load test of {phase}{tool}")
        for dimension, limit, came in tried
        if limit is not None
    )


def _gap(dimension: str, tried: float, came: Fact | None, test: str) -> LoadGap:
    limit = value_text(tried, "per_second" if dimension == "requests per second" else "number")
    if came is None:
        text = f"{dimension}: {test} reached {limit}; what came was not measured"
        return LoadGap(dimension, None, Sentence(text=text))
    missed = came.value > tried
    where = " in {came.entity}" if came.entity.startswith("pod ") else ""
    verdict = "more than {test} had reached" if missed else "within what {test} had reached"
    return LoadGap(
        dimension,
        missed,
        said(
            f"{dimension}: up to {{came}}{where}, {verdict} ({{limit}})",
            came=came,
            test=test,
            limit=limit,
        ),
    )


def _connections(case: Case) -> Fact | None:
    """The most connections in use in any pod, in the incident or in the hour after it: a pool that is used up
    hides how many were wanted.
    """
    peak = RESOURCE_FIGURES["pool"].peak.name
    found = (*case.facts("pool", peak), *case.facts("pool_after", peak))
    return max(found, key=lambda fact: fact.value, default=None)


def _per_second(case: Case) -> Fact | None:
    return case.fact("load", "incident_peak_requests_per_second")


def _users(case: Case) -> Fact | None:
    return case.fact("load", "incident_peak_users")


def why_missed(case: Case, cause: str) -> tuple[Sentence, ...]:
    """What the load test did not reach, and what no alert watched; what cannot be told, and why.

    Args:
        cause: the kind of the root cause; empty where it is inconclusive.
    """
    return (*_by_load(case), *_by_alerts(case, cause))


def _by_load(case: Case) -> Iterator[Sentence]:
    if case.launch is None:
        yield Sentence(text=f"Load test: {NO_RECORD}")
        return
    gaps = load_gaps(case)
    if not gaps:
        yield Sentence(text=f"Load test: {NO_PROFILE}")
        return
    missed = [gap for gap in gaps if gap.missed]
    for gap in (*missed, *(gap for gap in gaps if not gap.missed)):
        yield gap.sentence.model_copy(update={"text": _capital(gap.sentence.text)})
    if not missed and all(gap.missed is False for gap in gaps):
        yield Sentence(text="The load test reached as much in every dimension it states")


def _by_alerts(case: Case, cause: str) -> Iterator[Sentence]:
    """Whether an alert rule watched what gave way, and whether the one on errors could fire."""
    if case.launch is None:
        return
    if cause in RESOURCES and rule_on(case.launch, cause) is None:
        yield Sentence(text=f"Monitoring: no alert rule of the launch record watches {RESOURCE_NAMES[cause]}")
    rule = error_rule(case.launch)
    peak = case.fact("span", "incident_peak_error_rate")
    if rule is not None and peak is not None and rule.threshold is not None and peak.value <= rule.threshold:
        yield joined(
            [
                said("Monitoring: {name} needs ", name=rule.name),
                Sentence(text=f"more than {value_text(rule.threshold, 'ratio')}"),
                said(" of the requests to fail, and at worst {peak} did", peak=peak),
            ]
        )


def alerts_fired(case: Case) -> tuple[AlertFired, ...]:
    """Alerts on failing requests that fired, each against its rule of the launch record."""
    rule, began = error_rule(case.launch) if case.launch else None, case.fact("span", "incident_start")
    peak = case.fact("span", "incident_peak_error_rate")
    if rule is None or rule.threshold is None or rule.for_minutes is None or began is None or peak is None:
        return ()
    fired = next(
        (seen for seen in case.alerts if seen.record.kind == "fired" and seen.record.rule == rule.name), None
    )
    if fired is None or fired.fact.value < began.value:
        return ()
    who, basis = "the launch record", f"alert rule {rule.name}"
    return (
        AlertFired(
            name=rule.name,
            threshold=Assumed(value=rule.threshold, unit="ratio", who=who, basis=basis),
            lasting=Assumed(value=rule.for_minutes, unit="minutes", who=who, basis=basis),
            extreme=Measured.of(peak),
            after=minutes_between(
                Measured.of(began), Measured.of(fired.fact), "from the start of the failures to the alert"
            ),
        ),
    )


def rule_on(launch: LaunchRecord, resource: str) -> AlertRule | None:
    """The alert rule that watches a resource, or None."""
    return next(
        (rule for rule in launch.alert_rules if names_resource(resource, rule.name, rule.condition)), None
    )


def error_rule(launch: LaunchRecord) -> AlertRule | None:
    """The alert rule on the share of failing requests, or None."""
    for rule in launch.alert_rules:
        words = f"{rule.name} {rule.condition}".casefold()
        is_share = rule.threshold is not None and 0 < rule.threshold < 1
        if is_share and ("5xx" in words or "error" in words):
            return rule
    return None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
