"""Secrets taken out of what is logged, shown or stored: keys, passwords, authorization headers.

What is known to be secret (the values of environment variables whose names say so) is replaced wherever it
stands; what only looks like a secret (`Bearer …`, `sk-…`, `password=…`) is replaced by its shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pydantic import SecretBytes, SecretStr

HIDDEN = "[redacted]"

SECRET_NAME = re.compile(
    r"(?:^|[_.-])(?:(?:api|access|private|secret|signing|encryption)[_-]?key|token|secret|password|passwd|pwd"
    r"|credentials?|authorization|cookie|dsn|webhook)(?:[_.-]|$)",
    re.IGNORECASE,
)
"""Names of variables and log fields whose values are secret."""

SECRET_VARIABLE = re.compile(r"(?:^|_)(?:API)?KEY$", re.IGNORECASE)
"""In the environment every key is secret; a log field "run_key" is not."""

WORKING_FOLDER = "PWD"
"""What every shell sets: where it is, and no password."""

COUNTED_NAME = re.compile(r"(?:^|[_.-])tokens?[_.-](?:in|out|limit|count|left)$", re.IGNORECASE)
"""Names that speak of tokens of a language model, which are counted, not kept secret."""

SHORTEST_SECRET = 8
"""A shorter value is not searched for in texts: it would tear ordinary words apart."""

_NAMED = r"(?:(?:api|access|secret)[_-]?key|(?:access|auth|refresh)[_-]?token|token|secret|passw(?:or)?d|pwd)"
SHAPES = re.compile(
    r"(?P<header>(?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic|token)\s+)?)[^\s\"',;}]+"
    r"|(?P<scheme>\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}"
    rf"|(?P<named>(?<![A-Za-z]){_NAMED}[\"']?\s*(?:=|:\s*(?=[\"']))\s*[\"']?)[^\s\"'&;,)}}\]]+"
    r"|(?P<query>[?&](?:key|sig|signature|code)=)[^\s\"'&]+"
    r"|(?P<userinfo>\b[a-z][a-z0-9+.-]{0,30}://[^\s:/@]*:)[^\s/@]+(?=@)"
    r"|\b(?:sk|pk|rk|plt)[-_][A-Za-z0-9_-]{12,}"
    r"|\b(?:gh[pousr]|github_pat|glpat|xox[abprs])[-_][A-Za-z0-9_-]{10,}"
    r"|\bAKIA[0-9A-Z]{16}\b"
    r"|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,4000}(?:\.[A-Za-z0-9_-]{1,4000})?",
    re.IGNORECASE,
)
"""What looks like a secret. The named groups are what stands before it and is kept."""


class Redactor:
    """Takes secrets out of texts and of structured values.

    Args:
        secrets: values known to be secret.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
        longest_first = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if known else None

    @classmethod
    def of_environment(cls, environment: Mapping[str, str], *more: SecretStr | None) -> Redactor:
        """One that knows the values of all variables whose names say that they are secret, and `more`."""
        named = [
            value
            for name, value in environment.items()
            if (names_a_secret(name) or SECRET_VARIABLE.search(name)) and name != WORKING_FOLDER
        ]
        return cls([*named, *(secret.get_secret_value() for secret in more if secret)])

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        return SHAPES.sub(lambda found: f"{found[found.lastgroup] if found.lastgroup else ''}{HIDDEN}", text)

    def value(self, value: object, *, name: str = "") -> object:
        """The value without secrets, however deep they are; a name that says "secret" hides all below it."""
        if isinstance(value, (SecretStr, SecretBytes)) or (names_a_secret(name) and value not in (None, "")):
            return HIDDEN
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.text(value.decode(errors="replace"))
        if isinstance(value, Mapping):
            return {key: self.value(item, name=str(key)) for key, item in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.value(item) for item in value]
        if value is None or isinstance(value, (bool, int, float)):
            return value
        return self.text(str(value))


def names_a_secret(name: str) -> bool:
    """Whether a variable or field of this name holds a secret: "OPENAI_API_KEY", "authorization"."""
    return bool(SECRET_NAME.search(name)) and not COUNTED_NAME.search(name)
