"""The embedded sample: "User Management System" v1.0.0, two weeks of requests and seven of tickets."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from postlaunch.facts import Frozen
from postlaunch.sample.counting import (
    by_week,
    capacity_truth,
    incident_truth,
    theme_truths,
    week_truth,
)
from postlaunch.sample.incident import Incident
from postlaunch.sample.tickets import tickets_of
from postlaunch.sample.traffic import requests_of
from postlaunch.sample.truth import Truth
from postlaunch.sample.writing import copy_resource, write_requests, write_tickets
from postlaunch.windows import Moment, iso_week_of

ZONE = "America/Los_Angeles"
DEFAULT_SEED = 7
DEFAULT_END = datetime(2025, 11, 24, 8, tzinfo=UTC)
"""Monday midnight in Los Angeles: the sample covers the two ISO weeks before it."""


class Sample(Frozen):
    """Where the files of one sample are.

    Attributes:
        settings: a complete `postlaunch.toml`; its paths are relative to the folder.
        truth: the exact answers; never a source of anything but tests and evals.
        as_of: the moment to report at: the end of the newer week.
    """

    folder: Path
    settings: Path
    requests: Path
    tickets: Path
    candidates: Path
    truth: Path
    seed: int
    as_of: Moment

    @classmethod
    def at(cls, folder: Path, seed: int, as_of: datetime) -> Sample:
        """The places of a sample in this folder."""
        return cls(
            folder=folder,
            settings=folder / "postlaunch.toml",
            requests=folder / "requests.jsonl.gz",
            tickets=folder / "tickets.csv",
            candidates=folder / "candidates.yaml",
            truth=folder / "truth.json",
            seed=seed,
            as_of=as_of,
        )

    def read_truth(self) -> Truth:
        """The exact answers of this sample."""
        return Truth.model_validate_json(self.truth.read_text(encoding="utf-8"))


def generate(
    folder: Path, seed: int = DEFAULT_SEED, end: datetime = DEFAULT_END, scale: float = 1.0
) -> Sample:
    """Write the sample into a folder, which is made where it is missing; files there are replaced.

    The same arguments give the same bytes.

    Args:
        end: the newer of the two weeks is the one that holds the moment before `end`.
        scale: multiplies ordinary traffic (1.0: about 235,000 requests in all); the surge around the incident
            keeps its size. Below about 0.5 the nights have minutes without a request, as small sites do.
    """
    this_week = iso_week_of((end - timedelta(microseconds=1)).astimezone(ZoneInfo(ZONE)).date(), ZONE)
    weeks = (this_week.before(), this_week)
    incident = Incident.in_week(this_week)
    requests = requests_of(random.Random(f"requests {seed}"), weeks, incident, scale)  # noqa: S311 - not a secret
    tickets = tickets_of(random.Random(f"tickets {seed}"), this_week, incident)  # noqa: S311

    themes = theme_truths(tickets, ZONE)
    truth = Truth(
        seed=seed,
        scale=scale,
        as_of=this_week.end,
        zone=ZONE,
        weeks=(week_truth(requests, weeks[0]), week_truth(requests, weeks[1])),
        incident=incident_truth(requests, incident),
        tickets=len(tickets),
        tickets_by_week=by_week(tickets, ZONE),
        themes=themes,
        attacks=themes["attack"].tickets,
        capacity=capacity_truth(),
    )
    sample = Sample.at(folder, seed, this_week.end)
    folder.mkdir(parents=True, exist_ok=True)
    write_requests(sample.requests, requests, ZoneInfo(ZONE))
    write_tickets(sample.tickets, tickets, ZoneInfo(ZONE))
    copy_resource("candidates.yaml", sample.candidates)
    copy_resource("postlaunch.toml", sample.settings)
    sample.truth.write_text(truth.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return sample
