"""The limits of one run, kept while it runs, and what it may cost, said before it starts.

Every specialist of a run shares one `BudgetMeter`. A call of the model is paid for in two steps: before it,
the most that it can use is set aside; after it, what it did use is booked. So parallel calls cannot together
pass a limit that each of them alone would keep.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from postlaunch.errors import BudgetExceeded
from postlaunch.facts import Frozen
from postlaunch.llm.usage import Usage, money_words, price
from postlaunch.settings import Budget, ModelSettings, Settings

SHORTEST_CALL = 0.01
"""Seconds; with less than this left of a run's time nothing is begun."""

Monotonic = Callable[[], float]
"""Seconds since some moment; only differences mean anything."""


@dataclass(frozen=True)
class Reservation:
    """What is set aside for one call until it is over."""

    tokens: int
    money: float


class BudgetMeter:
    """Counts what a run uses and refuses what would pass a limit. Safe to share between threads.

    Args:
        spent: what the run used before it was resumed.
    """

    def __init__(
        self,
        budget: Budget,
        model: ModelSettings,
        clock: Monotonic = time.monotonic,
        spent: Usage | None = None,
    ) -> None:
        self._budget = budget
        self._model = model
        self.clock = clock
        self._started = clock()
        self._usage = spent or Usage()
        self._set_aside: list[Reservation] = []
        self._tool_calls = 0
        self._consults = 0
        self._lock = threading.Lock()

    @property
    def usage(self) -> Usage:
        """What the calls that are over used."""
        with self._lock:
            return self._usage

    @property
    def tool_calls(self) -> int:
        """Tool calls made."""
        return self._tool_calls

    @property
    def consults(self) -> int:
        """Questions put to other specialists."""
        return self._consults

    def remaining_seconds(self) -> float:
        """Seconds left of the run's time; never below 0."""
        return max(0.0, self._budget.seconds - (self.clock() - self._started))

    def check_time(self) -> None:
        """Go on only while the run has time.

        Raises:
            BudgetExceeded: `budget.seconds` are used up.
        """
        if self.remaining_seconds() < SHORTEST_CALL:
            raise _exceeded("seconds", f"the run's {self._budget.seconds:g} seconds are used up")

    def tool_call(self) -> None:
        """Count one tool call.

        Raises:
            BudgetExceeded: `budget.tool_calls` are used up, or the run's time is.
        """
        with self._lock:
            self.check_time()
            if self._tool_calls >= self._budget.tool_calls:
                raise _exceeded("tool_calls", f"the run's {self._budget.tool_calls} tool calls are used up")
            self._tool_calls += 1

    def consult(self) -> None:
        """Count one question to another specialist.

        Raises:
            BudgetExceeded: `budget.consults` are used up, or the run's time is.
        """
        with self._lock:
            self.check_time()
            if self._consults >= self._budget.consults:
                raise _exceeded("consults", f"the run's {self._budget.consults} consults are used up")
            self._consults += 1

    def before_call(self, tokens_in: int) -> Reservation:
        """Set aside the most that a call can use: its prompt, and the longest answer allowed.

        Args:
            tokens_in: estimated tokens of the prompt.

        Raises:
            BudgetExceeded: the call could pass `budget.tokens`, `budget.money` or `budget.seconds`.
        """
        tokens_out = self._model.max_output_tokens
        with self._lock:
            self.check_time()
            self._check_tokens(tokens_in + tokens_out)
            cost = price(self._model, tokens_in, tokens_out)
            self._check_money(cost)
            reservation = Reservation(tokens_in + tokens_out, cost or 0.0)
            self._set_aside.append(reservation)
        return reservation

    def after_call(self, reservation: Reservation, used: Usage) -> None:
        """Book what a call used in place of what was set aside; `Usage()` for one that used nothing."""
        with self._lock:
            self._set_aside.remove(reservation)
            self._usage += used

    def _check_tokens(self, wanted: int) -> None:
        free = self._budget.tokens - self._usage.tokens - sum(held.tokens for held in self._set_aside)
        if wanted > free:
            raise _exceeded(
                "tokens",
                f"the next call may take {wanted:,} tokens and {max(free, 0):,} of the run's "
                f"{self._budget.tokens:,} are left",
            )

    def _check_money(self, wanted: float | None) -> None:
        limit = self._budget.money
        if limit is None:
            return
        if wanted is None:
            raise BudgetExceeded(
                "the run may cost no more than a set amount, but the price of the model is not known",
                "set model.price_in and model.price_out (money per million tokens), or remove budget.money",
            )
        spent = self._usage.money or 0.0
        free = limit - spent - sum(held.money for held in self._set_aside)
        if wanted > free:
            raise _exceeded(
                "money",
                f"the next call may cost {wanted:.4f}; {max(free, 0.0):.4f} of the run's {limit:g} is left",
            )


