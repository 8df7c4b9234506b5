"""A LangGraph server finds every workflow, and the front, where `langgraph.json` says."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from langgraph.graph.state import CompiledStateGraph

from postlaunch.graphs import serve
from postlaunch.graphs.starting import WORKFLOWS

SERVED = json.loads((Path(__file__).resolve().parents[2] / "langgraph.json").read_text())["graphs"]


def test_every_workflow_is_served_and_so_is_the_front() -> None:
    assert set(SERVED) == {*WORKFLOWS, "operations"}


@pytest.mark.parametrize("name", SERVED)
def test_what_is_named_is_there_and_makes_a_graph(
    name: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    serve.services.cache_clear()
    path, _, factory = SERVED[name].partition(":")
    assert importlib.util.spec_from_file_location("served", root / path) is not None
    graph = getattr(serve, factory)()
    assert isinstance(graph, CompiledStateGraph)
    serve.services().close()
    serve.services.cache_clear()
