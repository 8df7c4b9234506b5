"""Whatever the model does, the health report is published whole, and says what it had to do without.

Whole runs over real HTTP against a server that misbehaves as told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from postlaunch.api import AsyncPostLaunch
from postlaunch.cli.calling import exit_code
from postlaunch.events import Event
from postlaunch.facts import measured_in
from postlaunch.ledger.records import RunRecord
from postlaunch.llm.usage import usage_in
from postlaunch.reports.health import HealthReport
from postlaunch.reports.reading import AnyReport, report_from
from postlaunch.sample.generate import Sample
from postlaunch.settings import Budget, LedgerSettings, ModelSettings, Reports, Settings
from postlaunch.settings_file import load_settings
from postlaunch.sync import PostLaunch
from postlaunch.testing import Answer, FakeOpenAI, Status
from postlaunch.testing.fake_openai import Behaviour, Body, CutOff, HangUp, Received, Script, Slow

if TYPE_CHECKING:
    from conftest import Samples

ALONE = "monitoring-specialist"
REMARK = "The {F1.title} of {F1.entity} is {F1}."
TYPED = "About 12 % of the requests failed."

LOOKS = Answer(calls=[("errors_by_type", {})])
DEAR = Answer(calls=LOOKS.calls, usage=(30_000, 200))
ENDS = Answer("Nothing more would help.")


def judges(*remarks: str) -> Answer:
    """A judgement of these remarks."""
    return Answer({"findings": [{"section": "headline", "text": text} for text in remarks]})


def works(received: Received) -> Behaviour:
    """A model in good order: it ends the investigation at once, and judges with one remark."""
    return judges(REMARK) if "response_format" in received.body else ENDS


SettingsFor = Callable[..., Settings]


@pytest.fixture(scope="module")
def sample(samples: Samples) -> Sample:
    return samples.of(0.05)


@pytest.fixture
def settings_for(sample: Sample, tmp_path: Path) -> SettingsFor:
    """The sample's settings with a ledger of the test's own and a model that is tried once."""

    def settings(url: str, budget: Budget | None = None, **model: object) -> Settings:
        values = {"name": "fake", "base_url": url, "attempts": 1, "timeout_seconds": 10, **model}
        return load_settings(sample.settings, environment={}).model_copy(
            update={
                "model": ModelSettings.model_validate(values),
                "budget": budget or Budget(),
                "ledger": LedgerSettings(url=f"sqlite:///{tmp_path}/ledger.db"),
                "reports": Reports(folder=str(tmp_path / "reports"), handoffs=str(tmp_path / "handoffs")),
            }
        )

    return settings


Figure = tuple[str, str, float]


def figures_of(report: AnyReport) -> list[Figure]:
    """Every figure of a report; means of many numbers may differ in the last bit from run to run."""
    return [(one.part, one.unit, round(one.value, 6)) for one in measured_in(report)]


@dataclass(frozen=True)
class Made:
    """What came of one run."""

    run: RunRecord
    report: HealthReport
    events: tuple[Event, ...]
    files: tuple[Path, ...]

    @property
    def figures(self) -> list[Figure]:
        """Every figure of the report."""
        return figures_of(self.report)

    def of_kind(self, kind: str) -> list[Event]:
        """The events of one kind."""
        return [event for event in self.events if event.kind == kind]


async def make_report(
    settings: Settings, sample: Sample, environment: Mapping[str, str] | None = None
) -> Made:
    """Start the weekly report and move it to its end."""
    async with AsyncPostLaunch(settings, environment=environment or {}) as postlaunch:
        run = await postlaunch.start("weekly_report", as_of=sample.as_of, only=ALONE)
        return await made_of(postlaunch, await postlaunch.advance(run.id))


async def made_of(postlaunch: AsyncPostLaunch, run: RunRecord) -> Made:
    (record,) = await postlaunch.reports(run.id)
    report = report_from(record.body)
    assert isinstance(report, HealthReport)
    return Made(run, report, await postlaunch.events(run.id), tuple(map(Path, record.paths)))


@pytest.fixture(scope="module")
def rules_figures(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Figure]]:
    """Every figure of the report that is made without any model."""
    folder = tmp_path_factory.mktemp("rules")
    plain = load_settings(sample.settings, environment={}).model_copy(
        update={
            "ledger": LedgerSettings(url=f"sqlite:///{folder}/ledger.db"),
            "reports": Reports(folder=str(folder)),
        }
    )
    with PostLaunch(plain, environment={}) as postlaunch:
        run = postlaunch.advance(postlaunch.start("weekly_report", as_of=sample.as_of, only=ALONE).id)
        assert not run.degraded
        yield figures_of(report_from(postlaunch.reports(run.id)[0].body))


@dataclass(frozen=True)
class Failure:
    """How a model fails, and what the report says of it.

    Attributes:
        then: what the server does with every request after its script.
        calls: calls of the model that are paid for, at least; those that fail too where they may be billed.
    """

    said: str
    script: tuple[Script, ...] = ()
    then: Script = field(default_factory=HangUp)
    calls: int = 0
    model: Mapping[str, object] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)


FAILURES = {
    "breaks off at once": Failure("broke off its answer", calls=1),
    "goes down in the middle of the investigation": Failure("broke off its answer", (LOOKS,), calls=2),
    "goes down before the judgement": Failure("answered 503", (LOOKS, ENDS), Status(503), calls=2),
    "is slower than the time-out": Failure(
        "did not answer within 0.4 s", (), Slow(30), calls=1, model={"timeout_seconds": 0.4}
    ),
    "is cut off in the middle of its answer": Failure("broke off its answer", (ENDS,), CutOff(), calls=2),
    "sends garbage": Failure("cannot be read", (), Body(), calls=1),
    "sends a proxy's page": Failure("cannot be read", (), Body(b"<html>Hello</html>", "text/html"), calls=1),
    "never fits the schema": Failure(
        "does not fit Judgement", (ENDS,), Answer({"findings": "a lot"}), calls=3
    ),
    "has no credit left": Failure("answered 429", (), Status(429, "no credit", code="insufficient_quota")),
    "has a budget too small to begin": Failure("tokens", budget=Budget(tokens=100)),
    "uses up its budget of tokens": Failure(
        "tokens",
        (Answer("x", LOOKS.calls, usage=(30_000, 200)),),
        works,
        calls=1,
        budget=Budget(tokens=32_000),
    ),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_the_report_is_published_when_the_model(
    name: str,
    sample: Sample,
    settings_for: SettingsFor,
    rules_figures: list[Figure],
    capfd: pytest.CaptureFixture[str],
) -> None:
    failure = FAILURES[name]
    with FakeOpenAI(*failure.script, otherwise=failure.then) as server:
        made = await make_report(settings_for(server.base_url, failure.budget, **failure.model), sample)
    assert (made.run.state, made.run.degraded, exit_code(made.run)) == ("done", True, 3)
    assert made.figures == rules_figures
    assert made.report.provenance.analysis == "rules"
    assert failure.said in made.report.provenance.reason
    assert any(failure.said in problem for problem in made.run.problems)
    assert any(failure.said in event.text for event in made.of_kind("degraded"))
    assert failure.said in next(path for path in made.files if path.suffix == ".md").read_text()
    used = usage_in(made.events)
    assert used.calls == failure.calls
    assert made.report.provenance.tokens_in == used.tokens_in
    assert "Traceback" not in capfd.readouterr().err


async def test_a_server_that_never_was_there_is_named(
    sample: Sample, settings_for: SettingsFor, rules_figures: list[Figure]
) -> None:
    with FakeOpenAI(listening=False) as server:
        made = await make_report(settings_for(server.base_url), sample)
    assert (made.run.state, made.run.degraded, exit_code(made.run)) == ("done", True, 3)
    assert made.figures == rules_figures
    assert f"fake at {server.base_url} cannot be reached" in made.report.provenance.reason
    assert usage_in(made.events).calls == 0


async def test_a_missing_key_costs_the_analysis_and_not_the_report(
    sample: Sample, settings_for: SettingsFor, rules_figures: list[Figure]
) -> None:
    made = await make_report(settings_for(""), sample)
    assert (made.run.state, made.run.degraded, exit_code(made.run)) == ("done", True, 3)
    assert made.figures == rules_figures
    assert "OPENAI_API_KEY is not set" in made.report.provenance.reason
    (degraded,) = made.of_kind("degraded")
    assert "set OPENAI_API_KEY" in str(degraded.data["remedy"])


async def test_an_address_that_is_none_costs_the_analysis_and_not_the_report(
    sample: Sample, settings_for: SettingsFor
) -> None:
    made = await make_report(settings_for("localhost:8080/v1"), sample)
    assert (made.run.state, exit_code(made.run)) == ("done", 3)
    assert "is no address of a server" in made.report.provenance.reason


async def test_a_model_that_is_busy_for_a_moment_is_waited_for(
    sample: Sample, settings_for: SettingsFor, rules_figures: list[Figure]
) -> None:
    busy = Status(429, retry_after="0.01")
    with FakeOpenAI(busy, ENDS, busy, judges(REMARK)) as server:
        made = await make_report(settings_for(server.base_url, attempts=2), sample)
    assert (made.run.state, made.run.degraded, exit_code(made.run)) == ("done", False, 0)
    assert made.report.provenance.analysis == "model"
    (remark,) = made.report.headline.remarks
    assert remark.text.startswith("The Total Requests of application is ")
    assert made.figures == rules_figures
    assert usage_in(made.events).calls == 2


async def test_what_stood_before_a_repair_failed_stays(sample: Sample, settings_for: SettingsFor) -> None:
    with FakeOpenAI(ENDS, judges(REMARK, TYPED), otherwise=HangUp()) as server:
        made = await make_report(settings_for(server.base_url), sample)
    assert (made.run.degraded, exit_code(made.run)) == (True, 3)
    assert made.report.provenance.analysis == "model"
    assert "broke off its answer" in made.report.provenance.reason
    assert len(made.report.headline.remarks) == 1
    assert made.report.provenance.refused == 1


async def test_a_judgement_of_typed_figures_leaves_the_rules_alone(
    sample: Sample, settings_for: SettingsFor, rules_figures: list[Figure]
) -> None:
    with FakeOpenAI(ENDS, otherwise=judges(TYPED)) as server:
        made = await make_report(settings_for(server.base_url), sample)
    assert (made.run.state, exit_code(made.run)) == ("done", 3)
    assert made.report.provenance.analysis == "rules"
    assert made.figures == rules_figures
    assert all("12 %" not in path.read_text() for path in made.files)


async def test_the_same_report_is_made_anew_when_the_model_is_back(
    sample: Sample, settings_for: SettingsFor
) -> None:
    with FakeOpenAI(HangUp(), otherwise=works) as server:
        settings = settings_for(server.base_url)
        degraded = await make_report(settings, sample)
        async with AsyncPostLaunch(settings, environment={}) as postlaunch:
            second = await postlaunch.start("weekly_report", as_of=sample.as_of, only=ALONE)
            whole = await made_of(postlaunch, await postlaunch.advance(second.id))
            third = await postlaunch.start("weekly_report", as_of=sample.as_of, only=ALONE)
            first = await postlaunch.run(degraded.run.id)
    assert degraded.run.degraded
    assert second.id != degraded.run.id
    assert (first.state, whole.run.state, whole.run.degraded) == ("superseded", "done", False)
    assert whole.report.provenance.analysis == "model"
    assert third.id == second.id


class Crash(BaseException):
    """The process ends here; no `except Exception` holds it up."""


async def test_a_run_resumed_after_its_model_failed_still_says_so(
    sample: Sample, settings_for: SettingsFor
) -> None:
    def crash(event: Event) -> None:
        if event.text == "composes the report":
            raise Crash

    with FakeOpenAI(LOOKS, otherwise=HangUp()) as server:
        settings = settings_for(server.base_url)
        async with AsyncPostLaunch(settings, environment={}) as postlaunch:
            run = await postlaunch.start("weekly_report", as_of=sample.as_of, only=ALONE)
            with pytest.raises(Crash):
                await postlaunch.advance(run.id, crash)
        async with AsyncPostLaunch(settings, environment={}) as postlaunch:
            made = await made_of(postlaunch, await postlaunch.advance(run.id))
        assert server.requests == 2
    assert (made.run.state, made.run.degraded, exit_code(made.run)) == ("done", True, 3)
    assert any("broke off its answer" in problem for problem in made.run.problems)
    assert made.report.provenance.tokens_in == usage_in(made.events).tokens_in > 0


async def test_what_a_run_used_before_it_was_resumed_counts_against_its_budget(
    sample: Sample, settings_for: SettingsFor
) -> None:
    def crash(event: Event) -> None:
        if event.kind == "usage":
            raise Crash

    with FakeOpenAI(DEAR, otherwise=works) as server:
        settings = settings_for(server.base_url, Budget(tokens=32_000))
        async with AsyncPostLaunch(settings, environment={}) as postlaunch:
            run = await postlaunch.start("weekly_report", as_of=sample.as_of, only=ALONE)
            with pytest.raises(Crash):
                await postlaunch.advance(run.id, crash)
        async with AsyncPostLaunch(settings, environment={}) as postlaunch:
            made = await made_of(postlaunch, await postlaunch.advance(run.id))
        assert server.requests == 1
    assert "32,000" in made.report.provenance.reason


async def test_a_resumed_run_hides_people_under_the_same_names(
    sample: Sample, settings_for: SettingsFor
) -> None:
    with FakeOpenAI(otherwise=works) as server:
        async with AsyncPostLaunch(settings_for(server.base_url), environment={}) as postlaunch:
            services = postlaunch.services
            run = await postlaunch.start("weekly_report", as_of=sample.as_of, only=ALONE)
            other = await postlaunch.start("sprint_planning", as_of=sample.as_of)
            hidden = []
            for one in (run, run, other):
                hidden.append(services.bench(one.id).hide("anna@example.com"))
                services.close_session(one.id)
    assert hidden[0] == hidden[1] != hidden[2]


def test_the_synchronous_api_ends_the_same_way(
    sample: Sample, settings_for: SettingsFor, rules_figures: list[Figure]
) -> None:
    with (
        FakeOpenAI(otherwise=Status(500, "out of memory")) as server,
        PostLaunch(settings_for(server.base_url), environment={}) as postlaunch,
    ):
        run = postlaunch.advance(postlaunch.start("weekly_report", as_of=sample.as_of, only=ALONE).id)
        report = report_from(postlaunch.reports(run.id)[0].body)
    assert (run.state, exit_code(run)) == ("done", 3)
    assert figures_of(report) == rules_figures
    assert "out of memory" in report.provenance.reason


async def test_a_lease_is_given_back_when_a_session_cannot_be_opened(
    sample: Sample, settings_for: SettingsFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncPostLaunch(settings_for(""), environment={}) as postlaunch:
        run = await postlaunch.start("weekly_report", as_of=sample.as_of, only=ALONE)
        with monkeypatch.context() as patched:
            patched.setattr("postlaunch.graphs.session.seat_or_reason", _out_of_memory)
            with pytest.raises(MemoryError):
                await postlaunch.advance(run.id)
        assert (await postlaunch.advance(run.id)).state == "done"


def _out_of_memory(*_: object, **__: object) -> None:
    raise MemoryError
