"""The forms of personal data and secrets: what `privacy` looks for in a text.

Every form takes time in proportion to the text, whatever stands in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from postlaunch.redaction import SHAPES

Kind = Literal["email", "ip", "phone", "number", "secret", "user"]

_PERSON = (
    r"(?:user|usr|uid|user_?name|login|account|customer|client|member|requester|reporter|author|subscriber"
    r"|patient|person|sender|recipient|e?mail|phone|mobile|ip|remote_?addr|x_forwarded_for|session|device)"
)
PERSON_FIELD = re.compile(
    rf"{_PERSON}(?:[_-]?(?:id|uuid|name|no|number|addr|address|hash))?",
    re.IGNORECASE,
)
"""Names of fields whose whole value is personal."""

_DATE = r"(?:(?:19|20)\d\d[-./]\d{1,2}(?:[-./]\d{1,2})?|\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d\d)\b"
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NO_VALUE = r"(?:null|none|true|false|undefined|unknown|anonymous|guest)\b|[-/:]"

# --- what stands behind "name: " ----------------------------------------------------------------------------

_QUOTE = r"[\"'`*]{0,3}"
"""Quotes, and the marks by which Markdown makes a name bold."""

_COLON = rf"{_QUOTE}[^\S\n]*:{_QUOTE}[^\S\n]*{_QUOTE}"
_COLON_OR_LINE = rf"{_QUOTE}[^\S\n]*:{_QUOTE}[^\S\n]*(?:\n[^\S\n]*)?{_QUOTE}"
"""The value may stand in the line below its name."""

_WORD = r"[^\s\"']*[^\s\"'.,;:!?)}\]>`*|]"
_FIELD_WORD = r"[^\s\"'&;,<>{}\[\]()]*[^\s\"'&;,<>{}\[\]().:!?`*|]"
"""Values, without what ends a sentence behind them."""

_END = r"[.,;:!?)\]}\"']{0,3}(?:[\s\"']|$)"

_PROSE_WORDS = """
a about an and anonymous any are as at be been but by can cannot could did do does every expired false for
forgot forgotten from get guest had has have how i if in incorrect invalid is it its let like lost make may
missing must my need needs new no none not null of on one only or our please required reset see should so
some that the their them then there these they this to too true undefined unknown wants was we what when
where which who why will with would wrong you your
"""
_PROSE = (
    rf"(?:(?:{'|'.join(_PROSE_WORDS.split())})(?:['’][a-z]{{1,3}})?|[a-z]{{2,6}}n['’]t){_END}|\[redacted\]"
)
"""What goes on with a sentence, and states nothing: "the password: it is too long"."""

_FIGURE = rf"(?:v?\d{{1,5}}(?:[.,]\d{{1,6}}){{0,4}}(?:%|[mnµ]?s|min|h|[kmgt]?i?b|x)?|{_DATE}){_END}"
"""A count, a duration, a share, a version or a day: "token: 35%"."""

_UNIT = (
    r" ?(?:%|€|[mn]?s\b|sec|min|h\b|hours?\b|days?\b|weeks?\b|months?\b|[kmgt]i?b\b|[.,:]\d"
    r"|requests?\b|users?\b|times\b|of\b|eur\b|usd\b)"
)


@dataclass(frozen=True)
class Pattern:
    """One form of personal data; the group "value", or the part after the last group, is what is hidden."""

    kind: Kind
    form: re.Pattern[str]

    def span(self, found: re.Match[str]) -> tuple[int, int]:
        """Where in the text the personal part is."""
        if "value" in self.form.groupindex:
            return found.span("value")
        return (found.end(found.lastgroup) if found.lastgroup else found.start(), found.end())


def _pattern(kind: Kind, form: str) -> Pattern:
    return Pattern(kind, re.compile(form, re.IGNORECASE | re.ASCII))


PATTERNS = (
    # "a@b.c", "a%40b.c"; one or more domains, so that nothing of "a@b.c@d.e" is left; "react@18.2.0" is a
    # version. What stands before the @ is taken from its beginning: a long word is not tried at each letter.
    Pattern(
        "email",
        re.compile(
            r"(?:(?<![\w.%+~#$!*^`'-])[\w.%+~#$!*^`'-]+|(?<![=/&?{|}])[=/&?{|}]+)"
            r"(?:(?:@|%40)(?=[\w.-]*[^\W\d_])[\w.-]*\w)+"
        ),
    ),
    _pattern("ip", r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:\.\d{1,3}){0,3}(?![\w:])"),
    # not behind a "v" (a version), nor inside a longer number
    _pattern("ip", r"(?<![v\d])(?<!\d\.)(?:\d{1,3}\.){3}\d{1,3}(?!\d)"),
    Pattern("secret", SHAPES),
    # user=42, user_id='42', "user": "alice", "customer_id": 42; not cost_per_user=2
    _pattern(
        "user",
        rf"(?<![a-z0-9_]){PERSON_FIELD.pattern}(?:=[\"']?|[\"']\s*:\s*[\"']?)"
        rf"(?!{_NO_VALUE})(?P<value>[^\s\"'&;,<>{{}}\[\]()]+)",
    ),
    # user 4523, user id: 4523, user #4523; not "per user 102 ms"
    _pattern(
        "user",
        r"(?<!per )\buser(?: id| no\.?| number)?(?: ?[:#] ?| )#?(?P<value>\d{2,})\b"
        r"(?! ?(?:%|m?s\b|[.,:]\d|requests))",
    ),
    # /users/4523, /orders/5f2b…; not /blog/2015/05/18
    _pattern(
        "user",
        rf"/[a-z][\w.~-]*/(?!{_DATE})(?P<value>{_UUID}|[0-9a-f]{{16,64}}|\d+)(?![\w.-]*[a-z_])(?!\d)",
    ),
    _pattern("number", r"(?-i:\b[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b)"),
    # a card's groups, and any long run of digits that is not the tail of a decimal
    _pattern("number", r"(?<![\w.,-])\d{4}(?:[ -]\d{4}){2}(?:[ -]\d{1,7})?(?!\w)"),
    _pattern("number", r"(?<![\w.,-])\d{4}[ -]\d{6}[ -]\d{4,5}(?!\w)"),
    _pattern("number", r"(?<!\w)(?<!\d[.,])\d{12,}(?!\w)"),
    # +49 30 1234567; (030) 123456; 1-555-123-4567; 0049 30 1234567; 030 123456
    _pattern("phone", r"(?<![\w.,])\+\d(?:[ ().-]{0,2}\d){7,14}(?!\w)"),
    _pattern("phone", r"(?<!\w)\(\d{2,5}\) ?\d{2,4}(?:[ -]?\d{2,4}){1,3}(?!\w)"),
    _pattern("phone", r"(?<![\w.,:/-])(?:1[-. ])?\d{3}[-.]\d{3}[-.]\d{4}(?![\w%])"),
    _pattern("phone", r"(?<![\w.,:/-])00 ?[1-9](?:[ ()/-]{0,2}\d){7,13}(?![\w%]|[:.,/-]\d)"),
    _pattern("phone", rf"(?<![\w.,:/-])(?!{_DATE})0[1-9](?:[ /-]?\d){{7,12}}(?![\w%]|[:.,/-]\d)"),
    # call 1234567
    _pattern(
        "phone",
        rf"\b(?:tel|phone|telephone|mobile|cell|call|whatsapp|fax)\b[^\w\n]{{1,4}}(?!{_DATE})"
        r"(?P<value>\d(?:[ -]?\d){5,14})(?![\w%]|[:.,/-]\d)",
    ),
    # Password: Winter2026x; pwd: hunter
    _pattern(
        "secret",
        rf"(?:passw(?:or)?d|passphrase|passcode|(?<![a-z])pwd?){_COLON_OR_LINE}(?!{_PROSE})(?P<value>{_WORD})",
    ),
    # API-Key: 7f3a9c0d, token: abc123; not token: expired
    _pattern(
        "secret",
        rf"(?:(?:api|access|secret|private|signing|encryption|auth)[ _-]?key|token|secret){_COLON_OR_LINE}"
        rf"(?!{_PROSE}|{_FIGURE})(?=[^\s\"'\d]{{0,80}}\d|[^\s\"']{{24}})(?P<value>{_WORD})",
    ),
    # user-id: 42, account number: 12 3456 7890
    _pattern(
        "user",
        rf"(?<![a-z0-9_/]){_PERSON}[ _-]?(?:id|uuid|no\.?|number|name|hash){_COLON_OR_LINE}"
        rf"(?=[^\s\"'\d]{{0,40}}\d)(?P<value>\d+(?:[ -]\d{{2,}})+(?![\w.,:%-])|{_FIELD_WORD})",
    ),
    # user: alice, account_id: main; not user: cannot log in
    _pattern(
        "user",
        rf"(?<![a-z0-9_/.-])(?<!per )(?<!each )(?:user|usr|uid|user name|requester|reporter|author|sender"
        rf"|recipient|{_PERSON}[_-]?(?:id|uuid|name|hash)){_QUOTE}[^\S\n]*:{_QUOTE}[^\S\n]+{_QUOTE}"
        rf"(?!{_PROSE}|{_FIGURE})(?P<value>{_FIELD_WORD})",
    ),
    # customer: 4523; not session: 300 ms
    _pattern(
        "user",
        rf"(?<![a-z0-9_/])(?<!per )(?:account|customer|client|member|subscriber|patient|person|login|session"
        rf"|device){_COLON}(?!{_DATE})(?P<value>(?=(?:[a-z_-]{{0,20}}\d){{3}})[\w-]+)(?![\w-])(?!{_UNIT})",
    ),
)
"""Everything that is looked for, in this order."""
