"""Verification of one sentence, rule by rule, over a small book."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files

import pytest

from postlaunch.agents.judgement import Refusal, Sentence
from postlaunch.agents.slots import FactBook, Mood, verify_sentence
from postlaunch.facts import Definition, Fact, Measurement, Unit
from postlaunch.settings_objectives import DEFAULT_OBJECTIVES
from postlaunch.windows import iso_week_of

WEEK = iso_week_of(date(2025, 11, 18), "UTC")


def fact(
    name: str,
    value: float,
    before: float | None = None,
    *,
    unit: Unit = "ms",
    entity: str = "application",
    title: str = "",
    better: str | None = "lower",
    limit: int | None = None,
) -> Fact:
    return Fact(
        name=name,
        value=value,
        unit=unit,
        entity=entity,
        window=WEEK,
        definition=Definition.model_validate(
            {"name": name, "title": title or name, "statement": "as measured", "unit": unit, "better": better}
        ),
        measurement=Measurement(
            name=name,
            parameters={} if limit is None else {"limit": limit},
            source="requests",
            fingerprint="x",
        ),
        n=1000,
        baseline=before,
        baseline_window=None if before is None else WEEK.before(),
    )


BOOK = FactBook(
    [
        fact("p95_response_time", 187, 178, title="95th Percentile"),  # F1
        fact("error_rate", 0.0008, 0.0005, unit="ratio", title="Error Rate"),  # F2
        fact("total_requests", 1_247_890, 1_247_890, unit="count", title="Total Requests", better=None),  # F3
        fact("endpoint_p95_response_time", 410, 200, entity="PUT /users/:id", limit=2),  # F4
        fact("endpoint_p95_response_time", 150, 160, entity="GET /users", limit=2),  # F5
        fact("endpoint_requests", 900, unit="count", entity="GET /users", better=None),  # F6
        fact("new_registrations", 12, 0, unit="count", title="New Registrations", better="higher"),  # F7
    ]
)


def verdict(template: str, mood: Mood = "finding") -> Sentence | Refusal:
    return verify_sentence(template, BOOK, objectives=DEFAULT_OBJECTIVES, mood=mood)


def text_of(template: str, mood: Mood = "finding") -> str:
    found = verdict(template, mood)
    assert isinstance(found, Sentence), found
    return found.text


def reason_of(template: str, mood: Mood = "finding") -> str:
    found = verdict(template, mood)
    assert isinstance(found, Refusal), found
    return found.reasons[0]


def test_a_sentence_prints_every_slot_and_lists_the_facts_it_cites() -> None:
    found = verdict("The p95 of {F4.entity} rose from {F4.before} to {F4}, that of {F5.entity} is {F5}.")
    assert isinstance(found, Sentence)
    assert found.text == "The p95 of PUT /users/:id rose from 200 ms to 410 ms, that of GET /users is 150 ms."
    assert found.facts == (BOOK.facts[3].id, BOOK.facts[4].id)


def test_a_change_prints_without_its_sign_only_where_a_direction_word_says_it() -> None:
    assert text_of("The error rate rose by {F2.change}.") == "The error rate rose by 0.03 pp."
    assert text_of("The error rate changed by {F2.change}.") == "The error rate changed by +0.03 pp."


def test_two_facts_of_one_metric_print_as_difference_and_as_ratio() -> None:
    assert "260 ms slower" in text_of("{F4.entity} is {F4-F5} slower than {F5.entity}.")
    assert "2.73 times" in text_of("The p95 of {F4.entity} is {F4/F5} that of {F5.entity}.")


def test_window_count_title_and_target_have_slots() -> None:
    printed = text_of("{F1.title} was {F1}, its target {F1.target}, in {F1.window}, from {F1.n} requests.")
    assert printed == (
        "95th Percentile was 187 ms, its target 200 ms, in 2025-W47 (Nov 17–23, 2025, UTC), "
        "from 1,000 requests."
    )


@pytest.mark.parametrize(
    ("template", "part"),
    [
        ("The p95 is {F9}.", "F9 is no fact"),
        ("The p95 is {F1.foo}.", "is no slot"),
        ("The p95 is {{F1}}.", "braces"),
        ("The p95 is {F1.", "braces"),
        ("The p95 is 187 ms, {F1}.", "digit"),
        ("The p95 is ١٨٧, {F1}.", "digit"),
        ("The p95 is {F1}, half of it waiting.", "number"),
        ("The p95 is {F1}, e l e v e n too many.", "spells a number"),
        ("The p95 is {F1}\u200b.", "invisible"),
        ("The p\u043995 is {F1}.", "no plain Latin letter"),
        ("The p95 is *{F1}*.", "markup"),
        ("The p95 is -{F1}.", "space before a slot"),
        ("The p95 is {F1}k.", "space after a slot"),
        ("The p95 is {F1} {F4}.", "side by side"),
        ("The p95 fell to {F1}.", "does not hold for F1: it rose from 178 ms to 187 ms"),
        ("The p95 improved to {F1}.", "does not hold"),
        ("The p95 doubled to {F1}.", "does not hold"),
        ("The p95 did not rise: {F1}.", "does not hold"),
        ("The p95 is stable at {F4} on {F4.entity}.", "does not hold"),
        ("{F5.entity} is slower than {F4.entity}, {F5} against {F4}.", "does not hold"),
        ("{F5.entity} is the slowest, at {F5}.", "does not hold"),
        ("{F5.entity} is the fastest, at {F5}.", "was cut"),
        ("{F6.entity} gets the most requests, {F6}.", "of what?"),
        ("The p95 misses its target at {F1}.", "is met"),
        ("Yesterday the p95 was {F1}.", "is not the window"),
        ("Last week the p95 was {F1}.", "does not agree"),
        ("The p95 is {F4}.", "does not name"),
        ("The p95 of {F5.entity} is {F4}.", "does not name"),
        ("The p95 is {F2}.", "stands beside a figure of Error Rate"),
        ("{F3} users came.", "does not count"),
        ("The error rate of {F2} is critical.", "verdict"),
        ("Many requests are slow: {F1}.", "quantity"),
        ("The p95 is healthy.", "verdict"),
        ("Users are content.", "cites a fact"),
        ("The p95 will be {F1}.", "forecast"),
    ],
)
def test_what_does_not_stand_is_refused_with_its_reason(template: str, part: str) -> None:
    found = verdict(template)
    assert isinstance(found, Refusal), found
    assert any(part in reason for reason in found.reasons), found.reasons


def test_a_rise_from_nothing_is_new_and_prints_no_change() -> None:
    assert 'is "new"' in reason_of("New registrations rose by {F7.change}.")
    assert (
        text_of("New registrations rose from {F7.before} to {F7}.") == "New registrations rose from 0 to 12."
    )


def test_a_change_that_does_not_show_in_print_is_no_direction() -> None:
    assert "did not visibly move" in reason_of("Total Requests rose to {F3}.")
    assert text_of("Traffic is unchanged at {F3} requests.").endswith("1,247,890 requests.")


def test_a_proposal_may_speak_of_what_shall_move_and_a_finding_may_not() -> None:
    assert text_of("Reduce the load on GET /users with a cache.", "proposal")
    assert isinstance(verdict("Load on GET /users is reduced by a cache."), Refusal)
    assert isinstance(verdict("Praise the team, since the error rate fell to {F2}.", "proposal"), Refusal)


def test_a_supposition_may_name_a_cause_but_no_measure_of_it() -> None:
    assert text_of("The connection pool ran out of connections.", "supposition")
    assert isinstance(verdict("The pool was exhausted by growing traffic.", "supposition"), Refusal)


def test_a_given_name_may_be_written_plainly_and_an_unknown_one_not() -> None:
    known = verify_sentence("T-1042 describes it.", BOOK, entities=frozenset({"T-1042"}), mood="supposition")
    assert isinstance(known, Sentence)
    assert isinstance(verdict("T-1042 describes it.", "supposition"), Refusal)


def test_a_name_does_not_cover_a_longer_one() -> None:
    names = frozenset({"T-104"})
    assert isinstance(verify_sentence("T-1042 says so.", BOOK, entities=names, mood="supposition"), Refusal)


def test_an_entity_from_outside_is_printed_without_its_control_characters() -> None:
    book = FactBook([fact("endpoint_requests", 5, unit="count", entity="GET /a\u202e\nb", better=None)])
    found = verify_sentence("{F1.entity} got {F1} requests.", book)
    assert isinstance(found, Sentence)
    assert found.text == "GET /a b got 5 requests."


def test_length_is_bounded() -> None:
    assert "longer than 400" in reason_of("word " * 100)


def test_most_of_a_count_is_more_than_half_of_its_peers() -> None:
    counts = {"401 Unauthorized": 60, "404 Not Found": 30, "429 Too Many Requests": 20}
    book = FactBook(
        [fact("status_count", value, unit="count", entity=entity) for entity, value in counts.items()]
    )
    assert isinstance(verify_sentence("Most failures are {F1.entity}, with {F1} errors.", book), Sentence)
    assert isinstance(verify_sentence("Most failures are {F2.entity}, with {F2} errors.", book), Refusal)


def test_the_sentences_that_the_house_rules_give_as_right_stand() -> None:
    prompt = (files("postlaunch.prompts") / "house.md").read_text(encoding="utf-8")
    right = re.findall(r"Right: `([^`]*)`", prompt)
    rows = [fact("filler", number, unit="count", entity=f"filler {number}") for number in range(1, 11)]
    rows[2] = fact("endpoint_p95_response_time", 410, 200, entity="PUT /users/:id")
    rows[6] = fact("status_count", 60, unit="count", entity="401 Unauthorized")
    rows[7] = fact("status_count", 20, unit="count", entity="404 Not Found")
    rows[8] = fact("endpoint_mean_response_time", 245, entity="GET /search")
    rows[9] = fact("endpoint_mean_response_time", 156, entity="GET /users")
    refused = [found for text in right if isinstance(found := verify_sentence(text, FactBook(rows)), Refusal)]
    assert len(right) >= 3
    assert refused == []
