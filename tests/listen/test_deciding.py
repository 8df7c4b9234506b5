"""A decision on the page: seen, taken once, proved by the link, and carried out."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from markupsafe import escape

from postlaunch.graphs.proposing import proposal_of
from postlaunch.listen.pages import decision_page
from postlaunch.settings_gate import Gate
from postlaunch.settings_sources import EventSource, PlanSource, Sources

if TYPE_CHECKING:
    from conftest import Place, Served

PERSON = "User"


def test_the_page_shows_the_proposal_and_looking_decides_nothing(place: Place) -> None:
    link = place.link()
    with place.browser() as browser:
        pages = [browser.get(link) for _ in range(3)]
        assert browser.head(link).status_code == 200
    assert {page.status_code for page in pages} == {200}
    text = pages[0].text
    for item in proposal_of(place.request).backlog.items:
        assert f'value="{item.id}"' in text
    assert "You are User." in text
    assert "testing-expert: " in text
    assert place.request.digest in text
    assert place.app.decision(place.request.id) is None


def test_approving_commits_the_proposal_with_the_link_as_proof(place: Place) -> None:
    link, request = place.link(), place.request
    with place.browser() as browser:
        page = browser.get(link)
        form = place.filled_in(page.text, "approve", reason="as the roadmap says")
        answer = browser.post(link, data=form)
        after = browser.get(link)
    assert (answer.status_code, answer.headers["Location"]) == (303, link)
    decision = place.app.decision(request.id)
    assert decision is not None
    assert (decision.kind, decision.by, decision.trust) == ("approve", PERSON, "link")
    assert decision.reason == "as the roadmap says"
    assert decision.proof is not None
    assert decision.proof.signer == PERSON
    assert place.carried_out == [request.run]
    assert "Recorded" in after.text
    assert decision.hash in after.text
    assert place.ledger.verify_chain() == []


def test_another_scope_is_seen_before_it_is_committed(place: Place) -> None:
    link, request = place.link(), place.request
    proposed = proposal_of(request).backlog.scope.ids
    fewer = [item for item in proposed if item != "dark-mode"]
    with place.browser() as browser:
        page = browser.get(link).text
        seen = browser.post(link, data=place.filled_in(page, "approve", item=fewer))
        assert place.app.decision(request.id) is None
        assert seen.status_code == 200
        assert "You changed the choice. See what it comes to" in seen.text
        assert "you took it out" in seen.text
        assert "There is room for one more" in seen.text
        done = browser.post(link, data=place.filled_in(seen.text, "approve"))
    assert done.status_code == 303
    decision = place.app.decision(request.id)
    assert decision is not None
    assert (decision.kind, list(decision.scope or ())) == ("edit", fewer)


def test_a_scope_that_does_not_fit_is_shown_and_never_committed(place: Place) -> None:
    link, request = place.link(), place.request
    everything = [item.id for item in proposal_of(request).backlog.items]
    with place.browser() as browser:
        page = browser.get(link).text
        looked = browser.post(link, data=place.filled_in(page, "check", item=everything))
        refused = browser.post(link, data=place.filled_in(looked.text, "approve"))
    assert "It does not fit" in looked.text
    assert "too much" in looked.text
    assert refused.status_code == 409
    assert "this scope does not fit" in refused.text
    assert place.app.decision(request.id) is None
    assert place.app.commitments() == ()


def test_after_a_refusal_the_same_link_still_decides(place: Place) -> None:
    link = place.link()
    with place.browser() as browser:
        page = browser.get(link).text
        refused = browser.post(link, data=place.filled_in(page, "discovery"))
        assert refused.status_code == 409
        again = place.filled_in(refused.text, "discovery", text="why exports")
        assert browser.post(link, data=again).status_code == 303


def test_what_was_typed_stays_on_the_page_that_comes_back(place: Place) -> None:
    link = place.link()
    with place.browser() as browser:
        form = place.filled_in(browser.get(link).text, "check", reason="<b>so</b>", text="less, please")
        page = browser.post(link, data=form).text
    assert ">&lt;b&gt;so&lt;/b&gt;</textarea>" in page
    assert ">less, please</textarea>" in page


def test_wishes_are_the_ticks_and_the_words(place: Place) -> None:
    link, request = place.link(), place.request
    fewer = [item for item in proposal_of(request).backlog.scope.ids if item != "dark-mode"]
    with place.browser() as browser:
        page = browser.get(link).text
        form = place.filled_in(page, "changes", item=fewer, text="people will wait for it")
        assert browser.post(link, data=form).status_code == 303
    decision = place.app.decision(request.id)
    assert decision is not None
    assert decision.edits is not None
    assert (decision.kind, decision.text) == ("changes", "people will wait for it")
    assert (decision.edits.include, decision.edits.exclude) == ((), ("dark-mode",))


def test_rejecting_commits_nothing(place: Place) -> None:
    link, request = place.link(), place.request
    with place.browser() as browser:
        page = browser.get(link).text
        assert browser.post(link, data=place.filled_in(page, "reject", reason="not now")).status_code == 303
    decision = place.app.decision(request.id)
    assert decision is not None
    assert (decision.kind, decision.reason) == ("reject", "not now")


def test_a_link_decides_once(place: Place) -> None:
    link = place.link()
    with place.browser() as browser:
        page = browser.get(link).text
        form = place.filled_in(page, "reject")
        first, replayed = browser.post(link, data=form), browser.post(link, data=form)
    assert (first.status_code, replayed.status_code) == (303, 403)
    assert "this link was used already" in replayed.text
    assert len(place.ledger.decisions()) == 1


def test_of_many_at_once_one_decides(place: Place) -> None:
    link = place.link()
    answers: list[int] = []
    with place.browser() as browser:
        form = place.filled_in(browser.get(link).text, "approve")
        cookies = dict(browser.cookies)

    def press() -> None:
        with httpx.Client(base_url=place.base, headers={"Origin": place.base}, cookies=cookies) as own:
            answers.append(own.post(link, data=form).status_code)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(303) == 1
    assert set(answers) <= {303, 403, 409, 410}
    assert len(place.ledger.decisions()) == 1


def test_what_somebody_else_decided_is_said(place: Place) -> None:
    mine, request = place.link(), place.request
    place.app.decide(request.id, "reject", by=PERSON)
    with place.browser() as browser:
        page = browser.get(mine)
    assert page.status_code == 410
    assert f"{request.id} was decided already: reject, by User" in page.text


@pytest.mark.parametrize("trust", ["token", "ssh"])
def test_where_a_gate_asks_for_more_a_link_decides_nothing(serve: Served, trust: str) -> None:
    rules = {"approvers": (PERSON,), "trust": trust, "allowed_signers": "allowed_signers"}
    place = serve(gate=Gate.model_validate(rules))
    link, request = place.link(), place.request
    with place.browser() as browser:
        page = browser.get(link)
        assert f"postlaunch approve {request.id} --by User" in page.text
        assert "<button" not in page.text
        refused = browser.post(link, data=place.filled_in(page.text, "approve"))
    assert refused.status_code == 409
    assert f"asks for proof of who decides ({trust})" in refused.text
    assert place.app.decision(request.id) is None


def test_where_a_gate_asks_for_a_link_a_typed_name_decides_nothing(serve: Served) -> None:
    place = serve(gate=Gate(approvers=(PERSON,), trust="link"))
    with pytest.raises(Exception, match=r"asks for proof of who decides \(link\)"):
        place.app.decide(place.request.id, "approve", by=PERSON)
    link = place.link()
    with place.browser() as browser:
        page = browser.get(link).text
        assert browser.post(link, data=place.filled_in(page, "approve")).status_code == 303


def test_a_gate_without_a_scope_takes_a_yes_or_a_no(place: Place) -> None:
    planned = place.request
    place.app.decide(planned.id, "approve", by=PERSON)
    place.app.advance(planned.run)
    [commitment] = place.app.commitments()
    request = place.app.amend(commitment.id, "revoke", by=PERSON, reason="the office burnt down")
    link = place.link()
    with place.browser() as browser:
        page = browser.get(link).text
        assert all(escape(line) in page for line in request.summary)
        assert "checkbox" not in page
        assert "Ask for another proposal" not in page
        assert browser.post(link, data=place.filled_in(page, "approve")).status_code == 303
    assert [(one.kind, one.request) for one in place.app.amendments()] == [("revoke", request.id)]


def test_changes_of_a_tracking_plan_are_ticked_and_seen_before_they_are_approved(
    serve: Served, tmp_path: Path
) -> None:
    events = EventSource(paths=("tracked.jsonl",), properties={"plan": "plan", "note": "note"})
    place = serve(sources=Sources(events=events, tracking_plan=PlanSource(path="tracking.yaml")))
    rows = (
        {
            "time": f"2025-11-{day:02d}T{hour:02d}:00:00Z",
            "user": "u",
            "event": "login",
            "plan": "x",
            "note": "y",
        }
        for day in (3, 4, 5)
        for hour in range(24)
    )
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    (tmp_path / "demo" / "tracked.jsonl").write_text(text, encoding="utf-8")
    plan = tmp_path / "demo" / "tracking.yaml"
    plan.write_text("events: [{name: login, a_day: [24, 24]}]", encoding="utf-8")
    place.app.decide(place.request.id, "reject", by=PERSON)
    run = place.app.advance(place.app.start("tracking_plan").id)
    link = place.link()
    with place.browser() as browser:
        page = browser.get(link).text
        assert page.count("checked") == 2
        fewer = place.filled_in(page, "approve", item=["T2"])
        seen = browser.post(link, data=fewer)
        assert (seen.status_code, "You changed the choice" in seen.text) == (200, True)
        assert place.app.decision(place.request.id) is None
        request = place.request.id
        assert browser.post(link, data=place.filled_in(seen.text, "approve")).status_code == 303
    decision = place.app.decision(request)
    assert decision is not None
    assert (decision.kind, decision.scope, decision.trust) == ("edit", ("T2",), "link")
    assert place.carried_out == [run.id]


def test_titles_are_text_whatever_they_hold(place: Place) -> None:
    opened = place.site.desk.open(place.link().removeprefix("/decide/"))
    hostile = "<script>alert(1)</script>"
    proposal = dict(opened.request.proposal)
    text = opened.request.model_copy(update={"proposal": {**proposal, "remarks": [hostile]}})
    shown = decision_page(
        replace(opened, request=text),
        place.site.desk.view(opened, ()),
        (),
        token="t",
        problem=hostile,
    )
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 2
