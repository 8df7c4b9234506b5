"""The words that verification knows, as data. Everything is lower case, without accents.

Which rule reads which list is said at the list; the rules themselves are in the `slot_*` modules.
"""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """The lines of a text, as a set."""
    return frozenset(phrase for line in text.strip().splitlines() for phrase in [line.strip()] if phrase)


# --- what may be written although it holds a digit, a number word or a verdict word ------------------

TERMS = phrases(
    """
    p50
    p75
    p90
    p95
    p99
    p999
    2xx
    3xx
    4xx
    5xx
    HTTP/1.1
    HTTP/2
    HTTP/3
    TLS 1.2
    TLS 1.3
    OAuth2
    OAuth 2.0
    2FA
    IPv4
    IPv6
    UTF-8
    k8s
    S3
    EC2
    base64
    two-factor
    two factor
    two-step
    multi-factor
    second factor
    one-time
    single sign-on
    single-page
    single point of failure
    third-party
    third party
    first-party
    zero-downtime
    zero downtime
    zero-day
    first page
    first-page
    first request
    first step
    first name
    first login
    first sign-in
    at first
    one another
    round-robin
    half-open
    half-finished
    double-submit
    double-check
    double-click
    double opt-in
    error budget
    error handling
    error message
    error messages
    error page
    error log
    error text
    error path
    request log
    request id
    request path
    request handler
    request body
    request queue
    request logging
    access log
    feature request
    feature requests
    user agent
    user interface
    user experience
    user record
    user list
    regression test
    regression tests
    regression suite
    load test
    load tests
    load balancer
    slow query log
    fast path
    top level
    top-level
    high availability
    low-level
    high-level
    critical path
    critical section
    good reason
    approval gate
    change log
    up-front
    up to date
    root cause
    for good
    best practice
    best practices
    least privilege
    drop-down
    rate limit
    rate limits
    rate limiter
    rate limiting
    rate-limit
    """
)
"""Terms of the field, matched as a whole and in any case; none states a figure or a verdict."""

# --- numbers ------------------------------------------------------------------------------------------

NUMBER_MORPHEMES = words(
    """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred
    thousand million billion trillion dozen half quarter percent percentage fourty fivety fifth fif
    sixth seventh eighth ninth tenth eleventh twelfth twent thirt"""
)
"""What number words are made of: "twentyfive", "hundredfold", "dozens", "fiftyish"."""

NUMBER_ENDINGS = ("", "s", "es", "th", "ths", "ieth", "ieths", "fold", "ish", "some", "st", "nd", "rd")

NUMBER_WORDS = words(
    """one first second seconds third thirds fourth fourths fifth fifths sixth seventh eighth ninth tenth
    nil naught nought none nobody nothing couple couples pair pairs trio halves single sole pct pp bps
    umpteen zillion zillions gazillion gazillions bazillion myriad twofold threefold manifold quartet
    quintet twin twins ninty ninteen hundert thousend fortnight fortnights thrice cent tuple umpteenth
    uno tres cuatro cinco seis siete ocho nueve diez veinte treinta cuarenta cincuenta cien mil deux
    trois quatre cinq sept huit neuf dix vingt trente quarante cinquante mille zwei drei vier funf
    sechs sieben acht neun zehn zwanzig dreissig vierzig funfzig hundert tausend prozent cento quattro
    cinque sette otto nove dieci venti trenta cinquanta porciento grand"""
)
"""Whole words that state a number or a share, also in the languages a model may slip into."""

NOT_NUMBERS = words("oneself weighty thirsty bullion pillion ones quarterly halfway milling mixing")

ROMAN_WORDS = words("ci cd di md dc cv mix mi i c d l m v x")
"""Words and abbreviations that happen to be Roman numerals."""

# --- quantities without a figure ----------------------------------------------------------------------

VAGUE = words(
    """many few several numerous countless plenty lots loads tons heaps handful bulk majority minority
    multiple dozens innumerable sizeable sizable considerable substantial negligible minimal maximal
    massive huge enormous tiny vast immense entire entirely whole wholly fully completely totally
    nearly almost virtually practically often frequently rarely seldom sometimes always usually
    constantly commonly occasionally typically normally generally mostly mainly largely primarily
    predominantly chiefly partly partially everyone everybody ever never scarcely barely hardly
    fraction portion proportion overwhelming overwhelmingly minuscule abundant ample scant sporadic
    sporadically repeatedly everything extremely hugely universally invariably remainder much
    continually continuously consistently regularly unanimously exclusively solely merely mere"""
)
"""Quantity and frequency words: they claim a measure that no slot holds."""

VAGUE_PHRASES = phrases(
    """
    all time
    on record
    a record
    record high
    record low
    record level
    record number
    so far this
    the lion's share
    by a wide margin
    more or less
    orders of magnitude
    far more
    through the roof
    off the charts
    off the scale
    on the rise
    on the decline
    in decline
    in free fall
    on the up
    back to normal
    back on track
    out of line
    in line with
    nothing to worry about
    no worries
    no big deal
    sky high
    rock bottom
    a big chunk
    the better part of
    the rest of
    to date
    so far
    since launch
    ever since
    since the beginning
    since the start
    since the release
    since the deploy
    since then
    far less
    in no time
    """
)
"""Quantities and spans of several words."""

