"""Responses: the settings of a call, what each may be, and how it is written.

`SETTINGS` maps a name to a check that answers None, or in words what is wrong with a value.
Settings that only Chat Completions takes are told in `warnings`, or refused where leaving them
out would change what comes back.

https://platform.openai.com/docs/api-reference/responses/create
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import ConfigurationError
from ..checks import (
    FLAG,
    LIST,
    OBJECT,
    TEXT,
    Check,
    a,
    anything,
    biases,
    choice,
    number,
    texts,
    whole,
)
from ..shape import is_list, is_mapping, is_object
from .dialect import Dialect

__all__ = ["SETTINGS", "write_settings"]

SETTINGS: dict[str, Check] = {
    "audio": OBJECT,
    "background": FLAG,
    "context_management": LIST,
    "conversation": a((str, Mapping), "the id of a conversation or a dict"),
    "disabled_params": OBJECT,
    "extra_body": OBJECT,
    "frequency_penalty": number(-2, 2),
    "include": LIST,
    "instructions": a((str, list), "a str"),
    "logit_bias": biases,
    "logprobs": FLAG,
    "max_completion_tokens": whole(1),
    "max_output_tokens": whole(1),
    "max_tokens": whole(1),
    "max_tool_calls": whole(1),
    "metadata": OBJECT,
    "modalities": LIST,
    "model_kwargs": OBJECT,
    "moderation": anything,
    "n": whole(1),
    "parallel_tool_calls": FLAG,
    "prediction": OBJECT,
    "presence_penalty": number(-2, 2),
    "previous_response_id": TEXT,
    "prompt": OBJECT,
    "prompt_cache_key": TEXT,
    "prompt_cache_options": OBJECT,
    "prompt_cache_retention": TEXT,
    "reasoning": OBJECT,
    "reasoning_effort": TEXT,
    "response_format": anything,
    "safety_identifier": TEXT,
    "seed": whole(),
    "service_tier": TEXT,
    "stop": texts,
    "store": FLAG,
    "stream_options": OBJECT,
    "stream_usage": FLAG,
    "temperature": number(0, 2),
    "text": OBJECT,
    "tool_choice": choice,
    "tools": LIST,
    "top_logprobs": whole(0, 20),
    "top_p": number(0, 1),
    "truncation": TEXT,
    "use_previous_response_id": FLAG,
    "use_responses_api": FLAG,
    "user": TEXT,
    "verbosity": TEXT,
}

# Settings with a meaning of their own below, and those that shape the exchange, not the body.
ELSEWHERE = frozenset({
    "disabled_params", "extra_body", "extra_headers", "extra_query", "logprobs",
    "max_completion_tokens", "max_tokens", "model", "model_kwargs", "reasoning_effort",
    "response_format", "stream", "stream_usage", "timeout",
    "use_previous_response_id", "use_responses_api", "verbosity",
})  # fmt: skip
# What this API has no word for. Leaving out the first costs nothing but a wish.
WISHES = frozenset({
    "frequency_penalty", "logit_bias", "prediction", "presence_penalty", "seed", "stop",
})  # fmt: skip
DEMANDS = frozenset({
    "audio", "function_call", "functions", "modalities", "n", "web_search_options",
})  # fmt: skip
LEFT_OUT = WISHES | DEMANDS
COMPOSED = frozenset({
    "logprobs", "max_completion_tokens", "max_tokens", "reasoning_effort", "response_format",
    "stream_options", "verbosity",
})  # fmt: skip
HARMLESS: dict[str, Any] = {"n": 1, "modalities": ["text"]}
LOGPROBS = "message.output_text.logprobs"
WORDS = frozenset({"auto", "none", "required"})


def write_settings(
    body: dict[str, Any], settings: Mapping[str, Any], dialect: Dialect, warnings: list[str]
) -> None:
    """Write settings into a request; what was left out is told in `warnings`."""
    given: dict[str, Any] = {**(settings.get("model_kwargs") or {}), **settings}
    disabled: Mapping[str, Any] = settings.get("disabled_params") or {}
    for name, values in disabled.items():
        if name in given and (values is None or given[name] in values):
            del given[name]
    if given.get("temperature", 1) not in (None, 1):
        _fit_temperature(body["model"], given, dialect, warnings)
    if not LEFT_OUT.isdisjoint(given) or not dialect.drops.isdisjoint(given):
        _leave_out(given, dialect, warnings)
    if not COMPOSED.isdisjoint(given):
        _compose(given)
    if not body["stream"]:
        given.pop("stream_options", None)
    for name, value in given.items():
        if value is not None and name not in ELSEWHERE:
            body[name] = WRITTEN[name](value) if name in WRITTEN else value
    if extra := settings.get("extra_body"):
        body.update(extra)


def _compose(given: dict[str, Any]) -> None:
    """Put what both APIs take in the place it has in this one."""
    for name in ("max_tokens", "max_completion_tokens"):
        if given.get(name) is not None and given.get("max_output_tokens") is None:
            given["max_output_tokens"] = given[name]
    if reasoning := _reasoning(given):
        given["reasoning"] = reasoning
    if text := _text(given):
        given["text"] = text
    if given.get("logprobs"):
        given["include"] = [*(given.get("include") or ()), LOGPROBS]
    if is_mapping(options := given.get("stream_options")):
        kept = {name: value for name, value in options.items() if name != "include_usage"}
        given["stream_options"] = kept or None


def _leave_out(given: dict[str, Any], dialect: Dialect, warnings: list[str]) -> None:
    warnings += [
        f"{name} was left out: the Responses API does not take it"
        for name in sorted(WISHES.intersection(given))
        if given.pop(name) is not None
    ]
    for name in DEMANDS.intersection(given):
        value = given.pop(name)
        if value is not None and value != HARMLESS.get(name):
            raise ConfigurationError(
                f"{name}={value!r}: only Chat Completions takes {name}; leave it out, or set "
                "use_responses_api=False and leave out what needs the Responses API"
            )
    warnings += [
        f"{name} was left out: this provider does not take it"
        for name in sorted(dialect.drops.intersection(given))
        if given.pop(name) is not None
    ]


def _fit_temperature(
    model: str, given: dict[str, Any], dialect: Dialect, warnings: list[str]
) -> None:
    fixed = dialect.fixed_temperature
    if fixed is None or not fixed(model):
        return
    if _reasoning(given).get("effort") != "none":
        warnings.append(f"temperature was left out: {model} accepts no other than 1")
        del given["temperature"]


def _reasoning(given: Mapping[str, Any]) -> dict[str, Any]:
    effort = given.get("reasoning_effort")
    return ({} if effort is None else {"effort": effort}) | dict(given.get("reasoning") or {})


def _text(given: Mapping[str, Any]) -> dict[str, Any]:
    text: dict[str, Any] = {}
    if (shape := given.get("response_format")) is not None:
        text["format"] = _format(shape)
    if (verbosity := given.get("verbosity")) is not None:
        text["verbosity"] = verbosity
    return text | dict(given.get("text") or {})


def _format(given: Any) -> Any:
    """Write a response format: what Chat Completions nests stands side by side here."""
    if is_mapping(given) and is_mapping(inner := given.get("json_schema")):
        return {"type": "json_schema", **inner}
    return given


def _tools(given: Sequence[Any]) -> list[Any]:
    return [_tool(tool) for tool in given]


def _tool(given: Any) -> Any:
    """Write a tool: what Chat Completions nests stands side by side here."""
    kind = given.get("type") if is_mapping(given) else None
    inner = given.get(kind) if kind in ("function", "custom") else None
    if not is_mapping(inner):
        return given
    rest = {name: value for name, value in given.items() if name not in ("type", kind, "extras")}
    if is_mapping(extras := given.get("extras")) and "defer_loading" in extras:
        # The only one of the fields for some providers that this one knows.
        rest.setdefault("defer_loading", extras["defer_loading"])
    return {"type": kind, **inner, **rest}


def _choice(given: Any) -> Any:
    if given is True or given == "any":
        return "required"
    if given is False:
        return "none"
    if isinstance(given, str):
        return given if given in WORDS else {"type": "function", "name": given}
    if is_object(allowed := given.get("allowed_tools")):
        tools = allowed.get("tools")
        return {
            "type": "allowed_tools",
            **allowed,
            "tools": _tools(tools) if is_list(tools) else tools,
        }
    return _tool(given)


WRITTEN = {
    "context_management": list[Any],
    "include": list[Any],
    "tool_choice": _choice,
    "tools": _tools,
}
