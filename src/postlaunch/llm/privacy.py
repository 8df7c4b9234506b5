"""What a model may see of people: pseudonyms in place of personal data (`docs/security.md`).

What is found has a form (`personal_forms`): addresses, e-mail, telephone numbers, long numbers, secrets, and
ids in places that say so. A person's name in free text has no form and is not found.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pydantic import JsonValue

from postlaunch.llm.personal_forms import PATTERNS, PERSON_FIELD, Kind, Pattern

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

PSEUDONYM = re.compile(r"(?:email|ip|phone|number|secret|user)-[0-9a-f]{10}")
"""What stands for a person's data; the kind is kept, so that a model knows what it speaks of."""

DIGITS_SHOWN = 10
"""Hexadecimal digits of a pseudonym: with a million values, two share one in every two runs or so."""

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


def beginning(text: str, most: int) -> str:
    """At most so many characters of a text, and no part of what would be hidden while it is whole."""
    if len(text) <= most:
        return text
    spans = (pattern.span(found) for pattern in PATTERNS for found in pattern.form.finditer(text))
    for start, end in sorted(spans, reverse=True):
        if start < most < end:
            most = start
    return text[:most]


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
