"""Small files of the staging folder: written whole or not at all, and only for their owner to read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Kept = TypeVar("Kept", bound=BaseModel)


def put_whole(path: Path, text: str) -> None:
    """Put a file there, its folder made where it is missing; a reader sees the old one or the new one.

    Raises:
        OSError: nothing of it stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except BaseException:  # raised again: nothing half written stays, however it ended
        Path(temporary).unlink(missing_ok=True)
        raise


def kept_in(path: Path, kind: type[Kept]) -> Kept | None:
    """What a file holds; one that is damaged counts as not there."""
    try:
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
