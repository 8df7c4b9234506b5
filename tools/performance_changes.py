"""Measurements of the source "changes": what was done to the application in a window, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from postlaunch.sources.changes import Change, ChangeTable
from postlaunch.tools import definitions_capacity as definitions
from postlaunch.tools.measurement import REGISTRY, Limits, Reading, Readings, WindowParameters

LISTED = 20
NAME_LENGTH = 120


@REGISTRY.measurement("changes_recorded", source="changes", parameters=WindowParameters, compares=False)
def changes_recorded(table: ChangeTable, parameters: WindowParameters, limits: Limits) -> Readings:
    """Deployments, changes of configuration, restarts, migrations, maintenance and rollbacks that began in
    the window: how many of each kind, and when each began; none recorded is 0.
    """
    window = parameters.window
    inside = [change for change in table.changes if window.start <= change.at < window.observed_end]
    listed = inside[-min(LISTED, limits.rows) :]
    cut = (
        (f"only the last {len(listed)} of {len(inside)} changes are listed",)
        if len(listed) < len(inside)
        else ()
    )
    return Readings(
        readings=(
            *_counts(inside, parameters),
            *(
                Reading(definitions.CHANGE_AT, change.at.timestamp(), 1, window, change_name(change))
                for change in listed
            ),
        ),
        texts=tuple(
            {"entity": change_name(change), "kind": change.kind, "title": change.title, "notes": change.notes}
            for change in listed
        ),
        notes=(*table.notes, *cut),
    )


def _counts(inside: Sequence[Change], parameters: WindowParameters) -> Iterator[Reading]:
    window = parameters.window
    yield Reading(definitions.CHANGES, len(inside), len(inside), window)
    for kind, number in sorted(Counter(change.kind for change in inside).items()):
        yield Reading(definitions.CHANGES_OF_KIND, number, number, window, kind)


def change_name(change: Change) -> str:
    """A change as facts name it: kind, version, and its id, which tells it from the others."""
    what = " ".join(part for part in (change.kind, change.version or change.component) if part)
    return f"{what} ({change.id})"[:NAME_LENGTH]
