"""The words of movement, comparison and rank, as data. Everything is lower case, without accents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from postlaunch.agents.slot_words import words

Heading = Literal["up", "down", "better", "worse", "slower", "faster"]


def _headings(table: Mapping[Heading, str]) -> dict[str, Heading]:
    return {word: heading for heading, words in table.items() for word in words.split()}


PAST_DIRECTIONS: Mapping[str, Heading] = _headings(
    {
        "up": """rose risen boomed booms booming mushroomed mushrooming snowballed snowballing rallied
            rebounded rebounds rebounding bounced inflated inflating intensified intensifies
            intensifying strengthened strengthens exploded explodes exploding peaking swells heated
            piled piles piling rises rising increased increases increasing grew grown grows growing
            climbed climbs climbing jumped jumps jumping surged surges surging spiked spikes spiking
            soared soars soaring gained gains gaining swelled swelling mounted mounting escalated
            escalates escalating ballooned ballooning skyrocketed skyrocketing rocketed multiplied
            expanded expands expanding raised heightened lifted accumulated upward upwards uptick upturn
            upswing elevated creeping crept rocketing""",
        "down": """slumped slumps slumping tanked tanks tanking cratered nosedived receded recedes receding
            ebbed ebbs ebbing waned wanes waning faded fades fading eroded erodes eroding abated abates
            abating deflated weakened weakens weakening thinned cooled sagged sags sagging fell fallen
            falls falling dropped drops dropping decreased decreases decreasing declined declines
            declining shrank shrunk shrinks shrinking sank sunk sinks sinking dipped dips dipping
            plunged plunges plunging plummeted plummets plummeting slid slides tumbled tumbles tumbling
            diminished diminishes diminishing reduced reduces reducing lowered lessened eased eases
            easing subsided subsides dwindled dwindles dwindling contracted downward downwards downturn
            collapsed tapered""",
        "better": "improved improves improving improvement recovered recovers recovering recovery",
        "worse": """slipped slips slipping worsened worsens worsening deteriorated deteriorates deteriorating
            deterioration degraded degrades degrading degradation regressed regresses regressing
            regression regressions""",
        "slower": "slowed slows slowing slowdown slowdowns decelerated",
        "faster": "sped accelerated accelerates accelerating quickened speedup speedups",
    }
)
"""Finite forms, participles and nouns that say that something moved."""

BASE_DIRECTIONS: Mapping[str, Heading] = _headings(
    {
        "up": """rise increase grow growth climb jump surge spike soar gain escalate expand raise upsurge
            hike lift burst swell boost""",
        "down": """fall drop decrease decline shrink sink dip plunge plummet slide diminish reduce reduction
            lessen ease subside contract cut shorten trim dwindle""",
        "better": "improve recover",
        "worse": "worsen deteriorate degrade regress slip",
        "slower": "slow",
        "faster": "accelerate quicken",
    }
)
"""Base forms: a claim as a noun ("a rise in"), a wish after "to", "should" or at the head of a proposal."""

COMPARATIVES: Mapping[str, Heading] = _headings(
    {
        "up": "higher more greater larger bigger busier longer heavier",
        "down": "lower fewer less smaller quieter shorter lighter",
        "better": "better stronger",
        "worse": "worse weaker",
        "slower": "slower",
        "faster": "faster quicker",
    }
)
RELATIONS: Mapping[str, Heading] = _headings(
    {
        "up": """above exceeds exceed exceeded exceeding surpasses surpassed outnumbers outnumbered outpaced
            outpaces dwarfs dwarfed ahead over""",
        "down": "below under beneath trails trailed lags lagged",
    }
)
"""Comparisons whose other side follows at once: "above {F2}", "exceeds the target"."""

STEADY_EXACT = words("unchanged")
STEADY = words(
    """stable steady flat constant steadily stagnant stagnated plateaued level stationary static"""
)
SAME_AFTER = words("stayed stays stay remained remains remain kept held holds hold")

NEGATORS = words("not n't never no nor without cannot neither")
UNDECIDABLE_BEFORE = words(
    """stopped stop stops ceased cease ceases rather instead anything supposed supposedly avoided avoids
    prevented prevents escaped resisted denied refused hardly barely scarcely only"""
)
"""Words that turn a direction around in ways that are not decided here."""

MODALS = words("should would could may might can")
"""Before a base form they make an expectation of it, not a measurement."""

NOT_BEFORE_BASE = words(
    """due owing led leads lead leading thanks contributed contributes amounts amounted similar"""
)
"""Before "to" they make a noun of the word behind it: "led to growth"."""

HYPOTHETICAL = words("if unless whether")
CONDITIONAL = words("when whenever where")
"""In a proposal they open a condition too: "alert when memory climbs"."""

# --- ranks --------------------------------------------------------------------------------------------

SUPERLATIVES: Mapping[str, Heading] = _headings(
    {
        "up": """highest most largest biggest greatest busiest longest heaviest maximum max peak peaked peaks
            top tops topped topping dominates dominated dominate dominating leading leads led hottest
            foremost costliest""",
        "down": "lowest fewest least smallest quietest shortest lightest minimum min bottom rarest",
        "better": "best strongest",
        "worse": "worst weakest",
        "slower": "slowest",
        "faster": "fastest quickest",
    }
)
HISTORY = words("unprecedented historic historical historically")

# --- targets ------------------------------------------------------------------------------------------

TARGET_NOUNS = words(
    """target targets objective objectives slo slos sla slas goal goals threshold thresholds"""
)
TARGET_MET = words(
    """meets met meet meeting within inside satisfies satisfied keeps hits hit reaches reached passed
    passes on"""
)
TARGET_MISSED = words(
    """misses missed miss missing breaches breached breach breaching violates violated violate violating
    outside off"""
)

FACTORS: Mapping[str, float] = {
    "double": 2,
    "doubled": 2,
    "doubles": 2,
    "doubling": 2,
    "twice": 2,
    "triple": 3,
    "tripled": 3,
    "triples": 3,
    "tripling": 3,
    "treble": 3,
    "trebling": 3,
    "quintuple": 5,
    "quintupled": 5,
    "quintupling": 5,
    "sextupled": 6,
    "decupled": 10,
    "trebled": 3,
    "quadruple": 4,
    "quadrupled": 4,
    "quadrupling": 4,
    "halve": 0.5,
    "halved": 0.5,
    "halves": 0.5,
    "halving": 0.5,
}
"""Words for a factor; they must hold within `FACTOR_TOLERANCE` of the cited change or of two cited facts."""

PHRASAL = frozenset(
    {
        ("fall", "back"),
        ("falls", "back"),
        ("fell", "back"),
        ("fell", "out"),
        ("fell", "into"),
        ("falls", "into"),
        ("fall", "into"),
        ("falls", "out"),
        ("fall", "out"),
        ("falling", "back"),
        ("drop", "out"),
        ("drops", "out"),
        ("dropped", "connections"),
        ("dropped", "requests"),
        ("raise", "an"),
        ("raised", "an"),
        ("raise", "the"),
        ("raised", "by"),
        ("slip", "through"),
        ("cut", "off"),
        ("lift", "the"),
    }
)
"""A direction word and the word behind it that together mean no movement."""

STRONG = words(
    """jumped jumps jumping surged surges surging soared soars soaring plunged plunges plunging plummeted
    plummets plummeting skyrocketed skyrocketing rocketed ballooned ballooning collapsed leapt
    exploded spiked spikes tumbled jump surge soar plunge plummet spike"""
)
"""Direction words that also say that the change is large."""

LOSING = words("lost lose loses losing")
"""With a metric as their object they say that it fell: "lost traffic"."""

SPELL_WORDS = words("spike spikes spiked surge surges surged burst bursts jump")
"""What an incident is by its nature; its facts have no baseline."""

BASELINE_WORDS = words("before last previous prior earlier preceding past week day month yesterday")
"""Behind "than" they mean the baseline of the fact compared."""

MORE_IDIOMS = words(
    """likely plausible probable closely detail details detailed evidence information informative time
    work investigation room carefully precisely useful direct directly plainly specific general about
    or"""
)
"""Behind "more" and "less" they compare nothing that was measured."""


def denies(word: str) -> bool:
    """Whether a word negates: "not", "never", "didn't"."""
    return word in NEGATORS or word.endswith("n't")
