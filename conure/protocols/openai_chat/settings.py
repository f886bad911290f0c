"""Chat Completions: the settings of a call, what each may be, and how it is written.

`SETTINGS` maps a name to a check that answers None, or in words what is wrong with a value.
A setting left out or renamed for a vendor is in its `Dialect`; one that only the vendor knows
is in its profile and sent as given.

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
from ..shape import is_mapping
from .dialect import Dialect

__all__ = ["SETTINGS", "write_settings"]

SETTINGS: dict[str, Check] = {
    "audio": OBJECT,
    "disabled_params": OBJECT,
    "extra_body": OBJECT,
    "frequency_penalty": number(-2, 2),
    "function_call": a((str, Mapping), "a str or a dict"),
    "functions": LIST,
    "logit_bias": biases,
    "logprobs": FLAG,
    "max_completion_tokens": whole(1),
    "max_tokens": whole(1),
    "metadata": OBJECT,
    "modalities": LIST,
    "model_kwargs": OBJECT,
    "moderation": anything,
    "n": whole(1),
    "parallel_tool_calls": FLAG,
    "prediction": OBJECT,
    "presence_penalty": number(-2, 2),
    "prompt_cache_key": TEXT,
    "prompt_cache_options": OBJECT,
    "prompt_cache_retention": TEXT,
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
    "tool_choice": choice,
    "tools": LIST,
    "top_logprobs": whole(0, 20),
    "top_p": number(0, 1),
    "user": TEXT,
    "verbosity": TEXT,
    "web_search_options": OBJECT,
}

# Settings with a meaning of their own below, and those that shape the exchange, not the body.
ELSEWHERE = frozenset({
    "disabled_params", "extra_body", "extra_headers", "extra_query", "max_tokens", "model",
    "model_kwargs", "stream", "stream_options", "stream_usage", "timeout",
    "use_previous_response_id", "use_responses_api",
})  # fmt: skip
REWRITTEN = frozenset({"logit_bias", "tool_choice", "tools"})
WORDS = frozenset({"auto", "none", "required", "validated"})


def write_settings(
    body: dict[str, Any],
    settings: Mapping[str, Any],
    dialect: Dialect,
    *,
    streaming: bool,
    warnings: list[str],
) -> None:
    """Write settings into a request; what the vendor does not take is told in `warnings`."""
    given: dict[str, Any] = {**(settings.get("model_kwargs") or {}), **settings}
    limit = given.get("max_tokens")
    options = _stream_options(given, dialect) if streaming else None
    for name in ELSEWHERE.intersection(given):
        del given[name]
    if limit is not None and given.get("max_completion_tokens") is None:
        given[dialect.max_tokens_field] = limit
    if disabled := settings.get("disabled_params"):
        _suppress(given, disabled)
    if dialect.facts is not None and given.get("temperature", 1) not in (None, 1):
        _fit_temperature(body["model"], given, dialect, warnings)
    if not dialect.named_choice:
        _offer_the_chosen(given)
    if dropped := dialect.drops.intersection(given):
        _drop(given, dropped, warnings)
    for name, value in given.items():
        if value is not None:
            written = _written(name, value, dialect) if name in REWRITTEN else value
            body[dialect.renames.get(name, name)] = written
    if options:
        body["stream_options"] = options
    body.update(settings.get("extra_body") or {})


def _stream_options(settings: Mapping[str, Any], dialect: Dialect) -> Any:
    if (options := settings.get("stream_options")) is not None:
        return options
    wanted = settings.get("stream_usage")
    if wanted is None:
        wanted = dialect.stream_usage
    return {"include_usage": True} if wanted else None


def _suppress(given: dict[str, Any], disabled: Mapping[str, Any]) -> None:
    for name, values in disabled.items():
        if name in given and (values is None or given[name] in values):
            del given[name]


def _fit_temperature(
    model: str, given: dict[str, Any], dialect: Dialect, warnings: list[str]
) -> None:
    assert dialect.facts is not None
    if given.get("reasoning_effort") != "none" and not dialect.facts(model).temperature:
        warnings.append(f"temperature was left out: {model} accepts no other than 1")
        del given["temperature"]


def _drop(given: dict[str, Any], names: frozenset[str], warnings: list[str]) -> None:
    told = [name for name in sorted(names) if given.pop(name) is not None]
    warnings += [f"{name} was left out: this provider does not take it" for name in told]


def _written(name: str, value: Any, dialect: Dialect) -> Any:
    if name == "logit_bias":
        return {str(token): bias for token, bias in value.items()}
    if name == "tools":
        return [_without_extras(tool) for tool in value]
    return _tool_choice(value, dialect)


def _offer_the_chosen(given: dict[str, Any]) -> None:
    """Say that one tool must be called to a server that cannot be told which."""
    choice, tools = given.get("tool_choice"), given.get("tools") or ()
    name = _name_of(choice) if is_mapping(choice) else choice
    if not isinstance(name, str) or name in {*WORDS, "any"}:
        return
    chosen = [tool for tool in tools if _name_of(tool) == name]
    if chosen:
        given.update(tools=chosen, tool_choice="required", parallel_tool_calls=False)


def _name_of(tool: Any) -> Any:
    function = tool.get("function") if is_mapping(tool) else None
    return function.get("name") if is_mapping(function) else None


def _without_extras(tool: Any) -> Any:
    """Leave out what is for other providers."""
    if is_mapping(tool) and "extras" in tool:
        return {name: part for name, part in tool.items() if name != "extras"}
    return tool


def _tool_choice(value: Any, dialect: Dialect) -> Any:
    if value is True or value == "any":
        return dialect.any_choice
    if value is False:
        return "none"
    if isinstance(value, str) and value not in WORDS:
        return {"type": "function", "function": {"name": value}}
    return value
