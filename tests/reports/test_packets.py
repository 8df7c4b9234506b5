"""What an approved item carries to its phase."""

from __future__ import annotations

import re

import pytest
from pydantic import TypeAdapter

from postlaunch.facts import (
    Assumed,
    Definition,
    Derived,
    Evidence,
    Fact,
    Measured,
    Measurement,
    Unavailable,
)
from postlaunch.reports.backlog import (
    NOT_DECLARED,
    NOT_WRITTEN,
    BacklogItem,
    ReturnOnInvestment,
    Route,
)
from postlaunch.reports.packets import (
    Packet,
    Phase1Brief,
    Phase2Change,
    Phase3Story,
    Written,
    discovery_brief,
    packet_for,
    packet_markdown,
)
from postlaunch.windows import parse_week


def item(phase: int, **fields: object) -> BacklogItem:
    effort = Derived.of("sum", Assumed(value=2, unit="days", who="Eve", basis="guess"), unit="days")
    return BacklogItem.model_validate(
        {
            "number": 1,
            "id": "dark",
            "title": "Dark mode",
            "requests": Assumed(value=7, unit="count", who="Eve", basis="memory"),
            "effort": effort,
            "effort_by_owner": {"ann": 2},
            "owners": ("ann",),
            "roi": ReturnOnInvestment(value=Unavailable(reason="x"), band=None, because="x"),
            "rice": Unavailable(reason="x"),
            "tier": "Should",
            "decision": "Should",
            "because": "x",
            "route": Route.model_validate({"phase": phase, "because": "the rule"}),
            "in_scope": True,
            **fields,
        }
    )


@pytest.mark.parametrize(("phase", "kind"), [(1, Phase1Brief), (2, Phase2Change), (3, Phase3Story)])
def test_the_route_decides_the_packet_and_json_brings_it_back(phase: int, kind: type) -> None:
    packet = packet_for(item(phase), sprint=4)
    assert isinstance(packet, kind)
    assert (packet.sprint, packet.route, packet.schema_version) == (4, "the rule", 1)
    adapter: TypeAdapter[Packet] = TypeAdapter(Packet)
    assert adapter.validate_json(packet.model_dump_json()) == packet


def test_what_nobody_declared_or_wrote_says_so_in_every_phase() -> None:
    brief, change, story = (packet_for(item(phase), sprint=4) for phase in (1, 2, 3))
    assert isinstance(brief, Phase1Brief)
    assert isinstance(change, Phase2Change)
    assert isinstance(story, Phase3Story)
    assert (brief.problem, brief.goal_metric, brief.goal_target) == (NOT_WRITTEN, NOT_DECLARED, NOT_DECLARED)
    assert (change.change, change.stories, change.slo_at_risk) == (NOT_WRITTEN, (NOT_WRITTEN,), NOT_DECLARED)
    assert change.capacity_forecast.kind == "unavailable"
    assert (story.story, story.acceptance_criteria) == (NOT_WRITTEN, (NOT_WRITTEN,))
    assert story.success_measure == NOT_DECLARED


def test_what_is_declared_and_written_is_carried() -> None:
    declared = item(3, acceptance_criteria=("It is dark.",), success_measure="use", success_target="15 %")
    story = packet_for(declared, sprint=4, written=Written(story="As a nurse, I want it dark."))
    assert isinstance(story, Phase3Story)
    assert story.story == "As a nurse, I want it dark."
    assert story.acceptance_criteria == ("It is dark.",)
    assert (story.success_measure, story.success_target) == ("use", "15 %")


def test_declared_criteria_stand_before_written_ones() -> None:
    declared = item(3, acceptance_criteria=("declared",))
    story = packet_for(declared, sprint=4, written=Written(acceptance_criteria=("written",)))
    assert isinstance(story, Phase3Story)
    assert story.acceptance_criteria == ("declared",)


def test_a_brief_asks_what_the_declarations_leave_open() -> None:
    brief = packet_for(item(1, effort_assumed=True, against=("T2",)), sprint=4)
    assert isinstance(brief, Phase1Brief)
    assert len(brief.open_questions) == 3


