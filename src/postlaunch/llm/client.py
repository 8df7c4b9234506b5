"""The client of an OpenAI-compatible endpoint, as a LangChain chat model.

The address and the key come from the settings and from the one environment variable that they name. What
the libraries underneath would read from the environment by themselves (`OPENAI_BASE_URL`, `OPENAI_API_KEY`)
is always given explicitly, so that it cannot send the run's data, or the key, to another place.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from postlaunch.errors import ModelError
from postlaunch.settings import ModelSettings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

VENDOR = "https://api.openai.com/v1"
"""The endpoint when the settings name none."""

NO_KEY = "none"
"""Sent where an endpoint needs no key; the client insists on one."""


def key_for(model: ModelSettings, environment: Mapping[str, str]) -> SecretStr | None:
    """The key for the endpoint; None for one on this machine that has no key variable of its own.

    A server on this machine gets a key only if the settings say in which variable it is: the vendor's key,
    which merely happens to be in the environment, is not handed to it.

    Raises:
        ModelError: the endpoint needs a key and the variable is not set, or the address is none.
    """
    if is_local(model.base_url) and "api_key_env" not in model.model_fields_set:
        return None
    value = environment.get(model.api_key_env, "").strip()
    if value:
        return SecretStr(value)
    if model.base_url:
        return None
    raise ModelError(
        f"the environment variable {model.api_key_env} is not set, and {VENDOR} needs a key",
        f"set {model.api_key_env}, or name a local server in model.base_url, or run with --no-model",
    )


def is_local(base_url: str) -> bool:
    """Whether an address is on this machine; the empty one is the vendor's.

    Raises:
        ModelError: it is no address of a web server.
    """
    host = _host(base_url or VENDOR)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and parts.hostname:
            return parts.hostname
    except ValueError:  # "http://[/v1"
        pass
    raise ModelError(
        f'model.base_url "{address[:200]}" is no address of a server',
        "write it with its scheme, such as http://localhost:8080/v1",
    )


def openai_chat_model(model: ModelSettings, key: SecretStr | None) -> BaseChatModel:
    """A `ChatOpenAI` that neither retries, nor streams, nor keeps connections, nor counts tokens itself.

    Connections are not kept because one seat may serve several event loops one after the other.
    """
    from langchain_openai import ChatOpenAI  # heavy: half a second

    from postlaunch.llm.http import BoundedClient

    if model.base_url:
        # Servers other than the vendor's know the older name of the limit, and only chat completions.
        own: dict[str, Any] = {
            "extra_body": {"max_tokens": model.max_output_tokens},
            "use_responses_api": False,
        }
    else:
        own = {"max_tokens": model.max_output_tokens}
    return ChatOpenAI(
        model=model.name,
        base_url=model.base_url or VENDOR,
        api_key=key or SecretStr(NO_KEY),
        temperature=model.temperature,
        timeout=model.timeout_seconds,
        max_retries=0,
        disable_streaming=True,
        openai_proxy="",  # HTTPS_PROXY and NO_PROXY are honoured; OPENAI_PROXY excludes a client of one's own
        http_async_client=BoundedClient.for_one_call_each(model.timeout_seconds),
        **own,
    )
