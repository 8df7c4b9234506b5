"""What is said in a report beside its figures: sentences of rules and of a model, told apart.

Every figure in a sentence was printed by code from a fact, and the sentence carries the facts' ids. Rules
write theirs with `said`; a model's come from verification, already printed.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from postlaunch.facts import Fact, Frozen
from postlaunch.printing import change_text, fact_text, value_text

Author = Literal["rules", "model"]

NEEDS_A_MODEL = "not written: needs a model"
"""What stands where a mind was wanted and there was none."""


class Sentence(Frozen):
    """One sentence.

    Attributes:
        facts: ids of the facts it cites, in order of use.
        by: who wrote it.
    """

    text: str
    facts: tuple[str, ...] = ()
    by: Author = "rules"


class Hypothesis(Frozen):
    """A supposed cause, and what became of it on the evidence."""

    statement: Sentence
    state: Literal["kept", "dropped", "open"]
    because: Sentence
    evidence: tuple[str, ...] = ()


class Recommendation(Frozen):
    """Something to do: to what, and why.

    Attributes:
        target: what it is done to: an endpoint, a source, a setting.
        snippet: text to paste, where the action is to change a configuration.
    """

    target: str
    action: Sentence
    rationale: Sentence
    snippet: str = ""

    @property
    def by(self) -> Author:
        """Who recommends it."""
        return self.action.by


class Dispute(Frozen):
    """A rule's verdict and the specialist's objection, side by side. The rule's verdict stands."""

    subject: str
    verdict: str
    because: str
    objection: Sentence


class Provenance(Frozen):
    """Who analysed, and with what.

    Attributes:
        analysis: "model", or "rules" when no model's judgement stood; then `reason` says why.
        prompts: prompt file → SHA-256 of its text.
        tool_calls: those the model made, beyond what the report always measures.
        refused: sentences of the model that did not stand up to verification.
        chain_head: the newest decision's hash and how many there were when it was published; whoever keeps
            the report can show by it that decisions were rewritten since.
    """

    analysis: Author = "rules"
    reason: str = ""
    model: str = ""
    prompts: dict[str, str] = Field(default_factory=dict)
    tool_calls: tuple[str, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    money: float | None = None
    refused: int = 0
    chain_head: str = ""


class _Printed:
    """A fact as a template of `said` sees it."""

    def __init__(self, fact: Fact, currency: str) -> None:
        self._fact, self._currency = fact, currency

    def __str__(self) -> str:
        return fact_text(self._fact, currency=self._currency)

    @property
    def entity(self) -> str:
        return self._fact.entity

    @property
    def change(self) -> str:
        change = self._fact.change
        return "nothing to compare with" if change is None else change_text(change)

    @property
    def before(self) -> str:
        fact = self._fact
        if fact.baseline is None:
            return "not measured"
        return value_text(fact.baseline, fact.unit, zone=fact.window.zone, currency=self._currency)


def said(template: str, /, *, currency: str = "$", **slots: Fact | str) -> Sentence:
    """A rule's sentence: `{name}` prints a fact with its unit; `{name.before}`, `{name.change}` and
    `{name.entity}` what belongs to it; a text slot is put in as it is. The facts are cited in slot order.
    """
    printed = {
        name: _Printed(slot, currency) if isinstance(slot, Fact) else slot for name, slot in slots.items()
    }
    return Sentence(
        text=template.format(**printed),
        facts=tuple(dict.fromkeys(slot.id for slot in slots.values() if isinstance(slot, Fact))),
    )
