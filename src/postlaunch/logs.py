"""How the program logs: to standard error, quiet by default, and never a secret.

The `postlaunch` command configures logging; inside another program the library merely writes to that
program's.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

from postlaunch.redaction import Redactor

Level = Literal["debug", "info", "warning", "error"]

OWN_FIELDS = frozenset({"event", "level", "logger", "timestamp", "exception"})
"""Fields that the chain itself adds; their names say nothing about secrets."""


def configure_logging(
    level: Level = "warning",
    *,
    json: bool = False,
    stream: TextIO | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Send every log line of the program, the libraries' own included, to one stream.

    Args:
        level: the least severe level that is shown.
        json: one JSON object a line instead of lines for a person.
        stream: standard error unless another is given.
        environment: where the secrets to look for are; `os.environ` unless given.
    """
    redactor = Redactor.of_environment(os.environ if environment is None else environment)
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redacted_by(redactor),
    ]
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(handler.stream, json=json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def log_into_the_host(environment: Mapping[str, str]) -> None:
    """In somebody else's program: hand every line, without secrets, to the standard library's logging.

    structlog's own default would print on standard output. A host that configured structlog is left alone.
    """
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            redacted_by(Redactor.of_environment(environment)),
            structlog.processors.KeyValueRenderer(key_order=["event"], drop_missing=True),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def redacted_by(redactor: Redactor) -> Processor:
    """A structlog processor that takes secrets out of every field, the traceback included."""

    def redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> EventDict:
        return {key: _clean(redactor, key, value) for key, value in event.items()}

    return redact


def _clean(redactor: Redactor, field: str, value: object) -> object:
    if field.startswith("_"):  # structlog's own bookkeeping
        return value
    return redactor.value(value, name="" if field in OWN_FIELDS else field)


def _renderer(stream: TextIO, *, json: bool) -> Processor:
    if json:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=0)