TWO = words("both neither")
"""They state the number two: refused unless exactly two facts or two entities are cited."""

UNIVERSAL = words("all every each any no none entire only some either")
"""Claims over everything of a kind; refused before a measured thing ("all requests", "no errors")."""

DEGREES_SMALL = words("slightly marginally modestly little bit gently mildly minimally somewhat")
DEGREES_LARGE = words("sharply steeply markedly substantially considerably strongly noticeably")
DEGREES_REFUSED = words(
    """significantly dramatically massively drastically hugely enormously wildly exponentially extremely
    immensely vastly tremendously statistically meaningfully materially linearly"""
)

HEDGES_REFUSED = words("almost nearly over under least most fewer up upwards upward minus plus times")
"""Words before a value slot that make another figure of it ("almost {F3}", "at least {F3}")."""

# --- verdicts, owned by the rules ---------------------------------------------------------------------

VERDICTS = words(
    """healthy unhealthy excellent critical critically good poor poorly bad badly fine great superb
    acceptable acceptably unacceptable alarming alarmingly severe severely severity serious seriously
    significant insignificant normal normally abnormal abnormally satisfactory unsatisfactory worrying
    concerning dire catastrophic catastrophe disastrous disaster outstanding perfect perfectly
    flawless flawlessly ideal okay ok safe safely unsafe compliant noncompliant approve approved
    approves approving approval approvals disapprove ship shipped ships shipping emergency urgent
    urgently blocker blocking sev sevs alright solid strong weak terrible awful horrible impressive
    nominal green red amber yellow passing grade graded resolved unresolved mitigated priority
    priorities warning warnings successful unsuccessful success usual unusual ordinary customary
    habitual dependable trustworthy stellar superior inferior happy happily unhappy sad sadly
    unfortunately fortunately luckily thankfully regrettably hopeless pleasing lovely brilliant
    awesome amazing fantastic phenomenal shocking shockingly frightening scary promising encouraging
    dreadful calm quiet uneventful smooth smoothly reliable reliably unreliable responsive
    unresponsive sluggish snappy performant struggling struggles problematic troubling troublesome
    worrisome disappointing remarkable remarkably notable notably decent adequate adequately
    inadequate sufficient insufficient properly tolerable intolerable benign harmless dangerous risky
    unstable robustly trivial negligibly crisis"""
)
"""Words of judgement on the application's state; rules own them, a model may only dispute them."""

VERDICT_PHRASES = phrases(
    """
    must have
    should have priority
    nice to have
    needs attention
    on track
    off track
    at risk
    in good shape
    in bad shape
    under control
    out of control
    out of hand
    cause for concern
    no cause
    no concern
    all clear
    as expected
    as usual
    as always
    in line with expectations
    best in class
    top notch
    ready to ship
    go live
    sign off
    signed off
    green light
    root cause is confirmed
    """
)

PREDICATED = words(
    """slow fast high low large small big heavy light quick tight long short lengthy hot busy broken
    typical atypical"""
)
"""A verdict when said of something ("is slow"), not before a noun ("slow queries")."""

MAGNITUDES = words("high low large small big huge elevated reduced heavy considerable excessive poor")
"""Adjectives that are a verdict on a measured thing also before it ("a high error rate")."""

DECISIONS = words(
    """healthy unhealthy excellent critical approve approved approves approval disapprove shipped sev
    sevs significant significantly priority priorities"""
)
"""Verdicts and decisions that no prose of a model holds; other words of judgement may be about a design."""

# --- words around a slot ------------------------------------------------------------------------------

UNITS = words(
    """ms milliseconds seconds minutes hours days points percent pp dollars euros bytes megabytes
    gigabytes thousand"""
)
"""Units that a slot prints itself."""

CHANGE_NOUNS = words(
    """change changes difference movement delta shift growth increase decrease rise fall drop gain"""
)
"""What {F3.change} may be said to be."""

NOW = words("now currently is are stands stand today presently reaches reached")
"""Before {F3.before} they make the present of it."""

FORMERLY = words("previously formerly earlier originally once")
"""Before {F3} they make the past of it."""

FORECASTS = words(
    """will would could might may should shall can expect expected expects predict predicted predicts
    forecast forecasts project projected projects anticipate anticipated estimate estimated plan
    planned must ought"""
)
FORECAST_FILLERS = words(
    """be been reach reaches hit to at of have has rise fall drop grow climb go up down well soon a an
    the is exceed stay remain value get as"""
)

TOGETHER = words("together combined jointly altogether sum summed cumulative cumulatively aggregate")
EQUALITIES = words("equal equals equally identical par tie tied comparable")

LOOKING_BACK = words("explain account match mean expect fit suggest follow not come stem belong")
"""Behind "would" and "may" they speak of what was measured."""
