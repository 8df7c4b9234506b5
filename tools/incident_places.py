"""Where an incident was, and what may have set it off: one pod or endpoint alone, a change, more traffic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from postlaunch.facts import Fact
from postlaunch.printing import value_text
from postlaunch.reports.judged import Sentence, said
from postlaunch.tools.incident_case import Case
from postlaunch.tools.incident_evidence import Candidate, Support, ending_changes, joined, telling_lines
from postlaunch.tools.incident_records import ChangeSeen
from postlaunch.tools.incident_signatures import names_resource
from postlaunch.tools.incident_used_up import restarted

TAKES_EFFECT = timedelta(minutes=10)
"""Failures that begin so soon after a change, or end so soon after it is undone, follow it closely."""

ROUNDING = timedelta(minutes=2)
"""What the minutes of a log and of a record may lie apart."""

CODE_KINDS = ("code", "schema", "configuration", "")
"""Kinds of new errors that a change brings."""

AMOUNT = re.compile(r"(?P<digits>\d+(?:\.\d+)?)\s?(?P<scale>(?:[kmgt]i?)?)(?![a-z]{2,})", re.IGNORECASE)
SCALES = {
    "": 1.0,
    **{letter: 1000.0**power for power, letter in enumerate("kmgt", 1)},
    **{f"{letter}i": 1024.0**power for power, letter in enumerate("kmgt", 1)},
}

STEADY_TRAFFIC = 1.1
RECORD = 1.2

# --- one pod, one endpoint --------------------------------------------------------------------------------


def place_candidates(case: Case) -> list[Candidate]:
    """One pod alone, and one endpoint alone."""
    return [_pod(case), _endpoint(case)]


def _pod(case: Case) -> Candidate:
    candidate = Candidate("pod", "One pod alone failed", "place", weight=1)
    rates = case.facts("pods", "pod_error_rate")
    if len(rates) < 2:
        return replace(candidate, looked=False)
    worst = max(rates, key=_failures)
    total = sum(map(_failures, rates))
    share, of_requests = _failures(worst) / total if total else 0.0, worst.n / sum(rate.n for rate in rates)
    if total and share >= case.settings.incidents.one_place and of_requests < share:
        sentence = said(
            "{rate.entity} had {share} of the failures ({rate} of its requests) and {of} of the requests",
            rate=worst,
            share=value_text(share, "ratio"),
            of=value_text(of_requests, "ratio"),
        )
        candidate = replace(candidate, title=f"{_capital(worst.entity)} alone failed", subject=worst.entity)
        return candidate.with_support(Support("requests", sentence), *_restarted(case, worst.entity))
    spread = [rate for rate in rates if rate.value > 0]
    if len(spread) < 2:
        return candidate
    least, most = min(spread, key=_value), max(spread, key=_value)
    sentence = said(
        "{number} of {all} pods failed, from {least} to {most} of their requests",
        number=str(len(spread)),
        all=str(len(rates)),
        least=least,
        most=most,
    )
    return replace(candidate, against=(sentence,), ruled_out=True)


def _restarted(case: Case, pod: str) -> list[Support]:
    """That the samples of this very pod show a restart that nobody made."""
    restarts = case.fact("pool", "incident_pod_restarts", pod)
    if restarts is None or not restarted(case, pod):
        return []
    return [Support("resources", said("{restarts} restart seen in {restarts.entity}", restarts=restarts))]


def _endpoint(case: Case) -> Candidate:
    candidate = Candidate("endpoint", "One endpoint alone failed", "place")
    errors = case.facts("endpoints", "endpoint_errors")
    failed = case.fact("span", "incident_failed_requests")
    requests = case.fact("span", "incident_requests")
    if not errors or failed is None or requests is None or not failed.value:
        return replace(candidate, looked=False)
    first = errors[0]
    rate = case.fact("endpoints", "endpoint_error_rate", first.entity)
    share = first.value / failed.value
    of_requests = rate.n / requests.value if rate is not None else 1.0
    if share >= case.settings.incidents.one_place and of_requests < share / 1.5:
        sentence = said(
            "{errors.entity} had {errors} of {failed} failures and {of} of the requests",
            errors=first,
            failed=failed,
            of=value_text(of_requests, "ratio"),
        )
        candidate = replace(candidate, title=f"{first.entity} alone failed", subject=first.entity)
        return candidate.with_support(Support("requests", sentence))
    if len(errors) < 2:
        sentence = said("all failures are of {errors.entity}, and so are most of the requests", errors=first)
        return replace(candidate, against=(sentence,))
    sentence = said(
        "{number} endpoints failed; the most failures, {errors} of {failed}, are of {errors.entity}",
        number=str(len(errors)),
        errors=first,
        failed=failed,
    )
    return replace(candidate, against=(sentence,), ruled_out=True)


def _value(fact: Fact) -> float:
    return fact.value


def _failures(rate: Fact) -> float:
    """How many requests failed, of a share of its requests."""
    return rate.value * rate.n


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- changes ----------------------------------------------------------------------------------------------


def trigger_candidates(case: Case) -> list[Candidate]:
    """What may have set it off: changes, planned maintenance, more traffic."""
    return [*_changes(case), traffic(case)]


def changes_before(case: Case) -> tuple[ChangeSeen, ...]:
    """Changes that began before the failures, the nearest first."""
    span = case.span
    if span is None:
        return ()
    # The minute of the start is counted to the change: a log is cut to minutes, a record is not.
    before = [seen for seen in case.changes if seen.at < span.start + timedelta(minutes=1)]
    return tuple(reversed(before))


def _changes(case: Case) -> list[Candidate]:
    before = changes_before(case)
    if before:
        return [_change(case, seen, nearest=place == 0) for place, seen in enumerate(before)]
    none = Candidate("change", "A change just before", "trigger", looked=case.looked("changes"))
    if not none.looked:
        return [none]
    hours = f"{case.settings.incidents.lookback_hours:g} hours"
    sentence = Sentence(text=f"no change is recorded in the {hours} before", facts=_count(case))
    return [replace(none, against=(sentence,), ruled_out=True)]


def _count(case: Case) -> tuple[str, ...]:
    number = case.fact("changes", "incident_changes", "application")
    return (number.id,) if number is not None else ()


def _change(case: Case, seen: ChangeSeen, *, nearest: bool) -> Candidate:
    """One change before the failures: how near, what it brought, whether undoing it ended them."""
    assert case.span is not None
    change, since = seen.change, case.span.start - (seen.change.ended_at or seen.at)
    planned = change.kind == "maintenance" or (change.planned and change.kind == "restart")
    name = "maintenance" if planned else "change"
    candidate = Candidate(
        name, f"{_capital(change.kind)}: {seen.title}", "trigger", subject=seen.fact.entity, weight=1
    )
    goes_on = change.ended_at is not None and seen.at <= case.span.start < change.ended_at
    minutes = max(since.total_seconds() / 60, 0.0)
    when = said(
        "made at {at}, {minutes} before the first failures",
        at=seen.fact,
        minutes=value_text(minutes, "minutes"),
    )
    if goes_on:
        when = said("it began at {at} and was going on when requests began to fail", at=seen.fact)
    elif minutes > case.settings.incidents.shortly_before_minutes:
        return replace(candidate, against=(when,), ruled_out=True)
    candidate = candidate.with_support(Support("changes", when))
    candidate = candidate.with_support(
        *_brought(case, seen, nearest), *_undone(case, seen, minutes), *_inside(case, seen, planned)
    )
    if not goes_on and minutes > TAKES_EFFECT.total_seconds() / 60:
        late = Sentence(text=f"requests went well for {value_text(minutes, 'minutes')} after it")
        candidate = replace(candidate, against=(late,))
    return candidate


def _inside(case: Case, seen: ChangeSeen, planned: bool) -> list[Support]:
    """That the failures lie inside planned work."""
    ended, span = seen.change.ended_at, case.span
    if not planned or ended is None or span is None:
        return []
    if seen.at > span.start + ROUNDING or span.end > ended + ROUNDING:
        return []
    end = case.fact("span", "incident_end")
    cited = (end.id,) if end is not None else ()
    return [Support("requests", Sentence(text="every failure lies within it", facts=cited))]


def _brought(case: Case, seen: ChangeSeen, nearest: bool) -> list[Support]:
    """New kinds of errors, of the sort that a change brings, which the log had not had before it."""
    if not nearest or seen.change.kind == "restart":
        return []
    lines = telling_lines(case)
    brought = [fact for kind in CODE_KINDS for fact in lines.get(kind, ()) if fact.baseline == 0]
    if not brought or not any(lines.get(kind) for kind in CODE_KINDS[:-1]):
        return []
    first = brought[0]
    return [Support("logs", said("new in the log since: {lines} lines “{lines.entity}”", lines=first))]


def _undone(case: Case, seen: ChangeSeen, minutes: float) -> list[Support]:
    """That it was undone, and the failures ended; where they had begun at once, requests say so too."""
    if not case.ended:
        return []
    for later in ending_changes(case):
        if not _undoes(later, seen):
            continue
        sentence = said(
            "undone by “{title}” at {at}, and the failures ended", title=later.title, at=later.fact
        )
        supports = [Support("changes", sentence)]
        span = case.span
        soon = span is not None and span.end - later.at <= TAKES_EFFECT
        if soon and minutes <= TAKES_EFFECT.total_seconds() / 60:
            end = case.fact("span", "incident_end")
            follow = Sentence(text="failures began right after it, and ended right after it was undone")
            cited = (end.id,) if end is not None else ()
            supports.append(Support("requests", follow.model_copy(update={"facts": cited})))
        return supports
    return []


def _undoes(later: ChangeSeen, earlier: ChangeSeen) -> bool:
    """Whether a change takes another back: a rollback, or its value set to what it was."""
    if later.change.kind == "rollback":
        same = (later.change.component, earlier.change.component)
        return not all(same) or same[0] == same[1]
    was, now = earlier.change, later.change
    return bool(was.before) and bool(was.after) and (was.before, was.after) == (now.after, now.before)


def lowered(seen: ChangeSeen, resource: str) -> bool:
    """Whether a change took a resource's limit down: "pool 20 → 5"."""
    change = seen.change
    if not names_resource(resource, change.title, change.component):
        return False
    before, after = _number(change.before), _number(change.after)
    return before is not None and after is not None and after < before


