"""A real small model against the weekly report: `python -m postlaunch.evals.live_model [--runs 20]`.

Each run generates a sample from its own seed and makes the weekly report end to end, with at most `--facts`
facts shown to the model. A small model writes mostly nonsense, which is what it is here for: the bar is that
no wrong figure gets through. Because the report's own prompts often make it write nothing at all, it is then
asked plainly for sentences about the same facts (`provoked.md`), which go through the same verification.

What is kept is checked again by `figure_check`, which shares no code with verification. Exit code 1 when a
wrong figure or direction got through.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from string import Template

from langchain_core.messages import HumanMessage

from postlaunch.agents.bench import Findings
from postlaunch.agents.judgement import Claim, Judgement, VerifiedJudgement
from postlaunch.agents.monitoring_specialist import MONITORING_SPECIALIST
from postlaunch.agents.slots import FactBook, verify_judgement
from postlaunch.api import AsyncPostLaunch
from postlaunch.errors import ModelError
from postlaunch.evals.live_counts import Counts, Printed, counted, printed_in, refusal_classes
from postlaunch.facts import Fact
from postlaunch.llm.seat import seat_for
from postlaunch.reports.reading import AnyReport, report_from
from postlaunch.sample.generate import generate
from postlaunch.settings import Budget, ModelSettings, Settings
from postlaunch.settings_file import load_settings
from postlaunch.testing import MemoryRecorder, local_model
from postlaunch.testing.small_model import NAME

TOPICS = ("the errors of the endpoints", "the response times", "the requests and the people who send them")
"""What the model is asked about when it is provoked, one question each."""

PROVOKED_TOKENS = 400
"""Of each answer; some fifteen sentences."""

FACTS_SHOWN = 12
"""With the house rules and the tools, what a context of 8,192 tokens holds and leaves room to answer."""

SECTION = "headline"
LONGEST = 400
CLAIMS_A_JUDGEMENT = 12
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
COLUMNS = ("attempts", "written", "stopped", "kept", "repaired", "calls", "ran", "hypotheses", "checked")


@dataclass(frozen=True)
class Options:
    """How the model is run.

    Attributes:
        facts: most facts that it is shown.
        scale: of the sample's traffic; below about 0.02 its weeks are partial and nothing is compared.
        tokens: longest answer.
        provoked_tokens: longest answer when it is provoked.
    """

    model: str
    base_url: str
    facts: int = FACTS_SHOWN
    scale: float = 0.05
    tokens: int = 1000
    provoked_tokens: int = PROVOKED_TOKENS
    tool_calls: int = 2
    topics: tuple[str, ...] = TOPICS

    def settings(self, sample: Path) -> Settings:
        """The sample's settings with this model, and limits that a short context can hold."""
        found = load_settings(sample, environment={})
        model = ModelSettings(
            name=self.model,
            base_url=self.base_url,
            facts_shown=self.facts,
            max_output_tokens=self.tokens,
            timeout_seconds=900,
            attempts=1,
        )
        budget = Budget(tool_calls=self.tool_calls, consults=1, tokens=1_000_000, seconds=3600)
        return found.model_copy(update={"model": model, "budget": budget})


@dataclass(frozen=True)
class Outcome:
    """One run: the report end to end, and the provoked sentences.

    Attributes:
        problems: what the run had to do without, in words; a model that failed is one.
        sentences: those of the model that were kept, as printed.
    """

    seed: int
    report: AnyReport
    problems: tuple[str, ...]
    live: Counts
    provoked: Counts = field(default_factory=Counts)
    sentences: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def wrong(self) -> tuple[str, ...]:
        """What got through that should not have."""
        return self.live.wrong + self.provoked.wrong


