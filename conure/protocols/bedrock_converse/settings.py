"""Bedrock Converse: the settings of a call, what each may be, and how it is written.

`SETTINGS` maps a name to a check that answers None, or in words what is wrong with a value.
Neutral settings are rewritten here; what only a family of models knows stands in
`additionalModelRequestFields`.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...errors import ConfigurationError
from ...wire import json
from ..checks import FLAG, LIST, OBJECT, TEXT, Check, a, anything, choice, number, texts, whole
from ..shape import is_mapping, is_object
from .dialect import Effort, Facts
from .tools import open_tools, write_choice, write_tools

__all__ = ["SETTINGS", "write_settings"]

SETTINGS: dict[str, Check] = {
    "additional_model_request_fields": OBJECT,
    "additional_model_response_field_paths": LIST,
    "base_model_id": TEXT,
    "betas": texts,
    "extra_body": OBJECT,
    "guard_last_turn_only": FLAG,
    "guardrail_config": OBJECT,
    "max_tokens": whole(1),
    "model_kwargs": OBJECT,
    "output_config": OBJECT,
    "parallel_tool_calls": FLAG,
    "performance_config": OBJECT,
    "prompt_variables": OBJECT,
    "provider": TEXT,
    "raw_blocks": LIST,
    "reasoning_effort": TEXT,
    "request_metadata": OBJECT,
    "response_format": anything,
    "service_tier": a((str, Mapping), "the name of a tier or a dict"),
    "stop": texts,
    "stop_sequences": texts,
    "stream_usage": FLAG,
    "supports_tool_choice_values": LIST,
    "system": a((str, list, tuple), "a str or a list"),
    "temperature": number(0, 1),
    "thinking": OBJECT,
    "tool_choice": choice,
    "tools": LIST,
    "top_k": whole(0),
    "top_p": number(0, 1),
}

INFERENCE = {"max_tokens": "maxTokens", "temperature": "temperature", "top_p": "topP"}
PLAIN = {
    "additional_model_response_field_paths": "additionalModelResponseFieldPaths",
    "guardrail_config": "guardrailConfig",
    "performance_config": "performanceConfig",
    "prompt_variables": "promptVariables",
    "request_metadata": "requestMetadata",
}
BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16_384}
MOST = 32_768

# How families of models are told to think more or less.
EFFORTS: dict[Effort, Callable[[str], dict[str, Any]]] = {
    # https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-adaptive-thinking.html
    "adaptive": lambda effort: {
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": {"minimal": "low"}.get(effort, effort)},
    },
    # https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html
    "budget": lambda effort: {
        "thinking": {"type": "enabled", "budget_tokens": BUDGETS.get(effort, MOST)}
    },
    # https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html
    "config": lambda effort: {
        "reasoningConfig": {
            "type": "enabled",
            "maxReasoningEffort": {"minimal": "low"}.get(effort, effort),
        }
    },
    "named": lambda effort: {"reasoning_effort": effort},
}
FORCED = frozenset({"any", "tool"})
THINKING = ("thinking", "reasoning_config")


def write_settings(
    body: dict[str, Any],
    settings: Mapping[str, Any],
    facts: Facts,
    *,
    warnings: list[str],
) -> None:
    """Write settings into a request."""
    inference = {
        own: value for name, own in INFERENCE.items() if (value := settings.get(name)) is not None
    }
    stop = settings.get("stop")
    if (stop := settings.get("stop_sequences") if stop is None else stop) is not None:
        inference["stopSequences"] = [stop] if isinstance(stop, str) else list(stop)
    if not facts.sampling:
        _leave_out_sampling(inference, warnings)
    if inference:
        body["inferenceConfig"] = inference
    for name, own in PLAIN.items():
        if (value := settings.get(name)) is not None:
            body[own] = value
    if tier := settings.get("service_tier"):
        body["serviceTier"] = {"type": tier} if isinstance(tier, str) else dict(tier)
    fields = _additional(settings, facts)
    if fields:
        body["additionalModelRequestFields"] = fields
    _write_tools(body, settings, _choices(settings, facts, fields), warnings)
    _write_output(body, settings, warnings)
    if extra := settings.get("extra_body"):
        body.update(extra)


def _leave_out_sampling(inference: dict[str, Any], warnings: list[str]) -> None:
    warnings += [
        f"{name} was left out: this model does not take it"
        for name in ("temperature", "top_p")
        if inference.pop(INFERENCE[name], 1) != 1
    ]


def _additional(settings: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """Gather what only the family of the model knows; what is given there counts most."""
    fields: dict[str, Any] = {}
    effort = settings.get("reasoning_effort")
    if effort and effort != "none":
        fields |= EFFORTS[facts.effort](effort)
    if (thinking := settings.get("thinking")) is not None:
        fields["thinking"] = dict(thinking)
    if (top_k := settings.get("top_k")) is not None:
        *outer, name = facts.top_k
        place = fields
        for key in outer:
            place = place.setdefault(key, {})
        place[name] = top_k
    if betas := settings.get("betas"):
        fields["anthropic_beta"] = [betas] if isinstance(betas, str) else list(betas)
    for name in ("model_kwargs", "additional_model_request_fields"):
        fields |= settings.get(name) or {}
    return fields


def _choices(
    settings: Mapping[str, Any], facts: Facts, fields: Mapping[str, Any]
) -> tuple[str, ...]:
    """Tell by which choices a tool may be asked for."""
    if (given := settings.get("supports_tool_choice_values")) is not None:
        return tuple(given)
    if facts.thinks_unforced:
        for name in THINKING:
            thinking = fields.get(name)
            if is_mapping(thinking) and thinking.get("type") == "enabled":
                return ("auto",)
    return facts.tool_choices


def _write_tools(
    body: dict[str, Any],
    settings: Mapping[str, Any],
    choices: tuple[str, ...],
    warnings: list[str],
) -> None:
    given = settings.get("tools")
    chosen = write_choice(settings.get("tool_choice"))
    forbidden = chosen is not None and "none" in chosen
    tools = write_tools(given) if given and not forbidden else []
    if not tools:
        # No tool may be called. Those of the history must be known all the same.
        if tools := open_tools(body["messages"]):
            body["toolConfig"] = {"tools": tools}
        return
    config: dict[str, Any] = {"tools": tools}
    body["toolConfig"] = config
    if chosen is not None and (chosen := _allowed(chosen, choices, tools, warnings)) is not None:
        config["toolChoice"] = chosen
    functions = [tool for tool in tools if "toolSpec" in tool]
    if settings.get("parallel_tool_calls") is False and len(functions) > 1:
        warnings.append(
            "parallel_tool_calls=False was left out: this provider cannot be told how many tools "
            "to call at once"
        )


def _allowed(
    chosen: dict[str, Any], choices: tuple[str, ...], tools: list[Any], warnings: list[str]
) -> dict[str, Any] | None:
    """Give the choice that the model takes and that comes closest."""
    kind = next(iter(chosen), "")
    if kind in choices or kind not in FORCED | {"auto"}:
        return chosen
    if kind == "auto":
        # What it does anyway.
        return None
    if kind == "tool" and "any" in choices and len(tools) == 1:
        return {"any": {}}
    warnings.append("tool_choice was left out: this model cannot be made to call a tool")
    return None


def _write_output(body: dict[str, Any], settings: Mapping[str, Any], warnings: list[str]) -> None:
    config: dict[str, Any] = {}
    if (wanted := settings.get("response_format")) is not None:
        named = _schema(wanted)
        if named is None:
            warnings.append(
                "response_format was left out: this provider has no JSON mode without a schema"
            )
        else:
            structure = {"jsonSchema": named}
            config["textFormat"] = {"type": "json_schema", "structure": structure}
    config |= settings.get("output_config") or {}
    if config:
        body["outputConfig"] = config


def _schema(wanted: Any) -> dict[str, Any] | None:
    """Find the JSON Schema in a response format, whichever maker's it is, and its name."""
    if not is_mapping(wanted):
        raise ConfigurationError(
            "response_format must be a dict such as {'type': 'json_schema', 'json_schema': {…}}, "
            f"not {type(wanted).__name__}"
        )
    kind = wanted.get("type")
    if kind in ("json_object", "text"):
        return None
    inner: Any = wanted.get("json_schema")
    described: Mapping[str, Any] = inner if is_mapping(inner) else wanted
    schema: Any = described.get("schema") if kind == "json_schema" else wanted
    named: dict[str, Any] = {"schema": schema if isinstance(schema, str) else _written(schema)}
    for name in ("name", "description"):
        if kind == "json_schema" and described.get(name):
            named[name] = described[name]
    return named


_texts: dict[int, tuple[Any, str]] = {}
KEPT = 64
"""how many narrowed schemas are remembered: binding gives the same object at every call"""


def _written(schema: Any) -> str:
    """Narrow a schema to what the API takes, as a text; as it is, where that cannot be done."""
    known = _texts.get(id(schema))
    if known is not None and known[0] is schema:
        return known[1]
    from ...schema.problems import SchemaError
    from ...schema.rules import BEDROCK
    from ...schema.subset import narrow

    try:
        narrowed = narrow(schema, BEDROCK) if is_object(schema) else schema
    except SchemaError:
        # The API says better than we could what it takes these days.
        narrowed = schema
    if len(_texts) >= KEPT:
        _texts.clear()
    text = json.encode(narrowed).decode()
    _texts[id(schema)] = (schema, text)
    return text
