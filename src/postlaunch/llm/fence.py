"""Text from outside, shown to a model as data.

A ticket, a log line or a path may hold anything: orders to the model, the end of a fence, the tokens with
which a chat template marks who speaks, a tool call. `fenced` makes a block of it whose every line is marked,
in which nothing can look like structure. It does not make a model immune to being persuaded: what a model may
do is limited by its tools, and what it says is verified.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 4_000
"""Most characters of a text from outside that a model is shown."""

OPEN = "<<<data from outside: {label}>>>"
CLOSE = "<<<end of data>>>"
MARK = "| "
"""Stands before every line inside a fence."""

BRACKETS = str.maketrans({"<": "‹", ">": "›", "\uff1c": "‹", "\uff1e": "›"})
"""Without angle brackets there is no fence marker, no `<|im_end|>`, no `</s>`, no `<tool_call>`."""

LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
SQUARE_TOKEN = re.compile(r"\[(/?[A-Z][A-Z_]{2,}/?)\]")
SPEAKER = re.compile(
    r"^(\W*(?:system|assistant|user|human|ai|tool|developer|function|instructions?)\W*?)[:\uff1a]",
    re.IGNORECASE | re.MULTILINE,
)


def fenced(label: str, text: str, limit: int = LONGEST) -> str:
    """A block that shows a text from outside as data.

    Args:
        label: what it is, e.g. "ticket T-123, text"; defused like the text itself.
        limit: most characters shown; the block says how many were cut off.
    """
    shown = defused(text[: limit + 1])
    lines = [MARK + line for line in shown[:limit].split("\n")]
    if len(text) > limit:
        lines.append(f"({len(text) - limit:,} more characters cut off)")
    name = " ".join(defused(label[:120]).split())
    return "\n".join([OPEN.format(label=name), *lines, CLOSE])


def defused(text: str) -> str:
    """A text in which nothing looks like structure to a chat template: for names and values in one line too.

    Control and invisible characters go, angle brackets become ‹ ›, `[INST]` becomes (INST), and a line that
    opens like a speaker ("system:") gets a dash in place of its colon. Nothing else changes.
    """
    visible = "".join(map(_visible, LINE_ENDS.sub("\n", text)))
    plain = SQUARE_TOKEN.sub(r"(\1)", visible.translate(BRACKETS))
    return SPEAKER.sub(r"\1 –", plain)


def _visible(character: str) -> str:
    if character in "\n\t":
        return character
    category = unicodedata.category(character)
    return "" if category in ("Cc", "Cf", "Cs", "Co", "Cn") else character