def _exceeded(limit: str, message: str) -> BudgetExceeded:
    return BudgetExceeded(message, f"raise budget.{limit} in postlaunch.toml if the run should go further")


# --- before the run ---------------------------------------------------------------------------------------

ASSIGNMENTS = {"daily_check": 2, "weekly_report": 3, "monthly_review": 3, "incident": 1, "sprint_planning": 4}
"""Specialists that a workflow sets to work, at most; one whose report is taken up from another run costs
nothing."""

INVESTIGATION_TURNS = 6
"""Turns in which a specialist usually calls tools before it judges."""

FIRST_PROMPT_TOKENS = 5_000
"""House rules, the specialist's prompt, some eighty facts, and the tools on offer."""

TURN_TOKENS = 700
"""What one turn with its tool results adds to the prompt of the next."""

ANSWER_TOKENS = 400
"""A usual answer; a judgement is about three of them."""


class Estimate(Frozen):
    """What a run is expected to use, and what it cannot pass.

    Attributes:
        tokens: expected, in and out.
        tokens_limit: the budget.
        money: expected; None: the model's prices are not known.
        money_limit: what the budget allows at most; None: neither prices nor a limit of money are set.
        words: all of it in one line for a person.
    """

    tokens: int
    tokens_limit: int
    money: float | None
    money_limit: float | None
    words: str


def estimate(settings: Settings, workflow: str) -> Estimate:
    """What a run of a workflow with the settings' model is expected to use.

    The prompt grows with each turn, so the tokens sent grow with the square of the number of turns. It is an
    expectation from the constants above, not a measurement; what was used is recorded in "usage" events.
    """
    assignments = ASSIGNMENTS.get(workflow, 1) + min(1, settings.budget.consults)
    turns = min(INVESTIGATION_TURNS, settings.budget.tool_calls) + 1
    tokens_in = assignments * (turns * FIRST_PROMPT_TOKENS + TURN_TOKENS * turns * (turns - 1) // 2)
    tokens_out = assignments * (turns + 2) * ANSWER_TOKENS
    limit = settings.budget.tokens
    scale = min(1.0, limit / (tokens_in + tokens_out))
    tokens_in, tokens_out = int(tokens_in * scale), int(tokens_out * scale)
    money = price(settings.model, tokens_in, tokens_out)
    money_limit = _money_limit(settings)
    return Estimate(
        tokens=tokens_in + tokens_out,
        tokens_limit=limit,
        money=money,
        money_limit=money_limit,
        words=_estimate_words(tokens_in + tokens_out, limit, money, money_limit, settings),
    )


def _money_limit(settings: Settings) -> float | None:
    """All tokens of the budget at the dearer price, or the budget's own limit where that is lower."""
    model, tokens = settings.model, settings.budget.tokens
    costs = [price(model, tokens, 0), price(model, 0, tokens), settings.budget.money]
    dearest = max((cost for cost in costs[:2] if cost is not None), default=None)
    if dearest is None or costs[2] is None:
        return costs[2] if dearest is None else dearest
    return min(dearest, costs[2])


def _estimate_words(
    tokens: int, limit: int, money: float | None, money_limit: float | None, settings: Settings
) -> str:
    currency = settings.application.currency
    cost = (
        "cost not known: model.price_in and model.price_out are not set"
        if money is None
        else f"about {money_words(money, currency)}"
    )
    most = f"at most {limit:,} tokens"
    if money_limit is not None:
        most += f" and {money_words(money_limit, currency)}"
    return f"{settings.model.name or 'the model'}: about {tokens:,} tokens, {cost}; {most}"
