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
import threading
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

Json = dict[str, Any]

DEFAULT_ROWS = 100
MOST_ROWS = 50_000
PLACEHOLDER = re.compile(r"\{(\w+)\}")
DATABASE = Path(__file__).with_suffix(".sql")
"""The table of events, and the functions of HogQL that are needed, as DuckDB's."""


@dataclass(frozen=True)
class Asked:
    """One request that reached the server; the names of its headers are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: Json

    @property
    def values(self) -> Json:
        """What stands for the query's placeholders."""
        return cast(Json, self.body.get("query", {}).get("values") or {})


@dataclass(frozen=True)
class Reply:
    """An answer in place of the right one.

    Attributes:
        body: JSON, or bytes that are sent as they are.
        silent_seconds: it is answered only after so long; stopping the server ends the wait.
    """

    status: int = 500
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    silent_seconds: float = 0


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


class FakePostHog:
    """The server; a context manager.

    Args:
        events: what the project begins with; what is left out is filled in.
        key: the personal API key that may read; another is refused.
        scopes: of that key.

    Attributes:
        replies: answers in place of the right ones, one for each request, in order; None: the right one.
        asked: every request, in order; `sent`: the status of each answer.
        most_rows: of one answer, whatever a query asks for.
        too_long: a query over a longer span of time with events takes too long; None: none does.
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

        self.project = project
        self.key = key
        self.scopes = scopes
        self.replies: list[Reply | None] = []
        self.asked: list[Asked] = []
        self.sent: list[int] = []
        self.most_rows = MOST_ROWS
        self.too_long: timedelta | None = None
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._cache: dict[str, Json] = {}
        self._database = duckdb.connect()
        self._database.execute("SET TimeZone = 'UTC'")
        self._database.execute(DATABASE.read_text(encoding="utf-8"))
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.add(*events)

    @property
    def host(self) -> str:
        """What `host` is set to."""
        name, port = cast(tuple[str, int], self._server.server_address)
        return f"http://{name}:{port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
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

    def answer(self, asked: Asked) -> Reply:
        """Keep the request, and say what is answered."""
        with self._lock:
            self.asked.append(asked)
            reply = (self.replies.pop(0) if self.replies else None) or self._right(asked)
            self.sent.append(reply.status)
            return reply

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
        text, values = str(query["query"]), asked.values
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
        newest = self._database.execute("FROM newest()").fetchall()[0][0]
        if self.too_long is None or newest is None:
            return False
        start, end = (datetime.fromisoformat(values[name]) for name in ("start", "end"))
        longer: bool = min(end, newest) - start > self.too_long
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


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: FakePostHog) -> None:
        self.fake = fake
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        fake = cast(_Server, self.server).fake
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = fake.answer(Asked(self.path, headers, json.loads(sent)))
        if reply.silent_seconds and fake.stopping.wait(reply.silent_seconds):
            return
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        with suppress(OSError):  # the client went away first
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on standard error."""