def _number(text: str) -> float | None:
    """The first number of a text, in its base unit: "512Mi", "0.5", "20 connections"."""
    found = AMOUNT.search(text)
    return None if found is None else float(found["digits"]) * SCALES[found["scale"].casefold()]


# --- traffic ----------------------------------------------------------------------------------------------


def traffic(case: Case) -> Candidate:
    """More requests than before, or than on any day before."""
    candidate = Candidate("traffic", "More traffic than usual", "trigger")
    rate = case.fact("during", "requests_per_second", "application")
    peak = case.fact("load", "incident_peak_requests_per_second")
    earlier = case.fact("load", "earlier_peak_requests_per_second")
    usual = case.fact("usual", "requests_per_second", "application")
    risen = rate is not None and rate.baseline and rate.value / rate.baseline
    more = usual is not None and rate is not None and usual.value and rate.value / usual.value
    record = peak is not None and earlier is not None and earlier.value and peak.value / earlier.value
    if not (risen or more or record):
        return replace(candidate, looked=False)
    surge = case.settings.incidents.surge
    told: list[Sentence] = []
    if rate is not None and risen:
        told.append(said("{rate} in the incident, {rate.before} in the hour before", rate=rate))
    lead = case.fact("load", "hour_before_peak_requests_per_second")
    if lead is not None and earlier is not None and lead.value >= surge * earlier.value:
        told.append(said("{lead} in that hour's busiest minute: it rose before the failures", lead=lead))
    if usual is not None and more:
        told.append(said("{usual} at the same time a week before", usual=usual))
    if peak is not None and earlier is not None and record:
        told.append(
            said(
                "{peak} in its busiest minute, {earlier} in that of the days before",
                peak=peak,
                earlier=earlier,
            )
        )
    sentence = joined(told, "; ")
    if (risen and risen >= surge) or (record and record >= RECORD) or (more and more >= 2 * surge):
        return candidate.with_support(Support("requests", sentence))
    steady = all(not ratio or ratio <= limit for ratio, limit in ((risen, STEADY_TRAFFIC), (record, 1.0)))
    return replace(candidate, against=(sentence,), ruled_out=steady)


def strongest_change(candidates: Sequence[Candidate]) -> Candidate | None:
    """The change, of those that stand, that most speaks for."""
    standing = [one for one in candidates if one.name in ("change", "maintenance") and one.stands]
    return max(standing, key=lambda one: (len(one.sources), -len(one.against)), default=None)
