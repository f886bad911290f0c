"""Strict judges of requests: each maker's own description of what its API takes.

What a maker's client library declares of a request is read by pydantic with every field it does
not name forbidden; Bedrock's judge is the service's own model. Cohere's is written out below.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NotRequired

import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from typing_extensions import TypedDict, is_typeddict

__all__ = ["judge"]

STRICT = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


def judge(protocol: str, body: dict[str, Any]) -> str | None:
    """Tell what is wrong with a request's body; None where it is as documented."""
    return JUDGES[protocol]()(body)


def _strict(package: str) -> None:
    """Forbid what a package's request types do not name."""
    for name, module in list(sys.modules.items()):
        if name.startswith(package):
            for value in vars(module).values():
                if is_typeddict(value):
                    value.__pydantic_config__ = STRICT


def _adapter(kind: Any) -> Callable[[dict[str, Any]], str | None]:
    adapter = TypeAdapter(kind)

    def check(body: dict[str, Any]) -> str | None:
        try:
            # Lists are declared as iterables, which are read when they are looked at.
            for _ in _all(adapter.validate_python(body)):
                pass
        except ValidationError as error:
            # Of a union each member complains: what went furthest is the most telling.
            worst = max(error.errors(), key=lambda each: len(each["loc"]))
            return f"{worst['loc'][-4:]} {worst['msg']}: {str(worst['input'])[:200]}"
        return None

    return check


def _all(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = value.values()
    elif isinstance(value, BaseModel):
        value = dict(value).values()
    elif isinstance(value, str | bytes | int | float | bool) or value is None:
        yield value
        return
    for inner in value:
        yield from _all(inner)


@cache
def _openai_chat() -> Callable[[dict[str, Any]], str | None]:
    pytest.importorskip("openai")
    from openai.types.chat import completion_create_params

    _strict("openai.types")

    # Not declared for a tool's answer, and taken: recorded requests with it succeeded.
    def without_names(body: dict[str, Any]) -> dict[str, Any]:
        turns = [
            {name: value for name, value in turn.items() if name != "name"}
            if turn["role"] == "tool"
            else turn
            for turn in body["messages"]
        ]
        return {**body, "messages": turns}

    check = _adapter(completion_create_params.CompletionCreateParamsNonStreaming)
    return lambda body: check(without_names(body))


@cache
def _openai_responses() -> Callable[[dict[str, Any]], str | None]:
    pytest.importorskip("openai")
    from openai.types.responses import response_create_params

    _strict("openai.types")

    # Declared as required, and left out by recorded requests that succeeded.
    def with_ids(body: dict[str, Any]) -> dict[str, Any]:
        known = {"id": "msg_1", "status": "completed"}
        items = [
            {**known, **item} if item.get("role") == "assistant" else item for item in body["input"]
        ]
        return {**body, "input": items}

    check = _adapter(response_create_params.ResponseCreateParamsNonStreaming)
    return lambda body: check(with_ids(body))


@cache
def _anthropic() -> Callable[[dict[str, Any]], str | None]:
    pytest.importorskip("anthropic")
    from anthropic.types import message_create_params

    _strict("anthropic.types")
    return _adapter(message_create_params.MessageCreateParamsNonStreaming)


@cache
def _gemini() -> Callable[[dict[str, Any]], str | None]:
    pytest.importorskip("google.genai")
    from google.genai import types

    class Request(BaseModel):
        model_config = ConfigDict(extra="forbid")
        contents: list[types.Content]
        systemInstruction: types.Content | None = None  # noqa: N815 - the wire's name
        generationConfig: types.GenerationConfig | None = None  # noqa: N815

    return _adapter(Request)


@cache
def _bedrock() -> Callable[[dict[str, Any]], str | None]:
    pytest.importorskip("botocore")
    from botocore.loaders import Loader
    from botocore.model import ServiceModel
    from botocore.validate import ParamValidator

    service = ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2"))
    shape = service.operation_model("Converse").input_shape

    def check(body: dict[str, Any]) -> str | None:
        report = ParamValidator().validate({"modelId": "m", **_with_bytes(body)}, shape)
        return report.generate_report()[:1500] if report.has_errors() else None

    return check


def _with_bytes(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: base64.b64decode(inner)
            if name in ("bytes", "redactedContent") and isinstance(inner, str)
            else _with_bytes(inner)
            for name, inner in value.items()
        }
    return [_with_bytes(inner) for inner in value] if isinstance(value, list) else value


@cache
def _ollama() -> Callable[[dict[str, Any]], str | None]:
    pytest.importorskip("ollama")
    from ollama._types import ChatRequest

    # The client gives calls no ids; the server's own API has them.
    # https://github.com/ollama/ollama/blob/main/api/types.go
    def without_ids(body: dict[str, Any]) -> dict[str, Any]:
        turns = [dict(turn) for turn in body["messages"]]
        for turn in turns:
            turn.pop("tool_call_id", None)
            if "tool_calls" in turn:
                turn["tool_calls"] = [{"function": call["function"]} for call in turn["tool_calls"]]
        return {**body, "messages": turns}

    check = _adapter(ChatRequest)
    return lambda body: check(without_ids(body))


class _Part(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    type: str
    text: NotRequired[str]
    thinking: NotRequired[str]
    image_url: NotRequired[dict[str, str]]
    document: NotRequired[dict[str, Any]]


class _Function(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    name: str
    arguments: str


class _Call(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: str
    type: str
    function: _Function


class _Turn(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    role: str
    content: NotRequired[str | list[_Part]]
    tool_calls: NotRequired[list[_Call]]
    tool_plan: NotRequired[str]
    tool_call_id: NotRequired[str]
    citations: NotRequired[list[dict[str, Any]]]


class _Chat(TypedDict):
    """Read off https://docs.cohere.com/reference/chat by hand."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    model: str
    messages: list[_Turn]
    stream: bool


@cache
def _cohere() -> Callable[[dict[str, Any]], str | None]:
    return _adapter(_Chat)


JUDGES: dict[str, Callable[[], Callable[[dict[str, Any]], str | None]]] = {
    "anthropic_messages": _anthropic,
    "bedrock_converse": _bedrock,
    "cohere": _cohere,
    "gemini": _gemini,
    "ollama": _ollama,
    "openai_chat": _openai_chat,
    "openai_responses": _openai_responses,
}
