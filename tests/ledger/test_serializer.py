"""A checkpointed value comes back as what it was, or not at all."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.types import Interrupt, Send
from pydantic import BaseModel

from postlaunch.errors import PostLaunchError
from postlaunch.ledger.records import ScopeEdits
from postlaunch.ledger.serializer import StrictSerializer
from postlaunch.windows import Window, parse_week

WEEK = parse_week("2026-W09", "Europe/Berlin")


@dataclass(frozen=True)
class Note:
    """A dataclass of a caller's own, with a model inside."""

    text: str
    window: Window


def there_and_back(value: object, *allowed: type) -> Any:
    serializer = StrictSerializer(allowed)
    return serializer.loads_typed(serializer.dumps_typed(value))


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"bytes",
        {"a": [1, 2.5, None, "ü"], 3: True},
        datetime(2026, 3, 2, tzinfo=UTC),
        timedelta(hours=3),
        {"set", "of"},
        Path("a/b"),
        Send("node", {"a": 1}),
        Interrupt(value={"id": "A1"}, id="i1"),
    ],
)
def test_plain_values_need_no_naming(value: object) -> None:
    assert there_and_back(value) == value


def test_models_and_what_holds_them_come_back_as_themselves() -> None:
    edits = ScopeEdits(include=("a",), effort={"a": {"Ada": 1.5}})
    value = {"windows": [WEEK, WEEK.before()], "edits": edits, "send": Send("node", edits)}
    assert there_and_back(value, Window, ScopeEdits) == value
    assert there_and_back(Note("x", WEEK), Note, Window) == Note("x", WEEK)


@pytest.mark.parametrize(
    "value",
    [WEEK, [WEEK], {"a": {"b": WEEK}}, Send("node", WEEK), Note("x", WEEK), Interrupt(value=WEEK, id="i")],
)
def test_a_type_that_is_not_named_is_refused_when_it_is_put(value: object) -> None:
    with pytest.raises(PostLaunchError, match=r"postlaunch\.windows\.Window"):
        StrictSerializer([Note]).dumps_typed(value)


@pytest.mark.parametrize("value", [WEEK, {"a": [WEEK]}, Send("node", WEEK), Note("x", WEEK)])
def test_a_type_that_is_not_named_is_refused_when_it_is_read(value: object) -> None:
    stored = JsonPlusSerializer().dumps_typed(value)
    with pytest.raises(PostLaunchError, match=r"postlaunch\.windows\.Window"):
        StrictSerializer([Note]).loads_typed(stored)


def test_langgraphs_own_would_have_given_a_dict_back() -> None:
    plain = JsonPlusSerializer(allowed_msgpack_modules=[])
    assert isinstance(plain.loads_typed(plain.dumps_typed(WEEK)), dict)


class Older(BaseModel):
    """A model as an older version wrote it."""

    token: str = "not a number"


def test_a_stored_value_that_no_longer_fits_its_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = JsonPlusSerializer().dumps_typed(Older())

    class Newer(BaseModel):
        token: int

    monkeypatch.setattr(sys.modules[__name__], "Older", Newer)
    with pytest.raises(
        PostLaunchError, match=r"test_serializer\.Older that no longer fits: 1 validation error"
    ):
        StrictSerializer([(__name__, "Older")]).loads_typed(stored)


def test_a_stored_value_whose_type_is_gone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = JsonPlusSerializer().dumps_typed({"deep": [Older()]})
    monkeypatch.delattr(sys.modules[__name__], "Older")
    with pytest.raises(PostLaunchError, match=r"test_serializer\.Older that no longer fits"):
        StrictSerializer([(__name__, "Older")]).loads_typed(stored)


def test_a_type_may_be_named_by_module_and_name() -> None:
    serializer = StrictSerializer([("postlaunch.windows", "Window")])
    assert serializer.loads_typed(serializer.dumps_typed(WEEK)) == WEEK


def test_a_host_that_adds_to_langgraphs_list_does_not_open_ours() -> None:
    narrowed = StrictSerializer([Window]).with_msgpack_allowlist(
        [("postlaunch.ledger.records", "ScopeEdits")]
    )
    with pytest.raises(PostLaunchError):
        narrowed.dumps_typed(ScopeEdits())
    assert narrowed.loads_typed(narrowed.dumps_typed(WEEK)) == WEEK
