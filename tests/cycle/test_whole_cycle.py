"""Every report of the sample's cycle: made, free of contradictions, measured again to the same figures."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from postlaunch.facts import Forecast, Frozen
from postlaunch.reports.consistency.checking import contradictions_of
from postlaunch.reports.health import HealthReport
from postlaunch.reports.incident import IncidentReport
from postlaunch.reports.reading import KINDS
from postlaunch.sync import PostLaunch

if TYPE_CHECKING:
    from conftest import Cycle, Run


def test_every_kind_of_report_is_made_and_one_decision_waits(cycle: Cycle) -> None:
    assert {report.kind for report in cycle.reports.values()} == set(KINDS)
    for name in cycle.reports:
        assert all(cycle.file(name, ending).is_file() for ending in (".md", ".html", ".json"))
    assert len(cycle.postlaunch.pending()) == 1
    assert cycle.postlaunch.commitments() == ()


def test_nothing_failed_and_no_report_contradicts_itself_or_another(cycle: Cycle) -> None:
    assert cycle.problems == ()
    for report in cycle.reports.values():
        assert report.problems == ()
        others = tuple(other for other in cycle.reports.values() if other.kind != report.kind)
        assert [found.message for found in contradictions_of(report, others)] == []


def test_every_report_is_measured_again_to_the_same_figures(cycle: Cycle) -> None:
    for name in cycle.reports:
        found = cycle.postlaunch.verify(cycle.file(name, ".json"))
        assert found.holds, (name, [moved.text() for moved in found.moved], found.unmeasured)
        assert found.checked == len(cycle.reports[name].evidence.facts)


def test_what_incidents_ask_for_stands_in_the_weeks_report_until_it_is_closed(cycle: Cycle) -> None:
    health, incident = cycle.reports["weekly-health-2025-W47"], cycle.reports["incident-INC-2025-001"]
    assert isinstance(health, HealthReport)
    assert isinstance(incident, IncidentReport)
    listed = [(item.id, item.owner, item.action, item.due) for item in health.actions.listed.items]
    kept = [(item.id, item.owner, item.action, item.due) for item in cycle.postlaunch.action_items("open")]
    asked = [(line.id, line.owner, line.action.text, line.due) for line in incident.actions]
    assert listed == kept
    assert sorted(listed) == sorted(asked)
    assert len(listed) > 1


def test_one_digit_of_the_data_changed_names_the_figures_that_moved(
    cycle: Cycle, tmp_path: Path, run: Run
) -> None:
    shutil.copytree(cycle.sample.folder, tmp_path / "changed", ignore=shutil.ignore_patterns(".postlaunch"))
    costs = tmp_path / "changed" / "costs.csv"
    lines = costs.read_text().splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if line.startswith("2025-11-20,pods,4.0"))
    lines[place] = lines[place].replace(",4.0,", ",5.0,")
    costs.write_text("".join(lines))
    report = next((tmp_path / "changed" / "reports").glob("performance-2025-W47.json"))
    ended = run("verify", report, "--settings", tmp_path / "changed" / "postlaunch.toml")
    assert ended.code == 5
    moved = [line for line in ended.out.splitlines() if line.startswith("moved: ")]
    assert moved
    assert all("cost" in line.casefold() for line in moved)


def test_forecasts_are_marked_where_they_are_printed(cycle: Cycle) -> None:
    printed = {name: cycle.file(name, ".md").read_text() for name in cycle.reports}
    forecasting = [name for name, report in cycle.reports.items() if _forecasts(report)]
    assert forecasting
    for name in forecasting:
        assert re.search(r"\(forecast, .+ to .+ at \d+%\)", printed[name]), name


def _forecasts(value: object) -> bool:
    if isinstance(value, Forecast):
        return True
    if isinstance(value, Frozen):
        return any(_forecasts(getattr(value, name)) for name in type(value).model_fields)
    return isinstance(value, tuple) and any(map(_forecasts, value))


def test_a_second_cycle_over_the_same_data_makes_nothing_twice(cycle: Cycle) -> None:
    before = len(cycle.postlaunch.runs(1000))
    with PostLaunch(cycle.sample.settings, environment={}) as postlaunch:
        again = postlaunch.start("weekly_report", week="2025-W47")
    assert again.state == "done"
    assert len(cycle.postlaunch.runs(1000)) == before
