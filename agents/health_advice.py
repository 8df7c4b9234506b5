"""What the rules recommend for a week: one function a threshold, the most urgent first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from postlaunch.agents.health_errors import cluster, server_errors
from postlaunch.agents.health_resources import at_the_limit
from postlaunch.agents.health_sections import goes_on, spell_window
from postlaunch.agents.health_week import Week
from postlaunch.facts import Fact
from postlaunch.printing import value_text
from postlaunch.reports.health import Incident, MetricRow, Resources, Severity, SlowEndpoint
from postlaunch.reports.judged import NEEDS_A_MODEL, Recommendation, Sentence, said
from postlaunch.reports.report import period_name
from postlaunch.tools.definitions_resources import RESOURCES

LOG_FORMATS = """\
# nginx
log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                 '"$http_referer" "$http_user_agent" $request_time';
access_log /var/log/nginx/access.log timed;

# Apache
LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\" %D" timed
CustomLog logs/access_log timed"""
"""The combined format with the request time at the end of the line, as the source reads it."""


@dataclass(frozen=True)
class Basis:
    """What the rules read: the week's figures and the verdicts already given on them."""

    week: Week
    rows: Sequence[MetricRow]
    incidents: Sequence[Incident]
    slowest: Sequence[SlowEndpoint]
    resources: Resources

    def row(self, metric: str) -> MetricRow | None:
        """The row of a metric."""
        return next((row for row in self.rows if row.metric == metric), None)

    def fact(self, quantity: object) -> Fact | None:
        """The fact behind a measured quantity."""
        return self.week.fact_of(quantity)


Rule = Callable[[Basis], Iterator[Recommendation]]


def recommendations(basis: Basis) -> tuple[Recommendation, ...]:
    """Every recommendation that a threshold gives, the most urgent first."""
    rules: Iterable[Rule] = (
        _open_incidents,
        _serious_incidents,
        _error_cluster,
        _slow_endpoints,
        _targets_missed,
        _scaling,
        _limits_reached,
        _lesser_incidents,
        _rows_that_warn,
        _rejected_lines,
        _response_times_not_logged,
        _sampled_log,
    )
    return tuple(item for rule in rules for item in rule(basis))


def _open_incidents(basis: Basis) -> Iterator[Recommendation]:
    for incident in basis.incidents:
        rate, span = basis.fact(incident.error_rate), spell_window(basis.week, incident)
        if incident.status != "Open" or rate is None or span is None:
            continue
        going = goes_on(basis.week, span.end)
        yield Recommendation(
            target=f"Incident #{incident.number}",
            action=Sentence(text="Restore service" if going else f"Bring {incident.record} to its end"),
            rationale=said("{rate} of requests fail and the data ends before it does", rate=rate)
            if going
            else said(
                "its record is open, and {rate} of requests failed until {until}",
                rate=rate,
                until=value_text(span.end.timestamp(), "moment", zone=span.zone),
            ),
        )


def _error_cluster(basis: Basis) -> Iterator[Recommendation]:
    week = basis.week
    errors = server_errors(week, basis.incidents)
    first = cluster(week, errors)
    if first is None or errors.outside < week.settings.verdicts.error_cluster_least:
        return
    period = period_name(week.window)
    whose = f"server errors outside {errors.named}" if errors.incidents else "server errors"
    told = "{first} of the {period}'s {total} {whose} ({share}) come from it".format(
        first=value_text(first.outside, "count"),
        period=period,
        total=value_text(errors.outside, "count"),
        whose=whose,
        share=value_text(first.outside / errors.outside, "ratio"),
    )
    yield Recommendation(
        target=first.whole.entity,
        action=Sentence(text="Fix the server errors"),
        rationale=Sentence(text=told, facts=tuple(dict.fromkeys((*first.facts, *errors.facts)))),
    )


def _slow_endpoints(basis: Basis) -> Iterator[Recommendation]:
    for slow in basis.slowest:
        if slow.rating != "investigate":
            continue
        requests = basis.fact(slow.requests)
        asked = said(" in {requests} requests", requests=requests) if requests else Sentence(text="")
        yield Recommendation(
            target=slow.endpoint,
            action=Sentence(text="Optimise the response time"),
            rationale=Sentence(
                text=f"{slow.because.text}{asked.text}", facts=(*slow.because.facts, *asked.facts)
            ),
        )


