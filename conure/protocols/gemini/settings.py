"""Gemini: the settings of a call, what each may be, and how it is written.

`SETTINGS` maps a name to a check that answers None, or in words what is wrong with a value.
What shapes the answer goes into `generationConfig`, under the name in CONFIG.

https://ai.google.dev/api/generate-content#v1beta.GenerationConfig
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import ConfigurationError
from ..checks import FLAG, LIST, OBJECT, TEXT, Check, a, anything, number, texts, whole
from ..shape import is_list, is_mapping
from .dialect import Dialect, Facts
from .schema import narrowed
from .tools import write_choice, write_tools

__all__ = ["SETTINGS", "write_settings"]


def _choice(value: Any) -> str | None:
    if isinstance(value, (str, bool, Mapping)):
        return None
    return None if is_list(value) else 'give "auto", "none", "any", a function\'s name or a dict'


def _schema(value: Any) -> str | None:
    return None if is_mapping(value) else f"give a JSON Schema, not {type(value).__name__}"


CANDIDATES = whole(1, 8)
MODALITIES = a((list, tuple), 'a list such as ["TEXT", "IMAGE"]')
# A setting -> its check and its name in `generationConfig`.
CONFIG: dict[str, tuple[Check, str]] = {
    "audio_timestamp": (FLAG, "audioTimestamp"),
    "candidate_count": (CANDIDATES, "candidateCount"),
    "enable_affective_dialog": (FLAG, "enableAffectiveDialog"),
    "enable_enhanced_civic_answers": (FLAG, "enableEnhancedCivicAnswers"),
    "frequency_penalty": (number(-2, 2), "frequencyPenalty"),
    "image_config": (OBJECT, "imageConfig"),
    "max_output_tokens": (whole(1), "maxOutputTokens"),
    "max_tokens": (whole(1), "maxOutputTokens"),
    "media_resolution": (anything, "mediaResolution"),
    "n": (CANDIDATES, "candidateCount"),
    "presence_penalty": (number(-2, 2), "presencePenalty"),
    "response_json_schema": (_schema, "responseJsonSchema"),
    "response_logprobs": (FLAG, "responseLogprobs"),
    "response_mime_type": (TEXT, "responseMimeType"),
    "response_modalities": (MODALITIES, "responseModalities"),
    "response_schema": (_schema, "responseSchema"),
    "routing_config": (OBJECT, "routingConfig"),
    "seed": (whole(), "seed"),
    "speech_config": (OBJECT, "speechConfig"),
    "temperature": (number(0), "temperature"),
    "top_k": (number(0), "topK"),
    "top_logprobs": (whole(0, 20), "logprobs"),
    "top_p": (number(0, 1), "topP"),
}
# A setting beside `generationConfig` -> its check and its name there.
BESIDE: dict[str, tuple[Check, str]] = {
    "cached_content": (TEXT, "cachedContent"),
    "labels": (OBJECT, "labels"),
    "model_armor_config": (OBJECT, "modelArmorConfig"),
    "service_tier": (TEXT, "serviceTier"),
    "store": (FLAG, "store"),
}

SETTINGS: dict[str, Check] = {
    **{name: check for name, (check, _) in (CONFIG | BESIDE).items()},
    "convert_system_message_to_human": FLAG,
    "extra_body": OBJECT,
    "generation_config": OBJECT,
    "include_thoughts": FLAG,
    "logprobs": a((bool, int), "True, False or how many alternatives to tell"),
    "model_kwargs": OBJECT,
    "parallel_tool_calls": FLAG,
    "reasoning_effort": TEXT,
    "response_format": anything,
    "safety_settings": a((list, tuple, Mapping), "a dict of category to threshold, or a list"),
    "stop": texts,
    "stop_sequences": texts,
    "stream_usage": FLAG,
    "thinking_budget": whole(-1),
    "thinking_config": OBJECT,
    "thinking_level": anything,
    "tool_choice": _choice,
    "tool_config": OBJECT,
    "tools": LIST,
}

# Settings with a meaning of their own below, and those that shape the exchange, not the body.
ELSEWHERE = frozenset({
    *SETTINGS, "extra_headers", "extra_query", "model", "stream", "timeout",
})  # fmt: skip
# How much others can be asked to think -> what is known here.
LEVELS = {"none": "minimal", "xhigh": "high", "max": "high"}
# https://ai.google.dev/gemini-api/docs/openai#thinking
BUDGETS = {"none": 0, "minimal": 1024, "low": 1024, "medium": 8192, "high": 24576,
           "xhigh": 24576, "max": 24576}  # fmt: skip


def write_settings(
    body: dict[str, Any],
    settings: Mapping[str, Any],
    model: str,
    dialect: Dialect,
    *,
    warnings: list[str],
) -> None:
    """Write settings into a request; what cannot be said is told in `warnings`."""
    given: Mapping[str, Any] = settings
    if more := settings.get("model_kwargs"):
        given = {**more, **settings}
    facts = dialect.facts(model)
    body |= {k: value for k, value in given.items() if value is not None and k not in ELSEWHERE}
    for name, value in given.items():
        if name in BESIDE and value is not None:
            body[BESIDE[name][1]] = value
    if config := _config(given, facts, warnings):
        body["generationConfig"] = config
    if (safety := given.get("safety_settings")) is not None:
        body["safetySettings"] = _safety(safety)
    _write_tools(body, given, facts, dialect, warnings)
    if extra := settings.get("extra_body"):
        body.update(extra)


def _config(given: Mapping[str, Any], facts: Facts, warnings: list[str]) -> dict[str, Any]:
    config: dict[str, Any] = {}
    for name, value in given.items():
        if name in CONFIG and value is not None:
            config[CONFIG[name][1]] = _plain(value)
    if stop := given.get("stop") or given.get("stop_sequences"):
        config["stopSequences"] = [stop] if isinstance(stop, str) else list(stop)
    _write_logprobs(config, given)
    if thinking := _thinking(given, facts, warnings):
        config["thinkingConfig"] = thinking
    _write_format(config, given)
    if own := given.get("generation_config"):
        config |= own
    return config


def _write_logprobs(config: dict[str, Any], given: Mapping[str, Any]) -> None:
    wanted = given.get("logprobs")
    if wanted is None and "logprobs" not in config:
        return
    if wanted is not None and not isinstance(wanted, bool):
        config.setdefault("logprobs", wanted)
        wanted = True
    config.setdefault("responseLogprobs", True if wanted is None else wanted)


def _thinking(given: Mapping[str, Any], facts: Facts, warnings: list[str]) -> dict[str, Any]:
    thinking: dict[str, Any] = {**(given.get("thinking_config") or {})}
    effort = given.get("reasoning_effort")
    if effort is not None and facts.thinking == "none":
        warnings.append("reasoning_effort was left out: this model does not think")
    elif effort is not None and facts.thinking == "budget":
        if effort not in BUDGETS:
            raise ConfigurationError(
                f"reasoning_effort={effort!r}: give one of {', '.join(BUDGETS)}"
            )
        thinking.setdefault("thinkingBudget", BUDGETS[effort])
    elif effort is not None:
        thinking.setdefault("thinkingLevel", LEVELS.get(effort, effort))
    for name, own in (
        ("thinking_level", "thinkingLevel"),
        ("thinking_budget", "thinkingBudget"),
        ("include_thoughts", "includeThoughts"),
    ):
        if given.get(name) is not None:
            thinking[own] = _plain(given[name])
    return thinking


def _write_format(config: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Write what form the answer must have; a schema is one of JSON."""
    wanted = given.get("response_format")
    if wanted is not None:
        if not is_mapping(wanted):
            raise ConfigurationError(
                "response_format must be a dict such as {'type': 'json_schema', 'json_schema': "
                f"{{…}}}}, not {type(wanted).__name__}"
            )
        kind = wanted.get("type")
        if kind == "json_schema":
            inner: Any = wanted.get("json_schema")
            schema = (inner if is_mapping(inner) else wanted).get("schema")
            config["responseJsonSchema"] = narrowed(schema)
        elif kind not in ("json_object", "text"):
            config["responseJsonSchema"] = narrowed(wanted)
        if kind != "text":
            config.setdefault("responseMimeType", "application/json")
    if "responseSchema" in config or "responseJsonSchema" in config:
        config.setdefault("responseMimeType", "application/json")


