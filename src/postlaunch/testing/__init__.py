"""Public fakes, the same ones the project's own tests use; each is imported when it is first asked for.

* `ScriptedModel`: a LangChain chat model that answers from a script; `tool_call`, `tool_calls`: its lines.
* `FakeOpenAI`: an HTTP server on this machine that answers or fails as told; its behaviours are in
  `postlaunch.testing.fake_openai`.
* `FakeGitHub`: a GitHub with issues and milestones on this machine, which fails as told.
* `FakePostHog`: a PostHog project's events on this machine, over its query API.
* `local_model`: a real small model behind an OpenAI-compatible server on this machine.
* `MemoryRecorder`: a run's events in a list.
* `StillClock`: a clock that a test moves.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from postlaunch.testing.clock import StillClock
    from postlaunch.testing.fake_github import FakeGitHub
    from postlaunch.testing.fake_openai import Answer, FakeOpenAI, Status
    from postlaunch.testing.fake_posthog import FakePostHog
    from postlaunch.testing.recorder import MemoryRecorder
    from postlaunch.testing.scripted import ScriptedModel, tool_call, tool_calls
    from postlaunch.testing.small_model import local_model, why_no_local_model

__all__ = [
    "Answer",
    "FakeGitHub",
    "FakeOpenAI",
    "FakePostHog",
    "MemoryRecorder",
    "ScriptedModel",
    "Status",
    "StillClock",
    "local_model",
    "tool_call",
    "tool_calls",
    "why_no_local_model",
]

_HOMES = {
    "clock": ("StillClock",),
    "fake_github": ("FakeGitHub",),
    "fake_openai": ("Answer", "FakeOpenAI", "Status"),
    "fake_posthog": ("FakePostHog",),
    "recorder": ("MemoryRecorder",),
    "scripted": ("ScriptedModel", "tool_call", "tool_calls"),
    "small_model": ("local_model", "why_no_local_model"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
