"""Verification of one sentence: the rules in their order, and what they make of a template."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from postlaunch.agents.fact_book import FactBook
from postlaunch.agents.judgement import Refusal, Sentence
from postlaunch.agents.slot_comparisons import comparisons
from postlaunch.agents.slot_directions import degrees, directions, factors, steadiness
from postlaunch.agents.slot_draft import Draft, Mood
from postlaunch.agents.slot_figures import (
    number_words,
    quantity_words,
    uncited,
    verdict_words,
)
from postlaunch.agents.slot_grammar import SLOT, Names, bracket_fault, read_template
from postlaunch.agents.slot_predicates import (
    adverbs,
    auxiliaries,
    figure_verbs,
    predicates,
    ranks_known,
    subjects,
)
from postlaunch.agents.slot_printing import LONGEST_SENTENCE, neutral_text, printable, printed
from postlaunch.agents.slot_ranks import superlatives
from postlaunch.agents.slot_subjects import entities as entities_named
from postlaunch.agents.slot_subjects import figures_named, metrics_named, things_counted
from postlaunch.agents.slot_targets import targets
from postlaunch.agents.slot_usage import equalities, forecasts, hedges, places, sums
from postlaunch.agents.slot_windows import windows
from postlaunch.agents.slot_words import TERMS
from postlaunch.settings_objectives import Objective

LONGEST_TEMPLATE = 400
MOST_REASONS = 5

Rule = Callable[[Draft], Iterator[str]]

RULES: tuple[Rule, ...] = (
    number_words,
    verdict_words,
    quantity_words,
    uncited,
    hedges,
    places,
    forecasts,
    sums,
    equalities,
    printable,
    entities_named,
    figures_named,
    metrics_named,
    things_counted,
    directions,
    degrees,
    steadiness,
    factors,
    comparisons,
    superlatives,
    targets,
    windows,
    predicates,
    subjects,
    auxiliaries,
    figure_verbs,
    ranks_known,
    adverbs,
)


def verify_sentence(
    template: str,
    book: FactBook,
    *,
    entities: frozenset[str] = frozenset(),
    objectives: Mapping[str, Objective] | None = None,
    mood: Mood = "finding",
) -> Sentence | Refusal:
    """Print a template, or say why it does not stand.

    Args:
        entities: names beside those of the book that may be written plainly: the application and its
            version, item ids and titles, owners. They are names: a figure they hold is printed as it stands.
        objectives: the settings' table; for {F3.target} and for what is said of targets.
        mood: "finding" for what was measured, "supposition" for why, "proposal" for what to do.
    """
    reasons = _unreadable(template, book)
    if reasons:
        return Refusal(template=neutral_text(template, LONGEST_TEMPLATE), reasons=reasons)
    draft = _draft(template, book, entities, objectives or {}, mood)
    faults = draft.template.faults or tuple(dict.fromkeys(reason for rule in RULES for reason in rule(draft)))
    if not faults and len(printed(draft)) > LONGEST_SENTENCE:
        faults = (f"the printed sentence is longer than {LONGEST_SENTENCE} characters",)
    if faults:
        return Refusal(template=neutral_text(template, LONGEST_TEMPLATE), reasons=faults[:MOST_REASONS])
    return Sentence(text=printed(draft), template=template, facts=tuple(fact.id for fact in draft.cited))


def _unreadable(template: str, book: FactBook) -> tuple[str, ...]:
    """Why no rule can look at a template: too long, empty, or slots that do not exist."""
    if not template.strip():
        return ("the sentence is empty",)
    if len(template) > LONGEST_TEMPLATE:
        return (f"the sentence is longer than {LONGEST_TEMPLATE} characters",)
    if fault := bracket_fault(template):
        return (fault,)
    cited = dict.fromkeys(
        ref for slot in SLOT.finditer(template) for ref in slot.group("ref", "other") if ref
    )
    known = f"F1 to F{len(book)}" if len(book) else "none"
    return tuple(f"{ref} is no fact: there are {known}" for ref in cited if book.fact(ref) is None)


def _draft(
    template: str,
    book: FactBook,
    entities: frozenset[str],
    objectives: Mapping[str, Objective],
    mood: Mood,
) -> Draft:
    refs = [ref for slot in SLOT.finditer(template) for ref in slot.group("ref", "other") if ref]
    cited = [fact for ref in refs if (fact := book.fact(ref)) is not None]
    names = Names(
        entities=frozenset(filter(_nameable, book.entities | entities)),
        titles=frozenset(fact.definition.title for fact in cited),
        terms=TERMS,
    )
    return Draft(
        template=read_template(template, names),
        book=book,
        mood=mood,
        objectives=by_definition(objectives),
        extra_entities=entities,
    )


def _nameable(entity: str) -> bool:
    """A name may be written plainly when it cannot be read as a word or a figure: "GET /users", not "bug"."""
    return any(map(str.isalpha, entity)) and not entity.isalpha()


def by_definition(objectives: Mapping[str, Objective]) -> Mapping[str, Objective]:
    """The table of objectives by the definition each is about."""
    return {objective.definition or name: objective for name, objective in objectives.items()}
