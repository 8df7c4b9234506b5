"""Evidence for and against each supposed cause of an incident: what candidates are, and what the log names.

A candidate is a *mechanism* (what failed: a resource used up, a service that did not answer, an error in the
code), a *place* (one pod, one endpoint alone) or a *trigger* (what set it off: a change, more traffic).
Which of them stands, and how surely, is decided in `incident_causes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from postlaunch.facts import Fact
from postlaunch.printing import value_text
from postlaunch.reports.judged import Sentence, said
from postlaunch.tools.incident_case import MINUTE, Case
from postlaunch.tools.incident_records import ChangeSeen
from postlaunch.tools.incident_resources import RESOURCES
from postlaunch.tools.incident_signatures import kind_named, signatures, title_of
from postlaunch.windows import Window

League = Literal["mechanism", "place", "trigger"]

LEAST_LINES = 3
TIMES_BEFORE = 5.0
CONNECTIONS = ("connection", "server_connections")
"""Kinds of errors that speak of connections, and do not say of whose."""

DECISIVE = frozenset({"memory", "certificate"})
GATEWAY = ("502", "503", "504")


@dataclass(frozen=True)
class Support:
    """Something that speaks for a cause, and which source says it.

    Attributes:
        independent: counts as a source of its own; a person's note repeats what others saw.
    """

    source: str
    sentence: Sentence
    independent: bool = True


@dataclass(frozen=True)
class Candidate:
    """A supposed cause with its evidence.

    Attributes:
        subject: what it is about, where it is one of several: a change's entity, a pod, an endpoint.
        weight: between candidates with equally many sources, which is listed first.
        looked: whether any source could have shown it.
        ruled_out: what was measured excludes it.
    """

    name: str
    title: str
    league: League
    supports: tuple[Support, ...] = ()
    against: tuple[Sentence, ...] = ()
    subject: str = ""
    weight: int = 0
    looked: bool = True
    ruled_out: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """The independent sources that speak for it, each once."""
        told = (support.source for support in self.supports if support.independent)
        return tuple(dict.fromkeys(told))

    @property
    def stands(self) -> bool:
        """Whether something speaks for it and nothing excludes it."""
        return bool(self.sources) and not self.ruled_out

    def with_support(self, *more: Support) -> Candidate:
        """The candidate with more evidence."""
        return replace(self, supports=(*self.supports, *more)) if more else self


def ordered(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The strongest first: those that stand by the number of their sources, then by weight."""
    return sorted(
        candidates,
        key=lambda one: (not one.stands, -len(one.sources), bool(one.against), -one.weight),
    )


def joined(parts: Iterable[Sentence], glue: str = "") -> Sentence:
    """Several pieces as one sentence, with what all of them cite."""
    listed = list(parts)
    return Sentence(
        text=glue.join(part.text for part in listed),
        facts=tuple(dict.fromkeys(fact for part in listed for fact in part.facts)),
    )


# --- application log --------------------------------------------------------------------------------------


def telling_lines(case: Case) -> Mapping[str, tuple[Fact, ...]]:
    """Kinds of errors that were logged far more often than before, by the cause that they name ("" for none).

    A kind tells when it has at least 3 lines and comes 5 times as often as in the hour before; of what is
    rare and decides (out of memory, an expired certificate) one line is enough.
    """
    found: dict[str, list[Fact]] = {}
    for fact in case.facts("logs", "incident_log_lines"):
        kind = kind_named(fact.entity)
        if fact.value >= (1 if kind in DECISIVE else LEAST_LINES) and _more_often(fact):
            found.setdefault(kind, []).append(fact)
    return {kind: tuple(facts) for kind, facts in found.items()}


def _more_often(fact: Fact) -> bool:
    if not fact.baseline or fact.baseline_window is None:
        return True
    now, before = fact.value / minutes_of(fact.window), fact.baseline / minutes_of(fact.baseline_window)
    return now >= TIMES_BEFORE * before


def minutes_of(window: Window) -> float:
    """The minutes observed of a window."""
    return (window.observed_end - window.start).total_seconds() / 60


def lines_said(lines: Sequence[Fact]) -> Sentence:
    """Kinds of lines that say the same, with how often they came, now and before, and the most frequent."""
    most = max(lines, key=lambda fact: fact.value)
    before = [fact.baseline for fact in lines if fact.baseline is not None]
    earlier = f" (before: {value_text(sum(before), 'count')})" if len(before) == len(lines) else ""
    total = value_text(sum(fact.value for fact in lines), "count")
    kinds = f", of {len(lines)} kinds, most" if len(lines) > 1 else ""
    return Sentence(
        text=f"{total} lines{earlier}{kinds} “{most.entity}”",
        facts=tuple(dict.fromkeys((most.id, *(fact.id for fact in lines)))),
    )


def logged(case: Case, kind: str, *, used_up: bool = False) -> list[Support]:
    """What the log says for a kind of cause; where the pool is used up, whatever lacks connections speaks for
    it.
    """
    kinds = (kind, *CONNECTIONS) if kind == "pool" and used_up else (kind,)
    telling = telling_lines(case)
    lines = [fact for named in kinds for fact in telling.get(named, ())]
    return [Support("logs", lines_said(lines))] if lines else []


def signature_candidates(case: Case, *, pool_used_up: bool) -> list[Candidate]:
    """Causes that only a log can name: a service that did not answer, a certificate, an error in the code."""
    lines = dict(telling_lines(case))
    if pool_used_up:
        lines.pop("server_connections", None)
    elif "connection" in lines:
        lines["dependency"] = (*lines.get("dependency", ()), *lines["connection"])
    candidates = []
    for kind in signatures():
        if kind in RESOURCES or kind == "connection":
            continue
        said_so = lines.get(kind, ())
        supports = [Support("logs", lines_said(said_so))] if said_so else []
        if supports and kind in ("dependency", "rate_limit"):
            supports += gateway_statuses(case)
        if supports:
            supports += noted(case, kind)
        candidates.append(
            Candidate(
                kind, title_of(kind), "mechanism", tuple(supports), weight=2, looked=case.looked("logs")
            )
        )
    return candidates


def gateway_statuses(case: Case) -> list[Support]:
    """That most failures are statuses of a service behind: 502, 503, 504."""
    statuses = [fact for fact in case.facts("statuses", "status_count") if fact.entity.startswith("5")]
    behind = [fact for fact in statuses if fact.entity[:3] in GATEWAY]
    total = sum(fact.value for fact in statuses)
    if not total or sum(fact.value for fact in behind) * 2 < total:
        return []
    told = ", ".join(f"{value_text(fact.value, 'count')} × {fact.entity}" for fact in behind)
    sentence = Sentence(
        text=f"most failures are answers of something behind: {told}", facts=tuple(fact.id for fact in behind)
    )
    return [Support("requests", sentence)]


def noted(case: Case, kind: str) -> list[Support]:
    """That those who handled it noted this cause; a note repeats what its writer saw elsewhere."""
    return [
        Support("alerts", said("noted as the root cause at {at}", at=seen.fact), independent=False)
        for seen in case.alerts
        if seen.record.milestone == "root_cause" and kind_named(seen.record.text) == kind
    ]


# --- changes that ended it --------------------------------------------------------------------------------


def ending_changes(case: Case) -> tuple[ChangeSeen, ...]:
    """Changes made while requests failed, or in the minute after: what may have ended it."""
    span = case.span
    if span is None:
        return ()
    until = span.end + MINUTE  # the end is cut to the minute, a record is not
    return tuple(seen for seen in case.changes if span.start < seen.at <= until and not seen.change.planned)
