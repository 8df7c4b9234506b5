"""The backlog put together, and moved by a person's edits."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from postlaunch.errors import UsageError
from postlaunch.facts import Assumed, Measured, Unavailable
from postlaunch.ledger.records import ScopeEdits
from postlaunch.reports.backlog import NOT_WRITTEN, BacklogItem, BacklogReport
from postlaunch.roster import Roster
from postlaunch.settings import Capacity, Party, Settings
from postlaunch.sources.candidates import CandidateItem, CandidateTable
from postlaunch.sources.tickets import Ticket, TicketTable
from postlaunch.tools import feedback_measurements
from postlaunch.tools.backlog import build_backlog, plan_of
from postlaunch.tools.backlog_requests import anchors_of
from postlaunch.tools.edits import EDITOR, apply_edits, checked_edits
from postlaunch.tools.measurement import MeasurementResult, run_measurement
from postlaunch.tools.scope import check_scope
from postlaunch.windows import parse_week

backlog_of = partial(
    build_backlog, window=parse_week("2025-W47", "UTC"), at=datetime(2025, 11, 24, tzinfo=UTC)
)

assert feedback_measurements

SETTINGS = Settings(
    capacity=Capacity(sprint_days=10, buffer=0.1, testing_and_documentation=0.1, testing_owner="tess"),
    roster=(Party(name="ann", days=5), Party(name="bob"), Party(name="tess", aliases=("tester",))),
)
ITEMS = (
    CandidateItem(
        id="dark",
        title="Dark mode",
        effort={"ann": 3},
        reach=100,
        impact=1,
        confidence=0.8,
        monthly_benefit=100,
        cost=800,
        declared_by="items.yaml",
        acceptance_criteria=("It is dark.",),
    ),
    CandidateItem(id="2fa", title="2FA", effort={"bob": 4}, required_by="contract", declared_by="items.yaml"),
    CandidateItem(id="base", title="Base", effort={"bob": 1}, declared_by="items.yaml", requests=7),
    CandidateItem(id="top", title="Top", effort={"ann": 4}, depends_on=("base",), declared_by="items.yaml"),
)
TABLE = CandidateTable(fingerprint="candidates", items=ITEMS)
TICKETS = TicketTable(
    fingerprint="tickets",
    tickets=tuple(
        Ticket(
            id=f"T{place}",
            created_at=datetime(2025, 11, 18, place, tzinfo=UTC),
            requester=f"p{place}",
            text=text,
            kind="feature",
        )
        for place, text in enumerate(
            ["dark mode please", "dark mode", "please no dark mode", "sync calendars", "calendar sync"]
        )
    ),
)


def counted() -> MeasurementResult:
    return run_measurement("request_groups", {"anchors": anchors_of(ITEMS)}, {"tickets": TICKETS})


def backlog(edits: ScopeEdits | None = None, requests: MeasurementResult | None = None) -> BacklogReport:
    return backlog_of(TABLE, requests or counted(), SETTINGS, sprint=4, edits=edits)


def item(report: BacklogReport, identity: str) -> BacklogItem:
    found = report.item(identity)
    assert found is not None
    return found


def test_requests_are_measured_and_every_citation_is_in_the_evidence() -> None:
    report = backlog()
    requests = item(report, "dark").requests
    assert isinstance(requests, Measured)
    assert requests.value == 2
    assert requests.fact in report.evidence.facts
    assert item(report, "dark").tickets == ("T0", "T1")
    assert item(report, "dark").against == ("T2",)


def test_an_item_that_nobody_asks_for_has_a_measured_zero() -> None:
    requests = item(backlog(), "2fa").requests
    assert isinstance(requests, Measured)
    assert requests.value == 0


def test_requests_without_a_candidate_are_listed_too() -> None:
    assert [(row.rank, row.candidate, row.requesters.kind) for row in backlog().feature_requests] == [
        (1, "dark", "measured"),
        (2, "", "measured"),
    ]


def test_what_perhaps_nobody_asks_for_has_no_rank_and_is_named() -> None:
    sure = counted()
    texts = tuple({**text, "low": 0} if text["candidate"] == "dark" else text for text in sure.texts)
    report = backlog(requests=sure.model_copy(update={"texts": texts}))
    assert [(row.rank, row.candidate) for row in report.feature_requests] == [(1, "")]
    assert report.feature_requests_note.endswith(
        " Not ranked, as wording leaves open whether anybody asks for it: Dark mode."
    )
    assert item(report, "dark").tickets == ("T0", "T1")
    assert "Not ranked" not in backlog().feature_requests_note


def test_without_tickets_a_declared_count_is_an_assumption_and_no_count_is_none() -> None:
    report = backlog_of(TABLE, None, SETTINGS, sprint=4)
    assert isinstance(item(report, "base").requests, Assumed)
    assert isinstance(item(report, "dark").requests, Unavailable)
    assert report.feature_requests == ()
    assert report.feature_requests_note.startswith("not available")


def test_an_unconfigured_tickets_source_is_the_same_as_none() -> None:
    missing = run_measurement("request_groups", {}, {})
    assert isinstance(item(backlog(requests=missing), "base").requests, Assumed)


def test_criteria_that_nobody_wrote_are_not_made_up() -> None:
    report = backlog()
    assert item(report, "dark").acceptance_note == ""
    assert item(report, "2fa").acceptance_criteria == ()
    assert item(report, "2fa").acceptance_note == NOT_WRITTEN


def test_what_does_not_fit_is_deferred_to_the_next_sprint_with_what_it_would_take() -> None:
    report = backlog()
    assert item(report, "top").decision == "Defer"
    assert item(report, "top").defer_to == "Sprint 5"
    assert report.scope.left_out[0].takes == "2.778 more working days of ann; or leave out Dark mode"


def test_the_days_that_are_told_typed_as_capacity_bring_the_item_in_with_nothing_left_out() -> None:
    told = backlog().scope
    edits = ScopeEdits(include=("top",), capacity={"ann": 5 + told.left_out[0].more_days["ann"]})
    scope = backlog(edits).scope
    assert set(scope.ids) == {*told.ids, "top"}
    assert (scope.fits, scope.left_out) == (True, ())


def test_the_report_survives_its_own_json() -> None:
    report = backlog()
    assert BacklogReport.model_validate_json(report.model_dump_json()) == report


def test_the_same_inputs_give_the_same_report() -> None:
    assert backlog() == backlog()


def test_what_is_put_off_says_why_beside_its_worth() -> None:
    report = backlog()
    assert item(report, "top").left_out_because == "does not fit: ann"
    assert item(report, "dark").left_out_because == ""


def test_the_basis_names_usage_data_requests_and_roi_and_which_of_them_are_missing() -> None:
    assert backlog().basis == (
        "Based on requests counted from support tickets, and ROI from benefit and cost as declared in the "
        "candidates file; usage data is not available: no source of feature use"
    )
    assert "requests as declared" in backlog_of(TABLE, None, SETTINGS, sprint=4).basis


def test_the_days_that_can_be_planned_are_defined_in_the_settings_figures() -> None:
    assert backlog().capacity_basis == (
        "an owner's working days in the sprint, 10 if not stated, less a buffer of 10%; "
        "Musts may take 60% of all"
    )


def test_what_people_ask_for_is_recommended_for_the_sprint_or_named_as_without_an_item() -> None:
    report = backlog()
    unmatched = report.feature_requests[1].label
    assert [said.text for said in report.request_advice] == [
        "sprint 4 should take: Dark mode",
        f"to be made a candidate item first: {unmatched}",
    ]
    assert all(said.facts for said in report.request_advice)
    without_dark = backlog(ScopeEdits(exclude=("dark",))).request_advice
    assert without_dark[0].text == "to be put off: Dark mode"


def test_the_headline_says_what_is_in_and_what_is_left_out() -> None:
    text = backlog().headline[0].text
    assert text.startswith(
        "Decide on sprint 4: 3 items, 8.8 days of work with testing and documentation; fits."
    )
    assert "Left out: Top." in text


# --- edits ------------------------------------------------------------------------------------------------


def test_an_included_item_is_in_and_pushes_another_out() -> None:
    report = backlog(ScopeEdits(include=("top",)))
    assert {"top", "base", "2fa"} <= set(report.scope.ids)
    assert item(report, "dark").decision == "Defer"
    assert report.scope.fits


def test_an_excluded_must_is_out_by_the_persons_word() -> None:
    report = backlog(ScopeEdits(exclude=("2fa",)))
    assert "2fa" not in report.scope.ids
    assert report.scope.fits
    assert report.scope.left_out[0].reason == "taken out by a person"


def test_a_pin_makes_a_must_that_the_scope_holds() -> None:
    report = backlog(ScopeEdits(pin=("top",)))
    assert (item(report, "top").tier, item(report, "top").in_scope) == ("Must", True)


def test_an_edited_effort_moves_the_scope_and_names_its_author() -> None:
    report = backlog(ScopeEdits(effort={"top": {"ann": 1}}))
    assert "top" in report.scope.ids
    effort = item(report, "top").effort
    assert effort.kind == "derived"
    assert isinstance(effort.inputs[0], Assumed)
    assert effort.inputs[0].who == EDITOR


def test_edited_capacity_moves_the_scope() -> None:
    assert "top" in backlog(ScopeEdits(capacity={"ann": 9})).scope.ids
    assert not backlog(ScopeEdits(capacity={"bob": 2})).scope.fits


def test_zero_days_remove_an_owner_and_another_may_take_over() -> None:
    edits = checked_edits(
        ScopeEdits(effort={"top": {"ann": 0, "BOB": 4}}), ITEMS, Roster.from_settings(SETTINGS)
    )
    assert apply_edits(ITEMS, edits)[3].effort == {"bob": 4}


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        (ScopeEdits(include=("nope",)), 'include: there is no item "nope"'),
        (ScopeEdits(effort={"nope": {"ann": 1}}), 'effort: there is no item "nope"'),
        (ScopeEdits(include=("dark",), exclude=("dark",)), "include and exclude both name dark"),
        (ScopeEdits(pin=("dark",), exclude=("dark",)), "pin and exclude both name dark"),
        (ScopeEdits(capacity={"nan": 1}), 'capacity: "nan" is not in the roster'),
        (ScopeEdits(capacity={"ann": -1}), "-1 days of ann"),
        (ScopeEdits(capacity={"ann": float("nan")}), "nan days of ann"),
        (ScopeEdits(capacity={"tess": 1, "tester": 2}), "tess is given twice"),
        (ScopeEdits(effort={"dark": {"ann": 0}}), "effort of dark: no day of work is left"),
    ],
)
def test_edits_that_make_no_sense_are_refused(edits: ScopeEdits, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as refused:
        backlog(edits)
    assert "items: " in refused.value.remedy
    assert "parties: " in refused.value.remedy


def test_a_scope_that_a_person_put_together_is_checked_against_the_plan() -> None:
    plan = plan_of(TABLE, counted(), SETTINGS)
    assert check_scope(plan.works, plan.team, ["2fa", "dark"]) == []
    problems = check_scope(plan.works, plan.team, ["dark", "top", "base"])
    assert any("2FA (2fa) must be in" in problem for problem in problems)
    assert "ann: 7 days of work, 4.5 to plan" in problems


def test_required_musts_over_the_ceiling_are_said() -> None:
    big = CandidateItem(id="big", title="Big", effort={"ann": 4, "bob": 8}, required_by="law")
    table = CandidateTable(fingerprint="c", items=(big,))
    assert backlog_of(table, None, SETTINGS, sprint=1).notes == ()
    report = backlog_of(table, None, SETTINGS, sprint=1, edits=ScopeEdits(capacity={"bob": 4, "tess": 4}))
    assert any("required and pinned Musts take 12 days" in note.text for note in report.notes)


def test_days_of_a_skill_are_done_by_who_has_it_and_the_item_says_who() -> None:
    settings = Settings(
        roster=(Party(name="ann", days=2, skills=("react",)), Party(name="bob", days=5, skills=("react",))),
        capacity=Capacity(buffer=0, testing_and_documentation=0),
    )
    named = CandidateItem(id="named", title="Named", effort={"ann": 2}, required_by="law")
    free = CandidateItem(id="free", title="Free", effort={}, skills={"react": 3})
    table = CandidateTable(fingerprint="f", items=(named, free))
    report = backlog_of(table, None, settings, sprint=4)
    assert item(report, "free").owners == ("bob",)
    assert item(report, "free").effort_by_owner == {"anyone with react": 3}
    assert "react (ann, bob): 5 of 7 days" in report.scope.proof
    assert [(load.owner, load.days) for load in report.scope.loads] == [("ann", 2), ("bob", 3)]
