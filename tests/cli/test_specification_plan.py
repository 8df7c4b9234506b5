"""`postlaunch plan` on the phase-7 specification's own six items: tiers, a proved scope, 13 days in 10."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

ITEMS = Path(__file__).parents[1] / "tools" / "specification_candidates.yaml"
TIERS = {
    "password-reset": ("Must", "High"),
    "two-factor": ("Must", "High"),
    "permission-caching": ("Should", "Medium"),
    "dark-mode": ("Should", "Medium"),
    "data-export": ("Could", "Low"),
    "custom-roles": ("Could", "Low"),
}
ONE_PERSON = """
[[roster]]
name = "ann"
days = 10
aliases = [
    "one for all",
]
"""


def plan(run: Any, folder: Path, settings: str = "") -> tuple[Any, dict[str, Any], str]:
    """The command's end, the backlog's JSON and its Markdown."""
    (folder / "postlaunch.toml").write_text(f'[sources.candidates]\npath = "items.yaml"\n{settings}')
    ended = run("plan", "--settings", folder / "postlaunch.toml", "--sprint", "4", "--no-model")
    body = json.loads((folder / "reports/backlog-sprint-4.json").read_text())
    return ended, body, (folder / "reports/backlog-sprint-4.md").read_text()


def test_the_tiers_are_the_specifications_and_the_scope_is_proved_with_one_person_an_owner(
    run: Any, tmp_path: Path
) -> None:
    shutil.copy(ITEMS, tmp_path / "items.yaml")
    ended, body, text = plan(run, tmp_path)
    items = {item["id"]: item for tier in body["tiers"] for item in tier["items"]}
    assert ended.code == 4
    assert {name: (item["tier"], item["roi"]["band"]) for name, item in items.items()} == TIERS
    scope = body["scope"]
    assert scope["fits"]
    assert scope["optimal"]
    assert all(load["days"] <= load["capacity"] == 9 for load in scope["loads"])
    assert {"password-reset", "two-factor", "permission-caching", "dark-mode"} <= {
        item["id"] for item in scope["items"]
    }
    assert "- django-backend-expert: 4.5 of 9 days" in text
    assert "proved by the solver" in text


def test_every_worth_is_printed_with_its_formula_and_inputs(run: Any, tmp_path: Path) -> None:
    shutil.copy(ITEMS, tmp_path / "items.yaml")
    _, _, text = plan(run, tmp_path)
    assert "- **RICE**: 75.73 = reach 142 (requesters) × impact 2 × confidence 80% ÷ 3 days of effort" in text
    assert (
        r"- **ROI as a figure**: 150% = (\$500 a month × 12 months − \$2,400) ÷ \$2,400; "
        "benefit and cost declared by items.yaml, months by the settings" in text
    )


def test_what_is_left_out_says_what_would_bring_it_in(run: Any, tmp_path: Path) -> None:
    shutil.copy(ITEMS, tmp_path / "items.yaml")
    _, body, text = plan(run, tmp_path)
    [left] = body["scope"]["left_out"]
    assert (left["id"], left["more_days"]) == ("custom-roles", {"django-backend-expert": 3.889})
    assert (
        "it would take 3.889 more working days of django-backend-expert; leaving out others is not enough"
        in text
    )


@pytest.mark.parametrize("buffer", [0.0, 0.1])
def test_thirteen_days_do_not_fit_ten_of_one_person_for_all(run: Any, tmp_path: Path, buffer: float) -> None:
    four = ITEMS.read_text().split("- id: data-export")[0]
    for owners in (
        "django-backend-expert, react-component-architect",
        "security-expert, django-backend-expert",
        "performance-optimizer, django-backend-expert",
        "tailwind-css-expert, react-component-architect",
    ):
        four = four.replace(f"[{owners}]", "[ann]\n  required_by: the sprint's own list")
    four = four.replace("  required_by: enterprise customers' contracts\n", "")
    (tmp_path / "items.yaml").write_text(four)
    ended, body, text = plan(
        run, tmp_path, f'[capacity]\nbuffer = {buffer}\ntesting_owner = "ann"\n{ONE_PERSON}'
    )
    scope = body["scope"]
    assert ended.code == 4
    assert not scope["fits"]
    assert scope["infeasible"][0] == (
        f"what must be in does not fit ann: 12.98 days of work, {10 * (1 - buffer):g} to plan"
    )
    assert "the smallest conflict: " in scope["infeasible"][1]
    assert "(does not fit: what must be in does not fit ann: 12.98 days of work" in text
    assert scope["total_days"] <= 10 * (1 - buffer)
