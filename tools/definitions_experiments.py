"""What each figure of an experiment means; `docs/definitions.md` carries these on."""

from __future__ import annotations

from postlaunch.facts import Definition, Unit

ARM_USERS = Definition(
    name="experiment_users",
    title="Users",
    statement="distinct users exposed to the arm and to no other, from the experiment's start to the look",
    unit="count",
)
MIXED_USERS = Definition(
    name="experiment_mixed_users",
    title="Users in several arms",
    statement="distinct users exposed to more than one arm: counted in none",
    unit="count",
    better="lower",
)
SPLIT_P = Definition(
    name="experiment_split_p",
    title="Sample-ratio mismatch, p",
    statement="chi-square p of the users per arm against the intended split, arms of share 0 left out",
    unit="probability",
)
CONVERSIONS = Definition(
    name="experiment_conversions",
    title="Conversions",
    statement="users of the arm with the metric's event at or after their first exposure",
    unit="count",
)
CONVERSION_RATE = Definition(
    name="experiment_conversion_rate",
    title="Conversion Rate",
    statement="conversions ÷ users of the arm",
    unit="ratio",
)
MEAN = Definition(
    name="experiment_mean",
    title="Mean",
    statement="mean over the arm's users of the metric's value for each user since the first exposure",
    unit="number",
)
DEVIATION = Definition(
    name="experiment_deviation",
    title="Standard deviation",
    statement="standard deviation over the arm's users of the metric's value for each user",
    unit="number",
)
BEFORE_MEAN = Definition(
    name="experiment_before_mean",
    title="Mean before",
    statement="mean over the arm's users with a value of their value in the plan's days before exposure",
    unit="number",
)
BEFORE_DEVIATION = Definition(
    name="experiment_before_deviation",
    title="Standard deviation before",
    statement="standard deviation over the same users of their value in the days before exposure",
    unit="number",
)
BEFORE_COVARIANCE = Definition(
    name="experiment_before_covariance",
    title="Covariance with before",
    statement="covariance over the same users of their value since exposure with the one before it",
    unit="number",
)
VARIANCE_REDUCTION = Definition(
    name="experiment_variance_reduction",
    title="Variance taken away",
    statement="1 − variance of the lift adjusted by the days before exposure ÷ its variance as counted",
    unit="ratio",
    better="higher",
)
LIFT_POINTS = Definition(
    name="experiment_lift_points",
    title="Lift",
    statement="conversion rate of the treatment − that of the control, both adjusted (CUPED) where noted",
    unit="points",
)
LIFT = Definition(
    name="experiment_lift",
    title="Lift",
    statement="mean of the treatment − that of the control, both adjusted (CUPED) where noted",
    unit="number",
)
RELATIVE_LIFT = Definition(
    name="experiment_relative_lift",
    title="Relative lift",
    statement="lift ÷ size of the control's figure, so that it keeps its sign where that is negative",
    unit="ratio",
)
P = Definition(
    name="experiment_p",
    title="p",
    statement=(
        "probability of so large a difference if there is none; always valid or at the planned end, as "
        "noted; primary and secondary metrics each adjusted by Bonferroni"
    ),
    unit="probability",
)
POWER = Definition(
    name="experiment_power",
    title="Power at the MDE",
    statement="probability that the deciding test finds the least difference worth finding with these users",
    unit="ratio",
    better="higher",
)
USERS_NEEDED = Definition(
    name="experiment_users_needed",
    title="More users needed",
    statement="over all arms, for the power planned at the MDE and at least for the planned n",
    unit="count",
)
LOOKS = Definition(
    name="experiment_looks",
    title="Looks so far",
    statement="how often the running experiment was looked at, this time included",
    unit="count",
)


def bound(name: str, title: str, unit: Unit, which: str) -> Definition:
    """One end of a confidence interval; its level is in the fact's note."""
    return Definition(
        name=name, title=title, statement=f"{which} end of the confidence interval of the lift", unit=unit
    )


LIFT_POINTS_LOW = bound("experiment_lift_points_low", "Lift, from", "points", "lower")
LIFT_POINTS_HIGH = bound("experiment_lift_points_high", "Lift, to", "points", "upper")
LIFT_LOW = bound("experiment_lift_low", "Lift, from", "number", "lower")
LIFT_HIGH = bound("experiment_lift_high", "Lift, to", "number", "upper")
RELATIVE_LIFT_LOW = bound("experiment_relative_lift_low", "Relative lift, from", "ratio", "lower")
RELATIVE_LIFT_HIGH = bound("experiment_relative_lift_high", "Relative lift, to", "ratio", "upper")
