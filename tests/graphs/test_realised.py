"""Predicted against realised: what later reports say of the items that went live."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from postlaunch import HandOff, PostLaunch, Settings, load_settings
from postlaunch.agents.realised import Realised, realised
from postlaunch.facts import Measured
from postlaunch.testing import StillClock
from postlaunch.tools.measurement import Limits, run_measurement
from postlaunch.windows import Window

PERSON = "User"
END = datetime(2025, 11, 24, tzinfo=UTC)
APPROVED = datetime(2025, 11, 3, 9, tzinfo=UTC)
"""A Monday, three weeks before the sample ends."""


@pytest.fixture
def whole(folder: Path) -> Settings:
    """The sample with its requests, tickets and candidate items."""
    settings = load_settings(folder / "postlaunch.toml", environment={})
    named = settings.sources
    kept = type(named)(requests=named.requests, tickets=named.tickets, candidates=named.candidates)
    return settings.model_copy(update={"sources": kept})


@pytest.fixture
def handed_on(settings: Settings, clock: StillClock) -> tuple[HandOff, ...]:
    """A sprint that was approved three weeks ago, planned from tickets and candidate items alone."""
    clock.now = APPROVED
    with PostLaunch(settings, clock=clock, environment={}) as app:
        run = app.advance(app.start("sprint_planning").id)
        [request] = app.pending()
        app.decide(request.id, "approve", by=PERSON)
        app.advance(run.id)
        return app.handoffs()


@pytest.fixture
def app(whole: Settings, handed_on: tuple[HandOff, ...], clock: StillClock) -> Iterator[PostLaunch]:
    clock.now = datetime(2025, 11, 25, 9, tzinfo=UTC)
    with ExitStack() as opened:
        yield opened.enter_context(PostLaunch(whole, clock=clock, environment={}))


def handoff_of(handed_on: tuple[HandOff, ...], item: str) -> HandOff:
    return next(one for one in handed_on if one.item == item)


def looked_at(app: PostLaunch, end: datetime = END) -> Realised:
    """What a report that ends then says."""
    services = app._inner.services
    session = services.open_session(app.start("sprint_planning").id)
    try:
        return realised(session.bench, "product-analyst", end)
    finally:
        services.close_session(session.run.id)


def test_nothing_is_said_before_anything_went_live(app: PostLaunch) -> None:
    assert looked_at(app).items.items == ()
    assert "postlaunch deployed" in looked_at(app).items.reason


def test_a_whole_week_after_the_measure_is_there_before_and_after(
    app: PostLaunch, handed_on: tuple[HandOff, ...]
) -> None:
    cached = handoff_of(handed_on, "permission-caching")
    app.deployed(cached.id, version="1.1.0", at=APPROVED + timedelta(days=2))
    found = looked_at(app)
    [item], [fact] = found.items.items, found.facts
    assert (item.measure, item.target) == ("mean response time of GET /users/:id/permissions", "below 20 ms")
    assert isinstance(item.after, Measured)
    assert isinstance(item.before, Measured)
    assert (item.after.value, item.before.value) == (fact.value, fact.baseline)
    assert fact.baseline_window is not None
    assert (fact.window.label, fact.baseline_window.label) == ("2025-W46", "2025-W44")
    assert item.outcome == ("reached" if fact.value < 20 else "not reached")


def test_until_a_whole_week_is_over_it_is_too_early(app: PostLaunch, handed_on: tuple[HandOff, ...]) -> None:
    cached = handoff_of(handed_on, "permission-caching")
    app.deployed(cached.id, version="1.1.0", at=datetime(2025, 11, 17, 12, tzinfo=UTC))
    [item] = looked_at(app).items.items
    assert item.outcome == "too early"
    assert item.because == "a whole week after the deployment's is over on 2025-12-01"
    assert item.after.kind == item.before.kind == "unavailable"


def test_what_a_report_cannot_know_yet_is_not_in_it(app: PostLaunch, handed_on: tuple[HandOff, ...]) -> None:
    at = APPROVED + timedelta(days=2)
    app.deployed(handed_on[0].id, version="1.1.0", at=at)
    assert looked_at(app, end=at).items.items == ()


def test_a_measure_that_nothing_tells_is_said_to_be_so(
    app: PostLaunch, handed_on: tuple[HandOff, ...]
) -> None:
    told = handoff_of(handed_on, "two-factor-authentication")
    app.deployed(told.id, version="1.1.0", at=APPROVED + timedelta(days=2))
    [item] = looked_at(app).items.items
    assert (item.outcome, item.because) == ("not measured", "no measurement tells what was declared")


def test_a_measure_whose_source_is_not_configured_is_said_to_be_so(
    settings: Settings, handed_on: tuple[HandOff, ...], clock: StillClock
) -> None:
    clock.now = datetime(2025, 11, 25, 9, tzinfo=UTC)
    with PostLaunch(settings, clock=clock, environment={}) as without_requests:
        cached = handoff_of(handed_on, "permission-caching")
        without_requests.deployed(cached.id, version="1.1.0", at=APPROVED + timedelta(days=2))
        [item] = looked_at(without_requests).items.items
    assert (item.outcome, item.because) == ("not measured", "no source of requests is configured")


def test_the_next_backlog_prints_it_and_every_figure_can_be_measured_again(
    app: PostLaunch, handed_on: tuple[HandOff, ...]
) -> None:
    for handoff in handed_on:
        app.deployed(handoff.id, version="1.1.0", at=APPROVED + timedelta(days=2))
    run = app.advance(app.start("sprint_planning").id)
    [record] = [one for one in app.reports(run.id) if one.kind == "backlog"]
    pages = {Path(path).suffix: Path(path).read_text("utf-8") for path in record.paths}
    for page in (pages[".md"], pages[".html"]):
        assert "Predicted and Realised" in page
        assert "Permission caching (1.1.0)" in page
    assert app.verify(next(path for path in record.paths if path.endswith(".json"))).holds


def test_the_time_from_approval_to_deployment_is_measured(
    app: PostLaunch, handed_on: tuple[HandOff, ...]
) -> None:
    for days, handoff in zip((2, 5, 20), handed_on, strict=False):
        app.deployed(handoff.id, version="1.1.0", at=APPROVED + timedelta(days=days))
        app.deployed(handoff.id, version="1.1.1", at=APPROVED + timedelta(days=21))
    window = Window(start=APPROVED, end=END)
    sources = app._inner.services.sources()
    measured = run_measurement("time_to_deploy", {"window": window}, sources, Limits())
    [fact] = measured.facts
    assert (fact.value, fact.n) == (5.0, 3)
    earlier = run_measurement("time_to_deploy", {"window": window.before()}, sources, Limits())
    assert earlier.status == "no_data"
