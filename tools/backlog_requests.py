"""What people ask for, as a backlog lists it: counted from tickets, matched to candidates, advised on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from postlaunch.facts import Assumed, Fact, Measured, Quantity, Unavailable
from postlaunch.reports.backlog import FeatureRequest
from postlaunch.reports.judged import Sentence
from postlaunch.reports.scope import Scope
from postlaunch.sources.candidates import CandidateItem
from postlaunch.tools.feedback_groups import Anchor, unshared
from postlaunch.tools.measurement import MeasurementResult

LISTED_REQUESTS = 15


def anchors_of(items: Sequence[CandidateItem]) -> tuple[Anchor, ...]:
    """The candidates as `request_groups` matches tickets to them."""
    return tuple(
        Anchor(candidate=item.id, title=item.title, keywords=item.keywords, description=item.description)
        for item in items
    )


def counted_under(handed: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Parameters of `request_groups` that a run hands on: what was decided, by what requests are compared."""
    named = {"decisions": handed.get("groupings"), "vectors": handed.get("vectors")}
    return {name: value for name, value in named.items() if value}


def feature_requests(requests: MeasurementResult | None) -> tuple[FeatureRequest, ...]:
    """What users surely ask for, most requesters first; what perhaps nobody asks for is no rank's."""
    return tuple(
        request.model_copy(update={"rank": rank})
        for rank, request in enumerate(
            (request for request in possible_requests(requests) if not _perhaps_nobody(request)), start=1
        )
    )


def possible_requests(requests: MeasurementResult | None) -> tuple[FeatureRequest, ...]:
    """What users seem to ask for, most requesters first; candidates that nobody asks for are left out."""
    if requests is None:
        return ()
    counts = {fact.entity: fact for fact in requests.named("group_requesters")}
    rows = [(text, counts[str(text["group"])]) for text in requests.texts if str(text["group"]) in counts]
    rows.sort(key=lambda row: -row[1].value)
    return tuple(
        _feature_request(rank, text, fact)
        for rank, (text, fact) in enumerate((row for row in rows if row[1].value > 0), start=1)
    )


def uncertain_note(requests: MeasurementResult | None) -> str:
    """Which requests have no rank, as wording leaves open whether anybody asks; empty where all have one."""
    uncertain = [request.label for request in possible_requests(requests) if _perhaps_nobody(request)]
    if not uncertain:
        return ""
    return f"Not ranked, as wording leaves open whether anybody asks for it: {', '.join(uncertain)}."


def unshared_note(requests: MeasurementResult | None) -> str:
    """That people ask, and no two for the same; empty where a group was found, or nobody asks."""
    asked = None if requests is None else requests.fact("feature_requests")
    if asked is None or not asked.value or possible_requests(requests):
        return ""
    return unshared(round(asked.value))


def _perhaps_nobody(request: FeatureRequest) -> bool:
    """Whether the interval of the requesters begins at none."""
    return request.low == 0


def _feature_request(rank: int, text: Mapping[str, JsonValue], fact: Fact) -> FeatureRequest:
    return FeatureRequest(
        rank=rank,
        group=str(text["group"]),
        label=str(text["label"]),
        requesters=Measured.of(fact),
        low=_whole(text["low"]),
        high=_whole(text["high"]),
        note=fact.note,
        candidate=str(text["candidate"]),
        tickets=_texts(text["tickets"]),
        against=_texts(text["against"]),
        apart=_wholes(text.get("apart")),
        terms=_texts(text["terms"]),
    )


def _whole(value: JsonValue) -> int | None:
    return value if isinstance(value, int) else None


def _wholes(value: JsonValue) -> tuple[int, ...]:
    return tuple(item for item in value if isinstance(item, int)) if isinstance(value, list) else ()


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def counts_by_candidate(requests: MeasurementResult | None) -> dict[str, Fact]:
    """Candidate id → the fact that counts its requesters."""
    if requests is None:
        return {}
    facts = {fact.entity: fact for fact in requests.named("group_requesters")}
    return {
        str(text["candidate"]): facts[str(text["group"])]
        for text in requests.texts
        if text["candidate"] and str(text["group"]) in facts
    }


def requests_of(
    item: CandidateItem, requests: MeasurementResult | None, counted: Mapping[str, Fact]
) -> Quantity:
    """Counted from tickets; declared where no tickets are read; else why there is no count."""
    if item.id in counted:
        return Measured.of(counted[item.id])
    configured = requests is not None and requests.measurement.fingerprint != ""
    if configured and requests is not None:
        return Unavailable(reason=requests.reason or "not among the groups measured")
    if item.requests is not None:
        return Assumed(
            value=item.requests, unit="count", who=item.declared_by, basis="declared; no tickets are read"
        )
    return Unavailable(reason="no source of tickets", remedy="add [sources.tickets] to postlaunch.toml")


def requests_note(requests: MeasurementResult | None) -> str:
    """How requests were counted, or why they were not."""
    if requests is None:
        return "not available: no source of tickets is configured"
    if requests.status != "ok":
        return f"not available: {requests.reason}"
    alone = unshared_note(requests)
    more = f"{alone}." if alone else uncertain_note(requests)
    return f"Counted by distinct requester: one who asks twice counts once. {more}".rstrip()


def request_advice(listed: Sequence[FeatureRequest], scope: Scope, sprint: int) -> tuple[Sentence, ...]:
    """What becomes of what people ask for most: in the sprint's scope, put off, or in no candidate item."""
    asked = listed[:LISTED_REQUESTS]
    fates = (
        (f"sprint {sprint} should take", [one for one in asked if one.candidate in scope.ids]),
        ("to be put off", [one for one in asked if one.candidate and one.candidate not in scope.ids]),
        ("to be made a candidate item first", [one for one in asked if not one.candidate]),
    )
    return tuple(
        Sentence(text=f"{fate}: {', '.join(one.label for one in some)}", facts=_cited(some))
        for fate, some in fates
        if some
    )


def _cited(requests: Sequence[FeatureRequest]) -> tuple[str, ...]:
    return tuple(one.requesters.fact for one in requests if isinstance(one.requesters, Measured))
