"""What went wrong in a call of a model, told in plain words, and whether to try again.

Chat models of different vendors raise different classes. They are told apart by what they have in common (a
`status_code`, a `response` with headers, the names of their base classes), so that no vendor's library is
imported to read an error. The error itself is not kept: its request holds the key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

from postlaunch.errors import ModelError
from postlaunch.redaction import Redactor

QUOTED = 300
"""Most characters of a server's own words that an error quotes."""

NETWORK_ERRORS = frozenset({"APIConnectionError", "TransportError", "ConnectionError"})
BROKEN_OFF = frozenset({"RemoteProtocolError", "ReadError"})
TIME_OUTS = frozenset({"APITimeoutError", "TimeoutException", "TimeoutError"})
CUT_SHORT = frozenset({"LengthFinishReasonError"})
NO_RETRY_CODES = frozenset({"insufficient_quota", "context_length_exceeded", "billing_hard_limit_reached"})
RETRIED_STATUSES = frozenset({408, 409, 425, 429})


class AnswerTooLarge(Exception):
    """The server sends more than any answer may hold."""


class CallFailed(ModelError):
    """One call that failed.

    Attributes:
        retried: whether the same call may succeed in a moment.
        retry_after: seconds the server asks to wait.
        status: the HTTP status, where a server answered.
        prompt_read: whether the server may have worked on the prompt, and bills it.
        answer_cut: whether an answer was written up to the limit of its length, and is billed too.
    """

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        retried: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
        prompt_read: bool = False,
        answer_cut: bool = False,
    ) -> None:
        super().__init__(message, remedy)
        self.retried = retried
        self.retry_after = retry_after
        self.status = status
        self.prompt_read = prompt_read
        self.answer_cut = answer_cut

    @property
    def refuses_request(self) -> bool:
        """Whether the server may accept the same question put in another form."""
        return self.status in {400, 404, 405, 415, 422, 501} and not self.retried


def failure_of(error: BaseException, *, model: str, seconds: float, redact: Redactor) -> CallFailed:
    """The failure behind an exception that a chat model raised.

    Args:
        model: how the model is named to a person, e.g. "the model qwen3 at http://localhost:8080/v1".
        seconds: how long the call was allowed to take.
    """
    chain = tuple(_chain(error))
    status = next((code for link in chain if (code := _status(link)) is not None), None)
    if status is not None and status >= 300:
        return _refused(chain, status, model, redact)
    names = {cls.__name__ for link in chain for cls in type(link).__mro__}
    if any(isinstance(link, AnswerTooLarge) for link in chain):
        return CallFailed(
            f"{model} sent an answer without end", "lower model.max_output_tokens, or use another server"
        )
    if names & TIME_OUTS or any(isinstance(link, TimeoutError) for link in chain):
        return timed_out(model, seconds)
    if names & CUT_SHORT:
        return CallFailed(
            f"{model} did not finish its answer within model.max_output_tokens",
            "raise model.max_output_tokens",
            prompt_read=True,
            answer_cut=True,
        )
    if names & NETWORK_ERRORS:
        return _network_failure(chain, names, model, redact)
    return _unreadable(error, model, redact)


def timed_out(model: str, seconds: float) -> CallFailed:
    """The call took too long."""
    return CallFailed(
        f"{model} did not answer within {round(seconds, 2):g} s",
        "raise model.timeout_seconds, or use a faster model",
        retried=True,
        prompt_read=True,
    )


def _network_failure(
    chain: tuple[BaseException, ...], names: set[str], model: str, redact: Redactor
) -> CallFailed:
    cause = _quoted(chain[-1], redact) or type(chain[-1]).__name__
    if names & BROKEN_OFF:
        return CallFailed(
            f"{model} broke off its answer ({cause})",
            "look at the server's log; it may have run out of memory",
            retried=True,
            prompt_read=True,
        )
    return CallFailed(
        f"{model} cannot be reached ({cause})",
        "check that the server runs and that model.base_url is right",
        retried=True,
    )


def _refused(chain: tuple[BaseException, ...], status: int, model: str, redact: Redactor) -> CallFailed:
    said = _quoted(chain[0], redact)
    code = next((str(code) for link in chain if (code := getattr(link, "code", None))), "")
    again = (status in RETRIED_STATUSES or status >= 500) and code not in NO_RETRY_CODES and status != 501
    return CallFailed(
        f"{model} answered {status}" + (f": {said}" if said else ""),
        _remedy(status, code),
        retried=again,
        retry_after=_retry_after(chain),
        status=status,
    )


def _remedy(status: int, code: str) -> str:
    if code == "context_length_exceeded":
        return "the prompt is too long for this model: use one with a longer context, or lower budget.rows"
    if code in NO_RETRY_CODES:
        return "the account has no credit left: top it up, or use another model"
    if status in (401, 403):
        return "check the key in the environment variable that model.api_key_env names"
    if status == 404:
        return "check model.name and model.base_url (it usually ends in /v1)"
    if status == 429:
        return "wait, or ask for a higher rate limit"
    if status >= 500:
        return "the server has a fault of its own: try later, or look at its log"
    return "use a model and server that accept this request"


def _unreadable(error: BaseException, model: str, redact: Redactor) -> CallFailed:
    said = _quoted(error, redact)
    return CallFailed(
        f"{model} answered with what cannot be read ({type(error).__name__}{': ' if said else ''}{said})",
        "check that model.base_url is an OpenAI-compatible endpoint (it usually ends in /v1)",
        prompt_read=True,
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, outermost first; bounded."""
    link: BaseException | None = error
    for _ in range(8):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def _status(error: BaseException) -> int | None:
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def _quoted(error: BaseException, redact: Redactor) -> str:
    """What the server or library said, without secrets and line breaks, and not too long."""
    body = getattr(error, "body", None)
    said = body.get("message") if isinstance(body, Mapping) else None
    text = " ".join(redact.text(str(said or error)).split())
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}…"


def _retry_after(chain: tuple[BaseException, ...]) -> float | None:
    """Seconds of a Retry-After header: a number, or a date told against the server's own clock."""
    for link in chain:
        headers = getattr(getattr(link, "response", None), "headers", None)
        if isinstance(headers, Mapping):
            return _milliseconds(headers) or _seconds_or_date(headers)
    return None


def _milliseconds(headers: Mapping[str, str]) -> float | None:
    value = _number(headers.get("retry-after-ms", ""))
    return None if value is None else value / 1000


def _seconds_or_date(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "")
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, wait.total_seconds())


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
