"""The log: quiet, on one stream, for people or machines, and without secrets."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest
import structlog
from pydantic import SecretStr

from postlaunch.logs import configure_logging

ENVIRONMENT = {"SERVICE_TOKEN": "s3cr3t-value-1"}


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """A stream to log to; what logging was before is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_it_is_quiet_unless_something_is_wrong(stream: io.StringIO) -> None:
    configure_logging(stream=stream, environment={})
    structlog.get_logger("postlaunch.x").info("read", files=3)
    structlog.get_logger("postlaunch.x").warning("rejected", lines=3)
    assert "read" not in stream.getvalue()
    assert "rejected" in stream.getvalue()
    assert "lines=3" in stream.getvalue()


def test_lines_for_people_have_no_colours_in_a_file(stream: io.StringIO) -> None:
    configure_logging(stream=stream, environment={})
    structlog.get_logger("postlaunch.x").error("failed")
    assert "\x1b" not in stream.getvalue()


def test_json_is_one_object_a_line(stream: io.StringIO) -> None:
    configure_logging("info", json=True, stream=stream, environment={})
    structlog.get_logger("postlaunch.x").info("read", files=3, name="größe")
    logging.getLogger("elsewhere").warning("plain %s", "line")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["event"], first["files"], first["level"], first["name"]) == ("read", 3, "info", "größe")
    assert (second["event"], second["logger"]) == ("plain line", "elsewhere")
    assert first["timestamp"].endswith("Z")


@pytest.mark.parametrize("as_json", [True, False])
def test_secrets_are_taken_out_of_every_field(stream: io.StringIO, as_json: bool) -> None:
    configure_logging("debug", json=as_json, stream=stream, environment=ENVIRONMENT)
    log = structlog.get_logger("postlaunch.x")
    log.info("call with s3cr3t-value-1", headers={"Authorization": "Bearer abc123xyz"}, api_key="k-123456")
    log.info(
        "open", url="postgresql://app:hunter22@db/app", key=SecretStr("hunter22"), deep=[{"pwd": "hunter22"}]
    )
    logging.getLogger("httpx").info(
        "GET %s", "https://x.example/?token=hunter22", extra={"password": "hunter22"}
    )
    shown = stream.getvalue()
    assert shown.count("[redacted]") >= 7
    for secret in ("s3cr3t-value-1", "abc123xyz", "k-123456", "hunter22"):
        assert secret not in shown


@pytest.mark.parametrize("as_json", [True, False])
def test_secrets_are_taken_out_of_tracebacks_and_no_local_variable_is_shown(
    stream: io.StringIO, as_json: bool
) -> None:
    configure_logging("debug", json=as_json, stream=stream, environment=ENVIRONMENT)
    local_variable = "only-in-a-frame"
    try:
        raise ValueError(f"token=hunter22 and s3cr3t-value-1, {len(local_variable)}")
    except ValueError:
        structlog.get_logger("postlaunch.x").exception("failed")
        logging.getLogger("elsewhere").exception("failed too")
    shown = stream.getvalue()
    assert shown.count("ValueError: token=[redacted] and [redacted]") == 2
    assert "only-in-a-frame" not in shown.replace('local_variable = "only-in-a-frame"', "")


def test_configuring_twice_writes_each_line_once(stream: io.StringIO) -> None:
    configure_logging(stream=io.StringIO(), environment={})
    configure_logging(stream=stream, environment={})
    structlog.get_logger("postlaunch.x").warning("once")
    assert stream.getvalue().count("once") == 1


HOST_PROGRAM = """
import logging, structlog, sys
from postlaunch.logs import log_into_the_host
if "--own" in sys.argv:
    structlog.configure(processors=[structlog.processors.JSONRenderer()])
log_into_the_host({"SHOP_API_KEY": "sk-very-secret-value-123456"})
structlog.get_logger("postlaunch.x").info("quiet")
structlog.get_logger("postlaunch.x").warning("loud", detail="sk-very-secret-value-123456")
"""


def test_inside_another_program_warnings_go_to_its_logging_and_nothing_to_standard_output() -> None:
    ended = subprocess.run([sys.executable, "-c", HOST_PROGRAM], capture_output=True, text=True, check=True)
    assert ended.stdout == ""
    assert "loud" in ended.stderr
    assert "quiet" not in ended.stderr
    assert "very-secret" not in ended.stderr


def test_a_host_that_configured_structlog_keeps_its_own() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HOST_PROGRAM, "--own"], capture_output=True, text=True, check=True
    )
    assert '"event": "quiet"' in ended.stdout
