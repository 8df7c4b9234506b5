"""The settings of hand-offs: how approved items reach the phases that build them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from postlaunch.facts import Frozen

Way = Literal["file", "webhook", "github"]
PhaseName = Literal["1", "2", "3"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
REPOSITORY = r"^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$"
VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
PHASE_LABELS: Mapping[PhaseName, tuple[str, ...]] = {"1": ("phase-1",), "2": ("phase-2",), "3": ("phase-3",)}
KEY_PLACE = "{key}"
SPRINT_PLACE = "{sprint}"


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("this is no web address: https://host/path")
    if parts.username or parts.password:
        raise ValueError("an address holds no user and no password: name an environment variable instead")
    return url


def _safe_for_a_token(url: str) -> str:
    """A token travels encrypted, or does not leave this machine."""
    parts = urlsplit(_web_address(url))
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("the token would travel unencrypted: use https")
    return url.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web_address)]
TokenAddress = Annotated[str, AfterValidator(_safe_for_a_token)]
EnvironmentVariable = Annotated[str, Field(pattern=VARIABLE)]


class HandOffWebhookSettings(Frozen):
    """A receiver of hand-offs by POST (`docs/handoffs.md`).

    Attributes:
        secret_env: the environment variable with the secret that signs each message (never the secret).
        lookup_url: where the receiver says whether it has a message; "{key}" stands for the message's key.
            Empty: it does not say, and a message whose outcome is unknown is sent again with the same key.
    """

    url: WebAddress
    secret_env: EnvironmentVariable = "POSTLAUNCH_WEBHOOK_SECRET"  # noqa: S105 - the variable's name
    lookup_url: str = ""
    timeout_seconds: float = Field(default=20, gt=0)

    @model_validator(mode="after")
    def _lookup_names_the_key(self) -> Self:
        if self.lookup_url and KEY_PLACE not in _web_address(self.lookup_url):
            raise ValueError(f'lookup_url needs "{KEY_PLACE}" where the key of a message stands')
        return self


class GitHubConnection(Frozen):
    """How a GitHub repository is reached.

    Attributes:
        token_env: the environment variable with the token (never the token).
        base_url: of the REST API; GitHub Enterprise has "https://HOST/api/v3".
    """

    token_env: EnvironmentVariable = "GITHUB_TOKEN"  # noqa: S105 - the variable's name
    base_url: TokenAddress = "https://api.github.com"
    timeout_seconds: float = Field(default=20, gt=0)


class GitHubTrackerSettings(GitHubConnection):
    """Hand-offs as issues of a repository, in the milestone of their sprint.

    Attributes:
        repository: "owner/name".
        milestone: title of the milestone; "{sprint}" stands for the sprint's number.
        labels: phase → labels of its issues, beside "postlaunch".
    """

    repository: Annotated[str, Field(pattern=REPOSITORY)]
    milestone: str = f"Sprint {SPRINT_PLACE}"
    labels: dict[PhaseName, tuple[str, ...]] = Field(default_factory=lambda: dict(PHASE_LABELS))

    @model_validator(mode="after")
    def _milestone_names_the_sprint(self) -> Self:
        if SPRINT_PLACE not in self.milestone:
            raise ValueError(f'milestone needs "{SPRINT_PLACE}": every sprint has its own')
        return self


class HandOffs(Frozen):
    """The ways out of approved items; handlers that a program registers come on top.

    Attributes:
        deliver: the ways that every hand-off takes, several at once.
        phases: phase → the ways that its hand-offs take instead.
    """

    deliver: tuple[Way, ...] = ("file",)
    phases: dict[PhaseName, tuple[Way, ...]] = Field(default_factory=dict)
    webhook: HandOffWebhookSettings | None = None
    github: GitHubTrackerSettings | None = None

    @model_validator(mode="after")
    def _every_way_is_set_up(self) -> Self:
        set_up: Mapping[Way, object] = {"webhook": self.webhook, "github": self.github}
        for way in sorted(self.ways):
            if way in set_up and set_up[way] is None:
                raise ValueError(f"hand-offs are to go by {way}, but there is no [handoffs.{way}]")
        return self

    @property
    def ways(self) -> frozenset[Way]:
        """Every way that is taken by some hand-off."""
        return frozenset((*self.deliver, *(way for ways in self.phases.values() for way in ways)))

    def ways_of(self, phase: int) -> tuple[Way, ...]:
        """The ways that hand-offs to a phase take, each once."""
        named = {int(name): ways for name, ways in self.phases.items()}
        return tuple(dict.fromkeys(named.get(phase, self.deliver)))
