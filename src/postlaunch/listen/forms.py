"""What a page sends back: read within limits, and only from the page that was given to this browser."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import Literal, get_args
from urllib.parse import parse_qsl

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen

COOKIE = "postlaunch_page"
COOKIE_VALUE = re.compile(r"[0-9a-f]{32}")
PURPOSE = b"postlaunch form 1\0"
LONGEST_BODY = 64 * 1024
MOST_FIELDS = 2000
LONGEST_TEXT = 4000

Action = Literal["check", "approve", "changes", "discovery", "reject"]
ACTIONS: tuple[str, ...] = get_args(Action)


class Form(Frozen):
    """A filled-in page.

    Attributes:
        items: ids of the ticked items.
        seen: the ids that were ticked when the page was made: what the person saw checked.
        text: what should change, or be found out.
        token: ties the form to the page that this browser was given.
    """

    action: Action
    items: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    reason: str = ""
    text: str = ""
    token: str = ""


def form_in(body: bytes) -> Form:
    """The form that a browser posted.

    Raises:
        UsageError: it is none, or larger than any page of ours.
    """
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise UsageError("the form cannot be read", "open the link again") from error
    single = {name: value for name, value in pairs if name not in ("item", "seen")}
    action = single.get("action", "")
    if action not in ACTIONS:
        raise UsageError("the form says nothing that can be done", "open the link again")
    return Form.model_validate(
        {
            "action": action,
            "items": [value for name, value in pairs if name == "item"],
            "seen": [value for name, value in pairs if name == "seen"],
            "reason": single.get("reason", "").strip()[:LONGEST_TEXT],
            "text": single.get("text", "").strip()[:LONGEST_TEXT],
            "token": single.get("token", ""),
        }
    )


def browser_of(cookies: str) -> str:
    """What the cookie says this browser is called, or a new name where it says nothing."""
    try:
        morsel = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        morsel = None
    known = morsel.value if morsel else ""
    return known if COOKIE_VALUE.fullmatch(known) else secrets.token_hex(16)


def cookie_for(browser: str, *, encrypted: bool) -> str:
    """The header that names a browser: sent back to our pages alone, and never from another site's."""
    secure = "; Secure" if encrypted else ""
    return f"{COOKIE}={browser}; Path=/decide/; Max-Age=86400; HttpOnly; SameSite=Strict{secure}"


def form_token(key: bytes, browser: str, nonce: str) -> str:
    """What ties a form to the browser and the link that its page was made for."""
    return hmac.new(key, PURPOSE + f"{browser} {nonce}".encode(), hashlib.sha256).hexdigest()


def is_ours(form: Form, key: bytes, browser: str, nonce: str) -> bool:
    """Whether a form comes from a page that this browser was given for this link."""
    return hmac.compare_digest(form.token.encode(), form_token(key, browser, nonce).encode())
