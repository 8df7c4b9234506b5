"""The pages as HTML: everything escaped, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from postlaunch.graphs.proposals import changes_of, lines_beside
from postlaunch.graphs.proposing import Proposal, proposal_of
from postlaunch.graphs.scope_views import ScopeView
from postlaunch.ledger.trust import HOW_TO_PROVE
from postlaunch.listen.desk import Opened
from postlaunch.listen.forms import Form
from postlaunch.printing import quantity_text, value_text
from postlaunch.reports.scope import OwnerLoad


def decision_page(
    opened: Opened,
    view: ScopeView | None,
    items: Sequence[str],
    *,
    token: str,
    problem: str = "",
    form: Form | None = None,
) -> str:
    """The proposal, the scope as it is ticked, and what can be decided.

    Args:
        view: of the ticked items; None where no scope is decided on.
        token: that the form is sent back with.
        problem: why the last answer was refused.
        form: the last answer, whose words stay on the page.
    """
    return _template("decide").render(
        request=opened.request,
        lines=lines_beside(opened.request),
        changes=[(change, change.id in items) for change in changes_of(opened.request)],
        seen=items,
        person=opened.claims.person,
        title=_title(opened),
        scope=_scope(opened, view, items) if view else None,
        may_decide=opened.may_decide,
        trust=opened.trust,
        how_to_prove=HOW_TO_PROVE.get(opened.trust, ""),
        token=token,
        problem=problem,
        reason=form.reason if form else "",
        text=form.text if form else "",
    )


def _title(opened: Opened) -> str:
    if opened.has_scope:
        backlog = proposal_of(opened.request).backlog
        return f"Sprint {backlog.sprint} of {backlog.application}"
    return next(iter(opened.request.summary), opened.request.id)


def _scope(opened: Opened, view: ScopeView, items: Sequence[str]) -> dict[str, object]:
    """What the page shows of a sprint's scope."""
    proposal = proposal_of(opened.request)
    return {
        "remarks": proposal.remarks,
        "cards": _cards(proposal, items),
        "fits": view.scope.fits,
        "problems": view.scope.infeasible,
        "loads": [_load(load) for load in view.scope.loads if load.days],
        "total": value_text(view.scope.total_days, "days"),
        "room": [
            f"{item.number}. {item.title}" for item in proposal.backlog.items if item.id in view.room_for
        ],
        "changed": tuple(items) != opened.proposed,
    }


def _load(load: OwnerLoad) -> tuple[OwnerLoad, str, str]:
    """A party's load, with its days and what it can plan as they are printed."""
    return load, value_text(load.days, "number"), value_text(load.capacity, "days")


def _cards(proposal: Proposal, items: Sequence[str]) -> list[dict[str, object]]:
    """Every item of the backlog as a person ticks it."""
    backlog = proposal.backlog
    left_out = {left.id: f"{left.reason}. {left.takes}".strip(". ") for left in backlog.scope.left_out}
    return [
        {
            "item": item,
            "ticked": item.id in items,
            "proposed": item.in_scope,
            "effort": quantity_text(item.effort, currency=backlog.currency),
            "asked": quantity_text(item.requests, currency=backlog.currency),
            "left_out": left_out.get(item.id, ""),
        }
        for item in backlog.items
    ]


def decided_page(opened: Opened) -> str:
    """That the decision is stored, and what it was."""
    return _template("decided").render(request=opened.request, decision=opened.decision)


def plain_page(title: str, said: str, then: str = "") -> str:
    """A page that only says something: a refusal, in most cases."""
    return _template("plain").render(title=title, said=said, then=then)


@cache
def stylesheet() -> bytes:
    """The style of all pages."""
    return resources.files("postlaunch.listen").joinpath("templates/listen.css").read_bytes()


def _template(name: str) -> Template:
    return _environment().get_template(f"{name}.html.j2")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("postlaunch.listen", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
