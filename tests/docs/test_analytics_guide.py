"""The settings that the guide to product analytics shows are settings that load, and mean what it says."""

from __future__ import annotations

import re
from pathlib import Path

from postlaunch.settings import Settings
from postlaunch.settings_file import load_settings


def shown(root: Path, tmp_path: Path) -> Settings:
    """Every block of the guide as one file."""
    text = (root / "docs" / "analytics.md").read_text(encoding="utf-8")
    file = tmp_path / "postlaunch.toml"
    file.write_text("\n".join(re.findall(r"```toml\n(.*?)```", text, re.S)), encoding="utf-8")
    return load_settings(file, environment={})


def test_every_block_of_the_guide_loads(root: Path, tmp_path: Path) -> None:
    analytics = shown(root, tmp_path).analytics
    assert analytics.visitors == ("page_view_register", "register_started")
    assert [plan.name for plan in analytics.experiments] == ["Login form layout", "Pricing page"]
    assert analytics.experiments[1].reported is not None
    assert analytics.features[0].audience == "admins"


def test_the_thresholds_that_the_guide_names_are_the_defaults(root: Path, tmp_path: Path) -> None:
    analytics = shown(root, tmp_path).analytics
    assert (analytics.drop_attention, analytics.request_share) == (0.05, 0.2)
    times = (analytics.engaged_minutes, analytics.power_minutes, analytics.session_minutes)
    assert times == (30, 120, 30)