def sections(phase: int, **fields: object) -> set[str]:
    return set(re.findall(r"^### (.+)$", packet_markdown(packet_for(item(phase, **fields), sprint=4)), re.M))


def test_a_brief_carries_what_discovery_documents_as_its_input() -> None:
    assert sections(1) >= {"Problem", "Evidence", "Goal", "Constraints", "Compliance", "Open Questions"}
    text = packet_markdown(packet_for(item(1, success_measure="use", success_target="15 %"), sprint=4))
    assert "- **Usage**: not available: no source of feature use is configured" in text
    assert "- **Metric**: use\n- **Target**: 15 %" in text


def test_a_change_carries_what_architecture_documents_as_its_input() -> None:
    assert sections(2) >= {"Change", "Stories", "Acceptance Criteria", "Observed Query Patterns"}
    written = Written(query_patterns=("GET /: Requests 7",), slo_at_risk="uptime")
    text = packet_markdown(packet_for(item(2, touches=("public_api",)), sprint=4, written=written))
    for line in (
        "- **Touches**: public API",
        "- **Capacity forecast**: not available: no capacity",
        "- **Objective at risk**: uptime",
        "- GET /: Requests 7",
    ):
        assert line in text


def test_a_story_carries_what_implementation_documents_as_its_input() -> None:
    found = sections(3)
    assert found >= {"Story", "Acceptance Criteria", "Effort", "Dependencies and Risks", "Success Measure"}
    text = packet_markdown(packet_for(item(3, depends_on=("base",)), sprint=4))
    assert "- **Depends on**: base" in text
    assert "- ann: 2 days" in text


@pytest.mark.parametrize("phase", [2, 3])
def test_criteria_that_a_model_wrote_say_so(phase: int) -> None:
    written = item(phase, acceptance_criteria=("It is dark.",), acceptance_note="written by the model")
    text = packet_markdown(packet_for(written, sprint=4))
    assert "### Acceptance Criteria (written by the model)\n\n- It is dark.\n" in text
    declared = packet_markdown(packet_for(item(phase, acceptance_criteria=("It is dark.",)), sprint=4))
    assert "### Acceptance Criteria\n\n- It is dark.\n" in declared


def test_counted_requests_name_what_was_counted_and_when() -> None:
    window = parse_week("2025-W47", "UTC")
    counted = Fact(
        name="group_requesters",
        value=22,
        unit="count",
        entity="G1",
        window=window,
        definition=Definition(name="group_requesters", title="x", statement="people", unit="count"),
        measurement=Measurement(name="request_groups", source="tickets", fingerprint="ab" * 32),
        n=300,
    )
    packet = packet_for(item(3, requests=Measured.of(counted)), sprint=4, evidence=Evidence.of(counted))
    assert "- **User requests**: 22; distinct requesters, 2025-W47 (" in packet_markdown(packet)


@pytest.mark.parametrize("phase", [1, 2, 3])
def test_markdown_states_every_part_of_the_packet(phase: int) -> None:
    text = packet_markdown(packet_for(item(phase, tickets=("T1",)), sprint=4))
    for part in (f"Phase {phase}", "Dark mode", "the rule", "7 (assumed)", "T1", "ann: 2 days", NOT_DECLARED):
        assert part in text
    assert "\n\n\n" not in text


def test_text_from_outside_is_printed_and_not_obeyed() -> None:
    title = "Dark\n# mode <script>alert(1)</script> [x](http://evil) {{ 7*7 }}"
    text = packet_markdown(packet_for(item(3, title=title), sprint=4))
    assert "<script" not in text.replace("\\<", "")
    assert "\n# mode" not in text
    assert "{{ 7\\*7 }}" in text


def test_new_discovery_leaves_one_brief_with_the_persons_words_and_no_figure() -> None:
    brief = discovery_brief("Why do nurses leave?", by="Ann", title="New discovery", sprint=4)
    assert brief.problem == "Why do nurses leave?"
    assert brief.route == "Ann asked for new discovery"
    assert brief.requests.kind == "unavailable"
    assert "Why do nurses leave?" in packet_markdown(brief)
