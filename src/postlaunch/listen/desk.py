"""What a link opens, and what comes of a filled-in page: everything about it that is not HTTP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from postlaunch.errors import AlreadyDecided, DecisionRefused, LinkRefused, NotAnApprover, PostLaunchError
from postlaunch.graphs.proposals import choosable_ids, proposed_ids
from postlaunch.graphs.proposing import GATE
from postlaunch.graphs.scope_views import ScopeView
from postlaunch.ledger.gate_records import Trust
from postlaunch.ledger.link_tokens import LinkClaims, claims_of
from postlaunch.ledger.link_uses import DecisionLink
from postlaunch.ledger.records import ApprovalRequest, Decision, ScopeEdits
from postlaunch.ledger.trust import STRENGTH
from postlaunch.listen.forms import Form
from postlaunch.sync import PostLaunch
from postlaunch.windows import Clock


@dataclass(frozen=True)
class Opened:
    """What a genuine link shows.

    Attributes:
        decision: on the request, once there is one.
        trust: the least proof that the gate asks for.
    """

    claims: LinkClaims
    request: ApprovalRequest
    decision: Decision | None
    trust: Trust

    @property
    def has_scope(self) -> bool:
        """Whether it is a sprint's scope that is decided on."""
        return self.request.gate == GATE

    @property
    def proposed(self) -> tuple[str, ...]:
        """Ids of the proposed items or changes; none where a gate takes a yes or a no."""
        return proposed_ids(self.request)

    @property
    def by_this_link(self) -> bool:
        """Whether the request was decided with this link."""
        proof = self.decision.proof if self.decision else None
        return proof is not None and proof.kind == "link" and proof.key == self.claims.nonce

    @property
    def may_decide(self) -> bool:
        """Whether a link is proof enough for the gate."""
        return STRENGTH["link"] >= STRENGTH[self.trust]


@dataclass(frozen=True)
class Answer:
    """What comes of a filled-in page.

    Attributes:
        outcome: "decided", or "look" at the scope as it is ticked now, or "refused" with the problem.
    """

    outcome: Literal["decided", "look", "refused"]
    items: tuple[str, ...] = ()
    problem: str = ""


@dataclass
class Desk:
    """Opens links and takes decisions.

    Attributes:
        key: that signs links.
        carry_out: told the run of each decision, to move it on.
    """

    postlaunch: PostLaunch
    key: bytes = field(repr=False)
    clock: Clock
    carry_out: Callable[[str], None]

    def open(self, token: str) -> Opened:
        """What a link shows; nothing is decided by looking.

        Raises:
            LinkRefused: it is not genuine, its time is over, or what it was for is no longer there.
            AlreadyDecided: somebody else decided.
            NotAnApprover: its person may not decide on this.
        """
        claims = claims_of(token, self.key, self.clock())
        request = self._request(claims)
        decision = self.postlaunch.decision(request.id)
        trust = max(request.trust, self.postlaunch.settings.trust_at(request.gate), key=STRENGTH.__getitem__)
        opened = Opened(claims, request, decision, trust)
        if decision is not None and not opened.by_this_link:
            raise AlreadyDecided(
                f"{request.id} was decided already: {decision.kind}, by {decision.by}, "
                f"{decision.at:%Y-%m-%d %H:%M} UTC",
                "the first decision stands",
            )
        if decision is None and request.closed:
            raise LinkRefused(f"{request.id} was closed: {request.closed}", "nothing can be decided on it")
        if request.approvers and claims.person not in request.approvers:
            raise NotAnApprover(f"{claims.person} may not decide on {request.id}", "ask who may")
        return opened

    def _request(self, claims: LinkClaims) -> ApprovalRequest:
        try:
            request = self.postlaunch.request(claims.request)
        except DecisionRefused as error:
            raise LinkRefused("what this link was for is not here", "ask for a new one") from error
        if (request.id, request.digest) != (claims.request, claims.digest):
            raise LinkRefused("this link was for another proposal", "ask for a new one")
        return request

    def view(self, opened: Opened, items: Sequence[str]) -> ScopeView | None:
        """A scope as it is ticked; None where no scope is decided on."""
        return self.postlaunch.view_scope(opened.request.id, items) if opened.has_scope else None

    def take(self, opened: Opened, form: Form, token: str) -> Answer:
        """Do what a filled-in page asks for.

        A choice other than the proposed one is approved only after the person saw it checked: the first time
        that it is sent, it is shown with what it comes to.
        """
        items = in_order(opened, form.items)
        if form.action == "check":
            return Answer("look", items)
        edited = items != opened.proposed
        if form.action == "approve" and edited and items != in_order(opened, form.seen):
            return Answer("look", items, "You changed the choice. See what it comes to, then approve again.")
        try:
            self._decide(opened, form, token, items if edited else None)
        except PostLaunchError as error:
            return Answer("refused", items, f"{error}. {error.remedy}".strip())
        self.carry_out(opened.request.run)
        return Answer("decided")

    def _decide(self, opened: Opened, form: Form, token: str, edited: tuple[str, ...] | None) -> None:
        """Hand the decision to the API, with the link as proof.

        Args:
            edited: the ticked items, where they are not the proposed ones.
        """
        kind = "edit" if form.action == "approve" and edited is not None else form.action
        assert kind != "check"
        edits = None
        if kind == "changes" and edited is not None:
            edits = ScopeEdits(
                include=tuple(item for item in edited if item not in opened.proposed),
                exclude=tuple(item for item in opened.proposed if item not in edited),
            )
        self.postlaunch.decide(
            opened.request.id,
            kind,
            by=opened.claims.person,
            reason=form.reason,
            scope=edited if kind == "edit" else None,
            edits=edits,
            text=form.text if kind in ("changes", "discovery") else "",
            digest=opened.claims.digest,
            proof=DecisionLink(token),
        )


def in_order(opened: Opened, items: Sequence[str]) -> tuple[str, ...]:
    """Those of these that the proposal lets a person choose, in its order."""
    wanted = set(items)
    return tuple(name for name in choosable_ids(opened.request) if name in wanted)
