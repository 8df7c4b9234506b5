"""The one tree of errors, drawn whole.

Every error says what happened and, in `remedy`, what the person can do about it::

    PostLaunchError                 exit code 1
    ├── UsageError                  2   the call itself is wrong
    │   └── SettingsError           2   a key of postlaunch.toml, with its line
    ├── SourceError                 3   a configured source failed
    ├── ModelError                  3   the language model failed
    │   └── BudgetExceeded          3   a limit of the settings stopped it
    ├── DecisionRefused             6   a decision that may not stand
    │   ├── UnknownRequest          6
    │   ├── NotAnApprover           6
    │   ├── RequestExpired          6
    │   ├── StaleProposal           6   the digest shown is not the digest stored
    │   ├── AlreadyDecided          6
    │   ├── ProofRefused            6   it is not proved who decided, and the gate asks for it
    │   │   └── LinkRefused         6   a link that is not genuine, too old, used, or another's
    │   ├── AlreadyCommitted        6   another run committed the same sprint
    │   ├── ScopeRefused            6   an edited scope that does not fit
    │   └── PlanChanged             6   the file to be written is no longer the one that was looked at
    ├── RunBusy                     1   another process holds the run's lease
    ├── LeaseLost                   1   this process held it too long and was replaced
    ├── CheckpointUnreadable        1   where a run stopped cannot be read any more
    ├── ServiceFailed               1   an outside service refused, failed or answered nonsense
    ├── SignatureRefused            1   a webhook's message is not genuine, or is too old
    └── DeliveryFailed              1   a message of the outbox did not arrive; it stays there
"""

from __future__ import annotations

from datetime import datetime


class PostLaunchError(Exception):
    """What happened (`str(error)`) and what to do (`remedy`)."""

    exit_code: int = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class UsageError(PostLaunchError):
    """The call or its arguments are wrong."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting is missing, misspelt or out of range."""

    def __init__(self, message: str, remedy: str = "", *, key: str = "", line: int | None = None) -> None:
        super().__init__(message, remedy)
        self.key = key
        self.line = line


class SourceError(PostLaunchError):
    """A configured source could not be read."""

    exit_code = 3

    def __init__(self, message: str, remedy: str = "", *, source: str = "") -> None:
        super().__init__(message, remedy)
        self.source = source


class ModelError(PostLaunchError):
    """The language model is down, too slow, cut off, or answers with what cannot be read."""

    exit_code = 3


class BudgetExceeded(ModelError):
    """A limit on tools, tokens, money or time was reached."""


class DecisionRefused(PostLaunchError):
    """A decision that may not stand. Nothing was stored."""

    exit_code = 6


class UnknownRequest(DecisionRefused):
    """No approval request has this id."""


class NotAnApprover(DecisionRefused):
    """The settings do not name this person as one who may decide."""


class RequestExpired(DecisionRefused):
    """The request was not decided in time."""


class StaleProposal(DecisionRefused):
    """The proposal decided on is not the one stored."""


class AlreadyDecided(DecisionRefused):
    """The first decision won; this is a second one."""


class AlreadyCommitted(DecisionRefused):
    """What was decided is committed already, by another run."""


class ProofRefused(DecisionRefused):
    """Who decided is not proved: no proof, a bad one, or one of something else."""


class LinkRefused(ProofRefused):
    """A link to decide by is not genuine, its time is over, or it was used."""


class ScopeRefused(DecisionRefused):
    """An edited scope exceeds capacity, leaves out a Must, or breaks a dependency."""


class PlanChanged(DecisionRefused):
    """The tracking plan is no longer the file that the changes were proposed for."""


class RunBusy(PostLaunchError):
    """Another process is moving this run."""


class CheckpointUnreadable(PostLaunchError):
    """Where a run stopped was stored by another version, or with a type that may not be built."""


class LeaseLost(PostLaunchError):
    """The lease on the run passed to another process; this one stops without writing."""


class ServiceFailed(PostLaunchError):
    """An outside service refused, failed or answered what cannot be read.

    `retry_at` is the moment before which it wants no further request; None where it names none.
    """

    def __init__(self, message: str, remedy: str = "", *, retry_at: datetime | None = None) -> None:
        super().__init__(message, remedy)
        self.retry_at = retry_at


class SignatureRefused(PostLaunchError):
    """A webhook's message was not sent by who knows the secret, was changed on the way, or is too old."""


class DeliveryFailed(PostLaunchError):
    """A message did not arrive, or it is not known that it did; it stays in the outbox.

    `retry_at` is the moment before which the receiver wants no further try; None where it names none.
    """

    def __init__(self, message: str, remedy: str = "", *, retry_at: datetime | None = None) -> None:
        super().__init__(message, remedy)
        self.retry_at = retry_at
