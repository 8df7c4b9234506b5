"""What one analytics report needs to know of the one before it: how often each experiment was looked at."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from postlaunch.facts import Quantity, Unavailable
from postlaunch.windows import Window


class _Part(BaseModel):
    """Reads its part of a report's JSON and lets the rest be."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Experiment(_Part):
    name: str
    looks: Quantity


class _Experiments(_Part):
    items: tuple[_Experiment, ...]


class LastLooks(_Part):
    """An analytics report, reduced to the looks at its experiments."""

    window: Window
    experiments: _Experiments

    @property
    def looks(self) -> dict[str, int]:
        """How often each experiment had been looked at, by its name; one that was not is left out."""
        return {
            item.name: round(item.looks.value)
            for item in self.experiments.items
            if not isinstance(item.looks, Unavailable)
        }


def last_looks(body: JsonValue) -> LastLooks | None:
    """The looks that an analytics report's JSON holds; None when it holds none."""
    try:
        return LastLooks.model_validate(body)
    except ValidationError:
        return None
