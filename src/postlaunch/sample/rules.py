"""The alert rules, as the launch record states them."""

from __future__ import annotations

from importlib.resources import files

import yaml

from postlaunch.facts import Frozen

LEAST_REQUESTS = 20
"""A minute with fewer holds no rule on requests."""


class Rule(Frozen):
    """One alert rule."""

    name: str
    condition: str
    severity: str
    threshold: float
    for_minutes: int


def rules() -> tuple[Rule, ...]:
    """The rules of `launch.yaml`."""
    text = files("postlaunch.sample").joinpath("launch.yaml").read_text(encoding="utf-8")
    return tuple(Rule.model_validate(rule) for rule in yaml.safe_load(text)["alert_rules"])
