"""The root cause by rule: which supposed cause stands on the evidence, how surely, and what was ruled out.

1. A *mechanism* that stands is the root cause; with none, a change, a place or more traffic may be.
2. Confidence is high where two independent sources agree, nothing measured speaks against it and no other
   mechanism stands; medium where one of the two is missing, and the one source is samples of resources or
   the log; else low. Where a pod or an endpoint is all that is known, it is at most medium.
3. With nothing that stands, or two that stand equally on one source each, the evidence is inconclusive.

A change or a rise of traffic beside a mechanism is what set it off, or may have; it is no rival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from postlaunch.reports.incident_parts import CauseConsidered, CauseState, Confidence, RootCause
from postlaunch.reports.judged import Sentence
from postlaunch.tools.incident_case import Case
from postlaunch.tools.incident_chain import causal_chain
from postlaunch.tools.incident_evidence import Candidate, ordered, signature_candidates
from postlaunch.tools.incident_places import lowered, place_candidates, trigger_candidates
from postlaunch.tools.incident_used_up import instances_candidate, resource_candidates, used_up

STRONG = ("resources", "logs")
NEEDED = 2


@dataclass(frozen=True)
class Findings:
    """The verdict on the cause.

    Attributes:
        cause: the candidate that is the root cause; None: inconclusive.
        triggers: what set it off, or may have.
        places: where alone it was.
        considered: every candidate with its evidence and what became of it.
    """

    root: RootCause
    cause: Candidate | None
    triggers: tuple[Candidate, ...]
    places: tuple[Candidate, ...]
    considered: tuple[CauseConsidered, ...]


def root_cause(case: Case) -> Findings:
    """Weigh every supposed cause against what was measured; without an incident there is none."""
    if case.span is None:
        nothing = Sentence(text="no incident was confirmed")
        root = RootCause(title="None", confidence="inconclusive", because=nothing)
        return Findings(root, None, (), (), ())
    places, triggers = place_candidates(case), trigger_candidates(case)
    named = signature_candidates(case, pool_used_up=used_up(case, "pool"))
    mechanisms = ordered(
        [
            *resource_candidates(case),
            *(_with_place(one, places) for one in named),
            instances_candidate(case),
        ]
    )
    standing = [one for one in mechanisms if one.stands]
    standing_triggers = tuple(one for one in triggers if one.stands)
    standing_places = tuple(one for one in places if one.stands)
    cause, rivals = _chosen(standing, standing_triggers, standing_places)
    confidence, why = _confidence(cause, rivals)
    if confidence == "inconclusive":
        cause = None
    contributing = tuple(one for one in standing_triggers if one is not cause)
    where = tuple(one for one in standing_places if one is not cause)
    root = RootCause(
        name=cause.name if cause else "",
        title=_title(case, cause, contributing),
        confidence=confidence,
        because=why,
        chain=causal_chain(
            case,
            cause,
            _shown_triggers(case, cause, contributing),
            where,
            [one for one in contributing if one.name == "change" and _suspect(case, one, cause)],
        ),
    )
    everything = [*mechanisms, *places, *triggers]
    considered = tuple(
        _considered(one, _state(case, one, cause, contributing, where)) for one in ordered(everything)
    )
    return Findings(root, cause, contributing, where, considered)


def _title(case: Case, cause: Candidate | None, triggers: Sequence[Candidate]) -> str:
    """The cause, with the change that is shown to have set it off."""
    if cause is None:
        return "Inconclusive: the evidence names no cause"
    shown = [one for one in triggers if one.name == "change" and _contributes(case, one, cause)]
    return f"{cause.title}, set off by: {shown[0].title}" if shown else cause.title


def _with_place(one: Candidate, places: Sequence[Candidate]) -> Candidate:
    """An error in the code that is logged, borne out by requests where one endpoint alone failed."""
    endpoint = next((place for place in places if place.name == "endpoint" and place.stands), None)
    if endpoint is None or one.name not in ("code", "schema") or not one.stands:
        return one
    return one.with_support(*endpoint.supports)


def _chosen(
    mechanisms: Sequence[Candidate], triggers: Sequence[Candidate], places: Sequence[Candidate]
) -> tuple[Candidate | None, list[Candidate]]:
    """The candidate with the most behind it, and those that stand beside it as other explanations."""
    changes = ordered([one for one in triggers if len(one.sources) >= NEEDED])
    if mechanisms and (len(mechanisms[0].sources) >= NEEDED or not changes):
        return mechanisms[0], list(mechanisms[1:])
    if changes:
        return changes[0], []  # a mechanism that one source shows is what the change brought
    if places:
        return ordered(places)[0], []
    weak = ordered(triggers)
    return (weak[0], weak[1:]) if weak else (None, [])


def _confidence(cause: Candidate | None, rivals: Sequence[Candidate]) -> tuple[Confidence, Sentence]:
    if cause is None:
        return "inconclusive", Sentence(text="no supposed cause has a source that speaks for it")
    number, sources = len(cause.sources), _listed(cause.sources)
    equal = [rival for rival in rivals if len(rival.sources) >= number]
    if number < NEEDED and equal:
        names = _listed([one.title for one in (cause, *equal)])
        return "inconclusive", Sentence(text=f"one source each speaks for {names}, and none is ruled out")
    beside = f"; {_listed([rival.title for rival in rivals])} stands as well" if rivals else ""
    against = f"; against it: {cause.against[0].text}" if cause.against else ""
    facts = cause.against[0].facts if cause.against else ()
    agree = f"{sources} agree" if number >= NEEDED else f"only one source speaks for it: {sources}"
    told = f"{agree}{beside}{against}"
    if not rivals and not cause.against:
        told += ", and no other explanation stands"
    sentence = Sentence(text=told, facts=facts)
    if cause.league == "place":
        level: Confidence = "medium" if number >= NEEDED else "low"
        where = sentence.model_copy(update={"text": f"{told}; what failed in it is not known"})
        return level, where
    if number >= NEEDED:
        return ("medium" if rivals or cause.against else "high"), sentence
    sure = cause.sources[0] in STRONG and not rivals and not cause.against
    return ("medium" if sure else "low"), sentence


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _shown_triggers(
    case: Case, cause: Candidate | None, triggers: Sequence[Candidate]
) -> tuple[Candidate, ...]:
    """Triggers that the chain tells: more traffic, and changes that more than their time speaks for."""
    return tuple(one for one in triggers if _contributes(case, one, cause))


def _contributes(case: Case, trigger: Candidate, cause: Candidate | None) -> bool:
    """Whether a trigger is shown to have set the cause off, not only to have come before it."""
    if cause is None:
        return False
    if trigger.name == "traffic" or len(trigger.sources) >= NEEDED:
        return True
    change = next((seen for seen in case.changes if seen.fact.entity == trigger.subject), None)
    return change is not None and lowered(change, cause.name)


def _suspect(case: Case, trigger: Candidate, cause: Candidate | None) -> bool:
    """Whether a change came so soon before that it may have set it off, and nothing speaks against that."""
    return not trigger.against and not _contributes(case, trigger, cause)


def _state(
    case: Case,
    one: Candidate,
    cause: Candidate | None,
    triggers: Sequence[Candidate],
    places: Sequence[Candidate],
) -> CauseState:
    if one is cause:
        return "root cause"
    if one in places or (one in triggers and _contributes(case, one, cause)):
        return "contributes" if cause is not None else "stands"
    if one.stands:
        return "stands"
    if one.ruled_out:
        return "ruled out"
    return "no sign of it" if one.looked else "not looked at"


def _considered(one: Candidate, state: CauseState) -> CauseConsidered:
    return CauseConsidered(
        name=one.name,
        title=one.title,
        state=state,
        sources=one.sources,
        supports=tuple(
            support.sentence.model_copy(update={"text": f"{support.source}: {support.sentence.text}"})
            for support in one.supports
        ),
        against=one.against,
    )
