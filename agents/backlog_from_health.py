"""What a health report says of the product: objectives at risk, slow and failing endpoints, incidents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from postlaunch.agents.backlog_advised import advised
from postlaunch.agents.backlog_failing import Failing, failing, server_errors
from postlaunch.facts import Measured
from postlaunch.printing import quantity_text, value_text
from postlaunch.reports.colleagues import ColleagueFinding
from postlaunch.reports.health import ErrorBudget, HealthReport, Incident, MetricRow
from postlaunch.reports.judged import NEEDS_A_MODEL, Sentence
from postlaunch.settings import Settings

AT_RISK = "an objective at risk"
OF_RESPONSE_TIMES = ("mean_response_time", "p95_response_time")
OF_FAILURES = ("error_rate", "availability")
OF_DOWNTIME = ("uptime",)
CAPACITY = "capacity"
"""What an item declares to address that saves memory, processors or connections."""
WATCHED = "watched: it is no piece of work by itself"
NO_CAUSE = "no piece of work: nothing names the part that carries it"
CAUSE_FIRST = "the cause of the incident comes first"
TO_THE_RESPONDER = "the incident-responder's: its cause comes first"


def findings_of_health(report: HealthReport, settings: Settings) -> tuple[ColleagueFinding, ...]:
    """The findings that a candidate item may address, the gravest first."""
    cluster = failing(report, settings.verdicts)
    return (
        *_objectives(report, settings, cluster),
        *_failures(cluster),
        *_slow(report),
        *_incidents(report),
        *_resources(report),
        *advised(report.recommendations),
    )


# --- objectives -------------------------------------------------------------------------------------------


def _objectives(
    report: HealthReport, settings: Settings, cluster: Failing | None
) -> Iterator[ColleagueFinding]:
    """An objective is at risk when its target is missed, or more of its error budget is spent than may be."""
    missed = {row.metric: row for row in report.metrics if row.status == "missed" and row.target}
    for row in missed.values():
        yield _at_risk(report, row.metric, row.title, _missed_text(row), row.because, row, cluster)
    for budget in report.budgets.items:
        spent = _value(budget)
        if budget.target.objective not in missed and spent > settings.verdicts.budget_spent_attention:
            text = f"{value_text(spent, 'ratio')} of its error budget is spent"
            because = Sentence(text=f"{budget.target.title}: {text}", facts=_facts(budget))
            yield _at_risk(report, budget.target.objective, budget.target.title, text, because, None, cluster)


def _at_risk(
    report: HealthReport,
    metric: str,
    title: str,
    text: str,
    because: Sentence,
    row: MetricRow | None,
    cluster: Failing | None,
) -> ColleagueFinding:
    carrier = _carrier(report, metric, cluster)
    named = f", which {carrier.name} carries" if carrier else ""
    return ColleagueFinding(
        title=f"{title} misses its objective" if row else f"{title} spends its error budget",
        finding=because.model_copy(update={"text": f"{title}: {_after(because.text, title)}{named}"}),
        figure=row.this if row else None,
        subjects=carrier.subjects if carrier else (),
        words=carrier.words if carrier else "",
        requires=f"{AT_RISK}: {title}, {text}",
        otherwise=carrier.otherwise if carrier else NO_CAUSE,
    )


def _after(text: str, title: str) -> str:
    return text.removeprefix(f"{title}: ")


def _missed_text(row: MetricRow) -> str:
    target = row.target.text() if row.target else "none"
    return f"{quantity_text(row.this)} with a target of {target}"


@dataclass(frozen=True)
class _Carrier:
    """What a metric of the whole application stands or falls with.

    Attributes:
        words: what is known of its cause.
        otherwise: what becomes of it where no item addresses it.
    """

    name: str
    subjects: tuple[str, ...]
    words: str = ""
    otherwise: str = ""


def _carrier(report: HealthReport, metric: str, cluster: Failing | None) -> _Carrier | None:
    """The slowest endpoint carries response times; the incident in which most of them fell carries failures,
    else the endpoint where the others cluster; None where nothing does.
    """
    if metric in OF_RESPONSE_TIMES and report.slowest.items:
        slowest = report.slowest.items[0].endpoint
        return _Carrier(slowest, (slowest,))
    incident = _incident_carrier(report) if metric in (*OF_FAILURES, *OF_DOWNTIME) else None
    if incident is None and metric in OF_FAILURES and cluster is not None:
        return _Carrier(cluster.endpoint, (cluster.endpoint,))
    return incident


def _incident_carrier(report: HealthReport) -> _Carrier | None:
    """The incident with at least half of the failures, where there is one."""
    total = sum(fact.value for fact in server_errors(report))
    for incident in report.incidents.items:
        if isinstance(incident.failed, Measured) and total and incident.failed.value >= total / 2:
            return _Carrier(
                name=f"Incident #{incident.number}",
                subjects=(incident.record,) if incident.record else (),
                words=_causes(incident),
                otherwise=CAUSE_FIRST,
            )
    return None


def _causes(incident: Incident) -> str:
    return " ".join(cause.text for cause in incident.root_cause if cause.text != NEEDS_A_MODEL)


def _value(budget: ErrorBudget) -> float:
    return budget.spent.value if budget.spent.kind in ("measured", "derived") else 0.0


def _facts(budget: ErrorBudget) -> tuple[str, ...]:
    return (budget.bad.fact,) if isinstance(budget.bad, Measured) else ()


# --- endpoints --------------------------------------------------------------------------------------------


def _failures(found: Failing | None) -> Iterator[ColleagueFinding]:
    if found is None:
        return
    errors, total = quantity_text(found.errors), value_text(found.total, "count")
    where = f" outside {found.incidents}" if found.incidents else ""
    yield ColleagueFinding(
        title=f"{found.endpoint} fails",
        finding=Sentence(
            text=f"{errors} of {total} server errors{where} come from {found.endpoint}", facts=found.facts
        ),
        figure=found.errors,
        subjects=(found.endpoint,),
    )


def _slow(report: HealthReport) -> Iterator[ColleagueFinding]:
    for slow in report.slowest.items:
        if slow.rating == "investigate":
            yield ColleagueFinding(
                title=f"{slow.endpoint} is slow",
                finding=slow.because.model_copy(update={"text": f"{slow.endpoint}: {slow.because.text}"}),
                figure=slow.mean,
                subjects=(slow.endpoint,),
            )


# --- incidents --------------------------------------------------------------------------------------------


def _incidents(report: HealthReport) -> Iterator[ColleagueFinding]:
    for incident in report.incidents.items:
        facts = (incident.failed.fact,) if isinstance(incident.failed, Measured) else ()
        failed = quantity_text(incident.failed, zone=report.window.zone)
        text = f"Incident #{incident.number}, {incident.severity}: {failed} requests failed"
        yield ColleagueFinding(
            title=f"Incident #{incident.number}",
            finding=Sentence(text=text, facts=facts),
            figure=incident.failed,
            subjects=(incident.record,) if incident.record else (),
            words=_causes(incident),
            otherwise=TO_THE_RESPONDER,
        )


# --- resources --------------------------------------------------------------------------------------------


def _resources(report: HealthReport) -> Iterator[ColleagueFinding]:
    """A resource of all pods together that rises towards its limit."""
    for trend in report.resources.trends:
        if trend.verdict == "rising" and trend.entity == "application":
            yield ColleagueFinding(
                title=f"{trend.title} rises",
                finding=trend.because.model_copy(update={"text": f"{trend.title}: {trend.because.text}"}),
                figure=trend.slope,
                subjects=(trend.resource, CAPACITY),
                otherwise=WATCHED,
            )
