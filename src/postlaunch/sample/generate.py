"""The embedded sample: "User Management System" in production, ten weeks of it.

What generates is imported when it is called, so that the command starts without numpy and DuckDB.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from postlaunch.sample.places import Sample
from postlaunch.windows import Window, iso_week_of

__all__ = ["DEFAULT_END", "DEFAULT_SEED", "DEMO_SCALE", "ZONE", "Sample", "generate", "weeks_until"]

ZONE = "America/Los_Angeles"
DEFAULT_SEED = 7
DEFAULT_END = datetime(2025, 11, 24, 8, tzinfo=UTC)
"""Monday midnight in Los Angeles: the sample covers the ten ISO weeks before it."""

WEEKS = 10

DEMO_SCALE = 0.3
"""The least scale at which nine minutes of ten hold a request in every week, the nights included."""


def generate(
    folder: Path, seed: int = DEFAULT_SEED, end: datetime = DEFAULT_END, scale: float = 1.0
) -> Sample:
    """Write the sample into a folder, which is made where it is missing; files there are replaced.

    The same arguments give the same bytes.

    Args:
        end: the newest of the weeks is the one that holds the moment before `end`.
        scale: multiplies users, and with them requests (1.0: about 2.1 million) and events (1.0: about a
            million); the surge around the incident keeps its size. Below `DEMO_SCALE` the nights have minutes
            without a request, as small sites do.
    """
    from postlaunch.sample.files import write_files

    weeks = weeks_until(end)
    sample = Sample.at(folder, seed, weeks[-1].end)
    folder.mkdir(parents=True, exist_ok=True)
    truth = write_files(sample, weeks, scale)
    sample.truth.write_text(truth.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return sample


def weeks_until(end: datetime) -> tuple[Window, ...]:
    """The ISO weeks of the sample, oldest first."""
    newest = iso_week_of((end - timedelta(microseconds=1)).astimezone(ZoneInfo(ZONE)).date(), ZONE)
    weeks = [newest]
    while len(weeks) < WEEKS:
        weeks.insert(0, weeks[0].before())
    return tuple(weeks)
