"""Run programs and write down what they show: under this library or the reference, alike.

Programs come as JSON on stdin, `[{"name", "source", "environment"}, ...]`; what they showed goes
to stdout, `{name: [...]}`. Values are shown in a normal form that has what users can rely on:
classes' names, fields, text; no ids that are made up and no defaults.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import os
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["main", "normal"]

# What both libraries call the failures of a call, and Python's own.
FAMILIES = (
    "ModelInvalidRequestError", "ContextOverflowError", "ModelAuthenticationError",
    "ModelPermissionDeniedError", "ModelNotFoundError", "ModelRateLimitError",
    "ModelTimeoutError", "ModelConnectionError", "ModelRefusalError", "ModelAPIError",
    "OutputParserException", "ToolException", "ModelError", "KeyError", "NotImplementedError",
    "RecursionError", "TypeError", "ValueError",
)  # fmt: skip

FACTS = ("finish_reason", "id", "logprobs", "model_name", "model_provider", "service_tier",
         "system_fingerprint")  # fmt: skip
MADE_UP = re.compile(r"^(lc_|run-|[0-9a-f]{8}-)")


def normal(value: Any) -> Any:
    """Give a value as JSON that is the same for both libraries when it means the same."""
    for kinds, form in FORMS:
        if isinstance(value, kinds):
            return form(value)
    if hasattr(value, "content") and hasattr(value, "response_metadata"):
        return message(value)
    if hasattr(value, "model_dump"):
        return {"<class>": type(value).__name__, **normal(value.model_dump(mode="json"))}
    return f"<{type(value).__name__}>"


def message(value: Any) -> dict[str, Any]:
    facts = {name: value.response_metadata.get(name) for name in FACTS}
    shown = {
        "class": type(value).__name__,
        "content": normal(value.content),
        "text": str(value.text),
        "name": value.name,
        "id": None if MADE_UP.match(value.id or "") else value.id,
        "kwargs": normal(value.additional_kwargs),
        "facts": normal(facts),
        "blocks": [_without_id(block) for block in normal(value.content_blocks)],
    }
    for name in ("tool_calls", "invalid_tool_calls", "usage_metadata", "tool_call_id", "status",
                 "artifact", "role"):  # fmt: skip
        if hasattr(value, name):
            shown[name] = normal(getattr(value, name))
    return {name: one for name, one in shown.items() if one not in (None, {}, [])} | {
        "content": shown["content"]
    }


def _without_id(block: dict[str, Any]) -> dict[str, Any]:
    if MADE_UP.match(str(block.get("id") or "")):
        return {name: one for name, one in block.items() if name != "id"}
    return block


def failure(error: BaseException) -> dict[str, Any]:
    names = [one.__name__ for one in type(error).__mro__]
    family = next((name for name in FAMILIES if name in names), names[0])
    status = getattr(error, "status_code", None)
    return {"error": family, **({"status": status} if isinstance(status, int) else {})}


FORMS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (bool | int | float | None, lambda value: value),
    (str, str),
    (BaseException, failure),
    (Mapping, lambda value: {str(key): normal(one) for key, one in value.items()}),
    (list | tuple, lambda value: [normal(one) for one in value]),
    (set | frozenset, lambda value: sorted(normal(one) for one in value)),
)


def run(source: str) -> list[Any]:
    shown: list[Any] = []

    def show(*values: Any) -> None:
        shown.extend(normal(value) for value in values)

    def attempt(function: Any) -> Any:
        try:
            return function()
        except Exception as error:  # noqa: BLE001 - it is what is shown
            return error

    space = {"__name__": "__main__", "show": show, "attempt": attempt}
    try:
        code = compile(source, "<program>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
                       dont_inherit=True)  # fmt: skip
        running = eval(code, space)
        if inspect.iscoroutine(running):
            asyncio.run(running)
    except Exception as error:  # noqa: BLE001 - it is what is shown
        shown.append({"raised": failure(error)})
        if os.environ.get("DIFFERENTIAL_TRACEBACK"):
            import traceback

            traceback.print_exc()
    return shown


def main() -> None:
    warnings.simplefilter("ignore")
    before = dict(os.environ)
    found: dict[str, list[Any]] = {}
    out = sys.stdout
    sys.stdout = sys.stderr
    for program in json.load(sys.stdin):
        os.environ.update(program["environment"])
        found[program["name"]] = run(program["source"])
        os.environ.clear()
        os.environ.update(before)
    json.dump(found, out)


if __name__ == "__main__":
    main()