def _targets_missed(basis: Basis) -> Iterator[Recommendation]:
    for row in basis.rows:
        if row.status == "missed" and row.target:
            where = _slowest_named(basis) if row.this.kind == "measured" and row.this.unit == "ms" else ""
            yield Recommendation(
                target=row.title,
                action=Sentence(text=f"Get back to the target of {row.target.text()}{where}"),
                rationale=row.because,
            )


def _slowest_named(basis: Basis) -> str:
    return f", beginning with {basis.slowest[0].endpoint}" if basis.slowest else ""


def _serious_incidents(basis: Basis) -> Iterator[Recommendation]:
    return _closed_incidents(basis, ("SEV-1", "SEV-2"))


def _lesser_incidents(basis: Basis) -> Iterator[Recommendation]:
    return _closed_incidents(basis, ("SEV-3",))


def _closed_incidents(basis: Basis, severities: Sequence[Severity]) -> Iterator[Recommendation]:
    for incident in basis.incidents:
        failed, minutes = basis.fact(incident.failed), basis.fact(incident.duration)
        if incident.status == "Resolved" and incident.severity in severities and failed and minutes:
            yield Recommendation(
                target=f"Incident #{incident.number}",
                action=Sentence(text=_afterwards(incident)),
                rationale=said(
                    "{failed} requests failed within {minutes}, {severity}",
                    failed=failed,
                    minutes=minutes,
                    severity=incident.severity,
                ),
            )


def _afterwards(incident: Incident) -> str:
    """What is left to do when an incident is over: what is on record is read, not written again."""
    known = all(NEEDS_A_MODEL not in said.text for said in incident.root_cause)
    if incident.record:
        return f"Read {incident.record}" if known else f"Find the cause and complete {incident.record}"
    return "Write the post-mortem" if known else "Find the cause and write the post-mortem"


def _scaling(basis: Basis) -> Iterator[Recommendation]:
    scaling = basis.resources.scaling
    if basis.resources.advice in ("scale now", "plan"):
        reason = scaling.text.partition(": ")[2]
        action = "Scale now" if basis.resources.advice == "scale now" else "Plan to scale"
        yield Recommendation(
            target="the pods",
            action=Sentence(text=action),
            rationale=Sentence(text=reason, facts=scaling.facts),
        )


def _limits_reached(basis: Basis) -> Iterator[Recommendation]:
    """A resource that was all in use: in how many of the pods, and what to do before it is again."""
    for resource in RESOURCES:
        full = at_the_limit(basis.week, resource)
        if full:
            pods = ", ".join(fact.entity for fact in full)
            yield Recommendation(
                target=resource.title,
                action=Sentence(text="Alert before the limit is reached, and see what used it up"),
                rationale=Sentence(
                    text=f"all of it was in use at least once in {pods}",
                    facts=tuple(fact.id for fact in full),
                ),
            )


def _rows_that_warn(basis: Basis) -> Iterator[Recommendation]:
    rows = [row for row in basis.rows if row.status == "warning"]
    if rows:
        yield Recommendation(
            target=", ".join(row.title for row in rows),
            action=Sentence(text="Watch the warnings"),
            rationale=Sentence(
                text="; ".join(f"{row.title}: {row.because.text}" for row in rows),
                facts=tuple(dict.fromkeys(fact for row in rows for fact in row.because.facts)),
            ),
        )


def _rejected_lines(basis: Basis) -> Iterator[Recommendation]:
    read = basis.week.fact("log_quality", "lines_read")
    rejected = basis.week.fact("log_quality", "lines_rejected")
    if not read or not rejected or rejected.value <= basis.week.settings.verdicts.rejected_lines * read.value:
        return
    yield Recommendation(
        target="the request log",
        action=Sentence(text="Correct the format or the field mapping"),
        rationale=said("{rejected} of {read} lines could not be read", rejected=rejected, read=read),
    )


def _response_times_not_logged(basis: Basis) -> Iterator[Recommendation]:
    row, requests = basis.row("mean_response_time"), basis.week.fact("request_summary", "total_requests")
    if requests and row and row.status == "not available":
        yield Recommendation(
            target="the web server's log format",
            action=Sentence(text="Add the request time at the end of the line"),
            rationale=said("none of {requests} requests has a response time", requests=requests),
            snippet=LOG_FORMATS,
        )


def _sampled_log(basis: Basis) -> Iterator[Recommendation]:
    if basis.week.sampled:
        yield Recommendation(
            target="the request log",
            action=Sentence(text="Turn sampling off"),
            rationale=Sentence(text=f"uptime and downtime cannot be told: {basis.week.sampled}"),
        )
