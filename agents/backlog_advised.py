"""What the model of another specialist recommends, as findings for the backlog."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postlaunch.reports.colleagues import ColleagueFinding
from postlaunch.reports.judged import Recommendation, Sentence


def advised(recommendations: Sequence[Recommendation]) -> Iterator[ColleagueFinding]:
    """What a model recommends in its report; what rules recommend follows from figures that are taken up."""
    for advice in recommendations:
        if advice.by == "model":
            title = f"{advice.action.text} for {advice.target}"
            facts = tuple(dict.fromkeys((*advice.action.facts, *advice.rationale.facts)))
            yield ColleagueFinding(
                title=title,
                finding=Sentence(text=f"{title}: {advice.rationale.text}", facts=facts, by="model"),
                subjects=(advice.target,),
                words=advice.action.text,
            )
