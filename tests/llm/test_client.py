"""The client is set up from the settings alone."""

from __future__ import annotations

import pytest
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from postlaunch.llm.client import VENDOR, is_local, openai_chat_model
from postlaunch.settings import ModelSettings


def test_the_vendors_address_is_not_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere.example/v1")
    monkeypatch.setenv("OPENAI_API_BASE", "http://elsewhere.example/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    chat = openai_chat_model(ModelSettings(name="gpt-5"), SecretStr("sk-given"))
    assert isinstance(chat, ChatOpenAI)
    assert str(chat.root_async_client.base_url) == f"{VENDOR}/"
    assert chat.root_async_client.api_key == "sk-given"


@pytest.mark.parametrize("address", ["http://localhost:8080/v1", "http://127.0.0.1/v1", "http://[::1]:1/v1"])
def test_addresses_on_this_machine(address: str) -> None:
    assert is_local(address)


@pytest.mark.parametrize(
    "address", ["", "https://llm.example/v1", "http://10.0.0.1/v1", "http://localhost.evil/"]
)
def test_addresses_elsewhere(address: str) -> None:
    assert not is_local(address)
