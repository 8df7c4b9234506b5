"""Imports run one way, through the rooms of `docs/architecture.md`."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

STOREYS: tuple[tuple[str, ...], ...] = (
    (
        "errors",
        "windows",
        "facts",
        "printing",
        "events",
        "prompts",
        "logs",
        "redaction",
        "ledger_place",
        "retry_after",
        "service_calls",
        "github_api",
        "webhook_signature",
    ),
    (
        "settings",
        "settings_analytics",
        "settings_cadence",
        "settings_objectives",
        "settings_file",
        "settings_events",
        "settings_handoffs",
        "settings_gate",
        "settings_incidents",
        "settings_monitoring",
        "settings_notify",
        "settings_performance",
        "settings_product",
        "settings_sources",
        "roster",
    ),
    ("sources", "llm", "reports", "ledger"),
    ("tools",),
    ("agents",),
    ("graphs",),
    ("api_trust",),
    ("api", "sync"),
    ("listen",),
    ("cli",),
)
"""What may be imported from below; nothing is imported from above, nor (from `sources` on) from beside."""

GROUND = 2
"""Storeys below this one share one floor: their modules may import each other, without a cycle."""

GUESTS = {"sample": 3, "testing": 3, "evals": len(STOREYS)}
"""Rooms that hang off the house: each may import the storeys below the given one."""

HOSTS_OF_GUESTS = frozenset({"api", "cli", "evals", "sample", "testing"})
"""Who may import a guest: the demo, and what only tests and evals run."""

HEAVY = (
    "duckdb",
    "highspy",
    "langchain_openai",
    "numpy",
    "onnxruntime",
    "openai",
    "pygal",
    "tokenizers",
)
FOLDERS = ("agents", "evals", "graphs", "prompts", "tools")
PACKAGE = "postlaunch"


class Import(NamedTuple):
    """One import statement, wherever it stands in its module."""

    importer: str
    imported: str
    line: int


def storey_of(room: str) -> int | None:
    """The number of a room's storey, from the ground up; None where it has none."""
    return next((number for number, rooms in enumerate(STOREYS) if room in rooms), None)


def room_of(module: str) -> str:
    """The first name under the package: "tools" for "postlaunch.tools.requests"."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


@pytest.fixture(scope="session")
def modules(root: Path) -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    with (root / "pyproject.toml").open("rb") as file:
        places = tomllib.load(file)["tool"]["setuptools"]["package-dir"]
    found: dict[str, Path] = {}
    for package, folder in places.items():
        for path in sorted((root / folder).rglob("*.py")):
            inside = path.relative_to(root / folder).with_suffix("").parts
            name = ".".join((package, *inside)).removesuffix(".__init__")
            found[name] = path
    return found


def imports_in(module: str, path: Path, known: Mapping[str, Path]) -> Iterator[Import]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            for alias in node.names:
                submodule = f"{start}.{alias.name}"
                yield Import(module, submodule if submodule in known else start, node.lineno)


@pytest.fixture(scope="session")
def imports(modules: dict[str, Path]) -> tuple[Import, ...]:
    """Every import in the package, those inside functions and under TYPE_CHECKING included."""
    return tuple(found for name, path in modules.items() for found in imports_in(name, path, modules))


@pytest.fixture(scope="session")
def own(imports: tuple[Import, ...]) -> tuple[Import, ...]:
    """The imports of the package's own modules."""
    return tuple(found for found in imports if found.imported.split(".")[0] == PACKAGE)


def breaks(found: Import) -> str:
    """Why an import runs the wrong way, or an empty string."""
    importer, imported = room_of(found.importer), room_of(found.imported)
    if not importer or not imported or importer == imported:
        return ""
    if imported in GUESTS:
        return "" if importer in HOSTS_OF_GUESTS else f"nothing but {sorted(HOSTS_OF_GUESTS)} imports a guest"
    to = storey_of(imported)
    if to is None:
        return f"{imported} has no storey"
    if importer in GUESTS:
        return "" if to < GUESTS[importer] else f"{importer} hangs off the storeys below {imported}"
    start = storey_of(importer)
    if start is None:
        return f"{importer} has no storey"
    if to > start:
        return "runs up"
    return "runs sideways" if to == start >= GROUND and {importer, imported} != {"api", "sync"} else ""


def test_every_room_has_its_storey(modules: dict[str, Path]) -> None:
    rooms = {room_of(name) for name in modules} - {""}
    assert {room for room in rooms if storey_of(room) is None and room not in GUESTS} == set()


def test_imports_run_one_way(own: tuple[Import, ...]) -> None:
    wrong = [f"{i.importer}:{i.line} imports {i.imported}: {why}" for i in own if (why := breaks(i))]
    assert wrong == []


def test_no_module_imports_itself_in_a_circle(own: tuple[Import, ...], modules: dict[str, Path]) -> None:
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for found in own:
        if found.imported in modules and found.imported != found.importer:
            graph[found.importer].add(found.imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"imports in a circle: {' → '.join(error.args[1])}")


def test_the_folders_are_imported_as_parts_of_the_package(imports: tuple[Import, ...]) -> None:
    bare = [found for found in imports if found.imported.split(".")[0] in FOLDERS]
    assert bare == []


def test_imports_are_absolute(imports: tuple[Import, ...]) -> None:
    relative = [found for found in imports if found.imported.startswith(".")]
    assert relative == []


def test_what_is_imported_from_the_package_exists(own: tuple[Import, ...], modules: dict[str, Path]) -> None:
    missing = [found for found in own if found.imported not in modules]
    assert missing == []


def test_the_command_starts_without_the_heavy_libraries() -> None:
    """Each of them costs a noticeable part of a second, and most commands need none."""
    code = f"import sys, postlaunch.cli; print(*({set(HEAVY)!r} & set(sys.modules)))"
    started = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert started.stdout.split() == []


@pytest.mark.parametrize(
    ("importer", "imported", "right"),
    [
        ("tools.requests", "sources.requests", True),
        ("sources.requests", "tools.requests", False),
        ("ledger.ledger", "agents.bench", False),
        ("reports.health", "ledger.records", False),
        ("cli.demo", "sample.generate", True),
        ("agents.bench", "sample.generate", False),
        ("sample.generate", "tools.requests", False),
        ("facts", "settings", False),
    ],
)
def test_the_rule_itself_tells_right_from_wrong(importer: str, imported: str, right: bool) -> None:
    assert (breaks(Import(f"{PACKAGE}.{importer}", f"{PACKAGE}.{imported}", 1)) == "") is right
