"""Telling that an approved change of a commitment is not carried out: the commitment had changed before."""

from __future__ import annotations

from pydantic import JsonValue

from postlaunch.agents.bench import JSON_OBJECT
from postlaunch.graphs.notifying import WayOut, chain_line, ways_out
from postlaunch.graphs.session import Services
from postlaunch.ledger.notices import notice_key
from postlaunch.ledger.notifying import Notice
from postlaunch.ledger.plain_words import plain_words
from postlaunch.ledger.records import ApprovalRequest, OutboxRow


def lapse_notices(services: Services, request: ApprovalRequest, why: str) -> list[OutboxRow]:
    """One message for each way out; it names who asked. Blocking."""
    ways, _ = ways_out(services)
    subject = plain_words(request.summary[0]) if request.summary else request.id
    again = f"Look at what stands now, and ask again: postlaunch amend {request.proposal['commitment']}"
    lines = (*map(plain_words, request.summary), "", plain_words(f"{request.id} was approved; {why}."))
    return [
        OutboxRow(
            key=notice_key(request.id, "lapsed", way.name),
            channel=way.channel,
            payload=_payload(services, request, way, f"Not carried out: {subject}", lines, again),
            next_at=services.clock(),
        )
        for way in ways
    ]


def _payload(
    services: Services, request: ApprovalRequest, way: WayOut, title: str, lines: tuple[str, ...], again: str
) -> dict[str, JsonValue]:
    if way.target:
        notice = Notice(target=way.target.label, title=title, lines=(*lines, ""), without_link=(again,))
        return JSON_OBJECT.validate_python(notice.model_dump(mode="json"))
    shown = JSON_OBJECT.validate_python(request.model_dump(mode="json", exclude={"proposal"}))
    message = "\n".join((title, *lines, again))
    return {
        **shown,
        "about": "lapsed",
        "message": message,
        "chain_head": chain_line(services),
        "commands": [],
    }
