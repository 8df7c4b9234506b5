"""A link as proof: checked and used up in the transaction that stores the decision, in every database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from postlaunch.errors import DecisionRefused, LinkRefused, PostLaunchError, ProofRefused
from postlaunch.ledger.gate_records import Trust
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.link_tokens import claims_for, signed
from postlaunch.ledger.link_uses import DecisionLink, key_name
from postlaunch.ledger.records import ApprovalRequest, Decision, DecisionDraft
from postlaunch.ledger.tables import link_uses, requests
from postlaunch.ledger.trust import TokenGrant, TrustPolicy
from postlaunch.ledger_place import Place
from postlaunch.testing.clock import StillClock

KEY, OTHER_KEY = b"k" * 32, b"l" * 32

OpenAs = Callable[..., Ledger]
NewRequest = Callable[..., ApprovalRequest]


@pytest.fixture
def open_as(path: Place, clock: StillClock) -> Iterator[OpenAs]:
    """Opens the same ledger, in a process that knows this key and under settings that ask for this proof."""
    opened: list[Ledger] = []

    def called(key: bytes | None = KEY, trust: Trust = "local") -> Ledger:
        opened.append(Ledger.open(path, clock, TrustPolicy(otherwise=trust, link_key=key)))
        return opened[-1]

    yield called
    for ledger in opened:
        ledger.close()


def asked(ledger: Ledger, new_request: NewRequest, number: int = 1) -> ApprovalRequest:
    run = ledger.start_run("sprint_planning", f"q{number}", f"k{number}", {})
    return ledger.open_request(ledger.take_lease(run.id, "web-1:100", 60), new_request(run.id))


def draft(request: ApprovalRequest, by: str = "ana", digest: str = "") -> DecisionDraft:
    return DecisionDraft(request=request.id, kind="approve", by=by, digest=digest or request.digest)


def link(request: ApprovalRequest, person: str = "ana", key: bytes = KEY) -> DecisionLink:
    return DecisionLink(signed(claims_for(request, person), key))


def test_a_link_decides_and_the_record_names_it_and_its_key(open_as: OpenAs, new_request: NewRequest) -> None:
    ledger = open_as()
    request = asked(ledger, new_request)
    decision = ledger.decide(draft(request), link(request))
    assert decision.trust == "link"
    assert decision.proof is not None
    assert (decision.proof.signer, len(decision.proof.key)) == ("ana", 32)
    assert decision.proof.namespace == f"postlaunch link 1, key {key_name(KEY)}"
    assert ledger.verify_chain() == []


def test_a_link_is_of_one_person_one_request_and_one_key(open_as: OpenAs, new_request: NewRequest) -> None:
    ledger = open_as()
    request, other = asked(ledger, new_request), asked(ledger, new_request, 2)
    for wrong, said in (
        (link(request, "ben"), 'not of "ana"'),
        (link(other), "another request"),
        (link(request, key=OTHER_KEY), "not genuine"),
        (DecisionLink("made.up"), "not genuine"),
    ):
        with pytest.raises(LinkRefused, match=said):
            ledger.decide(draft(request), wrong)
    assert ledger.decide(draft(request), link(request)).by == "ana"


def test_a_refused_decision_uses_nothing_up(open_as: OpenAs, new_request: NewRequest) -> None:
    ledger = open_as()
    request, mine = asked(ledger, new_request), None
    mine = link(request)
    with pytest.raises(DecisionRefused):
        ledger.decide(draft(request, digest="0" * 64), mine)
    assert ledger.decide(draft(request), mine).trust == "link"


def test_of_many_at_once_one_decides(open_as: OpenAs, new_request: NewRequest) -> None:
    ledger = open_as()
    request = asked(ledger, new_request)
    mine, came = link(request), list[Decision | PostLaunchError]()

    def decide() -> None:
        try:
            came.append(ledger.decide(draft(request), mine))
        except DecisionRefused as error:
            came.append(error)

    threads = [threading.Thread(target=decide) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in came if isinstance(one, Decision)]) == 1
    assert len(ledger.decisions()) == 1


def test_a_process_that_knows_no_key_takes_no_link(open_as: OpenAs, new_request: NewRequest) -> None:
    request = asked(open_as(), new_request)
    with pytest.raises(LinkRefused, match="does not know the key"):
        open_as(key=None).decide(draft(request), link(request))


def test_a_key_made_up_later_signs_nothing_that_counts(open_as: OpenAs, new_request: NewRequest) -> None:
    request = asked(open_as(), new_request)
    with pytest.raises(LinkRefused, match="another key"):
        open_as(key=OTHER_KEY).decide(draft(request), link(request, key=OTHER_KEY))


def test_where_a_link_is_asked_for_the_key_must_have_been_known_from_the_start(
    open_as: OpenAs, new_request: NewRequest
) -> None:
    request = asked(open_as(key=None, trust="link"), new_request)
    with pytest.raises(LinkRefused, match="another key"):
        open_as(trust="link").decide(draft(request), link(request))
    with pytest.raises(ProofRefused, match="a name alone proves nothing"):
        open_as(trust="link").decide(draft(request))


def test_a_link_makes_no_approval_token(open_as: OpenAs, new_request: NewRequest, clock: StillClock) -> None:
    ledger = open_as(trust="token")
    request = asked(ledger, new_request)
    grant = TokenGrant(
        id="0123abcd", person="ana", created_at=clock(), expires_at=clock() + timedelta(days=90)
    )
    with pytest.raises(ProofRefused, match="makes no token"):
        ledger.create_token(grant, link(request), lambda size: b"x" * size)


def test_what_was_used_is_never_changed_or_deleted(open_as: OpenAs, new_request: NewRequest) -> None:
    ledger = open_as()
    request = asked(ledger, new_request)
    ledger.decide(draft(request), link(request))
    for statement in (
        update(link_uses).values(person="ben"),
        delete(link_uses),
        update(requests).values(link_key=key_name(OTHER_KEY)),
    ):
        with pytest.raises(PostLaunchError, match="never"), ledger._database.write() as connection:
            connection.execute(statement)
