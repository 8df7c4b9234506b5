"""How one request log is read: as a web server's lines, JSON objects or a table, and from which keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from postlaunch.errors import SourceError
from postlaunch.facts import Frozen
from postlaunch.settings_sources import RequestSource
from postlaunch.sources.json_keys import flat_keys, keys_found, objects_in, pointers

MILLISECONDS = {"seconds": 1000.0, "milliseconds": 1.0, "microseconds": 0.001}

ALIASES: Mapping[str, tuple[str, ...]] = {
    "time": (
        "time", "timestamp", "@timestamp", "ts", "datetime", "date", "time_iso8601", "time_local",
        "start_time", "event_time", "msec", "asctime", "t",
    ),
    "method": (
        "method", "request_method", "http_method", "http.method", "http.request.method", "req.method",
        "requestMethod", "verb",
    ),
    "path": (
        "path", "request_path", "uri", "request_uri", "url", "url.path", "http.path", "http.target",
        "http.url", "req.url", "requestUrl", "route",
    ),
    "status": (
        "status", "status_code", "statusCode", "response_status", "http_status", "http.status",
        "http.status_code", "http.response.status_code", "res.statusCode", "response_code", "code",
    ),
    "latency": (
        "latency", "duration", "response_time", "responseTime", "elapsed", "took", "latency_ms",
        "duration_ms", "response_time_ms", "elapsed_ms", "latency_us", "duration_us", "latency_s",
        "duration_s", "latency_seconds", "duration_seconds", "request_time",
    ),
    "user": ("user", "user_id", "userId", "user.id", "uid", "remote_user", "username", "account_id"),
    "pod": (
        "pod", "pod_name", "podName", "kubernetes.pod_name", "kubernetes.pod.name", "instance", "hostname",
        "server", "node",
    ),
    "bytes": (
        "bytes", "bytes_sent", "body_bytes_sent", "response_size", "responseSize", "content_length", "size",
        "http.response.body.bytes",
    ),
    "agent": ("agent", "user_agent", "userAgent", "http_user_agent", "user_agent.original", "ua"),
    "client": (
        "client", "client_ip", "clientIp", "remote_addr", "remote_ip", "remoteIp", "ip", "client.ip",
        "remote_host",
    ),
    "request": ("request",),
}  # fmt: skip
"""Our name → the keys looked for, in this order, where the settings map none. "request" is a whole request
line, "GET /users HTTP/1.1"."""

UNIT_IN_NAME: Mapping[str, str] = {
    "_ms": "milliseconds",
    "_us": "microseconds",
    "_s": "seconds",
    "_seconds": "seconds",
    "request_time": "seconds",  # nginx
}
"""Ends of latency keys that say their own unit; they count unless the settings name a unit."""

REQUIRED = ("time", "status")


class LogFormat(Frozen):
    """How the lines of one file are read.

    Attributes:
        keys: for JSON lines and tables, our name → the key, dotted where it reaches into an object.
        time_unit: of the trailing time of a web server's line; "auto": a number with a decimal point is
            seconds, one without microseconds.
        latency_factor: a latency of JSON lines or a table times this is milliseconds.
    """

    kind: Literal["combined", "json", "parquet"]
    keys: dict[str, str] = Field(default_factory=dict)
    time_unit: Literal["auto", "seconds", "milliseconds", "microseconds"] = "auto"
    latency_factor: float = 1.0

    def pointers(self) -> list[str]:
        """Two JSON pointers for each name of `ALIASES` in order: the key as it is, and as a path."""
        return [pointer for name in ALIASES for pointer in pointers(self.keys.get(name))]


def format_of(file: str, first_lines: Sequence[str], settings: RequestSource) -> LogFormat:
    """How to read a file whose first lines these are; `file` is its name, for errors.

    Raises:
        SourceError: JSON lines in which no key for the time or the status is found.
    """
    if settings.format == "combined" or (settings.format == "auto" and not _are_objects(first_lines)):
        return LogFormat(kind="combined", time_unit=settings.request_time)
    mapped = {str(ours): key for ours, key in settings.fields.items()}
    keys = keys_found(list(objects_in(first_lines)), ALIASES, mapped)
    missing = [name for name in REQUIRED if name not in keys]
    if missing and any(objects_in(first_lines)):
        seen = ", ".join(sorted(flat_keys(next(objects_in(first_lines))))[:20])
        raise SourceError(
            f"the objects in {file} have no key that is known to hold the {' or the '.join(missing)}; "
            f"the first one has: {seen[:300]}",
            f'map it: [sources.requests.fields] {missing[0]} = "key"',
        )
    return LogFormat(kind="json", keys=keys, latency_factor=latency_factor(keys, settings))


def _are_objects(first_lines: Sequence[str]) -> bool:
    objects = sum(line.lstrip().startswith("{") for line in first_lines)
    return objects * 2 > len(first_lines)


def latency_factor(keys: Mapping[str, str], settings: RequestSource) -> float:
    """What makes milliseconds of a latency: by the settings, else by the end of its key."""
    unit: str = settings.latency_unit
    if "latency_unit" not in settings.model_fields_set and "latency" not in settings.fields:
        key = keys.get("latency", "")
        unit = next((named for end, named in UNIT_IN_NAME.items() if key.endswith(end)), unit)
    return MILLISECONDS[unit]
