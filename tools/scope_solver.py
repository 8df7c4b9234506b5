"""The scope as an integer program, solved to proven optimality by HiGHS.

Effort is counted in whole thousandths of a day, so a load either is or is not within capacity: no tolerance
of the solver can turn 9.001 days into 9.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from postlaunch.errors import PostLaunchError

if TYPE_CHECKING:
    import highspy

DAY = 1000
"""Units of effort in one working day."""

RUN = 16
"""Places whose order one solve settles; the powers of two that weigh them stay far from its tolerance."""

SECONDS = 30.0
"""After which one solve gives up; a sprint of a hundred items takes milliseconds."""


@dataclass(frozen=True)
class Choice:
    """One item to choose or leave.

    Attributes:
        points: what it is worth; more than zero.
        load: owner → units of effort, its testing and documentation included.
        requires: places of the items that must be in when it is.
        effort: units of everybody together, where `load` counts some under several names; None: its sum.
    """

    points: int
    load: Mapping[str, int]
    requires: tuple[int, ...] = ()
    effort: int | None = None

    @property
    def units(self) -> int:
        """Effort of all owners."""
        return sum(self.load.values()) if self.effort is None else self.effort


@dataclass(frozen=True)
class Program:
    """Which choices to make: the most points within every owner's capacity.

    Attributes:
        capacity: owner → units; an owner that is not named has none.
        inside, outside: places that must be, or must not be, chosen.
    """

    choices: tuple[Choice, ...]
    capacity: Mapping[str, int]
    inside: frozenset[int] = frozenset()
    outside: frozenset[int] = frozenset()

    def owners(self) -> tuple[str, ...]:
        """Everyone that has something to do in some choice."""
        return tuple(dict.fromkeys(owner for choice in self.choices for owner in choice.load))


def solve(program: Program) -> frozenset[int] | None:
    """The places chosen, or None when what must be inside does not fit.

    Of the choices with the most points, the one with the least effort is taken; of those, the one that holds
    the earliest item in which they differ. So the answer does not depend on the solver's path.

    Raises:
        PostLaunchError: the solver could not prove an answer in time.
    """
    if not program.choices:
        return frozenset()
    model = _Model(program)
    if not model.feasible():
        return None
    model.keep_best([choice.points for choice in program.choices], most=True)
    model.keep_best([choice.units for choice in program.choices], most=False)
    chosen = model.earliest()
    _refuse_overload(program, chosen)
    return chosen


def _refuse_overload(program: Program, chosen: frozenset[int]) -> None:
    """Check the solver's answer in whole numbers."""
    for owner in program.owners():
        load = sum(program.choices[place].load.get(owner, 0) for place in chosen)
        if load > program.capacity.get(owner, 0):
            raise PostLaunchError(f"the solver's scope overloads {owner}", "report this as a defect")


def new_solver() -> highspy.Highs:
    """HiGHS, set to prove its answer and to give the same one every time.

    Its feasibility jump is off: it takes longer than these models take without it.
    """
    import highspy

    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 0.5,
        "mip_heuristic_run_feasibility_jump": False,
        "time_limit": SECONDS,
    }.items():
        highs.setOptionValue(option, value)
    return highs


class _Model:
    """A HiGHS model of a program, narrowed goal by goal."""

    def __init__(self, program: Program) -> None:
        import highspy

        self._program = program
        self._count = len(program.choices)
        self._highs = new_solver()
        self._chosen: list[int] = []
        self._add_choices(highspy.HighsVarType.kInteger)
        self._add_capacity()
        self._add_dependencies()

    def _add_choices(self, integer: highspy.HighsVarType) -> None:
        for place in range(self._count):
            low = 1.0 if place in self._program.inside else 0.0
            high = 0.0 if place in self._program.outside else 1.0
            if low > high:
                raise ValueError(f"choice {place} is both inside and outside")
            self._highs.addVar(low, high)
            self._highs.changeColIntegrality(place, integer)

    def _add_capacity(self) -> None:
        for owner in self._program.owners():
            loads = {
                place: choice.load[owner]
                for place, choice in enumerate(self._program.choices)
                if choice.load.get(owner)
            }
            self._row(loads, high=self._program.capacity.get(owner, 0))

    def _add_dependencies(self) -> None:
        for place, choice in enumerate(self._program.choices):
            for needed in choice.requires:
                self._row({needed: 1, place: -1}, low=0)

    def _row(self, terms: Mapping[int, int], *, low: float | None = None, high: float | None = None) -> None:
        infinity = self._highs.getInfinity()
        self._highs.addRow(
            -infinity if low is None else float(low),
            infinity if high is None else float(high),
            len(terms),
            list(terms),
            [float(value) for value in terms.values()],
        )

    def feasible(self) -> bool:
        """Solve for any choice at all."""
        return self._solve()

    def _solve(self) -> bool:
        import highspy

        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            values = self._highs.getSolution().col_value
            self._chosen = [place for place in range(self._count) if values[place] > 0.5]
            return True
        if status == highspy.HighsModelStatus.kInfeasible:
            return False
        raise PostLaunchError(
            f"the scope was not solved: {self._highs.modelStatusToString(status)}",
            "plan fewer candidate items at once",
        )

    def keep_best(self, weights: list[int], *, most: bool) -> None:
        """Optimise one goal and hold its value for the goals after it."""
        import highspy

        self._highs.changeObjectiveSense(highspy.ObjSense.kMaximize if most else highspy.ObjSense.kMinimize)
        for place, weight in enumerate(weights):
            self._highs.changeColCost(place, float(weight))
        self._solve()
        value = _total(weights, self._chosen)
        terms = dict(enumerate(weights))
        self._row(terms, low=value if most else None, high=None if most else value)

    def earliest(self) -> frozenset[int]:
        """Of what is left, the choice with the earliest items.

        A run of places at a time, each worth more than all after it in its run; then the run is held.
        """
        import highspy

        self._highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        for place in range(self._count):
            self._highs.changeColCost(place, 0.0)
        for first in range(0, self._count, RUN):
            places = range(first, min(first + RUN, self._count))
            for place in places:
                self._highs.changeColCost(place, float(2 ** (places[-1] - place)))
            self._solve()
            for place in places:
                value = 1.0 if place in self._chosen else 0.0
                self._highs.changeColBounds(place, value, value)
                self._highs.changeColCost(place, 0.0)
        return frozenset(self._chosen)


def _total(weights: list[int], places: Iterable[int]) -> int:
    return sum(weights[place] for place in places)
