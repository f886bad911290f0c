"""Models and transports for tests, and the parrot that answers when nobody else can.

They are chat models like any other: same runs, same chunks, same errors. None opens a socket.
`Recorder` and `Replay` record real exchanges to a file and answer from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from .chat_models.model import ChatModel
from .chat_models.telling import Emitter, ModelRequest
from .engine.effects import Call, Plan
from .errors import ConfigurationError
from .messages import AIMessage, BaseMessage, HumanMessage
from .messages.events import (
    BlockDelta,
    BlockEnd,
    BlockStart,
    Event,
    Finish,
    Metadata,
    ReplyStart,
    UsageReport,
)
from .transport.replay import Recorder, Replay

__all__ = [
    "EchoChatModel",
    "FakeListChatModel",
    "FakeMessagesListChatModel",
    "FunctionChatModel",
    "GenericFakeChatModel",
    "ParrotChatModel",
    "ParrotFakeChatModel",
    "Recorder",
    "Replay",
    "ScriptedChatModel",
    "open_model",
    "written",
]

Reply: TypeAlias = str | AIMessage | BaseException

HOW_TO_GET_A_REAL_ONE = (
    "(I am conure's offline parrot. For a real model set OPENAI_API_KEY, or start Ollama, or name "
    "one with --model provider:model.)"
)


class FunctionChatModel(ChatModel):
    """Answer with a function of the messages, sync or async.

    It returns a str or an `AIMessage`; what it raises, the call raises. Calls are remembered in
    `calls`, as (messages, settings).

    >>> FunctionChatModel(lambda messages: messages[-1].text.upper()).invoke("hello").text
    'HELLO'
    """

    provider = "test"

    def __init__(
        self,
        function: Callable[[list[BaseMessage]], Any],
        *,
        model: str = "function",
        **parameters: Any,
    ) -> None:
        self.function = function
        self.model = model
        self.calls: list[tuple[list[BaseMessage], Mapping[str, Any]]] = []
        self.run_settings = parameters

    def reply(self, request: ModelRequest, emit: Emitter) -> Plan[None]:
        messages = list(request.messages)
        self.calls.append((messages, request.settings))
        answer: Reply = yield from Call(lambda: self.function(messages))
        if isinstance(answer, BaseException):
            raise answer
        message = answer if isinstance(answer, AIMessage) else AIMessage(str(answer))
        message = _stopped(message, request.settings.get("stop"))
        events: list[Event] = [
            ReplyStart(),
            *written(message),
            *([] if message.usage_metadata else [UsageReport(_counted(messages, message))]),
            Metadata({"model_name": self.model, "finish_reason": "stop"}),
            Finish("stop", "stop"),
        ]
        for event in events:
            yield from emit([event])
        return None


class EchoChatModel(FunctionChatModel):
    """Say back what the last message says."""

    def __init__(self, *, model: str = "echo", **parameters: Any) -> None:
        super().__init__(_echo, model=model, **parameters)


class ParrotChatModel(FunctionChatModel):
    """Say back what was said, and in one line how to get a real model: no key, no network."""

    def __init__(self, *, model: str = "parrot", **parameters: Any) -> None:
        super().__init__(
            lambda messages: f"{_echo(messages)}\n\n{HOW_TO_GET_A_REAL_ONE}",
            model=model,
            **parameters,
        )


class ScriptedChatModel(FunctionChatModel):
    """Answer from a script, one line a call; running out of lines is an error.

    A line is a str, an `AIMessage` or an exception to raise.

    >>> model = ScriptedChatModel(["one", "two"])
    >>> model.invoke("?").text, model.invoke("?").text
    ('one', 'two')
    """

    def __init__(
        self,
        replies: Iterable[Reply],
        *,
        cycle: bool = False,
        model: str = "scripted",
        **parameters: Any,
    ) -> None:
        self._cycle = list(replies) if cycle else None
        self._replies: Iterator[Reply] = iter(self._cycle if self._cycle is not None else replies)
        super().__init__(self._next, model=model, **parameters)

    def _next(self, _: list[BaseMessage]) -> Reply:
        for reply in self._replies:
            return reply
        if self._cycle:
            self._replies = iter(self._cycle)
            return next(self._replies)
        raise ConfigurationError(
            f"the script of this ScriptedChatModel is over: call {len(self.calls)} "
            "found no reply left"
        )


class GenericFakeChatModel(ScriptedChatModel):
    """Answer from an iterator of messages, as `langchain_core`'s class of this name does."""

    def __init__(self, messages: Iterable[Reply], **parameters: Any) -> None:
        super().__init__(messages, **parameters)


class FakeListChatModel(ScriptedChatModel):
    """Answer with one text after the other, from the start again at the end."""

    def __init__(self, responses: Sequence[str], **parameters: Any) -> None:
        super().__init__(responses, cycle=True, **parameters)


class FakeMessagesListChatModel(ScriptedChatModel):
    """Answer with one message after the other, from the start again at the end."""

    def __init__(self, responses: Sequence[AIMessage], **parameters: Any) -> None:
        super().__init__(responses, cycle=True, **parameters)


ParrotFakeChatModel = EchoChatModel

MODELS: dict[str, Callable[..., ChatModel]] = {"echo": EchoChatModel, "parrot": ParrotChatModel}


def open_model(*, model: str, **parameters: Any) -> ChatModel:
    """Make the model that `init_chat_model("test:…")` names."""
    if model not in MODELS:
        known = ", ".join(f"test:{name}" for name in MODELS)
        raise ConfigurationError(f"there is no test model {model!r}; there are {known}")
    return MODELS[model](**parameters)


def written(message: AIMessage) -> list[Event]:
    """Give the events by which a model would have written this message, word by word."""
    events: list[Event] = []
    for index, block in enumerate(message.content_blocks):
        kind: Any = block["type"]
        field = {"text": "text", "reasoning": "reasoning"}.get(kind)
        if field is None:
            events.append(BlockStart(index, {**block}))
        else:
            whole: Any = block
            events.append(BlockStart(index, {**block, field: ""}))
            events += [BlockDelta(index, field, word) for word in _words(whole[field])]
        events.append(BlockEnd(index))
    if message.usage_metadata:
        events.append(UsageReport(dict(message.usage_metadata)))
    return events


def _words(text: str) -> list[str]:
    """Cut a text where words begin; the pieces add up to it."""
    return re.findall(r"\s*\S+|\s+$", text)


def _echo(messages: list[BaseMessage]) -> str:
    for message in reversed(messages):
        if isinstance(message, HumanMessage):
            return str(message.text)
    return str(messages[-1].text) if messages else ""


def _stopped(message: AIMessage, stop: str | Sequence[str] | None) -> AIMessage:
    """Cut the text where a stop sequence begins."""
    if not stop or not isinstance(message.content, str):
        return message
    text = message.content
    for word in [stop] if isinstance(stop, str) else stop:
        text = text.partition(word)[0]
    return message if text == message.content else message.model_copy(update={"content": text})


def _counted(messages: Sequence[BaseMessage], message: AIMessage) -> dict[str, int]:
    """Count words as tokens."""
    read = sum(len(_words(str(one.text))) for one in messages)
    wrote = len(_words(str(message.text)))
    return {"input_tokens": read, "output_tokens": wrote, "total_tokens": read + wrote}
