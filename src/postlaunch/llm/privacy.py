"""What a model may see of people: pseudonyms in place of personal data (`docs/security.md`).

The patterns find what has a form: addresses, e-mail, telephone numbers, long numbers, secrets, and ids in
places that say so. A person's name in free text has no form and is not found.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal

from pydantic import JsonValue

from postlaunch.redaction import SHAPES

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

Kind = Literal["email", "ip", "phone", "number", "secret", "user"]

PSEUDONYM = re.compile(r"(?:email|ip|phone|number|secret|user)-[0-9a-f]{10}")
"""What stands for a person's data; the kind is kept, so that a model knows what it speaks of."""

DIGITS_SHOWN = 10
"""Hexadecimal digits of a pseudonym: with a million values, two share one in every two runs or so."""

PERSON_FIELD = re.compile(
    r"(?:user|usr|uid|user_?name|login|account|customer|client|member|requester|reporter|author|subscriber"
    r"|patient|person|sender|recipient|e?mail|phone|mobile|ip|remote_?addr|x_forwarded_for|session|device)"
    r"(?:[_-]?(?:id|uuid|name|no|number|addr|address|hash))?",
    re.IGNORECASE,
)
"""Names of fields whose whole value is personal."""

_DATE = r"(?:(?:19|20)\d\d[-./]\d{1,2}(?:[-./]\d{1,2})?|\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d\d)\b"
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NO_VALUE = r"(?:null|none|true|false|undefined|unknown|anonymous|guest)\b|[-/:]"


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
    _pattern("number", r"(?<!\w)(?<!\d[.,])\d{12,}(?!\w)"),
    # +49 30 1234567; (030) 123456; 555-123-4567; 030 123456
    _pattern("phone", r"(?<![\w.,])\+\d(?:[ ().-]{0,2}\d){7,14}(?!\w)"),
    _pattern("phone", r"(?<!\w)\(\d{2,5}\) ?\d{2,4}(?:[ -]?\d{2,4}){1,3}(?!\w)"),
    _pattern("phone", r"(?<![\w.,:/-])\d{3}[-.]\d{3}[-.]\d{4}(?![\w%])"),
    _pattern("phone", rf"(?<![\w.,:/-])(?!{_DATE})0[1-9](?:[ /-]?\d){{7,12}}(?![\w%]|[:.,/-]\d)"),
    # call 1234567
    _pattern(
        "phone",
        rf"\b(?:tel|phone|telephone|mobile|cell|call|whatsapp|fax)\b[^\w\n]{{1,4}}(?!{_DATE})"
        r"(?P<value>\d(?:[ -]?\d){5,14})(?![\w%]|[:.,/-]\d)",
    ),
)
"""Everything that is looked for, in this order."""

PASSES = 8
"""What is replaced can bring something else to light beside it; this many times at most."""


class Pseudonyms:
    """Replaces personal data in texts by pseudonyms, and back.

    The same value has the same pseudonym as long as the salt is the same; without the salt it cannot be
    computed or guessed. What stands for what is kept in memory only. Safe to share between threads.

    Args:
        enabled: False leaves every text as it is.
        salt: secret bytes, different for each run.
    """

    def __init__(self, enabled: bool, salt: bytes) -> None:
        self._enabled = enabled
        self._salt = salt
        self._originals: dict[str, str] = {}
        self._lock = threading.Lock()

    def hide(self, text: str) -> str:
        """The text without personal data. Hiding twice changes nothing more."""
        if not self._enabled:
            return text
        for _ in range(PASSES):
            before = text
            for pattern in PATTERNS:
                text = self._replaced(text, pattern)
            if text == before:
                break
        return text

    def hide_value(self, value: JsonValue, *, field: str = "") -> JsonValue:
        """JSON without personal data: texts as `hide` does, and fields of people ("requester") wholly."""
        if isinstance(value, Mapping):
            return {key: self.hide_value(item, field=key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.hide_value(item, field=field) for item in value]
        personal = self._enabled and PERSON_FIELD.fullmatch(field) is not None
        if isinstance(value, str):
            hidden = self.hide(value)
            wholly = PSEUDONYM.fullmatch(hidden) or not (personal and value)
            return hidden if wholly else self._pseudonym("user", value)
        if personal and isinstance(value, int) and not isinstance(value, bool):
            return self._pseudonym("user", str(value))
        return value

    def reveal(self, text: str) -> str:
        """The text with the originals back in place of the pseudonyms: for people at home only."""
        for _ in range(PASSES):
            before = text
            text = PSEUDONYM.sub(lambda found: self._originals.get(found[0], found[0]), text)
            if text == before:
                break
        return text

    def _replaced(self, text: str, pattern: Pattern) -> str:
        parts = []
        done = 0
        for found in pattern.form.finditer(text):
            start, end = pattern.span(found)
            value = text[start:end]
            if not _is_personal(pattern.kind, value):
                continue
            parts += [text[done:start], self._pseudonym(pattern.kind, value)]
            done = end
        return "".join([*parts, text[done:]]) if parts else text

    def _pseudonym(self, kind: Kind, value: str) -> str:
        """The pseudonym of a value; an e-mail address or a host is the same in any case."""
        if PSEUDONYM.fullmatch(value):
            return value
        digest = hmac.new(self._salt, f"{kind}:{value}".encode(errors="replace"), hashlib.sha256).hexdigest()
        pseudonym = f"{kind}-{digest[:DIGITS_SHOWN]}"
        with self._lock:
            self._originals.setdefault(pseudonym, value)
        return pseudonym


def blanked(text: str) -> str:
    """The text with a space for all that would be hidden: what takes a text apart meets no part of it.

    A word of an address, or the end of a key, has no form of its own any more by which it could be hidden.
    """
    return PSEUDONYM.sub(" ", Pseudonyms(enabled=True, salt=b"").hide(text))


def without_personal_data(messages: Sequence[BaseMessage], pseudonyms: Pseudonyms) -> list[BaseMessage]:
    """Messages as a model may see them: contents and the arguments of tool calls, with pseudonyms."""
    return [_hidden(message, pseudonyms) for message in messages]


def _hidden(message: BaseMessage, pseudonyms: Pseudonyms) -> BaseMessage:
    changed: dict[str, object] = {"content": _each_text(message.content, pseudonyms)}
    calls = getattr(message, "tool_calls", None)
    if calls:
        changed["tool_calls"] = [{**call, "args": pseudonyms.hide_value(call["args"])} for call in calls]
    return message.model_copy(update=changed)


def _each_text(content: object, pseudonyms: Pseudonyms) -> object:
    """The content of a message: a text, or blocks of which some hold a text."""
    if isinstance(content, str):
        return pseudonyms.hide(content)
    if isinstance(content, list):
        return [_each_text(block, pseudonyms) for block in content]
    if isinstance(content, Mapping):
        return {
            key: pseudonyms.hide(value) if key == "text" and isinstance(value, str) else value
            for key, value in content.items()
        }
    return content


def _is_personal(kind: Kind, value: str) -> bool:
    """Whether what looks like personal data is: no pseudonym, and no address of this machine itself."""
    if not value or PSEUDONYM.fullmatch(value):
        return False
    if kind != "ip":
        return True
    try:
        # 010.001.002.003 is written in logs; the library refuses the zeros
        address = ip_address(re.sub(r"(?<![:\d])0+(?=\d)", "", value))
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)
