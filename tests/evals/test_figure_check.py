"""The second check finds what verification could let through: each case is a sentence as printed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postlaunch.evals.figure_check import wrong_directions, wrong_figures
from postlaunch.facts import Definition, Fact, Measurement, Unit
from postlaunch.settings_objectives import DEFAULT_OBJECTIVES
from postlaunch.windows import parse_week

WEEK = parse_week("2025-W47", "America/Los_Angeles")


def fact(
    value: float, unit: Unit, before: float | None = None, *, entity: str = "application", n: int = 4_200
) -> Fact:
    return Fact(
        name=f"a_{unit}",
        value=value,
        unit=unit,
        entity=entity,
        window=WEEK,
        definition=Definition(name=f"a_{unit}", title="95th Percentile", statement="", unit=unit),
        measurement=Measurement(name="m", source="requests", fingerprint="f"),
        n=n,
        baseline=before,
        baseline_window=None if before is None else WEEK.before(),
    )


RATE = fact(0.0008, "ratio", 0.0005)
SLOW = fact(187.4, "ms", 150.0, entity="GET /users/:id")
FAST = fact(93.7, "ms", entity="PUT /users/:id")
REQUESTS = fact(1_247_890, "count")
PEAK = fact(35.119, "per_second")
SIZE = fact(1_500_000, "bytes")
COST = fact(0.25, "money")
START = fact(datetime(2025, 11, 18, 22, 15, tzinfo=UTC).timestamp(), "moment", entity="outage 1")


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("The rate rose by 0.03 pp from 0.05% to 0.08%.", [RATE]),
        ("The 95th Percentile of GET /users/:id is 187 ms, up 25%.", [SLOW]),
        ("It is 2 times that of PUT /users/:id, 93.7 ms apart.", [SLOW, FAST]),
        ("There were 1,247,890 requests, on 4,200 observations.", [REQUESTS]),
        ("The peak was 35.12/s.", [PEAK]),
        ("It sent 1.5 MB for $0.25.", [SIZE, COST]),
        ("The outage 1 began 2025-11-18 14:15 PST.", [START]),
        ("In 2025-W47 (Nov 17–23, 2025, America/Los_Angeles) p95 and 5xx stood out.", [SLOW]),
        ("Both of the two endpoints are slow to one may say.", [SLOW, FAST]),
        ("The cause cannot be told.", []),
    ],
)
def test_what_the_facts_bear_out_is_no_wrong_figure(text: str, facts: list[Fact]) -> None:
    assert wrong_figures(text, facts) == ()


@pytest.mark.parametrize(
    ("text", "facts", "found"),
    [
        ("The rate is 0.09%.", [RATE], "0.09%"),
        ("The rate is 0.08 pp.", [RATE], "0.08 pp"),
        ("It took 188 ms.", [SLOW], "188 ms"),
        ("It took 187 h.", [SLOW], "187 h"),
        ("It took 187 ms.", [FAST], "187 ms"),
        ("There were 1,247,891 requests.", [REQUESTS], "1,247,891"),
        ("It cost $0.26.", [COST], "$0.26"),
        ("It began 2025-11-18 22:15 UTC.", [START], "2025-11-18 22:15 UTC"),
        ("About half of them failed.", [RATE], "half"),
        ("The rate doubled to 0.08%.", [RATE], "doubled"),
        ("Two endpoints are slow.", [SLOW], "Two"),
        ("The code 404 came with 0.08%.", [RATE], "404"),
        ("It failed ² times.", [RATE], "²"),
        ("Twenty-five users saw 0.08%.", [RATE], "Twenty-five"),
    ],
)
def test_what_no_cited_fact_states_is_a_wrong_figure(text: str, facts: list[Fact], found: str) -> None:
    assert wrong_figures(text, facts) == (found,)


def test_a_name_may_hold_a_digit() -> None:
    text = "In v1.0.0 of Shop 24 the pod web-1 answered."
    assert wrong_figures(text, [], ("Shop 24", "v1.0.0", "web-1")) == ()
    assert set(wrong_figures(text, [])) == {"24", "1.0", "0", "1"}


def test_a_target_may_be_stated() -> None:
    text = "The 95th Percentile is 187 ms, against a target of 200 ms."
    assert wrong_figures(text, [SLOW], (), tuple(DEFAULT_OBJECTIVES.values())) == ()
    assert wrong_figures(text, [SLOW]) == ("200 ms",)


@pytest.mark.parametrize(
    ("text", "facts", "found"),
    [
        ("The rate rose to 0.08%.", [RATE], ()),
        ("The rate fell to 0.08%.", [RATE], ("fell",)),
        ("The peak increased to 35.12/s.", [PEAK], ("increased",)),
        ("The rate did not fall; it never declined.", [RATE], ()),
    ],
)
def test_a_direction_needs_a_fact_that_moved_so(text: str, facts: list[Fact], found: tuple[str, ...]) -> None:
    assert wrong_directions(text, facts) == found


def test_a_supposition_may_speak_of_what_no_fact_shows() -> None:
    assert wrong_directions("The load may have increased.", [PEAK], claimed=False) == ()
    assert wrong_directions("The rate dropped.", [RATE], claimed=False) == ("dropped",)
