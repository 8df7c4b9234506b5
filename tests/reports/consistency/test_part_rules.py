"""Parts and wholes, shares, order, funnels, rounding: C1, C3, C4, C12, C20."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from postlaunch.reports.consistency.plan_statements import Funnel, FunnelStep
from postlaunch.reports.consistency.statements import Breakdown, Entry, Observation, Ranking, Share
from postlaunch.windows import Window

Flagged = Callable[..., set[str]]
Percent = Callable[..., str]
Span = Callable[[int, int], Window]

COUNTS = st.integers(1, 10**7)
METRICS = st.sampled_from(["requests", "users", "tickets", "orders"])
POPULATIONS = st.dictionaries(
    st.sampled_from(["status", "endpoint", "country", "plan"]), st.text("abc", min_size=1, max_size=3)
)


def counted(metric: str, value: int, window: Window | None, of: dict[str, str], report: str) -> Observation:
    return Observation(report=report, metric=metric, value=f"{value:,}", window=window, of=of)


# --- C1 ---------------------------------------------------------------------------------------------------


@given(
    METRICS, POPULATIONS, POPULATIONS, COUNTS, COUNTS, st.integers(0, 50), st.integers(1, 50), st.booleans()
)
def test_c1_more_in_a_part_than_in_the_whole_is_flagged(
    flagged: Flagged, span: Span, metric, of, more, whole, extra, start, minutes, swapped
) -> None:
    outer, inner = span(0, 100), span(start, minutes)
    statements = [
        counted(metric, whole, outer, of, "Traffic Report"),
        counted(metric, whole + extra, inner, {**more, **of}, "Incident Report"),
    ]
    assert "C1" in flagged(*(statements[::-1] if swapped else statements))


@given(
    METRICS, POPULATIONS, POPULATIONS, COUNTS, st.integers(0, 10**7), st.integers(0, 50), st.integers(1, 50)
)
def test_c1_no_more_in_a_part_than_in_the_whole_passes(
    flagged: Flagged, span: Span, metric, of, more, part, extra, start, minutes
) -> None:
    assume(more.items() > of.items() or (start, minutes) != (0, 100))
    whole = counted(metric, part + extra, span(0, 100), of, "Traffic Report")
    assert (
        flagged(whole, counted(metric, part, span(start, minutes), {**more, **of}, "Incident Report"))
        == set()
    )


@given(METRICS, COUNTS, COUNTS)
def test_c1_what_is_no_part_is_not_compared(flagged: Flagged, span: Span, metric, one, other) -> None:
    week, later = span(0, 100), span(90, 100)
    assert not flagged(
        counted(metric, one, week, {}, "A"), counted(metric, other, later, {"status": "500"}, "B")
    )
    paid, free = {"plan": "paid"}, {"plan": "free"}
    assert not flagged(counted(metric, one, week, paid, "A"), counted(metric, other, week, free, "B"))


@given(st.lists(COUNTS, min_size=1, max_size=8), st.integers(-1000, 1000).filter(bool))
def test_c1_parts_that_do_not_add_up_are_flagged(flagged: Flagged, parts, error) -> None:
    whole = sum(parts) + error
    assume(whole >= 0)
    stated = Breakdown(what="errors", whole=whole, parts=parts)
    assert flagged(stated) == {"C1"}
    some = stated.model_copy(update={"complete": False})
    assert flagged(some) == ({"C1"} if error < 0 else set())


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.integers(0, 2))
def test_c1_parts_each_rounded_add_up_within_their_rounding(
    flagged: Flagged, percent: Percent, parts, decimals
) -> None:
    assume(sum(parts))
    shares = [percent(Fraction(part, sum(parts)), decimals) for part in parts]
    assert flagged(Breakdown(what="shares", whole="100%", parts=shares)) == set()


# --- C3, C20 ----------------------------------------------------------------------------------------------


@given(COUNTS, COUNTS, st.integers(0, 3))
def test_c3_and_c20_a_share_rounded_half_up_passes(
    flagged: Flagged, percent: Percent, part, rest, decimals
) -> None:
    whole = part + rest
    share = percent(Fraction(part, whole), decimals)
    stated = Share(what="users", part=f"{part:,}", whole=f"{whole:,}", share=share)
    assert flagged(stated) == set()


@given(COUNTS, COUNTS, st.integers(0, 2), st.integers(2, 50), st.sampled_from([1, -1]))
def test_c3_a_share_that_is_another_is_flagged(
    flagged: Flagged, percent: Percent, part, rest, decimals, off, sign
) -> None:
    whole = part + rest
    wrong = Fraction(part, whole) + sign * Fraction(off, 100 * 10**decimals)
    assume(wrong >= 0)
    stated = Share(what="users", part=f"{part:,}", whole=f"{whole:,}", share=percent(wrong, decimals))
    assert flagged(stated) == {"C3"}


@given(COUNTS, COUNTS, st.integers(0, 2))
def test_c20_a_share_cut_off_instead_of_rounded_is_flagged(flagged: Flagged, part, rest, decimals) -> None:
    whole = part + rest
    scaled = Fraction(part * 100 * 10**decimals, whole)
    assume(scaled % 1 >= Fraction(1, 2))
    cut = int(scaled)
    text = f"{cut // 10**decimals}.{cut % 10**decimals:0{decimals}d}%" if decimals else f"{cut}%"
    assert flagged(Share(what="memory", part=part, whole=whole, share=text)) == {"C20"}


@given(st.integers(0, 10**4))
def test_c20_a_tie_is_rounded_up(flagged: Flagged, half) -> None:
    """n + ½ per cent of 200 is exactly 2n + 1 of it."""
    part, whole = 2 * half + 1, 200
    assert flagged(Share(what="x", part=part, whole=whole, share=f"{half + 1}%")) == set()
    assert flagged(Share(what="x", part=part, whole=whole, share=f"{half}%")) == {"C20"}


@given(COUNTS, COUNTS, COUNTS)
def test_c3_a_share_of_a_whole_stated_elsewhere_must_fit_one_of_them(
    flagged: Flagged, percent: Percent, span: Span, part, rest, other
) -> None:
    whole = part + rest
    share = Share(
        report="Incident Report",
        window=span(10, 8),
        what="users",
        part=part,
        of="users",
        share=percent(Fraction(part, whole)),
    )
    fitting = counted("users", whole, span(0, 100), {}, "Analytics Report")
    another = counted("users", whole + other, span(0, 200), {}, "Monthly Report")
    later = counted("users", whole + other, span(300, 100), {}, "Next Report")
    assert not {"C3", "C20"} & flagged(share, fitting, another)
    assert not {"C3", "C20"} & flagged(share, later)
    fits = abs(Fraction(part, whole) - Fraction(part, whole + other)) < Fraction(1, 100)
    if not fits:
        assert flagged(share, another) & {"C3", "C20"}


# --- C4 ---------------------------------------------------------------------------------------------------


@given(st.lists(COUNTS, min_size=2, max_size=8, unique=True), st.data())
def test_c4_an_entry_out_of_order_is_flagged(flagged: Flagged, values, data) -> None:
    order = data.draw(st.sampled_from(["descending", "ascending"]))
    right = sorted(values, reverse=order == "descending")
    place = data.draw(st.integers(0, len(right) - 2))
    wrong = [*right]
    wrong[place], wrong[place + 1] = wrong[place + 1], wrong[place]

    def ranking(listed: list[int]) -> Ranking:
        entries = tuple(Entry(name=f"GET /{value}", value=value) for value in listed)
        return Ranking(what="endpoints", entries=entries, order=order)

    assert flagged(ranking(right)) == set()
    assert flagged(ranking(wrong)) == {"C4"}


@given(st.lists(st.integers(1, 9999), min_size=2, max_size=8), st.integers(0, 1))
def test_c4_equals_and_figures_rounded_alike_may_stand_in_any_order(
    flagged: Flagged, printed: Callable[[Fraction, int], str], values, decimals
) -> None:
    texts = [f"{printed(Fraction(value, 10), decimals)} ms" for value in sorted(values, reverse=True)]
    assert flagged(Ranking(what="slowest", entries=[Entry(name=text, value=text) for text in texts])) == set()
    same = [Entry(name=str(place), value="7 ms") for place in range(5)]
    assert flagged(Ranking(what="slowest", entries=same)) == set()


# --- C12 --------------------------------------------------------------------------------------------------

STEPS = st.lists(COUNTS, min_size=2, max_size=6).map(lambda users: sorted(users, reverse=True))


def lost(users: list[int], place: int, drop_in: str) -> Fraction:
    base = users[0] if drop_in == "points" else users[place - 1]
    return Fraction(users[place - 1] - users[place], base)


def funnel(
    users: list[int], percent: Percent, drop_in: str, drops: dict[int, Fraction] | None = None
) -> Funnel:
    steps = [FunnelStep(name="visit", users=users[0], share="100%")]
    for place, number in enumerate(users[1:], 1):
        drop = (drops or {}).get(place, lost(users, place, drop_in))
        steps.append(
            FunnelStep(
                name=f"step {place}",
                users=number,
                share=percent(Fraction(number, users[0])),
                drop=percent(drop),
                drop_in=drop_in,
            )
        )
    return Funnel(what="checkout", steps=tuple(steps))


@given(STEPS, st.sampled_from(["points", "relative"]))
def test_c12_drops_of_the_counts_pass(flagged: Flagged, percent: Percent, users, drop_in) -> None:
    assert flagged(funnel(users, percent, drop_in)) == set()


@given(STEPS, st.sampled_from(["points", "relative"]), st.data())
def test_c12_a_drop_off_by_a_point_is_flagged(
    flagged: Flagged, percent: Percent, users, drop_in, data
) -> None:
    """As happens to the difference of two percentages that were rounded before."""
    place = data.draw(st.integers(1, len(users) - 1))
    wrong = {place: lost(users, place, drop_in) + Fraction(1, 100)}
    assert flagged(funnel(users, percent, drop_in, wrong)) == {"C12"}


@given(STEPS, st.integers(2, 50))
def test_c12_a_share_that_is_not_of_the_first_step_is_flagged(
    flagged: Flagged, percent: Percent, users, off
) -> None:
    right = funnel(users, percent, "points")
    wrong = percent(Fraction(users[-1], users[0]) + Fraction(off, 100))
    last = FunnelStep(name="paid", users=users[-1], share=wrong)
    assert flagged(right.model_copy(update={"steps": (*right.steps, last)})) == {"C12"}


def test_c12_a_drop_of_the_step_before_is_none_of_the_first(flagged: Flagged, percent: Percent) -> None:
    users = [1000, 500, 250]
    points = funnel(users, percent, "points")
    mixed = [step.model_copy(update={"drop_in": "relative"}) for step in points.steps]
    assert flagged(points) == set()
    assert flagged(points.model_copy(update={"steps": tuple(mixed)})) == {"C12"}


@given(STEPS)
def test_c12_a_step_with_more_users_than_the_one_before_is_flagged(flagged: Flagged, users) -> None:
    assume(users[0] != users[-1])
    steps = [FunnelStep(name=str(number), users=number) for number in users[::-1]]
    assert flagged(Funnel(what="checkout", steps=steps)) == {"C12"}
