"""Text from outside as a notification may carry it: words, and nothing that a chat or a mail program acts on.

Titles, reasons and remarks come from tickets, files and people. In a chat "@channel" or "<!here>" calls
everybody, "[text](address)" hides where a link leads, and a bare address becomes one.
"""

from __future__ import annotations

import re
import unicodedata

BREAK = "\u200b"
"""A space of no width: the words look the same, and no program takes them for a mention or an address."""

MARKS = str.maketrans(
    {
        "<": "‹",
        ">": "›",
        "[": "(",
        "]": ")",
        "`": "'",
        "*": "∗",
        "_": "＿",
        "~": "∼",
        "|": "¦",
        "#": "＃",
        "@": f"@{BREAK}",
        "\\": "/",
    }
)
DOTTED = re.compile(r"(?<=\w)\.(?=[^\W\d])")
SCHEME = re.compile(r"(?<=\w):(?=\S)")
LINE_LENGTH = 300


def plain_words(text: str) -> str:
    """One line of words that reads as the text does: control marks gone, markup and mentions disarmed."""
    visible = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    disarmed = DOTTED.sub(f".{BREAK}", SCHEME.sub(f":{BREAK}", visible)).translate(MARKS)
    return " ".join(disarmed.split())[:LINE_LENGTH]
