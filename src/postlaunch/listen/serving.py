"""The web server: who may ask what, how often, and with which headers. What is decided is the desk's."""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import structlog

from postlaunch.errors import DecisionRefused, LinkRefused, PostLaunchError, UsageError
from postlaunch.ledger.notifying import DECIDE_PATH
from postlaunch.listen.desk import Desk, Opened
from postlaunch.listen.forms import LONGEST_BODY, Form, browser_of, cookie_for, form_in, form_token, is_ours
from postlaunch.listen.limits import RateLimit
from postlaunch.listen.pages import decided_page, decision_page, plain_page, stylesheet

log = structlog.get_logger(__name__)

STYLE_PATH = "/listen.css"
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
BUSIEST = 32
"""Connections at once; the next waits until one ends."""
REFUSED_COST = 6
"""What a link that is refused costs of an address's permits: trying links out ends soon."""
FORM = "application/x-www-form-urlencoded"

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # the address holds the link; and a form needs its origin told
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


@dataclass
class Site:
    """What every request is answered with.

    Attributes:
        url: how people reach the page; empty: on this machine alone.
        limit: of requests, by address.
    """

    desk: Desk
    url: str
    limit: RateLimit
    port: int = 0
    slots: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(BUSIEST))

    @property
    def origins(self) -> frozenset[str]:
        """The origins of our own pages, as a browser names them."""
        local = {f"http://{name}:{self.port}" for name in LOOPBACK_NAMES}
        return frozenset(local | {self.url} if self.url else local)

    @property
    def hosts(self) -> frozenset[str]:
        """The names that requests may come under: no page of another name reaches this one by its address."""
        return frozenset(urlsplit(origin).netloc for origin in self.origins)


class Server(ThreadingHTTPServer):
    """A thread a connection, at most `BUSIEST` of them."""

    daemon_threads = True
    site: Site

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, once there is room for one."""
        self.site.slots.acquire()
        try:
            super().process_request(request, client_address)
        except BaseException:  # raised again: without a thread nobody would make the room free
            self.site.slots.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.site.slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log that a page failed, and never what was asked for: it holds the link."""
        error = sys.exc_info()[1]
        if isinstance(error, OSError):  # whoever asked went away, or was too slow
            log.info("a connection ended early")
        else:
            log.error("a page failed", error=type(error).__name__)


class ServerOnSix(Server):
    """The same on an address of IP version 6."""

    address_family = socket.AF_INET6


class _Refused(Exception):
    """A request that is answered with a plain page."""

    def __init__(self, status: HTTPStatus, said: str, then: str = "") -> None:
        super().__init__(said)
        self.status, self.said, self.then = status, said, then


