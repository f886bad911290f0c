"""Anthropic Messages: the settings of a call, what each may be, and how it is written.

`SETTINGS` maps a name to a check that answers None, or in words what is wrong with a value.
Neutral settings are rewritten here; the API's own are sent as they are.

https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import ConfigurationError
from ..checks import FLAG, LIST, OBJECT, TEXT, Check, a, anything, choice, number, texts, whole
from ..shape import is_mapping, is_object
from .dialect import Dialect, Facts
from .previews import previews_of
from .tools import write_choice, write_tools

__all__ = ["SETTINGS", "write_settings"]

SETTINGS: dict[str, Check] = {
    "anthropic_version": TEXT,
    "betas": texts,
    "cache_control": OBJECT,
    "container": a((str, Mapping), "a container's id or a dict"),
    "context_management": OBJECT,
    "effort": TEXT,
    "extra_body": OBJECT,
    "inference_geo": TEXT,
    "max_tokens": whole(1),
    "mcp_servers": LIST,
    "metadata": OBJECT,
    "model_kwargs": OBJECT,
    "output_config": OBJECT,
    "output_format": OBJECT,
    "parallel_tool_calls": FLAG,
    "reasoning_effort": TEXT,
    "response_format": anything,
    "reuse_last_container": FLAG,
    "service_tier": TEXT,
    "speed": TEXT,
    "stop": texts,
    "stop_sequences": texts,
    "stream_usage": FLAG,
    "temperature": number(0, 1),
    "thinking": a((bool, Mapping), "a dict such as {'type': 'enabled', 'budget_tokens': 2000}"),
    "tool_choice": choice,
    "tools": LIST,
    "top_k": whole(-1),
    "top_p": number(-1, 1),
    "user": TEXT,
    "user_profile_id": TEXT,
}

# Settings with a meaning of their own below, and those that shape the exchange, not the body.
ELSEWHERE = frozenset({
    "betas", "effort", "extra_body", "extra_headers", "extra_query", "max_tokens", "model",
    "model_kwargs", "parallel_tool_calls", "reasoning_effort", "response_format",
    "reuse_last_container", "stop", "stop_sequences", "stream", "stream_usage", "thinking",
    "timeout", "tool_choice", "tools", "user",
})  # fmt: skip
SAMPLING = ("temperature", "top_k", "top_p")
# What the API counts as thinking comes out of max_tokens: so much is left for the answer.
ROOM = 4096
LEAST = 1024
"""the smallest budget the API takes"""
SHOWN = {"type": "adaptive", "display": "summarized"}


def write_settings(
    body: dict[str, Any],
    settings: Mapping[str, Any],
    dialect: Dialect,
    *,
    warnings: list[str],
) -> list[str]:
    """Write settings into a request; answer the previews that they need."""
    given: Mapping[str, Any] = settings
    if more := settings.get("model_kwargs"):
        given = {**more, **settings}
    facts = dialect.facts(body["model"])
    thinking = _thinking(given, facts)
    body["max_tokens"] = given.get("max_tokens") or _room(facts, thinking)
    body |= {
        name: value for name, value in given.items() if value is not None and name not in ELSEWHERE
    }
    if thinking is not None:
        body["thinking"] = thinking
    if stop := given.get("stop") or given.get("stop_sequences"):
        body["stop_sequences"] = [stop] if isinstance(stop, str) else list(stop)
    if user := given.get("user"):
        body["metadata"] = {"user_id": user, **(given.get("metadata") or {})}
    _write_tools(body, given, warnings)
    _write_output(body, given, warnings)
    if not facts.sampling:
        _leave_out_sampling(body, warnings)
    if extra := settings.get("extra_body"):
        body.update(extra)
    return previews_of(body, given.get("betas")) if dialect.betas else []


def _thinking(given: Mapping[str, Any], facts: Facts) -> dict[str, Any] | None:
    thinking = given.get("thinking")
    if thinking is False or (thinking is None and _effort(given) == "none"):
        return {"type": "disabled"}
    if thinking is True and not facts.adaptive:
        return {"type": "enabled", "budget_tokens": LEAST}
    if thinking is True or (thinking is None and facts.adaptive and _effort(given)):
        return {"type": "adaptive"} if facts.shows_thoughts else dict(SHOWN)
    return None if thinking is None else dict(thinking)


def _room(facts: Facts, thinking: Mapping[str, Any] | None) -> int:
    budget = (thinking or {}).get("budget_tokens")
    return max(facts.max_tokens, budget + ROOM) if isinstance(budget, int) else facts.max_tokens


def _effort(given: Mapping[str, Any]) -> str | None:
    return given.get("effort") or given.get("reasoning_effort")


def _write_tools(body: dict[str, Any], given: Mapping[str, Any], warnings: list[str]) -> None:
    if tools := given.get("tools"):
        body["tools"], servers = write_tools(tools, warnings)
        if servers:
            body["mcp_servers"] = [*(body.get("mcp_servers") or ()), *servers]
    chosen = given.get("tool_choice")
    parallel = given.get("parallel_tool_calls") if tools else None
    if chosen is None and parallel is None:
        return
    written = write_choice(chosen, parallel=parallel)
    if written is None:
        return
    thinking: dict[str, Any] = body.get("thinking") or {}
    if thinking.get("type") == "enabled" and written.get("type") in ("any", "tool"):
        warnings.append(
            "tool_choice became 'auto': no tool can be forced while thinking has a budget"
        )
        written = {k: v for k, v in written.items() if k != "name"} | {"type": "auto"}
    body["tool_choice"] = written


def _write_output(body: dict[str, Any], given: Mapping[str, Any], warnings: list[str]) -> None:
    config: dict[str, Any] = {}
    if (effort := _effort(given)) and effort != "none":
        config["effort"] = {"minimal": "low"}.get(effort, effort)
    if (wanted := given.get("response_format")) is not None:
        schema = _schema(wanted)
        if schema is None:
            warnings.append(
                "response_format was left out: this provider has no JSON mode without a schema"
            )
        else:
            config["format"] = {"type": "json_schema", "schema": schema}
    if config:
        body["output_config"] = {**config, **(given.get("output_config") or {})}


def _schema(wanted: Any) -> Any:
    """Find the JSON Schema in a response format, whichever maker's it is."""
    if not is_mapping(wanted):
        raise ConfigurationError(
            "response_format must be a dict such as {'type': 'json_schema', 'json_schema': {…}}, "
            f"not {type(wanted).__name__}"
        )
    kind = wanted.get("type")
    if kind == "json_schema":
        inner: Any = wanted.get("json_schema")
        schema = (inner if is_mapping(inner) else wanted).get("schema")
        return _narrowed(schema)
    if kind in ("json_object", "text"):
        return None
    return _narrowed(wanted)


_narrow: dict[int, tuple[Any, Any]] = {}
KEPT = 64
"""how many narrowed schemas are remembered: binding gives the same object at every call"""


def _narrowed(schema: Any) -> Any:
    """Narrow a schema to what the API takes; as it is, where that cannot be done."""
    if not is_object(schema):
        return schema
    known = _narrow.get(id(schema))
    if known is not None and known[0] is schema:
        return known[1]
    from ...schema.problems import SchemaError
    from ...schema.rules import ANTHROPIC
    from ...schema.subset import narrow

    try:
        narrowed = narrow(schema, ANTHROPIC)
    except SchemaError:
        # The API says better than we could what it takes these days.
        narrowed = schema
    if len(_narrow) >= KEPT:
        _narrow.clear()
    _narrow[id(schema)] = (schema, narrowed)
    return narrowed


def _leave_out_sampling(body: dict[str, Any], warnings: list[str]) -> None:
    for name in SAMPLING:
        value = body.get(name)
        if value is not None and not (value == 1 and name != "top_k"):
            del body[name]
            warnings.append(f"{name} was left out: {body['model']} does not take it")
