"""What the tests of every rule share: which rules flag, and figures rounded honestly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from postlaunch.reports.consistency.checking import contradictions_in
from postlaunch.reports.consistency.statements import Statement
from postlaunch.windows import Window


def half_up(value: Fraction, decimals: int) -> str:
    """A number with so many decimals, rounded half up and away from zero, from its exact value."""
    scaled = abs(value) * 10**decimals
    whole = int(scaled + Fraction(1, 2))
    digits = f"{whole:0{decimals + 1}d}"
    text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"−{text}" if value < 0 and whole else text


@pytest.fixture(scope="session")
def percent() -> Callable[[Fraction, int], str]:
    """Prints a share as a percentage with so many decimals."""
    return lambda share, decimals=0: f"{half_up(share * 100, decimals)}%"


@pytest.fixture(scope="session")
def printed() -> Callable[[Fraction, int], str]:
    """Prints a number with so many decimals."""
    return half_up


@pytest.fixture(scope="session")
def flagged() -> Callable[..., set[str]]:
    """The ids of the rules that flag something among statements."""

    def ids(*statements: Statement) -> set[str]:
        return {contradiction.rule.split()[0] for contradiction in contradictions_in(statements)}

    return ids


@pytest.fixture(scope="session")
def span() -> Callable[..., Window]:
    """A window that begins so many minutes into 2026 and lasts so many."""

    def window(start: int, minutes: int) -> Window:
        begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=start)
        return Window(start=begin, end=begin + timedelta(minutes=minutes))

    return window