class Handler(BaseHTTPRequestHandler):
    """Answers requests: GET looks and never decides, POST decides."""

    server: Server
    timeout = 15
    server_version = "postlaunch"
    sys_version = ""

    def do_GET(self) -> None:
        """A page, or the style."""
        self._answered(self._looked)

    def do_HEAD(self) -> None:
        """As GET, without a body."""
        self._answered(self._looked)

    def do_POST(self) -> None:
        """A filled-in page."""
        self._answered(self._filled_in)

    def _answered(self, answer: Callable[[], None]) -> None:
        """Answer; whatever is refused or goes wrong is a plain page."""
        try:
            self._admitted()
            answer()
        except _Refused as refused:
            self._page(refused.status, plain_page("Not possible", refused.said, refused.then))
        except LinkRefused as error:
            self._charge()
            self._page(
                HTTPStatus.FORBIDDEN, plain_page("This link decides nothing", str(error), error.remedy)
            )
        except DecisionRefused as error:
            self._page(HTTPStatus.GONE, plain_page("This link decides nothing", str(error), error.remedy))
        except UsageError as error:
            self._page(HTTPStatus.BAD_REQUEST, plain_page("Not possible", str(error), error.remedy))
        except PostLaunchError as error:
            log.warning("a page could not be made", problem=str(error))
            said = "the proposal cannot be shown now"
            self._page(HTTPStatus.SERVICE_UNAVAILABLE, plain_page("Not now", said, "try again in a minute"))

    def _admitted(self) -> None:
        """Turn away who asks too often, or under a name that is not ours."""
        site = self.server.site
        if not site.limit.allows(self.client_address[0]):
            raise _Refused(HTTPStatus.TOO_MANY_REQUESTS, "too many requests", "wait a minute, then try again")
        if self.headers.get("Host", "").lower() not in site.hosts:
            raise _Refused(HTTPStatus.MISDIRECTED_REQUEST, "this server has another name")

    def _charge(self) -> None:
        self.server.site.limit.charge(self.client_address[0], REFUSED_COST)

    def _token(self) -> str:
        if not self.path.startswith(DECIDE_PATH) or "/" in self.path.removeprefix(DECIDE_PATH):
            raise _Refused(HTTPStatus.NOT_FOUND, "there is no such page", "open the link as it was sent")
        return self.path.removeprefix(DECIDE_PATH)

    def _looked(self) -> None:
        if self.path == STYLE_PATH:
            self._send(HTTPStatus.OK, stylesheet(), "text/css; charset=utf-8")
            return
        opened = self.server.site.desk.open(self._token())
        if opened.decision is not None:
            self._page(HTTPStatus.OK, decided_page(opened))
            return
        browser = browser_of(self.headers.get("Cookie", ""))
        self._decision_page(opened, opened.proposed, browser)

    def _filled_in(self) -> None:
        self._from_our_page()
        token, desk = self._token(), self.server.site.desk
        opened = desk.open(token)
        if opened.decision is not None:
            raise LinkRefused("this link was used already", "a link decides once")
        form = form_in(self._body())
        browser = browser_of(self.headers.get("Cookie", ""))
        if not is_ours(form, desk.key, browser, opened.claims.nonce):
            raise _Refused(
                HTTPStatus.FORBIDDEN, "this form is not of the page you were given", "open the link again"
            )
        answer = desk.take(opened, form, token)
        if answer.outcome == "decided":
            self._send(HTTPStatus.SEE_OTHER, b"", "text/html; charset=utf-8", {"Location": self.path})
            return
        status = HTTPStatus.OK if answer.outcome == "look" else HTTPStatus.CONFLICT
        self._decision_page(opened, answer.items, browser, status, answer.problem, form)

    def _from_our_page(self) -> None:
        """Turn away what another site sends: browsers name the origin of every form."""
        if self.headers.get("Origin", "").lower() not in self.server.site.origins:
            raise _Refused(HTTPStatus.FORBIDDEN, "this form comes from another site", "open the link itself")
        if self.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise _Refused(HTTPStatus.FORBIDDEN, "this form comes from another site", "open the link itself")
        if self.headers.get_content_type() != FORM:
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "only a form is taken")

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise _Refused(HTTPStatus.LENGTH_REQUIRED, "the length of the form is missing")
        if int(length) > LONGEST_BODY:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the form is too large")
        return self.rfile.read(int(length))

    def _decision_page(
        self,
        opened: Opened,
        items: tuple[str, ...],
        browser: str,
        status: HTTPStatus = HTTPStatus.OK,
        problem: str = "",
        form: Form | None = None,
    ) -> None:
        site = self.server.site
        page = decision_page(
            opened,
            site.desk.view(opened, items),
            items,
            token=form_token(site.desk.key, browser, opened.claims.nonce),
            problem=problem,
            form=form,
        )
        cookie = cookie_for(browser, encrypted=site.url.startswith("https:"))
        self._page(status, page, {"Set-Cookie": cookie})

    def _page(self, status: HTTPStatus, page: str, headers: Mapping[str, str] | None = None) -> None:
        self._send(status, page.encode("utf-8", "replace"), "text/html; charset=utf-8", headers)

    def _send(
        self, status: HTTPStatus, body: bytes, kind: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        told = {**HEADERS, "Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}
        if self.server.site.url.startswith("https:"):
            told["Strict-Transport-Security"] = "max-age=31536000"
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the library refuses itself (a method, a broken request) as a plain page too."""
        self.command = getattr(self, "command", "") or ""
        self.close_connection = True
        self._page(HTTPStatus(code), plain_page("Not possible", HTTPStatus(code).phrase.lower()))

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a line of the usual log holds the link."""


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


@contextmanager
def served(site: Site, address: str, port: int) -> Iterator[Server]:
    """A server that listens, to be run with `serve_forever`.

    Raises:
        UsageError: the address or port cannot be had.
    """
    kind = ServerOnSix if ":" in address else Server
    try:
        server = kind((address, port), Handler)
    except OSError as error:
        raise UsageError(
            f"{address}:{port} cannot be listened on: {error.strerror}", "name another --port"
        ) from error
    site.port = server.server_address[1]
    server.site = site
    try:
        yield server
    finally:
        server.server_close()
