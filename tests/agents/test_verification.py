"""Verification of whole judgements, and of prose without facts."""

from __future__ import annotations

import pytest

from postlaunch.agents.judgement import (
    Claim,
    Dispute,
    Hypothesis,
    Judgement,
    Recommendation,
    Refusal,
    Sentence,
    VerifiedJudgement,
)
from postlaunch.agents.slots import verify_judgement, verify_prose
from postlaunch.evals.judgement_corpus import book_of, books

BOOK = book_of(books()["health"])  # F1 requests, F2 error rate, F16 and F21 of GET /users


def checked(judgement: Judgement) -> VerifiedJudgement:
    return verify_judgement(
        judgement, BOOK, sections=("summary", "Errors"), verdict_subjects=("health", "p95_response_time")
    )


def hypothesis(**changes: object) -> Judgement:
    fields = {"statement": "The pool ran out.", "state": "open", "because": "The log does not tell yet."}
    return Judgement(hypotheses=(Hypothesis.model_validate({**fields, **changes}),))


def test_a_judgement_keeps_what_stands_and_says_why_the_rest_does_not() -> None:
    found = checked(
        Judgement(
            findings=(
                Claim(section="Summary", text="The error rate rose to {F2}."),
                Claim(section="errors", text="The error rate fell to {F2}."),
            )
        )
    )
    assert [claim.section for claim in found.findings] == ["summary"]
    assert found.in_section("summary")[0].text == "The error rate rose to 0.08%."
    assert [refusal.template for refusal in found.refusals] == ["The error rate fell to {F2}."]
    assert "it rose from 0.05% to 0.08%" in found.refusals[0].reasons[0]


def test_a_finding_for_an_unknown_section_is_refused_with_the_known_ones() -> None:
    found = checked(Judgement(findings=(Claim(section="gossip", text="Traffic rose to {F1}."),)))
    assert found.findings == ()
    assert "summary, Errors" in found.refusals[0].reasons[0]


def test_a_repeated_sentence_is_kept_once() -> None:
    claim = Claim(section="summary", text="Traffic rose to {F1}.")
    assert len(checked(Judgement(findings=(claim, claim))).findings) == 1


def test_a_kept_hypothesis_needs_evidence() -> None:
    assert "needs evidence" in checked(hypothesis(state="kept")).refusals[0].reasons[0]
    kept = checked(hypothesis(state="kept", evidence=("F2", "F2"))).hypotheses
    assert kept[0].evidence == (BOOK.facts[1].id,)


def test_evidence_must_exist() -> None:
    assert "F999" in checked(hypothesis(state="dropped", evidence=("F999",))).refusals[0].reasons[0]


def test_an_entity_of_the_evidence_may_be_named_plainly() -> None:
    statement = "The list behind GET /users is read without an index."
    assert checked(hypothesis(statement=statement, evidence=("F21",))).hypotheses
    assert checked(hypothesis(statement=statement)).refusals


def test_a_hypothesis_stands_only_with_both_its_sentences() -> None:
    found = checked(hypothesis(because="Half of the calls waited."))
    assert found.hypotheses == ()
    assert len(found.refusals) == 1


@pytest.mark.parametrize("target", ["GET /users", "{F21.entity}", "P95_response_time", "application"])
def test_a_recommendation_is_for_something_known(target: str) -> None:
    recommendation = Recommendation(
        target=target, action="Cache the first page.", rationale="Reads repeat for each visitor."
    )
    assert checked(Judgement(recommendations=(recommendation,))).recommendations


def test_a_recommendation_for_something_unknown_is_refused() -> None:
    recommendation = Recommendation(target="GET /secret", action="Cache it.", rationale="Reads repeat.")
    found = checked(Judgement(recommendations=(recommendation,)))
    assert not found.recommendations
    assert "unknown" in found.refusals[0].reasons[0]


def test_a_dispute_names_a_verdict_that_was_given() -> None:
    because = "The rise to {F2} is not reflected in it."
    assert checked(Judgement(disputes=(Dispute(verdict="Health", because=because),))).disputes
    assert checked(Judgement(disputes=(Dispute(verdict="weather", because=because),))).refusals


def test_a_refusal_shows_no_control_characters_of_the_model() -> None:
    found = checked(Judgement(findings=(Claim(section="summary", text="Rate\u202e is {F2}.\x1b[31m"),)))
    assert found.refusals[0].template == "Rate is {F2}.[31m"


# --- prose ------------------------------------------------------------------------------------------------


def test_prose_repeats_only_the_numbers_that_the_item_declares() -> None:
    criterion = "Given a user with two devices, a code is sent to 1 of them."
    assert isinstance(verify_prose(criterion), Refusal)
    declared = "Works for people with two devices; the code goes to 1 device."
    assert isinstance(verify_prose(criterion, declared=declared), Sentence)
    assert isinstance(verify_prose("A code is sent to 12 devices.", declared=declared), Refusal)


@pytest.mark.parametrize(
    "text",
    [
        "Given a locked account, a reset by text message unlocks it.",
        "A success message is shown and the old session ends.",
        "Two-factor sign-in works without a phone signal.",
        "Every admin can export the audit trail.",
    ],
)
def test_prose_about_what_shall_be_stands(text: str) -> None:
    assert isinstance(verify_prose(text), Sentence)


@pytest.mark.parametrize(
    "text",
    [
        "The item is approved and can start.",
        "This must reach critical users.",
        "Login, because the error rate fell.",
        "Sign-in takes half the time.",
        "Cut response time to {F1}.",
        "See [here](x).",
        "Sign-in doubled.",
        "",
    ],
)
def test_prose_with_a_figure_a_decision_or_markup_is_refused(text: str) -> None:
    assert isinstance(verify_prose(text), Refusal)


def test_a_title_of_the_item_may_be_repeated_whole() -> None:
    names = frozenset({"Sprint 4: export"})
    assert isinstance(verify_prose("Finish Sprint 4: export first of its kind.", entities=names), Refusal)
    assert isinstance(verify_prose("Finish Sprint 4: export.", entities=names), Sentence)
