"""`postlaunch init`: a commented `postlaunch.toml` from a few questions, or from flags alone."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import jinja2
from pydantic import Field

from postlaunch.errors import UsageError
from postlaunch.facts import Frozen
from postlaunch.settings_file import FILE_NAME, load_settings

LEFT_OUT_WHEN_EMPTY = frozenset({"requests", "tickets", "candidates", "base_url"})
"""Answers whose lines stay comments when nothing was said."""


class Answers(Frozen):
    """What `init` needs to know; every field has a default that works."""

    name: str = "My application"
    version: str = ""
    timezone: str = "UTC"
    requests: tuple[str, ...] = ()
    tickets: str = ""
    candidates: str = ""
    model: str = ""
    base_url: str = ""
    approvers: tuple[str, ...] = ()
    sprint_days: float = Field(default=10, gt=0)


def toml_value(value: object) -> str:
    """A value as TOML: strings, numbers and lists are written as JSON writes them."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def settings_text(answers: Answers) -> str:
    """The commented file."""
    template = files("postlaunch.cli").joinpath("postlaunch.toml.j2").read_text("utf-8")
    environment = jinja2.Environment(
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - the output is TOML, and every value passes toml_value
    )
    values = {
        key: "" if key in LEFT_OUT_WHEN_EMPTY and not value else toml_value(value)
        for key, value in answers.model_dump().items()
    }
    return environment.from_string(template).render(values)


def write_settings(folder: Path, answers: Answers, *, force: bool = False) -> Path:
    """Write `postlaunch.toml` into `folder`, after reading it back.

    Raises:
        UsageError: the file is there already and `force` is not given.
        SettingsError: an answer does not fit; nothing was written.
    """
    path = folder / FILE_NAME
    if path.exists() and not force:
        raise UsageError(f"{path} is there already", "edit it, or write it anew with --force")
    text = settings_text(answers)
    draft = path.with_suffix(".toml.new")
    draft.write_text(text, encoding="utf-8")
    try:
        load_settings(draft, environment={})
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path
