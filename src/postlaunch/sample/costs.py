"""What the infrastructure costs, a line a day and service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from postlaunch.sample.application import Application
from postlaunch.sample.changes import LAUNCHED_BEFORE
from postlaunch.sample.endpoints import RESET, UPLOAD_IMAGE, VERIFICATION
from postlaunch.sample.incident import PODS

POD_A_DAY = 1.3334
"""Three pods for thirty days: $120."""
DATABASE_A_DAY = 2.96
GIGABYTE_A_MONTH = 0.115
GIGABYTES_AT_LAUNCH = 38.0
MAIL = 0.0012


@dataclass(frozen=True)
class CostLine:
    """One line: `quantity` of `unit` on a day."""

    day: date
    service: str
    amount: float
    quantity: float
    unit: str


def costs_of(application: Application) -> tuple[CostLine, ...]:
    """Every line from the launch on: pods and database by the day, storage and mails by what was used."""
    calendar, requests = application.calendar, application.requests
    day = calendar.day_of(requests.at)
    days = len(calendar.days)
    uploaded = (requests.endpoint == UPLOAD_IMAGE) & (requests.status < 400)
    stored = np.bincount(day[uploaded], weights=requests.size[uploaded], minlength=days) / 1e9
    mailed = ((requests.endpoint == VERIFICATION) | (requests.endpoint == RESET)) & (requests.status == 202)
    mails = np.bincount(day[mailed], minlength=days)
    before = [calendar.days[0] - timedelta(days=place) for place in range(LAUNCHED_BEFORE, 0, -1)]
    lines: list[CostLine] = []
    for place, when in enumerate((*before, *calendar.days), -LAUNCHED_BEFORE):
        gigabytes = GIGABYTES_AT_LAUNCH + float(stored[: max(place, 0)].sum())
        sent = int(mails[place]) if place >= 0 else 0
        lines += [
            CostLine(when, "pods", round(POD_A_DAY * len(PODS), 2), len(PODS), "pod"),
            CostLine(when, "database", DATABASE_A_DAY, 1, "instance"),
            CostLine(when, "storage", round(gigabytes * GIGABYTE_A_MONTH / 30, 4), round(gigabytes, 2), "GB"),
            CostLine(when, "e-mail", round(sent * MAIL, 4), sent, "mail"),
        ]
    return tuple(lines)
