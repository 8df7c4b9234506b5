"""`listen`: the page that takes a decision by a one-time link."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import structlog
import typer

from postlaunch.cli.calling import Call, Choice, SettingsOption, opened, printer
from postlaunch.errors import PostLaunchError, UsageError
from postlaunch.ledger.link_tokens import link_key
from postlaunch.listen.desk import Desk
from postlaunch.listen.limits import RateLimit
from postlaunch.listen.serving import Server, Site, is_loopback, served
from postlaunch.windows import system_clock

log = structlog.get_logger(__name__)

BURST, PER_SECOND = 60, 1.0
"""Requests that one address may make at once, and then steadily. A page is two."""
PROXY = (
    "a link decides, and this speaks no TLS. Let a proxy on this machine (Caddy, nginx) take https and pass "
    "it on to 127.0.0.1. If the proxy stands on another machine of your own network, add --behind-a-tls-proxy"
)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(listen)


def listen(
    settings: SettingsOption = None,
    address: Annotated[str | None, typer.Option("--address", help="Else of the settings: 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Else of the settings.")
    ] = None,
    behind_a_tls_proxy: Annotated[
        bool, typer.Option("--behind-a-tls-proxy", help="Take requests from other machines.")
    ] = False,
) -> None:
    """Serve the page that takes decisions by link.

    It serves until it is stopped. Links go out with notifications. See docs/notifications.md.
    """
    with opened(Choice(settings)) as call:
        chosen = call.postlaunch.settings.listen
        place, number = address or chosen.address, chosen.port if port is None else port
        if not is_loopback(place) and not behind_a_tls_proxy:
            raise UsageError(f"{place} can be reached from other machines: nothing listens there", PROXY)
        key = link_key(call.postlaunch.settings, os.environ)
        with ThreadPoolExecutor(1, thread_name_prefix="carry-out") as pool:
            desk = Desk(call.postlaunch, key, system_clock, lambda run: _carried_out(pool, call, run))
            site = Site(desk, chosen.url, RateLimit(BURST, PER_SECOND, time.monotonic))
            with served(site, place, number) as server:
                people = f", for {chosen.url}" if chosen.url else ""
                printer().print(f"Listening on http://{place}:{site.port}{people}. Ctrl-C ends.")
                _serve(server)


def _carried_out(pool: ThreadPoolExecutor, call: Call, run: str) -> None:
    """Move the run of a decision on, beside the answer; what fails is done by the next night."""

    def advance() -> None:
        try:
            call.postlaunch.advance(run)
        except PostLaunchError as error:
            log.error("a decision is stored and not yet carried out", run=run, problem=str(error))
        except Exception:  # a bug in one run: the page goes on, and the next night tries again
            log.error("a decision is stored and not yet carried out", run=run, exc_info=True)

    pool.submit(advance)


def _serve(server: Server) -> None:
    """Answer until Ctrl-C or the signal to end; what is being answered is finished."""
    before = signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    try:
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        printer().print("Stopped. Open requests stay open.")
    finally:
        signal.signal(signal.SIGTERM, before)
