"""An objective as reports print it."""

from __future__ import annotations

from typing import Literal

from postlaunch.facts import Frozen, Unit
from postlaunch.printing import value_text
from postlaunch.settings_objectives import Objective


class Target(Frozen):
    """An objective as a report prints it; a declared number, not a measurement.

    Attributes:
        objective: its key in the settings.
        value: in base units.
        window: over which the objective holds, e.g. "7d".
    """

    objective: str
    title: str
    value: float
    unit: Unit
    direction: Literal["above", "below"]
    window: str

    @classmethod
    def of(cls, key: str, objective: Objective) -> Target:
        """The target of one row of the settings' table of objectives."""
        return cls(
            objective=key,
            title=objective.title,
            value=objective.target,
            unit=objective.unit,
            direction=objective.direction,
            window=objective.window,
        )

    def text(self, currency: str = "$") -> str:
        """As the summary prints it: a floor bare ("99.9%"), a ceiling with its sign ("< 200 ms")."""
        value = value_text(self.value, self.unit, currency=currency)
        return value if self.direction == "above" else f"< {value}"

    @property
    def span(self) -> str:
        """The objective's window as an adjective: "7-day"; one of another kind as it stands ("sprint")."""
        number = self.window.removesuffix("d")
        return f"{number}-day" if number.isdigit() else self.window
