"""Where the files of one sample are."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from postlaunch.facts import Frozen
from postlaunch.sample.truth import Truth
from postlaunch.windows import Moment


class Sample(Frozen):
    """Where the files of one sample are.

    Attributes:
        settings: a complete `postlaunch.toml`; its paths are relative to the folder.
        truth: the exact answers; never a source of anything but tests and evals.
        as_of: the moment to report at: the end of the newest week.
    """

    folder: Path
    settings: Path
    requests: Path
    events: Path
    resources: Path
    logs: Path
    changes: Path
    alerts: Path
    costs: Path
    vulnerabilities: Path
    competitors: Path
    tickets: Path
    candidates: Path
    launch: Path
    truth: Path
    seed: int
    as_of: Moment

    @classmethod
    def at(cls, folder: Path, seed: int, as_of: datetime) -> Sample:
        """The places of a sample in this folder."""
        return cls(
            folder=folder,
            settings=folder / "postlaunch.toml",
            requests=folder / "requests.parquet",
            events=folder / "events.parquet",
            resources=folder / "resources.parquet",
            logs=folder / "app.log.jsonl.gz",
            changes=folder / "changes.jsonl",
            alerts=folder / "alerts.jsonl",
            costs=folder / "costs.csv",
            vulnerabilities=folder / "vulnerabilities.json",
            competitors=folder / "competitors.yaml",
            tickets=folder / "tickets.csv",
            candidates=folder / "candidates.yaml",
            launch=folder / "launch.yaml",
            truth=folder / "truth.json",
            seed=seed,
            as_of=as_of,
        )

    def read_truth(self) -> Truth:
        """The exact answers of this sample."""
        return Truth.model_validate_json(self.truth.read_text(encoding="utf-8"))
