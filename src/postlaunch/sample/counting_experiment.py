"""The truth of the experiment, counted from the events in plain code: no query and no tool takes part."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from postlaunch.sample.application import Application
from postlaunch.sample.columns import (
    FORM_RATED,
    FORM_SHOWN,
    FORM_SUBMITTED,
    PROFILE_UPDATED,
    Flags,
    Floats,
    Places,
)
from postlaunch.sample.experiment import ARMS, LEAVES, NAME
from postlaunch.sample.history import History
from postlaunch.sample.rhythm import moment
from postlaunch.sample.truth_users import ArmTruth, ExperimentTruth


def experiment_truth(application: Application, history: History) -> ExperimentTruth:
    """The truth of the experiment."""
    calendar, trial = application.calendar, application.trial
    start, end = calendar.at(trial.start), calendar.at(trial.end + timedelta(days=1))
    inside = history.inside(start, end)
    shown = np.flatnonzero(inside & (history.name == FORM_SHOWN))
    met = np.full(len(application.people), end, dtype=np.int64)
    np.minimum.at(met, history.person[shown], history.at[shown])
    arms = {
        name: _arm(history, inside, met, np.unique(history.person[shown[history.events.arm[shown] == place]]))
        for place, name in enumerate(ARMS, 1)
    }
    return ExperimentTruth(
        name=NAME,
        start=moment(start, calendar.zone),
        end=moment(end, calendar.zone),
        arms=arms,
        loser=ARMS[int(np.argmax(LEAVES))],
    )


def _arm(history: History, inside: Flags, met: Places, users: Places) -> ArmTruth:
    member = np.zeros(len(met), dtype=np.bool_)
    member[users] = True

    def after(name: int) -> Places:
        which = np.flatnonzero(inside & (history.name == name) & (history.person >= 0))
        person = history.person[which]
        return which[member[person] & (history.at[which] >= met[person])]

    sent, rated = after(FORM_SUBMITTED), after(FORM_RATED)
    ratings = _means(history, rated, history.events.rating.astype(np.float64))
    seconds = _means(history, sent, history.events.seconds)
    return ArmTruth(
        users=len(users),
        conversions=len(np.unique(history.person[sent])),
        seconds=float(seconds.mean()) if len(seconds) else None,
        seconds_deviation=_deviation(seconds),
        rated=len(ratings),
        rating=float(ratings.mean()) if len(ratings) else None,
        rating_deviation=_deviation(ratings),
        profile_updates=len(np.unique(history.person[after(PROFILE_UPDATED)])),
    )


def _deviation(values: Floats) -> float | None:
    return float(values.std(ddof=1)) if len(values) > 1 else None


def _means(history: History, which: Places, values: Floats) -> Floats:
    """The mean of the values of each person."""
    _, place = np.unique(history.person[which], return_inverse=True)
    return np.asarray(np.bincount(place, weights=values[which]) / np.bincount(place), dtype=np.float64)
