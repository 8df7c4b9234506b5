"""What the sample application offers: its endpoints, how long they take and how large their bodies are."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoint:
    """One endpoint.

    Attributes:
        median_ms: of its response time, in the first week.
        spread: sigma of the log-normal response time.
        size: typical bytes of its larger body.
        database: whether it needs a database connection.
    """

    method: str
    route: str
    median_ms: float
    spread: float
    size: int
    database: bool = True

    def latency(self, rng: random.Random, factor: float) -> float:
        """A response time in milliseconds."""
        return rng.lognormvariate(math.log(self.median_ms * factor), self.spread)


LOGIN = Endpoint("POST", "/auth/login", 92, 0.28, 640)
LOGOUT = Endpoint("POST", "/auth/logout", 24, 0.35, 120)
REFRESH = Endpoint("POST", "/auth/refresh", 30, 0.35, 540)
REGISTER = Endpoint("POST", "/auth/register", 128, 0.28, 720)
RESET = Endpoint("POST", "/auth/password-reset", 84, 0.35, 180)
PROFILE = Endpoint("GET", "/auth/me", 33, 0.35, 910)
LIST_USERS = Endpoint("GET", "/users", 118, 0.32, 18_400)
READ_USER = Endpoint("GET", "/users/:id", 56, 0.36, 1_300)
PERMISSIONS = Endpoint("GET", "/users/:id/permissions", 41, 0.38, 2_100)
UPDATE_USER = Endpoint("PUT", "/users/:id", 88, 0.30, 1_500)
UPLOAD_IMAGE = Endpoint("PUT", "/users/:id", 390, 0.42, 1_900_000)
ROLES = Endpoint("GET", "/roles", 44, 0.32, 3_200)
GRANT_ROLE = Endpoint("POST", "/users/:id/roles", 124, 0.28, 420)

IMAGE_SHARE = 0.45
"""Share of profile updates that carry an image."""

PAGES = tuple(
    Endpoint("GET", route, 9, 0.30, size, database=False)
    for route, size in (("/", 5_400), ("/login", 4_800), ("/robots.txt", 110))
)
"""What crawlers read."""

PROBED = tuple(
    Endpoint("GET", route, 6, 0.30, 320, database=False) for route in ("/wp-login.php", "/.env", "/admin.php")
)
"""What scanners look for and do not find."""
