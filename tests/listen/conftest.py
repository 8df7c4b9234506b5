"""A sprint planned up to its gate, once; each test has a copy of its own, and a server that serves it."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.link_tokens import claims_for, signed
from postlaunch.ledger.records import ApprovalRequest
from postlaunch.listen.desk import Desk
from postlaunch.listen.limits import RateLimit
from postlaunch.listen.serving import Site, served
from postlaunch.sample.generate import generate
from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings
from postlaunch.settings_sources import Sources
from postlaunch.sync import PostLaunch
from postlaunch.testing.clock import StillClock

PERSON = "User"
KEY = "a key for links that is long enough"
ENVIRONMENT = {"POSTLAUNCH_LINK_KEY": KEY}
START = datetime(2025, 11, 25, 9, tzinfo=UTC)


def settings_in(folder: Path) -> Settings:
    whole = load_settings(folder / "postlaunch.toml", environment={})
    return whole.model_copy(
        update={"sources": Sources(tickets=whole.sources.tickets, candidates=whole.sources.candidates)}
    )


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose planning waits at the gate; not to be written to."""
    folder = tmp_path_factory.mktemp("planned") / "demo"
    generate(folder, scale=0.02)
    with PostLaunch(settings_in(folder), clock=StillClock(START), environment=ENVIRONMENT) as app:
        assert app.advance(app.start("sprint_planning", sprint=4).id).state == "waiting"
    return folder


@dataclass
class Place:
    """A served copy.

    Attributes:
        carried_out: the runs that were to be moved on.
        seconds: what the rate limit's clock shows.
    """

    app: PostLaunch
    clock: StillClock
    base: str
    site: Site
    carried_out: list[str]
    seconds: list[float]

    @property
    def ledger(self) -> Ledger:
        """The ledger behind the page."""
        return self.app._inner.ledger

    @property
    def request(self) -> ApprovalRequest:
        """The one request."""
        [request] = self.app.pending()
        return request

    def link(self, person: str = PERSON, **changed: object) -> str:
        """The path of a link for somebody; any claim can be another."""
        claims = claims_for(self.request, person).model_copy(update=changed)
        return f"/decide/{signed(claims, KEY.encode())}"

    def browser(self) -> httpx.Client:
        """A browser of its own cookies, which says where its forms come from."""
        return httpx.Client(base_url=self.base, headers={"Origin": self.base})

    @staticmethod
    def filled_in(page: str, action: str, **changed: object) -> dict[str, object]:
        """The form of a page as a browser sends it: the ticked items, and what was changed."""
        form: dict[str, object] = {
            "token": re.findall(r'name="token" value="(\w+)"', page)[0],
            "seen": re.findall(r'name="seen" value="([^"]+)"', page),
            "item": re.findall(r'name="item" value="([^"]+)" checked', page),
            "reason": "",
            "text": "",
            "action": action,
        }
        return {**form, **changed}


Served = Callable[..., Place]


@pytest.fixture
def serve(planned: Path, tmp_path: Path) -> Iterator[Served]:
    """Serves copies of the planned folder; what of the settings is given is set there."""
    with ExitStack() as stack:

        def opened(**updates: object) -> Place:
            folder = Path(shutil.copytree(planned, tmp_path / "demo"))
            settings = settings_in(folder).model_copy(update=updates)
            clock = StillClock(START)
            app = stack.enter_context(PostLaunch(settings, clock=clock, environment=ENVIRONMENT))
            carried_out: list[str] = []
            seconds = [0.0]
            desk = Desk(app, KEY.encode(), clock, carried_out.append)
            site = Site(desk, settings.listen.url, RateLimit(60, 1, lambda: seconds[0]))
            server = stack.enter_context(served(site, "127.0.0.1", 0))
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return Place(app, clock, f"http://127.0.0.1:{site.port}", site, carried_out, seconds)

        yield opened


@pytest.fixture
def place(serve: Served) -> Place:
    return serve()
