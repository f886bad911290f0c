"""Ollama's own chat API: the settings of a call, what each may be, and how it is written.

`SETTINGS` maps a name to a check that answers None, or in words what is wrong with a value.
What shapes the model's work goes into `options`, under the name in OPTIONS.

https://docs.ollama.com/modelfile#parameter
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import ConfigurationError
from ..checks import FLAG, LIST, OBJECT, Check, a, anything, choice, number, texts, whole
from ..shape import is_mapping

__all__ = ["SETTINGS", "write_settings"]

# A setting -> its check and, where it differs, its name in `options`.
OPTIONS: dict[str, tuple[Check, str]] = {
    "frequency_penalty": (number(-2, 2), "frequency_penalty"),
    "max_tokens": (whole(-2), "num_predict"),
    "min_p": (number(0, 1), "min_p"),
    "mirostat": (whole(0, 2), "mirostat"),
    "mirostat_eta": (number(0), "mirostat_eta"),
    "mirostat_tau": (number(0), "mirostat_tau"),
    "num_batch": (whole(1), "num_batch"),
    "num_ctx": (whole(1), "num_ctx"),
    "num_gpu": (whole(), "num_gpu"),
    "num_keep": (whole(), "num_keep"),
    "num_predict": (whole(-2), "num_predict"),
    "num_thread": (whole(0), "num_thread"),
    "presence_penalty": (number(-2, 2), "presence_penalty"),
    "repeat_last_n": (whole(-1), "repeat_last_n"),
    "repeat_penalty": (number(0), "repeat_penalty"),
    "seed": (whole(), "seed"),
    "stop": (texts, "stop"),
    "temperature": (number(0), "temperature"),
    "tfs_z": (number(0), "tfs_z"),
    "top_k": (whole(0), "top_k"),
    "top_p": (number(0, 1), "top_p"),
    "typical_p": (number(0, 1), "typical_p"),
    "use_mmap": (FLAG, "use_mmap"),
}
THINK = a((bool, str), 'True, False, "low", "medium" or "high"')

SETTINGS: dict[str, Check] = {
    **{name: check for name, (check, _) in OPTIONS.items()},
    "extra_body": OBJECT,
    "format": a((str, Mapping), '"json" or a JSON Schema'),
    "keep_alive": a((str, int, float), 'seconds or a duration such as "5m"'),
    "logprobs": FLAG,
    "model_kwargs": OBJECT,
    "options": OBJECT,
    "parallel_tool_calls": FLAG,
    "reasoning": THINK,
    "reasoning_effort": a(str, "a str"),
    "response_format": anything,
    "shift": FLAG,
    "stream_usage": FLAG,
    "think": THINK,
    "tool_choice": choice,
    "tools": LIST,
    "top_logprobs": whole(0, 20),
    "truncate": FLAG,
}

# Settings with a meaning of their own below, and those that shape the exchange, not the body.
ELSEWHERE = frozenset({
    "extra_body", "extra_headers", "extra_query", "format", "model", "model_kwargs", "options",
    "parallel_tool_calls", "reasoning", "reasoning_effort", "response_format", "stream",
    "stream_usage", "think", "timeout", "tool_choice", "tools", *OPTIONS,
})  # fmt: skip
# How much others can be asked to think -> what is known here.
EFFORTS: dict[str, bool | str] = {"none": False, "minimal": "low", "xhigh": "high", "max": "high"}
FREE = ("auto", None)
"""choices among tools that are what happens anyway"""


def write_settings(
    body: dict[str, Any], settings: Mapping[str, Any], *, warnings: list[str]
) -> None:
    """Write settings into a request; what cannot be said is told in `warnings`."""
    given: Mapping[str, Any] = settings
    if more := settings.get("model_kwargs"):
        given = {**more, **settings}
    body |= {
        name: value for name, value in given.items() if value is not None and name not in ELSEWHERE
    }
    if options := _options(given):
        body["options"] = options
    if (think := _think(given)) is not None:
        body["think"] = think
    if (shape := _format(given)) is not None:
        body["format"] = shape
    _write_tools(body, given, warnings)
    if extra := settings.get("extra_body"):
        body.update(extra)


def _options(given: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {**(given.get("options") or {})}
    for name in OPTIONS.keys() & given.keys():
        value = given[name]
        if value is None or (name == "max_tokens" and given.get("num_predict") is not None):
            continue
        if name == "stop":
            value = [value] if isinstance(value, str) else list(value)
        options[OPTIONS[name][1]] = value
    return options


def _think(given: Mapping[str, Any]) -> bool | str | None:
    for name in ("think", "reasoning"):
        if (value := given.get(name)) is not None:
            return value
    effort = given.get("reasoning_effort")
    return None if effort is None else EFFORTS.get(effort, effort)


def _format(given: Mapping[str, Any]) -> Any:
    if (own := given.get("format")) is not None:
        return own or None
    wanted = given.get("response_format")
    if wanted is None:
        return None
    if not is_mapping(wanted):
        raise ConfigurationError(
            "response_format must be a dict such as {'type': 'json_schema', 'json_schema': {…}}, "
            f"not {type(wanted).__name__}"
        )
    kind = wanted.get("type")
    if kind == "json_schema":
        inner: Any = wanted.get("json_schema")
        return (inner if is_mapping(inner) else wanted).get("schema")
    return {"json_object": "json", "text": None}.get(str(kind), wanted)


def _write_tools(body: dict[str, Any], given: Mapping[str, Any], warnings: list[str]) -> None:
    chosen = given.get("tool_choice")
    tools = given.get("tools")
    if not tools or chosen == "none" or chosen is False:
        return
    body["tools"] = [_tool(tool, f"tools[{n}]") for n, tool in enumerate(tools)]
    told = [] if chosen in FREE else [f"tool_choice={chosen!r}"]
    if given.get("parallel_tool_calls") is False:
        told.append("parallel_tool_calls=False")
    if told:
        warnings.append(f"left out {' and '.join(told)}: this provider lets the model choose")


def _tool(tool: Any, where: str) -> Any:
    if not is_mapping(tool):
        raise ConfigurationError(f"{where} must be a dict, not {type(tool).__name__}")
    if is_mapping(tool.get("function")):
        return {name: part for name, part in tool.items() if name != "extras"}
    if "parameters" in tool and "name" in tool:
        function = {name: part for name, part in tool.items() if name not in ("extras", "type")}
        return {"type": "function", "function": function}
    raise ConfigurationError(
        f"{where}: this provider runs no tools of its own such as {tool.get('type')!r}"
    )