async def run_once(options: Options, seed: int, environment: Mapping[str, str]) -> Outcome:
    """Generate a sample, make its weekly report, then provoke the model with the same facts."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="postlaunch-live-") as folder:
        sample = generate(Path(folder), seed=seed, scale=options.scale)
        settings = options.settings(sample.settings)
        async with AsyncPostLaunch(settings, environment=environment) as postlaunch:
            run = await postlaunch.start("weekly_report", as_of=sample.as_of, only=MONITORING_SPECIALIST.name)
            run = await postlaunch.advance(run.id)
            (record,) = await postlaunch.reports(run.id)
            ledger = postlaunch.ledger
            documents = {name: ledger.document(run.id, name) or {} for name in ledger.document_names(run.id)}
        report = report_from(record.body)
        live, said = _checked(counted(documents), tuple(printed_in(report)), settings)
        facts = Findings.model_validate(documents[f"{MONITORING_SPECIALIST.name}/findings"]).facts
        provoked, more = await provoke(options, settings, facts[: options.facts], environment)
    seconds = time.monotonic() - started
    return Outcome(seed, report, run.problems, live, provoked, said + more, seconds)


def _checked(
    counts: Counts, printed: Sequence[Printed], settings: Settings
) -> tuple[Counts, tuple[str, ...]]:
    """The counts with what the second check found, and the sentences it looked at."""
    wrong = tuple(problem for one in printed for problem in one.wrong(settings))
    return replace(counts, checked=len(printed), wrong=wrong), tuple(one.text for one in printed)


async def provoke(
    options: Options, settings: Settings, facts: Sequence[Fact], environment: Mapping[str, str]
) -> tuple[Counts, tuple[str, ...]]:
    """Ask plainly for sentences about these facts, and verify each as a finding."""
    book = FactBook(facts, currency=settings.application.currency)
    total, sentences = Counts(), list[str]()
    async for text in _answers(options, settings, book, environment):
        claims = tuple(dict.fromkeys(Claim(section=SECTION, text=one) for one in sentences_in(text)))
        for start in range(0, len(claims), CLAIMS_A_JUDGEMENT):
            judgement = Judgement(findings=claims[start : start + CLAIMS_A_JUDGEMENT])
            counts, said = _verified(judgement, book, settings)
            total += counts
            sentences += said
    return total, tuple(sentences)


async def _answers(
    options: Options, settings: Settings, book: FactBook, environment: Mapping[str, str]
) -> AsyncIterator[str]:
    """What the model answers on each topic; nothing where it fails."""
    model = settings.model.model_copy(update={"max_output_tokens": options.provoked_tokens})
    seat = seat_for(settings.model_copy(update={"model": model}), environment, MemoryRecorder())
    assert seat is not None, "this eval is run with a model"
    prompt = Template(files("postlaunch.evals").joinpath("provoked.md").read_text(encoding="utf-8"))
    for topic in options.topics:
        asked = prompt.substitute(facts="\n".join(book.lines()), last=len(book), topic=topic)
        try:
            answer = await seat.turn([HumanMessage(asked)])
        except ModelError as error:
            print(f"the model was asked about {topic} and failed: {error}")
            continue
        yield answer.text


def sentences_in(text: str) -> Iterator[str]:
    """The sentences of a text, without the marks of a list; what is left of one that is too long is cut."""
    for line in text.splitlines():
        for part in SENTENCE_END.split(LIST_MARK.sub("", line)):
            if sentence := part.strip()[:LONGEST].strip():
                yield sentence


def _verified(judgement: Judgement, book: FactBook, settings: Settings) -> tuple[Counts, tuple[str, ...]]:
    verified: VerifiedJudgement = verify_judgement(
        judgement,
        book,
        sections=(SECTION,),
        entities=frozenset((settings.application.name, settings.application.version)),
        objectives=settings.objectives,
    )
    known = {fact.id: fact for fact in book}
    printed = [
        Printed(claim.sentence.text, tuple(known[fact] for fact in claim.sentence.facts))
        for claim in verified.findings
    ]
    counts = Counts(
        attempts=1,
        written=len(judgement.findings),
        stopped=len(judgement.findings) - len(verified.findings),
        kept=len(verified.findings),
        classes=refusal_classes(verified.refusals),
    )
    return _checked(counts, printed, settings)


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Both modes, a line a run and one for all; then the classes of what was stopped."""
    for title, mode in (("the weekly report", "live"), ("provoked", "provoked")):
        yield f"{title:<18} " + " ".join(f"{name:>10}" for name in COLUMNS) + f" {'wrong':>6}"
        total = Counts()
        for outcome in outcomes:
            counts: Counts = getattr(outcome, mode)
            total += counts
            yield _line(f"seed {outcome.seed}", counts)
        yield _line("all", total)
        share = total.stopped / total.written if total.written else 0.0
        yield f"stopped: {total.stopped} of {total.written} sentences ({share:.1%}), by the first reason:"
        yield from (f"  {name:<24} {number:>5}" for name, number in total.classes.most_common())
        yield ""
    reports = [outcome.report for outcome in outcomes]
    by_model = sum(1 for report in reports if report.provenance.analysis == "model")
    degraded = sum(1 for outcome in outcomes if outcome.problems)
    seconds = sum(outcome.seconds for outcome in outcomes)
    tokens = sum(report.provenance.tokens_in + report.provenance.tokens_out for report in reports)
    yield f"{len(reports)} reports published, {by_model} with sentences of the model, {degraded} degraded"
    yield f"{tokens:,} tokens in the reports' runs, {seconds:,.0f} s in all"


def told(outcome: Outcome, *, kept: bool) -> Iterator[str]:
    """A run as it is told when it is over."""
    yield _line(f"seed {outcome.seed}, report", outcome.live)
    yield _line(f"seed {outcome.seed}, provoked", outcome.provoked)
    yield from (f"    {problem}" for problem in outcome.problems)
    yield from (f"    kept: {sentence}" for sentence in outcome.sentences if kept)


def _line(name: str, counts: Counts) -> str:
    numbers = " ".join(f"{getattr(counts, column):>10}" for column in COLUMNS)
    return f"{name:<18} {numbers} {len(counts.wrong):>6}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the eval and print its table; the exit code is 1 when a wrong figure got through."""
    parser = argparse.ArgumentParser(description="A real small model against the weekly report")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--facts", type=int, default=FACTS_SHOWN, help="most facts that the model is shown")
    parser.add_argument("--tokens", type=int, default=1000, help="longest answer of the model")
    parser.add_argument("--base-url", default="", help="a server to ask instead of the small local model")
    parser.add_argument("--model", default=NAME)
    parser.add_argument("--kept", action="store_true", help="also print every sentence that was kept")
    options = parser.parse_args(arguments)
    with nullcontext(options.base_url) if options.base_url else local_model() as url:
        live = Options(options.model, url, facts=options.facts, tokens=options.tokens)
        outcomes = []
        for seed in range(options.first_seed, options.first_seed + options.runs):
            outcomes.append(asyncio.run(run_once(live, seed, os.environ)))
            print("\n".join(told(outcomes[-1], kept=options.kept)), flush=True)
    print("\n".join(["", *table(outcomes)]))
    wrong = [problem for outcome in outcomes for problem in outcome.wrong]
    print("\n".join([f"wrong figures and directions that got through: {len(wrong)}", *wrong]))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
