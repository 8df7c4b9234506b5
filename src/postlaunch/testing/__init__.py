"""Public fakes, the same ones the project's own tests use; each is imported when it is first asked for.

* `ScriptedModel`: a LangChain chat model that answers from a script; `tool_call`, `tool_calls`: its lines.
* `MemoryRecorder`: a run's events in a list.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from postlaunch.testing.recorder import MemoryRecorder
    from postlaunch.testing.scripted import ScriptedModel, tool_call, tool_calls

__all__ = ["MemoryRecorder", "ScriptedModel", "tool_call", "tool_calls"]

_HOMES = {
    "MemoryRecorder": "postlaunch.testing.recorder",
    "ScriptedModel": "postlaunch.testing.scripted",
    "tool_call": "postlaunch.testing.scripted",
    "tool_calls": "postlaunch.testing.scripted",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
