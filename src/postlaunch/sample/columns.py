"""Rows of the generated application as columns: one numpy array for each field, all of one length.

Only the modules that `generate` imports when it is called import this one: numpy is loaded with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Moments = NDArray[np.int64]
"""Milliseconds since 1970-01-01 UTC."""
Ids = NDArray[np.int32]
Codes = NDArray[np.int16]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
"""Positions in other columns."""

NOBODY = -1
"""In columns of positions: none."""

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
"""In milliseconds."""


def stream(seed: int, name: str) -> np.random.Generator:
    """The random numbers of one part of the sample: other parts draw from streams of their own."""
    return np.random.default_rng([seed, crc32(name.encode())])


def even(rng: np.random.Generator, length: int) -> Floats:
    """Uniform numbers in [0, 1), one in each n-th of it, shuffled: shares come out as meant, few or many."""
    return np.asarray((rng.permutation(length) + rng.random(length)) / max(length, 1), dtype=np.float64)


@dataclass(frozen=True)
class Columns:
    """Rows as columns."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def rows(self, which: Flags | Places | slice) -> Self:
        """Some of the rows, or all of them in another order."""
        return type(self)(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    @classmethod
    def joined(cls, parts: Iterable[Self]) -> Self:
        """The rows of all parts, one part after another."""
        several = list(parts)
        return cls(
            **{
                field.name: np.concatenate([getattr(part, field.name) for part in several])
                for field in fields(cls)
            }
        )


@dataclass(frozen=True)
class Visits(Columns):
    """Visits of people who sign in.

    Attributes:
        start: when the sign-in form is sent.
        user: position among the people.
        actions: between signing in and leaving.
        pause_ms: typical pause between two of them.
        training: part of the customer's training hour.
        sure: the sign-in ends well, however many tries it takes.
    """

    start: Moments
    user: Ids
    actions: Ids
    pause_ms: Floats
    training: Flags
    sure: Flags


@dataclass(frozen=True)
class Asked(Columns):
    """Requests as they are sent, with the answer that is due.

    Attributes:
        visit: number of the visit; `NOBODY` for registrations.
        endpoint: position in `endpoints.ENDPOINTS`.
        user: who is signed in; actor: whose browser it is; subject: whom the path names.
        page: of the user list, else 0.
        size: bytes of the larger body; 0: the endpoint's usual size.
        slower: times the endpoint's usual response time.
        event: position in `EVENTS` of what the client records when it goes well.
        settled: the answer stands: the incident no longer changes it.
    """

    at: Moments
    visit: Ids
    endpoint: Codes
    status: Codes
    user: Ids
    actor: Ids
    subject: Ids
    page: Codes
    size: Ids
    slower: Floats
    event: Codes
    settled: Flags
    incident: Flags

    @classmethod
    def of(
        cls,
        at: Moments,
        endpoint: Codes | int,
        *,
        visit: Ids | int = NOBODY,
        status: Codes | int = 200,
        user: Ids | int = NOBODY,
        actor: Ids | int = NOBODY,
        subject: Ids | int = NOBODY,
        page: Codes | int = 0,
        size: Ids | int = 0,
        slower: Floats | float = 1.0,
        event: Codes | int = NOBODY,
        settled: Flags | bool = False,
        incident: Flags | bool = False,
    ) -> Self:
        """Rows of these moments; one value stands for all of them."""
        length = len(at)
        return cls(
            at=at,
            visit=_ids(visit, length),
            endpoint=_codes(endpoint, length),
            status=_codes(status, length),
            user=_ids(user, length),
            actor=_ids(actor, length),
            subject=_ids(subject, length),
            page=_codes(page, length),
            size=_ids(size, length),
            slower=np.broadcast_to(np.asarray(slower, dtype=np.float64), (length,)),
            event=_codes(event, length),
            settled=_flags(settled, length),
            incident=_flags(incident, length),
        )


@dataclass(frozen=True)
class Requests(Columns):
    """Requests as they were served, in the order of time.

    Attributes:
        agent: position in `people.AGENTS`; client: number of the network address.
        bot, incident, event: kept for the truth; the log does not show them.
    """

    at: Moments
    endpoint: Codes
    status: Codes
    user: Ids
    subject: Ids
    page: Codes
    size: Ids
    agent: Codes
    client: Ids
    pod: Codes
    latency_ms: Floats
    bot: Flags
    incident: Flags
    event: Codes


EVENTS = (
    "page_view_register",
    "register_started",
    "register_submitted",
    "signed_up",
    "login",
    "dashboard_viewed",
    "profile_viewed",
    "profile_updated",
    "role_assigned",
    "logout",
    "login_form_shown",
    "login_form_submitted",
    "form_rated",
)
"""What the product's client records."""

(
    PAGE_VIEW_REGISTER,
    REGISTER_STARTED,
    REGISTER_SUBMITTED,
    SIGNED_UP,
    LOGIN,
    DASHBOARD_VIEWED,
    PROFILE_VIEWED,
    PROFILE_UPDATED,
    ROLE_ASSIGNED,
    LOGOUT,
    FORM_SHOWN,
    FORM_SUBMITTED,
    FORM_RATED,
) = range(len(EVENTS))


@dataclass(frozen=True)
class Events(Columns):
    """Product events, in the order of the file.

    Attributes:
        person: position among the people; below `NOBODY` a visitor who never signed up, −2 the first.
        name: position in `EVENTS`.
        arm: of the experiment: 1 "A", 2 "B", 0 none.
        seconds: time to submit; not a number where there is none.
        success: 1 or 0; −1 where there is none.
        rating: 1 to 5; 0 where there is none.
    """

    at: Moments
    person: Ids
    name: Codes
    arm: Codes
    seconds: Floats
    success: Codes
    rating: Codes

    @classmethod
    def of(
        cls,
        at: Moments,
        person: Ids,
        name: Codes | int,
        *,
        arm: Codes | int = 0,
        seconds: Floats | float = float("nan"),
        success: Codes | int = -1,
        rating: Codes | int = 0,
    ) -> Self:
        """Rows of these moments; one value stands for all of them."""
        length = len(at)
        return cls(
            at=at,
            person=person,
            name=_codes(name, length),
            arm=_codes(arm, length),
            seconds=np.broadcast_to(np.asarray(seconds, dtype=np.float64), (length,)),
            success=_codes(success, length),
            rating=_codes(rating, length),
        )


def _ids(values: Ids | int, length: int) -> Ids:
    return np.broadcast_to(np.asarray(values, dtype=np.int32), (length,))


def _codes(values: Codes | int, length: int) -> Codes:
    return np.broadcast_to(np.asarray(values, dtype=np.int16), (length,))


def _flags(values: Flags | bool, length: int) -> Flags:
    return np.broadcast_to(np.asarray(values, dtype=np.bool_), (length,))
