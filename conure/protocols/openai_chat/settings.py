"""Chat Completions: the settings of a call, what each may be, and how it is written.

`SETTINGS` maps a name to a check that answers None, or in words what is wrong with a value.
A setting left out or renamed for a vendor is in its `Dialect`; one that only the vendor knows
is in its profile and sent as given.

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeGuard

from .dialect import Dialect
from .shape import is_mapping

__all__ = ["SETTINGS", "write_settings"]

Check: TypeAlias = Callable[[Any], str | None]


def _number(low: float, high: float = float("inf")) -> Check:
    def check(value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"give a number, not {_kind(value)}"
        if not low <= value <= high:
            return _range(low, high)
        return None

    return check


def _whole(low: float = -(2**63), high: float = 2**64) -> Check:
    def check(value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return f"give a whole number, not {_kind(value)}"
        return None if low <= value <= high else _range(low, high)

    return check


def _range(low: float, high: float) -> str:
    return f"give {low:g} or more" if high > 2**60 else f"give a number from {low:g} to {high:g}"


def _a(kind: type | tuple[type, ...], words: str) -> Check:
    def check(value: Any) -> str | None:
        return None if isinstance(value, kind) else f"give {words}, not {_kind(value)}"

    return check


def _kind(value: Any) -> str:
    return "True or False" if isinstance(value, bool) else type(value).__name__


def _texts(value: Any) -> str | None:
    if isinstance(value, str):
        return None
    if not _is_sequence(value) or not all(isinstance(item, str) for item in value):
        return "give a str or a list of str"
    return None


def _is_sequence(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, (list, tuple))


def _biases(value: Any) -> str | None:
    if not is_mapping(value):
        return f"give a dict of token id to bias, not {_kind(value)}"
    for token, bias in value.items():
        if not str(token).isdecimal():
            return f"{token!r} is not a token id"
        if isinstance(bias, bool) or not isinstance(bias, (int, float)) or not -100 <= bias <= 100:
            return f"the bias of {token} must be a number from -100 to 100"
    return None


def _anything(_value: Any) -> str | None:
    return None


def _choice(value: Any) -> str | None:
    if isinstance(value, (str, bool, Mapping)):
        return None
    return f'give "auto", "none", "required", the name of a tool or a dict, not {_kind(value)}'


TEXT = _a(str, "a str")
FLAG = _a(bool, "True or False")
OBJECT = _a(Mapping, "a dict")
LIST = _a((list, tuple), "a list")

SETTINGS: dict[str, Check] = {
    "audio": OBJECT,
    "disabled_params": OBJECT,
    "extra_body": OBJECT,
    "frequency_penalty": _number(-2, 2),
    "function_call": _a((str, Mapping), "a str or a dict"),
    "functions": LIST,
    "logit_bias": _biases,
    "logprobs": FLAG,
    "max_completion_tokens": _whole(1),
    "max_tokens": _whole(1),
    "metadata": OBJECT,
    "modalities": LIST,
    "model_kwargs": OBJECT,
    "moderation": _anything,
    "n": _whole(1),
    "parallel_tool_calls": FLAG,
    "prediction": OBJECT,
    "presence_penalty": _number(-2, 2),
    "prompt_cache_key": TEXT,
    "prompt_cache_options": OBJECT,
    "prompt_cache_retention": TEXT,
    "reasoning_effort": TEXT,
    "response_format": _anything,
    "safety_identifier": TEXT,
    "seed": _whole(),
    "service_tier": TEXT,
    "stop": _texts,
    "store": FLAG,
    "stream_options": OBJECT,
    "stream_usage": FLAG,
    "temperature": _number(0, 2),
    "tool_choice": _choice,
    "tools": LIST,
    "top_logprobs": _whole(0, 20),
    "top_p": _number(0, 1),
    "user": TEXT,
    "verbosity": TEXT,
    "web_search_options": OBJECT,
}

# Settings with a meaning of their own below, and those that shape the exchange, not the body.
ELSEWHERE = frozenset({
    "disabled_params", "extra_body", "extra_headers", "extra_query", "max_tokens", "model",
    "model_kwargs", "stream", "stream_options", "stream_usage", "timeout",
})  # fmt: skip
REWRITTEN = frozenset({"logit_bias", "tool_choice"})
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
    if dropped := dialect.drops.intersection(given):
        _drop(given, dropped, warnings)
    for name, value in given.items():
        if value is not None:
            written = _written(name, value, dialect) if name in REWRITTEN else value
            body[dialect.renames.get(name, name)] = written
    if options:
        body["stream_options"] = options
    if extra := settings.get("extra_body"):
        body.update(extra)


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
    return _tool_choice(value, dialect)


def _tool_choice(value: Any, dialect: Dialect) -> Any:
    if value is True or value == "any":
        return dialect.any_choice
    if value is False:
        return "none"
    if isinstance(value, str) and value not in WORDS:
        return {"type": "function", "function": {"name": value}}
    return value
