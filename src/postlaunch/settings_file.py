"""Reading `postlaunch.toml` and the environment; errors name the key and the line.

Order: the file, then `POSTLAUNCH_<SECTION>__<KEY>` from the environment (`POSTLAUNCH_MODEL__NAME=...`), then
what a flag says. Secrets are never settings: `model.api_key_env` names the variable that holds the key.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from postlaunch.errors import SettingsError
from postlaunch.settings import Settings

FILE_NAME = "postlaunch.toml"
PREFIX = "POSTLAUNCH_"
TABLE = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?")
KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"))*)\s*=""")

Tree = dict[str, object]

NEVER_SHOWN = frozenset({"ledger.url", "sources.events.postgresql.url"})
"""Settings whose wrong value is not repeated: somebody may have put a password into it."""


def load_settings(
    path: Path | None = None,
    *,
    environment: Mapping[str, str],
    flags: Mapping[str, object] | None = None,
    folder: Path | None = None,
) -> Settings:
    """The settings of this file (or of `postlaunch.toml` in `folder`, or the defaults where there is none).

    Args:
        path: the file; it must exist when given.
        environment: usually `os.environ`.
        flags: dotted keys with values that win over all else, e.g. {"model.name": "gpt-5"}.
        folder: where to look for `postlaunch.toml`, and where relative paths start without a file.

    Raises:
        SettingsError: the file cannot be read, or a key or a value does not fit; with key and line.
    """
    place = folder or Path.cwd()
    named = path or (place / FILE_NAME if (place / FILE_NAME).is_file() else None)
    text = _read(named) if named else ""
    tree = _parse(text, named)
    _merge(tree, _from_environment(environment))
    for key, value in (flags or {}).items():
        _put(tree, key.split("."), value)
    tree["folder"] = named.resolve().parent if named else place.resolve()
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        raise _explained(error.errors()[0], text, named) from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SettingsError(
            f"there is no settings file {path}", "write one with: postlaunch init", key="", line=None
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}", "it must be a UTF-8 text file") from error


def _parse(text: str, path: Path | None) -> Tree:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else None
        raise SettingsError(f"{path}: {error}", "see https://toml.io for the syntax", line=line) from error


def _from_environment(environment: Mapping[str, str]) -> Tree:
    """`POSTLAUNCH_BUDGET__TOKENS=5000` → {"budget": {"tokens": 5000}}; a value is JSON where it parses."""
    tree: Tree = {}
    for name, raw in environment.items():
        if not name.startswith(PREFIX) or "__" not in name:
            continue
        try:
            value: object = json.loads(raw)
        except json.JSONDecodeError:
            value = raw
        _put(tree, name.removeprefix(PREFIX).lower().split("__"), value)
    return tree


def _put(tree: Tree, keys: list[str], value: object) -> None:
    for key in keys[:-1]:
        below = tree.get(key)
        if not isinstance(below, dict):
            below = {}
            tree[key] = below
        tree = below
    tree[keys[-1]] = value


def _merge(tree: Tree, over: Tree) -> None:
    for key, value in over.items():
        below = tree.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            _merge(below, value)
        else:
            tree[key] = value


def _explained(detail: ErrorDetails, text: str, path: Path | None) -> SettingsError:
    keys = [part for part in detail["loc"] if part not in ("union", "before")]
    dotted = ".".join(str(key) for key in keys)
    line = line_of(text, keys)
    where = f"{path}, line {line}: " if path and line else (f"{path}: " if path else "")
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(keys[-1]), _fields_beside(keys), n=1)
        remedy = f'did you mean "{near[0]}"?' if near else f"known keys: {', '.join(_fields_beside(keys))}"
        return SettingsError(f"{where}{dotted} is no setting", remedy, key=dotted, line=line)
    message = detail["msg"].removeprefix("Value error, ")
    hidden = dotted in NEVER_SHOWN or isinstance(detail["input"], dict)  # a table may hold one of them
    given = "" if hidden else f" (it is {detail['input']!r})"
    return SettingsError(f"{where}{dotted}: {message}{given}", "correct the value", key=dotted, line=line)


def _fields_beside(keys: list[str | int]) -> list[str]:
    model: type[BaseModel] = Settings
    for key in keys[:-1]:
        field = model.model_fields.get(str(key))
        inner = _model_in(field.annotation) if field else None
        if inner is None:
            continue
        model = inner
    return sorted(name for name in model.model_fields if name != "folder")


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_in(part)
        if found:
            return found
    return None


def line_of(text: str, keys: list[str | int]) -> int | None:
    """The line (from 1) that sets this key, or the closest table above it that is written in the file."""
    best: tuple[int, int] | None = None
    for number, path in _assignments(text):
        shared = 0
        for ours, theirs in zip(keys, path, strict=False):
            if str(ours) != str(theirs):
                break
            shared += 1
        if shared and shared == min(len(path), len(keys)) and (best is None or shared > best[0]):
            best = (shared, number)
    return best[1] if best else None


def _assignments(text: str) -> Iterator[tuple[int, list[str | int]]]:
    """Each line that opens a table or sets a key, with the full path it sets."""
    table: list[str | int] = []
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        opened = TABLE.match(line)
        if opened and not KEY.match(line):
            names = _names(opened[1])
            table = list(names)
            if line.lstrip().startswith("[["):
                dotted = ".".join(names)
                table.append(counts.setdefault(dotted, 0))
                counts[dotted] += 1
            yield number, list(table)
            continue
        key = KEY.match(line)
        if key:
            yield number, [*table, *_names(key[1])]


def _names(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", dotted)]
