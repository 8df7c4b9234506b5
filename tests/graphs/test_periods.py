"""Which span a run looks at, where the sources do not cover the same days."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlaunch.errors import UsageError
from postlaunch.settings import Settings
from postlaunch.settings_sources import EventSource, RequestSource, Sources
from postlaunch.sync import PostLaunch
from postlaunch.windows import Window

LINE = '192.0.2.7 - - [{:02}/{}/2025:{:02}:00:00 +0000] "GET / HTTP/1.1" 200 5\n'
EVENT = '{{"time": "2025-{}-{:02}T{:02}:00:00Z", "user": "ada", "event": "login"}}\n'


def test_the_analyst_alone_goes_by_the_events_whatever_the_log_covers(tmp_path: Path) -> None:
    days = [(day, hour) for day in range(1, 15) for hour in range(24)]
    (tmp_path / "access.log").write_text("".join(LINE.format(day, "Sep", hour) for day, hour in days))
    (tmp_path / "events.jsonl").write_text("".join(EVENT.format("11", day, hour) for day, hour in days))
    settings = Settings(
        folder=tmp_path,
        sources=Sources(
            requests=RequestSource(paths=("access.log",)), events=EventSource(paths=("events.jsonl",))
        ),
    )
    with PostLaunch(settings, environment={}) as app:
        runs = (app.start("weekly_report"), app.start("weekly_report", only="analytics-specialist"))
        weeks = [Window.model_validate(run.parameters["window"]).label for run in runs]
        assert weeks == ["2025-W37", "2025-W45"]
        with pytest.raises(UsageError, match="nothing of 2025-W37") as refused:
            app.start("weekly_report", only="analytics-specialist", week="2025-W37")
        assert refused.value.remedy.startswith("336 events of 1 kinds")
