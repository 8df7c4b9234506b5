"""The one way from a run to a language model.

A run has one `ModelSeat`, shared by its specialists. Whatever goes to the model passes here: personal data is
replaced by pseudonyms, the budget is asked first, one layer retries, what was used is recorded as an event.
Whatever goes wrong comes out as `ModelError` (or `BudgetExceeded`) in plain words.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from langchain_core.messages import AIMessage, BaseMessage
from pydantic import BaseModel

from postlaunch.errors import ModelError
from postlaunch.events import Recorder
from postlaunch.llm import client
from postlaunch.llm.budget import BudgetMeter, Monotonic
from postlaunch.llm.failures import CallFailed, failure_of
from postlaunch.llm.privacy import Pseudonyms, without_personal_data
from postlaunch.llm.retry import Jitter, Pause, retrying
from postlaunch.llm.structured import UnfitAnswer, asked_again, forms_of, put_in, read, schema_of
from postlaunch.llm.usage import Usage, lost, tokens_in_prompt, usage_of
from postlaunch.redaction import Redactor
from postlaunch.settings import ModelSettings, Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel, LanguageModelInput
    from langchain_core.runnables import Runnable

T = TypeVar("T", bound=BaseModel)

Tool = Mapping[str, Any]
"""A tool in the OpenAI form: {"type": "function", "function": {name, description, parameters}}."""


class ModelSeat:
    """A language model for one run.

    Attributes:
        name: the model's name, for reports.
        meter: the run's budget; the loop counts its tool calls and consults there.
        pseudonyms: what was hidden from the model, to show its words back at home.
    """

    def __init__(
        self,
        chat: BaseChatModel,
        model: ModelSettings,
        meter: BudgetMeter,
        recorder: Recorder,
        pseudonyms: Pseudonyms,
        *,
        redactor: Redactor | None = None,
        currency: str = "$",
        pause: Pause = asyncio.sleep,
        jitter: Jitter = random.random,
    ) -> None:
        self.name = model.name or str(getattr(chat, "model_name", "") or chat._llm_type)
        self.meter = meter
        self.pseudonyms = pseudonyms
        self._chat = chat
        self._model = model
        self._recorder = recorder
        self._redactor = redactor or Redactor()
        self._currency = currency
        self._pause = pause
        self._jitter = jitter
        self._forms = forms_of(chat)

    @property
    def usage(self) -> Usage:
        """What the run's calls used so far."""
        return self.meter.usage

    async def turn(
        self,
        messages: Sequence[BaseMessage],
        tools: Sequence[Tool] = (),
        tool_choice: str | None = None,
        *,
        agent: str = "",
        parent: int | None = None,
    ) -> AIMessage:
        """One answer of the model: text, or calls of the tools offered.

        Args:
            tool_choice: "auto", "none", "required", or the name of the tool that must be called.
            agent: the specialist that asks; its name stands on the usage event.
            parent: `seq` of the event that the usage belongs under.

        Raises:
            BudgetExceeded: a limit of the run is reached, before the call or while it was waited for.
            ModelError: the model failed.
        """
        chat = self._offered(tools, tool_choice) if tools else self._chat
        return await self._answer(chat, messages, tools, agent, parent)

    async def structured(
        self, messages: Sequence[BaseMessage], schema: type[T], *, agent: str = "", parent: int | None = None
    ) -> T:
        """A typed answer. One that does not fit is asked for once more, with what was wrong quoted.

        Raises:
            BudgetExceeded: a limit of the run is reached.
            ModelError: the model failed, or its second answer does not fit either.
        """
        answer = await self._ask(messages, schema, agent, parent)
        try:
            return read(answer, schema)
        except UnfitAnswer as unfit:
            again = asked_again(messages, answer, unfit, schema)
        answer = await self._ask(again, schema, agent, parent)
        try:
            return read(answer, schema)
        except UnfitAnswer as unfit:
            problems = str(unfit)
        raise ModelError(
            f"{self._title} answered twice with what does not fit {schema.__name__}:\n{problems}",
            "use a model that follows a JSON schema, or run with --no-model",
        )

    def _offered(
        self, tools: Sequence[Tool], tool_choice: str | None
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The chat model with tools on offer."""
        choice = "any" if tool_choice == "required" else tool_choice
        with suppress(NotImplementedError):  # as LangChain's own models say that they have no tools
            return self._chat.bind_tools(
                [dict(tool) for tool in tools], **({"tool_choice": choice} if choice else {})
            )
        raise ModelError(f"{self._title} cannot be offered tools", "use a chat model that can call tools")

    async def _ask(
        self, messages: Sequence[BaseMessage], schema: type[BaseModel], agent: str, parent: int | None
    ) -> AIMessage:
        """Put one question in the most binding form that the server accepts, and remember which that is."""
        refusal = CallFailed(f"{self._title} cannot be asked for a typed answer")
        forms = self._forms
        for place, form in enumerate(forms):
            try:
                chat, asked = put_in(form, self._chat, schema, messages)
                answer = await self._answer(chat, asked, (schema_of(schema),), agent, parent)
            except NotImplementedError:
                continue
            except CallFailed as failure:
                if not failure.refuses_request:
                    raise
                refusal = failure
                continue
            self._forms = forms[place:]
            return answer
        raise refusal

    async def _answer(
        self,
        chat: Runnable[LanguageModelInput, AIMessage],
        messages: Sequence[BaseMessage],
        beside: Sequence[Mapping[str, Any]],
        agent: str,
        parent: int | None,
    ) -> AIMessage:
        """One answer, tried again where that may help; `beside` is what is sent beside the messages."""
        shown = without_personal_data(messages, self.pseudonyms)
        prompt_tokens = tokens_in_prompt(shown, beside)

        async def attempt() -> AIMessage:
            answer, used = await self._call(chat, shown, prompt_tokens)
            if used.calls:
                self._record(used, agent, parent)
            if isinstance(answer, CallFailed):
                self.meter.check_time()
                raise answer
            return answer

        loop = retrying(self._model.attempts, self.meter.remaining_seconds, self._jitter, self._pause)
        return await loop(attempt)

    async def _call(
        self, chat: Runnable[LanguageModelInput, AIMessage], shown: list[BaseMessage], prompt_tokens: int
    ) -> tuple[AIMessage | CallFailed, Usage]:
        """One call, paid for. A failure is returned, not raised: what is raised inside the block that
        handles a vendor's exception would carry that exception, and its request headers, along."""
        reservation = self.meter.before_call(prompt_tokens)
        used = Usage()
        started = self.meter.clock()
        try:
            answer = await self._invoke(chat, shown)
            seconds = self.meter.clock() - started
            if isinstance(answer, AIMessage):
                used = usage_of(answer, self._model, prompt_tokens=prompt_tokens, seconds=seconds)
                refused = answer.additional_kwargs.get("refusal")
                if refused:
                    return CallFailed(f"{self._title} refused to answer: {str(refused)[:200]}"), used
            elif answer.prompt_read:
                used = lost(self._model, prompt_tokens, seconds, whole_answer=answer.answer_cut)
            return answer, used
        finally:
            self.meter.after_call(reservation, used)

    async def _invoke(
        self, chat: Runnable[LanguageModelInput, AIMessage], shown: list[BaseMessage]
    ) -> AIMessage | CallFailed:
        seconds = min(self._model.timeout_seconds, self.meter.remaining_seconds())
        try:
            async with asyncio.timeout(seconds):
                return await chat.ainvoke(shown)
        except Exception as error:  # noqa: BLE001 -- every vendor's library has errors of its own
            return failure_of(error, model=self._title, seconds=seconds, redact=self._redactor)

    def _record(self, used: Usage, agent: str, parent: int | None) -> None:
        self._recorder.emit(
            "usage",
            used.words(self._currency),
            agent=agent,
            parent=parent,
            data={"model": self.name, **used.model_dump(mode="json")},
        )

    @property
    def _title(self) -> str:
        place = f" at {self._redactor.text(self._model.base_url)}" if self._model.base_url else ""
        return f"the model {self.name}{place}"


class BrokenSeat:
    """Stands in for a model that is configured and cannot be asked: every question raises the reason.

    So a run whose key is missing goes the way of one whose server is down: its reports are made by rules, and
    say why. It has what a `ModelSeat` has; nothing is ever sent.
    """

    def __init__(self, reason: ModelError, name: str, meter: BudgetMeter, pseudonyms: Pseudonyms) -> None:
        self.name = name
        self.meter = meter
        self.pseudonyms = pseudonyms
        self._reason = reason

    @property
    def usage(self) -> Usage:
        """What the run used before its model was lost."""
        return self.meter.usage

    async def turn(
        self,
        messages: Sequence[BaseMessage],
        tools: Sequence[Tool] = (),
        tool_choice: str | None = None,
        *,
        agent: str = "",
        parent: int | None = None,
    ) -> AIMessage:
        """Raise the reason."""
        raise self._again()

    async def structured(
        self, messages: Sequence[BaseMessage], schema: type[T], *, agent: str = "", parent: int | None = None
    ) -> T:
        """Raise the reason."""
        raise self._again()

    def _again(self) -> ModelError:
        """The reason as a new exception: one object raised twice would gather the tracebacks of both."""
        return ModelError(str(self._reason), self._reason.remedy)


AnySeat = ModelSeat | BrokenSeat
"""A run's model, whether or not it can be asked."""


def seat_for(
    settings: Settings,
    environment: Mapping[str, str],
    recorder: Recorder,
    chat_model: BaseChatModel | None = None,
    *,
    clock: Monotonic = time.monotonic,
    salt: bytes | None = None,
    spent: Usage | None = None,
    pause: Pause = asyncio.sleep,
    jitter: Jitter = random.random,
) -> ModelSeat | None:
    """The run's model: the one injected, else the one the settings name, else none.

    A key in the environment alone names no model, and nothing is sent.

    Args:
        environment: where the key is looked up; usually `os.environ`.
        salt: keys the pseudonyms; the same salt gives the same pseudonyms. Random unless given.
        spent: what the run used before it was resumed (`usage_in` of its events).
        pause, jitter: how the waits between attempts pass, and their random part.

    Raises:
        ModelError: the settings name a model whose key is missing.
    """
    if chat_model is None and not settings.model.name:
        return None
    model, key = settings.model, None
    if chat_model is None:
        key = client.key_for(model, environment)
        chat_model = client.openai_chat_model(model, key)
    else:  # it has a name and an address of its own
        model = model.model_copy(update={"name": "", "base_url": ""})
    return ModelSeat(
        chat_model,
        model,
        BudgetMeter(settings.budget, model, clock, spent),
        recorder,
        Pseudonyms(settings.privacy.pseudonymise, salt or secrets.token_bytes(16)),
        redactor=Redactor.of_environment(environment, key),
        currency=settings.application.currency,
        pause=pause,
        jitter=jitter,
    )


def seat_or_reason(
    settings: Settings,
    environment: Mapping[str, str],
    recorder: Recorder,
    chat_model: BaseChatModel | None = None,
    *,
    salt: bytes,
    spent: Usage | None = None,
) -> AnySeat | None:
    """As `seat_for`, but a model that cannot be set up is a `BrokenSeat` and no error: a run goes on."""
    try:
        return seat_for(settings, environment, recorder, chat_model, salt=salt, spent=spent)
    except ModelError as error:
        reason = error
    model = settings.model
    meter = BudgetMeter(settings.budget, model, spent=spent)
    return BrokenSeat(reason, model.name, meter, Pseudonyms(settings.privacy.pseudonymise, salt))
