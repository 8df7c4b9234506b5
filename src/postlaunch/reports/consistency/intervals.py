"""What a printed figure leaves open: exact interval arithmetic on rounded numbers.

"38%" stands for every share from 37.5 % up to, not including, 38.5 %: rounding is half up, away from zero.
Two figures agree when some pair of values that they could stand for agrees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from operator import add, mul, sub, truediv


@dataclass(frozen=True)
class Interval:
    """All values from low to high; an open end is itself not among them."""

    low: Fraction
    high: Fraction
    low_open: bool = False
    high_open: bool = False

    @classmethod
    def exactly(cls, value: Fraction | int) -> Interval:
        """One value."""
        return cls(Fraction(value), Fraction(value))

    @classmethod
    def rounded(cls, value: Fraction, step: Fraction) -> Interval:
        """What prints as `value` when rounded half up (away from zero) to multiples of `step`."""
        if step == 0:
            return cls.exactly(value)
        half = step / 2
        return cls(value - half, value + half, low_open=value <= 0, high_open=value >= 0)

    def holds(self, value: Fraction) -> bool:
        """Whether the value is one of those it may be."""
        above = value > self.low or (value == self.low and not self.low_open)
        return above and (value < self.high or (value == self.high and not self.high_open))

    def meets(self, other: Interval) -> bool:
        """Whether both can be the same value."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return low < high or (low == high and self.holds(low) and other.holds(low))

    def above(self, other: Interval) -> bool:
        """Whether it is greater than the other whatever both stand for."""
        return self.low > other.high or (self.low == other.high and (self.low_open or other.high_open))

    def gap(self, value: Fraction) -> Fraction:
        """How far a value is outside; 0 inside or on an end."""
        return max(self.low - value, value - self.high, Fraction(0))

    def __add__(self, other: Interval) -> Interval:
        return self._with(other, add)

    def __sub__(self, other: Interval) -> Interval:
        return self._with(other, sub)

    def __mul__(self, other: Interval) -> Interval:
        return self._with(other, mul, nothing=True)

    def __truediv__(self, other: Interval) -> Interval:
        """The quotient; the divisor may not reach zero."""
        return self._with(other, truediv, nothing=True)

    def _with(
        self, other: Interval, by: Callable[[Fraction, Fraction], Fraction], *, nothing: bool = False
    ) -> Interval:
        """Each of the four operations takes its extremes at the ends of both.

        Args:
            nothing: a zero that is among the values gives zero with every value, so also beside an open end.
        """
        mine, theirs = self._ends(), other._ends()
        ends = [
            (by(a, b), (a_open or b_open) and not (nothing and _zero(a, a_open, b, b_open)))
            for a, a_open in mine
            for b, b_open in theirs
        ]
        low, low_open = min(ends)
        high, high_closed = max((value, not is_open) for value, is_open in ends)
        return Interval(low, high, low_open, not high_closed)

    def _ends(self) -> tuple[tuple[Fraction, bool], tuple[Fraction, bool]]:
        return ((self.low, self.low_open), (self.high, self.high_open))


def _zero(one: Fraction, one_open: bool, other: Fraction, other_open: bool) -> bool:
    """Whether one of two ends is a zero that is taken."""
    return (one == 0 and not one_open) or (other == 0 and not other_open)


def total(parts: Iterable[Interval]) -> Interval:
    """The sum of what the parts stand for."""
    result = Interval.exactly(0)
    for part in parts:
        result += part
    return result