def _plain(value: Any) -> Any:
    """Give the value of an enum's member, anything else as it is."""
    if is_list(value):
        return [_plain(item) for item in value]
    return getattr(value, "value", value)


def _safety(given: Any) -> list[Any]:
    if is_mapping(given):
        return [{"category": _plain(k), "threshold": _plain(v)} for k, v in given.items()]
    return [
        {name: _plain(value) for name, value in entry.items()} if is_mapping(entry) else entry
        for entry in given
    ]


def _write_tools(
    body: dict[str, Any],
    given: Mapping[str, Any],
    facts: Facts,
    dialect: Dialect,
    warnings: list[str],
) -> None:
    config: dict[str, Any] = {}
    if tools := given.get("tools"):
        body["tools"], mixed = write_tools(tools, warnings)
        if mixed and facts.combines_tools and dialect.says_tools_combine:
            config["includeServerSideToolInvocations"] = True
        if (choice := write_choice(given.get("tool_choice"))) is not None:
            config["functionCallingConfig"] = choice
        if given.get("parallel_tool_calls") is False and not _forces_one(choice):
            warnings.append("parallel_tool_calls was left out: this provider does not take it")
    if own := given.get("tool_config"):
        config |= own
    if config:
        body["toolConfig"] = config


def _forces_one(choice: dict[str, Any] | None) -> bool:
    """Tell whether one function is forced: then nobody asked for several."""
    return choice is not None and len(choice.get("allowedFunctionNames") or ()) == 1
