"""Where not all Musts fit, or one lapsed: what an edit and a change of a commitment may leave out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from postlaunch.errors import ScopeRefused
from postlaunch.ledger.records import Commitment, ScopeEdits
from postlaunch.reports.scope import Scope
from postlaunch.settings import Application, Capacity, Party, Settings
from postlaunch.settings_gate import Gate
from postlaunch.settings_sources import Sources, TableSource
from postlaunch.sync import PostLaunch
from postlaunch.testing.clock import StillClock

ITEMS = """
- {id: law, title: Law, effort: {ana: 6}, required_by: GDPR, reach: 10, impact: 1, confidence: 1}
- {id: contract, title: Contract, effort: {ana: 5}, required_by: ACME, reach: 100, impact: 1, confidence: 1}
- {id: nice, title: Nice, effort: {bob: 2}, reach: 10, impact: 1, confidence: 1}
- {id: audit, title: Audit log, effort: {bob: 8}, reach: 1, impact: 1, confidence: 1}
"""
PROPOSED = ("contract", "nice")


@pytest.fixture
def app(tmp_path: Path, clock: StillClock) -> Iterator[PostLaunch]:
    """Its planning waits: 11 days of Musts for ana, who can plan 9."""
    (tmp_path / "items.yaml").write_text(ITEMS, encoding="utf-8")
    settings = Settings(
        folder=tmp_path,
        application=Application(name="Shop"),
        sources=Sources(candidates=TableSource(path="items.yaml")),
        capacity=Capacity(sprint_days=10, testing_and_documentation=0, next_sprint=4),
        roster=(Party(name="ana"), Party(name="bob")),
        gate=Gate(approvers=("ana",)),
    )
    with PostLaunch(settings, clock=clock, environment={}) as opened:
        opened.advance(opened.start("sprint_planning").id)
        yield opened


def committed(app: PostLaunch) -> tuple[Commitment, Scope]:
    """What was decided, carried out."""
    [run] = app.runs()
    app.advance(run.id)
    [commitment] = app.commitments()
    return commitment, Scope.model_validate(commitment.body["scope"])


def test_an_edit_to_what_is_proposed_is_accepted_as_its_approval_is(app: PostLaunch) -> None:
    [request] = app.pending()
    assert app.check_scope(request.id, PROPOSED) == ()
    app.decide(request.id, "edit", by="ana", scope=PROPOSED)
    _, scope = committed(app)
    assert (scope.ids, scope.fits, scope.infeasible) == (PROPOSED, True, ())
    assert scope.left_out[0].reason.endswith("but it does not fit: ana")


def test_while_it_is_edited_a_scope_is_held_against_the_same(app: PostLaunch) -> None:
    [request] = app.pending()
    assert app.view_scope(request.id, PROPOSED).scope.fits
    assert app.view_scope(request.id, ["contract"]).room_for == ("nice", "audit")
    assert app.what_changes(request.id, PROPOSED, "nice").fits
    assert not app.what_changes(request.id, PROPOSED, "contract").fits


@pytest.mark.parametrize(
    ("items", "problem"),
    [
        (["law", "nice"], r"Contract \(contract\) must be in: Must: required by: ACME"),
        (["law", "contract"], "ana: 11 days of work, 9 to plan"),
    ],
)
def test_an_edit_leaves_out_no_must_that_is_proposed_and_fits(
    app: PostLaunch, items: list[str], problem: str
) -> None:
    [request] = app.pending()
    with pytest.raises(ScopeRefused, match=f"^this scope does not fit: {problem}[^;]*$"):
        app.decide(request.id, "edit", by="ana", scope=items)


def test_what_a_person_put_in_a_person_takes_out_again(app: PostLaunch) -> None:
    [first] = app.pending()
    app.decide(first.id, "changes", by="ana", edits=ScopeEdits(include=("audit",)))
    app.advance(first.run)
    [second] = app.pending()
    assert app.what_changes(second.id, ["contract", "audit"], "audit").fits
    app.decide(second.id, "edit", by="ana", scope=PROPOSED)
    commitment, scope = committed(app)
    assert scope.fits
    request = app.amend(commitment.id, items=["contract"], by="bob", reason="less")
    assert "- left out although it must be in: Audit log (put in by a person)" in request.summary


def test_a_commitment_is_changed_to_any_items_that_fit_and_who_decides_is_told_which_musts_are_out(
    app: PostLaunch,
) -> None:
    [request] = app.pending()
    app.decide(request.id, "approve", by="ana")
    commitment, scope = committed(app)
    assert not scope.fits
    with pytest.raises(ScopeRefused, match="11 days of work, 9 to plan"):
        app.amend(commitment.id, items=["law", "contract"], by="bob", reason="both")
    swap = app.amend(commitment.id, items=["law"], by="bob", reason="the contract lapsed")
    assert swap.summary[1:4] == (
        "- left out although it must be in: Contract (Must: required by: ACME (declared))",
        "- out: Contract",
        "- out: Nice",
    )
    app.decide(swap.id, "approve", by="ana")
    [amendment] = app.amendments(commitment.id)
    changed = Scope.model_validate(amendment.body["scope"])
    assert (changed.ids, changed.fits) == (("law",), True)
