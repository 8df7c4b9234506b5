"""Which phase an approved item goes to, by the route table of `docs/definitions.md`."""

from __future__ import annotations

from collections.abc import Sequence

from postlaunch.printing import value_text
from postlaunch.reports.backlog import Route
from postlaunch.settings import Verdicts
from postlaunch.sources.candidates import CandidateItem


def route_of(item: CandidateItem, verdicts: Verdicts) -> Route:
    """The phase and the rule that chose it; what the item declares goes before the rules."""
    if item.route is not None:
        return Route(phase=item.route, because=f"declared by {item.declared_by or 'the candidates file'}")
    if not item.brief_approved:
        if item.new_capability and verdicts.discover_new:
            return Route(phase=1, because="a new user-facing capability without an approved brief")
        if item.effort_days > verdicts.large_effort_days:
            return Route(
                phase=1,
                because=f"effort of {value_text(item.effort_days, 'days')} is over "
                f"{value_text(verdicts.large_effort_days, 'days')}, without an approved brief",
            )
    complex_ones = [touch for touch in item.touches if touch in verdicts.complex_touches]
    if complex_ones:
        return Route(phase=2, because=f"touches: {_named(complex_ones)}")
    if len(item.components) > verdicts.many_components:
        return Route(
            phase=2,
            because=f"touches {len(item.components)} components, more than {verdicts.many_components}: "
            f"{', '.join(item.components)}",
        )
    brief = "its brief is approved; " if item.brief_approved else ""
    return Route(
        phase=3,
        because=f"{brief}touches {_none_of(verdicts)}at most {verdicts.many_components} components",
    )


def _named(touches: Sequence[str]) -> str:
    return ", ".join(touch.replace("_", " ").replace("api", "API") for touch in touches)


def _none_of(verdicts: Verdicts) -> str:
    """ "neither schema, public API nor security model, and "; empty where nothing makes a change complex."""
    named = _named(verdicts.complex_touches).split(", ") if verdicts.complex_touches else []
    if len(named) < 2:
        return f"no {named[0]}, and " if named else ""
    return f"neither {', '.join(named[:-1])} nor {named[-1]}, and "
