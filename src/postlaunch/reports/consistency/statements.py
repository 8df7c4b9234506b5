"""What a report states, in the form that the rules compare: small, typed, frozen.

A statement names what it is about, never where on a page it stands; two reports that speak of the same thing
make statements that differ only in `report` and in the figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeVar

from pydantic import Field

from postlaunch.facts import Fact, Frozen, digest_of
from postlaunch.reports.consistency.figures import Stated
from postlaunch.windows import Window


class Statement(Frozen):
    """What all statements have.

    Attributes:
        report: who states it, as a reader knows it: "Weekly Health Report".
        window: the span it holds for; None: stated of the present, and so of every span compared.
    """

    report: str = ""
    window: Window | None = None


# --- figures ----------------------------------------------------------------------------------------------


class Observation(Statement):
    """One figure of one population over one window.

    Attributes:
        metric: what is counted or measured: "requests", "total_users", "down_minutes".
        of: the population, as what it is narrowed to: {} is everyone, {"status": "500"} is part of it, and
            {"status": "500", "endpoint": "GET /users"} is part of that.
        statistic: "total" over the window, "mean" or "peak" of the rate `per`.
        trailing_days: for people counted as active: within how many days (1, 7, 30).
        title, definition: what the report calls it, and what it says that means.
        counted_from: where the figure depends on more than its span, what it was counted from (`basis_of`);
            empty where that is not known. From something else, it is another quantity.
    """

    kind: Literal["observation"] = "observation"
    metric: str
    value: Stated
    of: dict[str, str] = Field(default_factory=dict)
    statistic: Literal["total", "mean", "peak"] = "total"
    per: Literal["", "second", "day"] = ""
    trailing_days: int | None = Field(default=None, gt=0)
    title: str = ""
    definition: str = ""
    counted_from: str = ""


class Breakdown(Statement):
    """A whole and its parts. `complete`: the parts are all there are; else there may be others."""

    kind: Literal["breakdown"] = "breakdown"
    what: str
    whole: Stated
    parts: tuple[Stated, ...]
    complete: bool = True


class Share(Statement):
    """A part, its whole, and the share that it is said to be.

    Attributes:
        whole: None where the report does not state it: then it is `of`, a metric that some report states.
    """

    kind: Literal["share"] = "share"
    what: str
    part: Stated
    share: Stated
    whole: Stated | None = None
    of: str = ""


class Change(Statement):
    """Two figures and the change between them: relative for "%", else the difference in its own unit."""

    kind: Literal["change"] = "change"
    what: str
    before: Stated
    after: Stated
    change: Stated


class Entry(Frozen):
    """One line of a ranking."""

    name: str
    value: Stated


class Ranking(Statement):
    """Things in an order by a figure, in the order printed."""

    kind: Literal["ranking"] = "ranking"
    what: str
    entries: tuple[Entry, ...]
    order: Literal["descending", "ascending"] = "descending"


# --- comparing them -----------------------------------------------------------------------------------------

S = TypeVar("S", bound=Statement)


def those(statements: Iterable[Statement], kind: type[S]) -> list[S]:
    """The statements of one kind, in order."""
    return [statement for statement in statements if isinstance(statement, kind)]


def basis_of(fact: Fact | None) -> str:
    """Digest of the data that a fact was measured from and of the parameters that decided besides its span:
    for groups of requests, the candidates' words and what people said of the groups. Empty without a fact.
    """
    if fact is None:
        return ""
    measurement = fact.measurement
    deciding = {name: value for name, value in measurement.parameters.items() if name != "window"}
    return digest_of([measurement.fingerprint, deciding])


def within(inner: Window, outer: Window) -> bool:
    """Whether all that one window observed lies in the other."""
    return outer.start <= inner.start and inner.observed_end <= outer.observed_end


def same_span(one: Window | None, other: Window | None) -> bool:
    """Whether two statements hold for the same span; what is said of the present holds for any."""
    if one is None or other is None:
        return True
    return (one.start, one.observed_end) == (other.start, other.observed_end)


def overlap(one: Window | None, other: Window | None) -> bool:
    """Whether two statements hold for spans with a moment in common."""
    if one is None or other is None:
        return True
    return one.start < other.observed_end and other.start < one.observed_end
