"""What the sample application offers: its endpoints, how long they take and how large their bodies are."""

from __future__ import annotations

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

    @property
    def name(self) -> str:
        """As reports name it: "GET /users/:id"."""
        return f"{self.method} {self.route}"


ENDPOINTS = (
    Endpoint("POST", "/auth/login", 108, 0.28, 640),
    Endpoint("POST", "/auth/logout", 34, 0.35, 120),
    Endpoint("POST", "/auth/refresh", 42, 0.35, 540),
    Endpoint("POST", "/auth/verifications", 96, 0.28, 310),
    Endpoint("POST", "/auth/register", 116, 0.28, 720),
    Endpoint("POST", "/auth/password-reset", 84, 0.35, 180),
    Endpoint("GET", "/auth/me", 46, 0.35, 910),
    Endpoint("GET", "/users", 121, 0.25, 18_400),
    Endpoint("GET", "/users/:id", 66, 0.36, 1_300),
    Endpoint("GET", "/users/:id/permissions", 52, 0.38, 2_100),
    Endpoint("PUT", "/users/:id", 88, 0.30, 1_500),
    Endpoint("PUT", "/users/:id", 390, 0.42, 1_900_000),
    Endpoint("GET", "/roles", 58, 0.32, 3_200),
    Endpoint("POST", "/users/:id/roles", 110, 0.28, 420),
    Endpoint("GET", "/", 9, 0.30, 5_400, database=False),
    Endpoint("GET", "/login", 9, 0.30, 4_800, database=False),
    Endpoint("GET", "/robots.txt", 9, 0.30, 110, database=False),
    Endpoint("GET", "/wp-login.php", 6, 0.30, 320, database=False),
    Endpoint("GET", "/.env", 6, 0.30, 320, database=False),
    Endpoint("GET", "/admin.php", 6, 0.30, 320, database=False),
)
"""Every endpoint; rows name them by their place here."""

(
    LOGIN,
    LOGOUT,
    REFRESH,
    VERIFICATION,
    REGISTER,
    RESET,
    ME,
    LIST_USERS,
    READ_USER,
    PERMISSIONS,
    UPDATE_USER,
    UPLOAD_IMAGE,
    ROLES,
    GRANT_ROLE,
) = range(14)

PAGES = (14, 15, 16)
"""What crawlers read."""

PROBED = (17, 18, 19)
"""What scanners look for and do not find."""

IMAGE_SHARE = 0.45
"""Share of profile updates that carry an image."""

LARGE_IMAGE = 6_000_000
"""Bytes above which an upload may time out: the cause of the background's 500s."""

TIMED_OUT_SHARE = 0.4
"""Share of the large images whose upload times out."""

WEEKLY_SLOWDOWN = 0.012
"""The data grows, and every query with it, each week."""
