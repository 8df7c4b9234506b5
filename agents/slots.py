"""Verification by slots: a model never types a figure.

A model writes slots ("{F3.title} of {F3.entity} rose by {F3.change} to {F3}"), code prints the figures and
refuses the rest. A sentence stands when it breaks none of these rules; docs/verification.md says what each
decides, and at which bounds:

* reading (`slot_grammar`): known slots only; no digit of any script, no Markdown, HTML, invisible or
  look-alike character outside a slot; nothing touching a slot that would make another figure of it;
* figures (`slot_figures`): no number word, quantity word, hedge or verdict word;
* subjects (`slot_subjects`): the entity, the metric and the thing counted are those of the cited fact;
* directions (`slot_directions`): "rose", "improved", "doubled", "stable", "slightly" hold for its change;
* comparisons (`slot_comparisons`), ranks (`slot_ranks`), targets (`slot_targets`): "higher than", "the
  slowest", "most", "above the target" hold;
* windows (`slot_windows`): "this week", "yesterday", "on Monday" agree with its window;
* printing (`slot_printing`): every slot can be printed.

What cannot be decided is refused, with a reason that tells how to write it. This module is what other parts
import; `sentences` holds the order of the rules, `verification` whole judgements and prose.
"""

from __future__ import annotations

from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.sentences import verify_sentence
from postlaunch.agents.slot_draft import Mood
from postlaunch.agents.slot_printing import neutral_text
from postlaunch.agents.verification import verify_judgement, verify_prose

__all__ = ["FactBook", "Mood", "neutral_text", "verify_judgement", "verify_prose", "verify_sentence"]
