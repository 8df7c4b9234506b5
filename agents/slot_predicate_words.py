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
    found held kept left lost hit met thrown written read run set put cut built bound caught driven
    drawn begun come gone done understood said told common frequent rare average mean median bot bots
    people requests p50 p95 p99 mine yours ours theirs if whether while since although against after
    before until worth independent dependent recent older younger early late earlier later long short
    internal external public private local remote manual automatic empty full alone together even yet
    merely mostly all each every any some none neither either"""
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
    """noticed notice likely unlikely possibly probably apparently presumably evidently seemingly
    directly indirectly separately recently previously currently newly early daily weekly monthly
    quarterly yearly hourly nightly reply apply supply family assembly anomaly simultaneously
    concurrently automatically manually internally externally publicly locally remotely temporarily
    permanently initially finally lastly namely similarly accordingly consequently subsequently
    eventually originally actually plainly independently explicitly implicitly synchronously
    asynchronously sequentially correctly incorrectly immediately shortly only exactly precisely
    respectively roughly approximately really merely rely comply multiply imply friendly italy july
    still also again already even yet too there then now just solely fully jointly mainly mostly
    respectively repeatedly inherently reportedly supposedly partly nearly hardly barely usually
    naturally conversely alternatively additionally"""
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

VERBS = words(
    """noticed notice has have had got gets get receives received receive takes took take needs needed
    need carries carried carry shows showed show shown sees saw see serves served serve answers
    answered answer returns returned return fails failed fail lasts lasted last began begins begin
    started starts start ended ends end accounts accounted account makes made make stands stood stand
    sits sat remains remained remain stayed stays stay held holds hold uses used use asks asked ask
    wants wanted want comes came come goes went go runs ran run reads read writes wrote write reports
    reported report hits hit reaches reached reach moved moves move changed changes change converts
    converted convert scores scored score costs cost brought brings bring explains explained explain
    follows followed follow contains contained contain counts counted count averages averaged average
    mentions mentioned mention describes described describe concerns concerned concern belongs
    belonged belong arrives arrived arrive responds responded respond handles handled handle keeps
    kept keep leads led lead tops differs differed differ includes included include covers covered
    cover coincides coincided coincide do does did don't doesn't didn't hasn't haven't hadn't can
    cannot can't sends sent send logs logged log passes passed misses missed met meets exceeds
    exceeded caused causes cause bears bore wrote visited visits visit signed registered registers
    came says say said tells tell told amounts amounted amount gained gains adds added sign bypass
    search meaning found finds find stalled waited waits wait completed completes complete becomes
    became become bucks drove drives let lets lies lay lags trails converges pulls brings counts
    queued"""
)
"""Verbs that state no measure of their own, or that another rule tests."""

AFTER_SUBJECT = words(
    """alike usage use consumption level levels volume utilization utilisation total growth window budget
    about after before above below between behind beside despite under over like into onto it they we
    you he she our your and or but nor as than that which who whose while with without when where if
    because since so although though not never no also still again already now then there here both
    alone each together this last next even yet just only ever too more less fewer most least its
    their the a an per via versus vs against respectively all every any some itself themselves people
    requests responses tickets errors calls users pods endpoints reports requesters senders score
    group groups step steps rate rates limit limits pool code codes group trend trends log logs data
    figure figures number numbers type types class feature features item items index cache client
    clients server servers service services side week day month year out up down far either neither
    once until unless of longer shorter plus long high"""
)
"""What may follow a subject beside a verb."""

AFTER_HAVE = words(
    """been had a an the no not to its their more fewer less higher lower most least already since also
    now yet both many each different other another similar only gone come become made taken kept held
    lost begun run seen shown given met hit risen fallen grown shrunk sunk left led"""
)
"""What may follow "have" beside participles that are tested or end in "-ed"."""

PARTICLE_VERBS = words(
    """noticed notice set sets make makes made making sign signs signed signing back backs backed follow
    follows followed end ends ended look looks looked wake wakes woke start starts started warm warms
    warmed line lines lined"""
)
"""Before "up" and "down" they make verbs of their own: "signed up"."""

FINDING_MODALS = words(
    """will would shall could might may should must won't wouldn't couldn't shouldn't ought"""
)
"""They make a guess or a wish of a finding."""
