"""What the analysis of a slowdown comes to: its causes, against the target, and when it is reached."""

from __future__ import annotations

from collections.abc import Sequence

from postlaunch.agents.performance_ahead import objectives_ahead
from postlaunch.agents.performance_factors import TOLD
from postlaunch.agents.performance_span import Span
from postlaunch.facts import Unavailable
from postlaunch.reports.judged import Sentence, said
from postlaunch.reports.performance import Factor, Standing, TrendVerdict
from postlaunch.tools.verdicts import met


def conclusion(
    span: Span, trend: TrendVerdict, checked: Sequence[Factor], standing: Sequence[Standing]
) -> Sentence:
    """In one sentence."""
    mean = next((row for row in standing if row.metric == "mean_response_time"), None)
    where = _against_target(span, mean)
    if trend.shape not in TOLD:
        return _joined(Sentence(text=f"no trend can be told: {trend.because.text}"), where)
    if trend.direction != "slower":
        return _joined(Sentence(text=f"nothing to explain: {trend.verdict.lstrip('✅ ').lower()}"), where)
    causes = [factor for factor in checked if factor.verdict == "explains"]
    if not causes:
        found = Sentence(text="the cause is open: none of the factors checked explains the slowdown")
    else:
        found = Sentence(
            text="slower because of "
            + ", ".join(factor.name.lower() for factor in causes)
            + ("" if any(factor.name != "Data size" for factor in causes) else " (by elimination)"),
            facts=tuple(fact for factor in causes for fact in factor.because.facts),
        )
    return _joined(found, where, *objectives_ahead(span, trend, standing))


def _against_target(span: Span, mean: Standing | None) -> Sentence:
    if mean is None or mean.target is None or isinstance(mean.value, Unavailable):
        return Sentence(text="no mean response time stands against a target")
    fact = span.fact("summary", "mean_response_time")
    assert fact is not None
    words = "within" if met(fact.value, mean.target) else "over"
    return said(
        "{it} on average is {words} the target of {goal}", it=fact, words=words, goal=mean.target.text()
    )


def _joined(*sentences: Sentence) -> Sentence:
    return Sentence(
        text="; ".join(sentence.text for sentence in sentences),
        facts=tuple(dict.fromkeys(fact for sentence in sentences for fact in sentence.facts)),
    )
