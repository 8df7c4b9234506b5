"""The source "tracking_plan": which events are recorded, with which properties, and whose they are.

People keep it as a YAML file beside the code. postlaunch writes it only where a decision at the gate
"tracking_plan" says so (`graphs/tracking_writing.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from postlaunch.errors import SourceError, UsageError
from postlaunch.facts import Frozen
from postlaunch.settings import Settings
from postlaunch.sources.tables import clean, read_document

SOURCE = "tracking_plan"
ENDINGS = (".yaml", ".yml")
MAKE_ONE = "make one from the data: postlaunch tracking plan > tracking.yaml"

MOST_EVENTS = 2_000
"""More names than people can keep: ids or addresses that became names."""

COMMENT = re.compile(r"^\s*#|\s#", re.MULTILINE)

PropertyType = Literal["boolean", "integer", "number", "text"]
Count = Annotated[int, Field(ge=0)]


class PlannedProperty(Frozen):
    """One property of an event.

    Attributes:
        required: every such event has it.
        stop: it is to be sent no more, and what still comes with it is told.
    """

    name: str = Field(min_length=1)
    type: PropertyType
    required: bool = False
    stop: bool = False

    @model_validator(mode="after")
    def _not_both(self) -> PlannedProperty:
        if self.required and self.stop:
            raise ValueError(f"{self.name} cannot be required and to be stopped")
        return self


class PlannedEvent(Frozen):
    """One event.

    Attributes:
        owner: who is asked when something is amiss; empty: nobody yet.
        a_day: the fewest and the most on one day, when the plan was made.
    """

    name: str = Field(min_length=1)
    owner: str = ""
    a_day: tuple[Count, Count]
    properties: tuple[PlannedProperty, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> PlannedEvent:
        if self.a_day[0] > self.a_day[1]:
            raise ValueError(f"the fewest a day of {self.name} are more than the most")
        _told_apart(f"properties of {self.name}", [known.name for known in self.properties])
        return self


class TrackingPlan(Frozen):
    """Every event that is meant to be recorded."""

    events: tuple[PlannedEvent, ...] = Field(max_length=MOST_EVENTS)

    @model_validator(mode="after")
    def _once(self) -> TrackingPlan:
        _told_apart("events", [event.name for event in self.events])
        return self

    @property
    def by_name(self) -> dict[str, PlannedEvent]:
        """The events by their names, in the plan's order."""
        return {event.name: event for event in self.events}

    def text(self) -> str:
        """As YAML, for people to edit; `stop` stands only where it says something."""
        body = self.model_dump(mode="json")
        for event in body["events"]:
            for known in event["properties"]:
                if not known["stop"]:
                    del known["stop"]
        as_it_is = json.dumps(body, ensure_ascii=False).isprintable()  # YAML folds some marks that are not
        return yaml.safe_dump(body, sort_keys=False, allow_unicode=as_it_is, width=110)


def _told_apart(what: str, names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        raise ValueError(f"two {what} have the same name")


@dataclass(frozen=True)
class TrackingPlanSource:
    """The plan of one file.

    Attributes:
        fingerprint: SHA-256 of the file's bytes.
        commented: whether people wrote comments into it, which a program that writes it would lose.
        notes: what a reader must know, e.g. a fallback encoding.
    """

    plan: TrackingPlan
    fingerprint: str
    path: Path
    notes: tuple[str, ...] = ()
    commented: bool = False
    name: str = SOURCE


def open_tracking_plan(settings: Settings) -> TrackingPlanSource:
    """Read the plan that the settings name.

    Raises:
        UsageError: the settings name none.
        SourceError: the file cannot be read, or is no plan.
    """
    source = settings.sources.tracking_plan
    if source is None:
        raise UsageError(
            "no tracking plan is configured", f"{MAKE_ONE}, and name the file under [sources.{SOURCE}]"
        )
    return read_tracking_plan(settings.path(source.path))


def read_tracking_plan(path: Path) -> TrackingPlanSource:
    """Read a plan.

    Raises:
        SourceError: the file cannot be read, or is no plan.
    """
    if path.suffix.lower() not in ENDINGS:
        raise SourceError(f"{path.name}: a tracking plan is YAML", f"name it {path.stem}.yaml", source=SOURCE)
    document = read_document(path, SOURCE)
    try:
        plan = TrackingPlan.model_validate(document.value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        said = clean(f"{place}: {first['msg']}".removeprefix(": "))
        raise SourceError(f"{path.name} is no tracking plan: {said}", MAKE_ONE, source=SOURCE) from error
    commented = COMMENT.search(document.text) is not None
    return TrackingPlanSource(plan, document.digest, path, document.notes, commented)


def plan_in(path: Path) -> TrackingPlan:
    """The plan of a file that was named in a call.

    Raises:
        UsageError: the file cannot be read, or is no plan.
    """
    try:
        return read_tracking_plan(path).plan
    except SourceError as error:
        raise UsageError(str(error), error.remedy) from error
