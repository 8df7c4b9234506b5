"""What forked children play around the writing of a tracking plan; each is called with JSON and returns JSON.

A later life plays on a clock that is ahead, so that the lease of the one that died has run out.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from postlaunch.graphs import tracking_writing
from postlaunch.settings import Settings
from postlaunch.settings_sources import EventSource, PlanSource, Sources
from postlaunch.sync import PostLaunch
from postlaunch.testing.crashpoints import DyingListener, die

START, NOW = datetime(2025, 11, 3, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC)
PLAN = "events: [{name: login, a_day: [20, 20]}]\n"
REPLACED = "replaced.txt"


def opened(folder: str, life: int = 0) -> PostLaunch:
    settings = Settings(
        folder=Path(folder),
        sources=Sources(
            events=EventSource(paths=("events.jsonl",), properties={"plan": "plan"}),
            tracking_plan=PlanSource(path="tracking.yaml"),
        ),
    )
    return PostLaunch(settings, clock=lambda: NOW + life * timedelta(minutes=10), environment={})


def approved(folder: str) -> str:
    """A proposal that somebody approved and nobody carried out; gives its run."""
    place = Path(folder)
    rows = (
        {"time": (START + timedelta(hours=hour)).isoformat(), "user": "u", "event": "login", "plan": "free"}
        for hour in range(49)
    )
    (place / "events.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    (place / "tracking.yaml").write_text(PLAN, encoding="utf-8")
    with opened(folder) as app:
        run = app.advance(app.start("tracking_plan").id)
        [request] = app.pending()
        app.decide(request.id, "approve", by="User")
    return run.id


def advance(folder: str, run: str, life: int, moment: str = "") -> dict[str, Any]:
    """Move the run on, and be killed at a moment; gives where it stands, and how often it was carried out."""
    replace = tracking_writing._replace

    def watched(path: Path, text: str) -> None:
        if moment == "before the file is replaced":
            die()
        replace(path, text)
        with (Path(folder) / REPLACED).open("a") as file:
            file.write("once\n")
        if moment == "replaced, not noted":
            die()

    tracking_writing._replace = watched
    listeners = [DyingListener("committed")] if moment == "noted, not told further" else []
    with opened(folder, life) as app:
        state = app.advance(run, *listeners).state
        return {"state": state, "effects": len(app.effects()), "problems": list(app.audit().problems)}
