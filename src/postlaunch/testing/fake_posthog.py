"""A PostHog on this machine: the events of one project over its query API, which fails as told.

It runs the HogQL that it is sent, over a table of events, and keeps the parts of the contract that trip a
client up: 100 rows where a query names no limit and 50,000 at most, no OFFSET, a cache that answers unless it
is told not to, events that nobody belongs to; limits and failures are told to it::

    with FakePostHog([{"event": "login", "timestamp": "2025-11-18T12:00:00Z", "person_id": ...}]) as posthog:
        settings = PostHogEvents(project=posthog.project, host=posthog.host, since=date(2025, 11, 1))
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

from postlaunch.testing.fake_service import Asked, FakeService, Json, Reply

DEFAULT_ROWS = 100
MOST_ROWS = 50_000
PLACEHOLDER = re.compile(r"\{(\w+)\}")
DATABASE = Path(__file__).with_suffix(".sql")
"""The table of events, and the functions of HogQL that are needed, as DuckDB's."""


def refusal(status: int, kind: str, code: str, detail: str) -> Reply:
    """What PostHog says in place of an answer."""
    return Reply(status, {"type": kind, "code": code, "detail": detail, "attr": None})


def throttled(seconds: int | None) -> Reply:
    """The rate limit is reached; None names no time."""
    wait = "" if seconds is None else f" Expected available in {seconds} seconds."
    reply = refusal(429, "throttled_error", "throttled", f"Request was throttled.{wait}")
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    return Reply(reply.status, reply.body, headers)


TIMED_OUT = refusal(504, "server_error", "error", "Query has hit the max execution time before completing.")


class FakePostHog(FakeService):
    """The server; a context manager.

    Args:
        events: what the project begins with; what is left out is filled in.
        key: the personal API key that may read; another is refused.
        scopes: of that key.

    Attributes:
        most_rows: of one answer, whatever a query asks for.
        too_long: a query whose events lie over more time takes too long; None: none does.
    """

    def __init__(
        self,
        events: Sequence[Json] = (),
        *,
        project: int = 12345,
        key: str = "phx_a-personal-key",
        scopes: Sequence[str] = ("query:read",),
    ) -> None:
        import duckdb

        super().__init__()
        self.project = project
        self.key = key
        self.scopes = scopes
        self.most_rows = MOST_ROWS
        self.too_long: timedelta | None = None
        self._cache: dict[str, Json] = {}
        self._database = duckdb.connect()
        self._database.execute("SET TimeZone = 'UTC'")
        self._database.execute(DATABASE.read_text(encoding="utf-8"))
        self.add(*events)

    @property
    def host(self) -> str:
        """What `host` is set to."""
        return self.address

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._database.close()

    def add(self, *events: Json) -> None:
        """Let events arrive: `event`, `timestamp`, `distinct_id`, `person_id`, `uuid`, `properties`."""
        rows = [
            {
                "uuid": str(uuid.uuid4()),
                "distinct_id": "",
                "person_id": str(uuid.UUID(int=0)),
                **event,
                "properties": json.dumps(event.get("properties", {})),
            }
            for event in events
        ]
        with self._lock:
            self._database.execute("INSERT INTO events FROM arrived($rows)", {"rows": json.dumps(rows)})

    # --- what it answers ----------------------------------------------------------------------------------

    def _right(self, asked: Asked) -> Reply:
        authorization = asked.headers.get("authorization", "")
        if not authorization:
            said = "Authentication credentials were not provided."
            return refusal(401, "authentication_error", "not_authenticated", said)
        if authorization != f"Bearer {self.key}":
            said = "Personal API key found in request Authorization header is invalid."
            return refusal(401, "authentication_error", "authentication_failed", said)
        if asked.path != f"/api/projects/{self.project}/query/":
            return refusal(404, "invalid_request", "not_found", "Project not found.")
        if not {"query:read", "*"} & set(self.scopes):
            said = "API key missing required scope 'query:read'"
            return refusal(403, "authentication_error", "permission_denied", said)
        return self._queried(asked)

    def _queried(self, asked: Asked) -> Reply:
        query = asked.body.get("query", {})
        known = json.dumps(query, sort_keys=True)
        if asked.body.get("refresh") != "force_blocking" and known in self._cache:
            return Reply(200, {**self._cache[known], "is_cached": True})
        if query.get("kind") != "HogQLQuery":
            return refusal(400, "validation_error", "invalid_input", "This kind of query is not known.")
        text, values = str(query["query"]), query.get("values") or {}
        if re.search(r"\boffset\b", text, re.IGNORECASE):
            said = "OFFSET is not supported on queries made with a personal API key."
            return refusal(400, "validation_error", "illegal_type", said)
        if missing := set(PLACEHOLDER.findall(text)) - values.keys():
            said = f"Unresolved placeholder: {{{min(missing)}}}"
            return refusal(400, "validation_error", "illegal_type", said)
        if self._takes_too_long(values):
            return TIMED_OUT
        return self._run(text, values, known)

    def _takes_too_long(self, values: Json) -> bool:
        if self.too_long is None:
            return False
        span = [datetime.fromisoformat(values[name]) for name in ("start", "end")]
        held = self._database.execute("FROM seconds_held(?, ?)", span).fetchall()[0][0]
        longer: bool = held > self.too_long.total_seconds()
        return longer

    def _run(self, text: str, values: Json, known: str) -> Reply:
        import duckdb

        limited = re.search(r"\blimit\b", text, re.IGNORECASE) is not None
        most = min(self.most_rows, MOST_ROWS) if limited else DEFAULT_ROWS
        named = {name: values[name] for name in PLACEHOLDER.findall(text)}
        try:
            cursor = self._database.execute(PLACEHOLDER.sub(r"$\1", text), named)
            rows = cursor.fetchmany(most + 1)
        except duckdb.Error as error:
            return refusal(400, "validation_error", "illegal_type", str(error).splitlines()[0])
        columns = cursor.description or ()
        answer: Json = {
            "results": [list(row) for row in rows[:most]],
            "columns": [column[0] for column in columns],
            "types": [[column[0], "Nullable(String)"] for column in columns],
            "hasMore": None if limited else len(rows) > most,
            "limit": None if limited else most,
            "is_cached": False,
            "timings": [],
            "error": None,
        }
        self._cache[known] = answer
        return Reply(200, answer)
