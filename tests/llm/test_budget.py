"""The limits of a run, and what it may cost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postlaunch.errors import BudgetExceeded
from postlaunch.llm.budget import BudgetMeter, estimate
from postlaunch.llm.usage import Usage, money_words
from postlaunch.settings import Budget, ModelSettings, Settings

PRICED = ModelSettings(name="m", price_in=1.0, price_out=10.0, max_output_tokens=100)
USAGES = st.builds(
    Usage,
    tokens_in=st.integers(0, 10**6),
    tokens_out=st.integers(0, 10**6),
    money=st.none() | st.integers(0, 1000),
    seconds=st.integers(0, 1000),
    calls=st.integers(1, 5),
    estimated=st.booleans(),
)


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_tool_calls_are_limited() -> None:
    meter = BudgetMeter(Budget(tool_calls=2), PRICED)
    meter.tool_call()
    meter.tool_call()
    with pytest.raises(BudgetExceeded, match="the run's 2 tool calls are used up") as caught:
        meter.tool_call()
    assert "budget.tool_calls" in caught.value.remedy
    assert meter.tool_calls == 2


def test_consults_are_limited() -> None:
    meter = BudgetMeter(Budget(consults=1), PRICED)
    meter.consult()
    with pytest.raises(BudgetExceeded, match="the run's 1 consults"):
        meter.consult()


def test_time_is_limited_for_everything() -> None:
    clock = Clock()
    meter = BudgetMeter(Budget(seconds=60), PRICED, clock)
    meter.tool_call()
    clock.seconds += 60
    for act in (meter.tool_call, meter.consult, lambda: meter.before_call(1)):
        with pytest.raises(BudgetExceeded, match="the run's 60 seconds are used up"):
            act()
    assert meter.remaining_seconds() == 0


def test_tokens_are_set_aside_before_a_call_and_booked_after_it() -> None:
    meter = BudgetMeter(Budget(tokens=300), PRICED)
    held = meter.before_call(100)
    with pytest.raises(BudgetExceeded, match="may take 150 tokens and 100 of the run's 300 are left"):
        meter.before_call(50)
    meter.after_call(held, Usage(tokens_in=100, tokens_out=20, calls=1))
    meter.before_call(80)


def test_money_is_limited() -> None:
    meter = BudgetMeter(Budget(money=0.002), PRICED)
    held = meter.before_call(500)
    meter.after_call(held, Usage(tokens_in=500, tokens_out=100, money=0.0015, calls=1))
    with pytest.raises(
        BudgetExceeded, match=r"may cost 0\.0011; 0\.0005 of the run's 0\.002 is left"
    ) as caught:
        meter.before_call(100)
    assert "budget.money" in caught.value.remedy


def test_a_limit_of_money_needs_prices() -> None:
    meter = BudgetMeter(Budget(money=1), ModelSettings(name="m"))
    with pytest.raises(BudgetExceeded, match="price of the model is not known") as caught:
        meter.before_call(1)
    assert "model.price_in" in caught.value.remedy


def test_a_resumed_run_starts_where_it_stood() -> None:
    meter = BudgetMeter(Budget(tokens=300), PRICED, spent=Usage(tokens_in=250, calls=1))
    with pytest.raises(BudgetExceeded, match="50 of the run's 300 are left"):
        meter.before_call(1)


def test_threads_cannot_pass_a_limit_together() -> None:
    meter = BudgetMeter(Budget(tokens=1_000), PRICED)

    def call(_: int) -> bool:
        try:
            held = meter.before_call(10)
        except BudgetExceeded:
            return False
        meter.after_call(held, Usage(tokens_in=10, tokens_out=100, calls=1))
        return True

    with ThreadPoolExecutor(16) as pool:
        made = sum(pool.map(call, range(500)))
    assert made == 9
    assert meter.usage.tokens == 990


@given(USAGES, USAGES, USAGES)
def test_usage_adds_up_in_any_order(a: Usage, b: Usage, c: Usage) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + Usage() == Usage() + a == a


def test_the_money_of_a_run_is_unknown_when_that_of_one_call_is() -> None:
    assert (Usage(money=1, calls=1) + Usage(calls=1)).money is None


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "$0"), (0.0000123, "$0.000012"), (0.004, "$0.0040"), (0.126, "$0.13"), (2, "$2")]
)
def test_money_never_prints_as_nothing(amount: float, text: str) -> None:
    assert money_words(amount, "$") == text


def test_an_estimate_names_model_tokens_and_money() -> None:
    settings = Settings(model=PRICED, budget=Budget(tokens=120_000, money=0.5))
    guess = estimate(settings, "weekly_report")
    assert 0 < guess.tokens <= guess.tokens_limit == 120_000
    assert guess.money is not None
    assert 0 < guess.money < 0.5 == guess.money_limit
    money = money_words(guess.money, "$")
    assert guess.words == f"m: about {guess.tokens:,} tokens, about {money}; at most 120,000 tokens and $0.50"


def test_an_estimate_without_prices_says_so() -> None:
    guess = estimate(Settings(model=ModelSettings(name="m")), "sprint_planning")
    assert guess.money is guess.money_limit is None
    assert "cost not known" in guess.words


def test_planning_asks_more_specialists_than_a_report() -> None:
    settings = Settings(model=ModelSettings(name="m"), budget=Budget(tokens=10**6))
    assert estimate(settings, "sprint_planning").tokens > estimate(settings, "weekly_report").tokens


@pytest.mark.parametrize("workflow", ["weekly_report", "monthly_review"])
def test_three_specialists_side_by_side_fit_the_default_budget(workflow: str) -> None:
    unbounded = Settings(model=ModelSettings(name="m"), budget=Budget(tokens=10**7))
    assert estimate(unbounded, workflow).tokens <= Budget().tokens


@given(
    st.integers(0, 10**6),
    st.integers(0, 50),
    st.integers(0, 5),
    st.sampled_from(["weekly_report", "sprint_planning", "x"]),
)
def test_an_estimate_keeps_to_the_budget(tokens: int, tool_calls: int, consults: int, workflow: str) -> None:
    budget = Budget(tokens=tokens, tool_calls=tool_calls, consults=consults)
    guess = estimate(Settings(model=PRICED, budget=budget), workflow)
    assert 0 <= guess.tokens <= tokens
    assert guess.money is not None
    assert guess.money_limit is not None
    assert guess.money <= guess.money_limit + 1e-9
