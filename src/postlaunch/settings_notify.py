"""The settings of who is told of a waiting gate, and of the page that takes a decision."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, field_validator

from postlaunch.facts import Frozen

VARIABLE = r"^([A-Za-z_][A-Za-z0-9_]*)?$"


class Notify(Frozen):
    """Who is told that a gate waits, by e-mail, chat or whatever else apprise reaches.

    Addresses hold passwords and tokens, so no setting holds an address: they stand in the environment or in a
    file that nobody else may read (`docs/notifications.md`).

    Attributes:
        urls_env: the environment variable that holds the addresses.
        urls_file: the file that holds them, one a line.
        remind_hours_before: reminders go out when so many hours are left.
        remind_every_hours: and each time that so many hours have passed; None: not so.
    """

    urls_env: str = Field(default="", pattern=VARIABLE)
    urls_file: str = ""
    remind_hours_before: tuple[float, ...] = (24.0,)
    remind_every_hours: float | None = Field(default=None, ge=1)

    @property
    def configured(self) -> bool:
        """Whether the settings say where addresses are."""
        return bool(self.urls_env or self.urls_file)

    @field_validator("remind_hours_before")
    @classmethod
    def _positive(cls, hours: tuple[float, ...]) -> tuple[float, ...]:
        if any(value <= 0 for value in hours):
            raise ValueError("hours before the end are above 0")
        return hours


class Listen(Frozen):
    """The page that shows a proposal and takes the decision, reached by signed one-time links.

    Attributes:
        url: how people reach it, without a path: "https://decide.example.org". Empty: no links are sent.
        address, port: what `postlaunch listen` binds to.
        key_env: the environment variable with the key that signs links (never the key itself).
    """

    url: str = ""
    address: str = "127.0.0.1"
    port: int = Field(default=8377, ge=0, le=65535)
    key_env: str = Field(default="POSTLAUNCH_LINK_KEY", pattern=VARIABLE, min_length=1)

    @field_validator("url")
    @classmethod
    def _an_origin(cls, value: str) -> str:
        """Scheme and host alone: what a browser names as the origin of a page."""
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise ValueError("write https://HOST, without a user or a password")
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError("write https://HOST, without a path: the page stands at the root of its host")
        if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("a link decides, so it travels encrypted: https://, or http:// on this machine")
        usual = {"https": ":443", "http": ":80"}[parts.scheme]
        return f"{parts.scheme}://{parts.netloc.lower().removesuffix(usual)}"
