"""The settings of the calendar: what the night run does when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from pydantic import Field

from postlaunch.facts import Frozen

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Cadence(Frozen):
    """What is due when, on the application's clock.

    Attributes:
        planning_weeks: weeks from one sprint planning to the next.
        planning_from: a day on which planning is due; None: the Monday of the first week with data.
        planning_day: on which day of its week planning is due.
        catch_up_days, catch_up_weeks, catch_up_months: how many missed periods of each kind are made up for.
        data_wait_hours: how long after the last request more may come, before a period that waits for its
            data needs a person.
    """

    planning_weeks: int = Field(default=2, ge=1, le=12)
    planning_from: date | None = None
    planning_day: Weekday = "monday"
    catch_up_days: int = Field(default=7, ge=1, le=60)
    catch_up_weeks: int = Field(default=4, ge=1, le=12)
    catch_up_months: int = Field(default=2, ge=1, le=12)
    data_wait_hours: float = Field(default=6, gt=0, le=168)

    @property
    def data_wait(self) -> timedelta:
        """How long after the last request more may come."""
        return timedelta(hours=self.data_wait_hours)
