"""Neutral words for the closed places of a sentence, as data. Everything is lower case, without accents."""

from __future__ import annotations

from postlaunch.agents.slot_words import words

COPULAS = words("is are was were isn't aren't wasn't weren't")

PREDICATES = words(
    """a an the this that these those one's it its their our his her what where when why who how which
    not no there here then still also again already both now up down due part because known unknown
    unclear open likely unlikely possible impossible probable visible invisible absent present related
    unrelated consistent inconsistent inconclusive separate different distinct new active inactive
    responsible behind ahead needed enough to be been being able unable available as so such too able
    partial only just about roughly server client true false another other same similar or and but out
    off over under online offline missing limited confined seen made given sent served shown taken
    found held kept left lost hit met spent thrown written read run set put cut built bound caught
    driven drawn begun come gone done understood said told common frequent rare average mean median
    bot bots people requests p50 p95 p99 mine yours ours theirs if whether while since although
    against after before until worth independent dependent recent older younger early late earlier
    later long short internal external public private local remote manual automatic empty full alone
    together even yet merely mostly all each every any some none neither either"""
)
"""What may follow "is": words that claim no measure, or that another rule judges."""

NEUTRAL_PARTICIPLES = words(
    """being having running serving waiting failing missing asking using going coming moving standing
    staying remaining sitting holding taking making getting reading writing sending receiving
    returning answering responding calling handling processing loading retrying according pending
    starting beginning ending lasting counting averaging amounting adding covering needed caused asked
    requested used served measured reported recorded logged counted seen compared related limited
    moved changed remained stayed started ended lasted began based timed listed ranked added amounted
    averaged requested settled hovered converted scored weighted responded answered concerning
    excluding including regarding totalling totaling affected handled received returned opened closed"""
)
"""Participles that move or judge nothing."""

ADVERBS = words(
    """likely unlikely possibly probably apparently presumably evidently seemingly directly indirectly
    separately recently previously currently newly early daily weekly monthly quarterly yearly hourly
    nightly reply apply supply family assembly anomaly simultaneously concurrently automatically
    manually internally externally publicly locally remotely temporarily permanently initially finally
    lastly namely similarly accordingly consequently subsequently eventually originally actually
    plainly independently explicitly implicitly synchronously asynchronously sequentially correctly
    incorrectly immediately shortly only exactly precisely respectively roughly approximately really
    merely rely comply multiply imply friendly italy july still also again already even yet too there
    then now just solely fully jointly mainly mostly respectively repeatedly inherently reportedly
    supposedly partly nearly hardly barely usually naturally conversely alternatively additionally"""
)
"""Adverbs that colour nothing, or that another rule judges."""

MOST_ADJECTIVES = words(
    """common frequent requested used visited affected wanted called hit often likely probable probably
    plausible plausibly recent traffic requests errors tickets users people failures effort memory
    load time"""
)
"""Behind "the most" they rank by the figure itself."""

NOT_SUPERLATIVE = words(
    """latest test retest request rest interest guest forest west honest suggest digest invest ingest
    manifest protest contest harvest nearest earliest modest arrest attest behest crest quest chest
    priest conquest pytest unrest midwest tempest oldest newest youngest closest furthest farthest"""
)

THAN_ANCHORS = words(
    """other rather more less fewer else sooner later earlier different differently double twice"""
)

TIME_VERBS = words("lasts lasted lasting")
"""Verbs whose figure is a length of time."""
