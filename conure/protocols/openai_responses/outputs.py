"""Responses: what a tool answered -> the output item that its kind of call wants.

The kind is what the message says itself, what its content says, or that of the call in the
history. https://platform.openai.com/docs/guides/tools
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import ConfigurationError
from ...messages import ToolMessage
from ...messages.message import given_of
from ..shape import is_list, is_mapping, is_object
from .content import write_content, write_part
from .dialect import Dialect

__all__ = ["OUTPUTS", "output_of"]

# Call -> the item that answers it.
ANSWERS = {
    "apply_patch_call": "apply_patch_call_output",
    "computer_call": "computer_call_output",
    "custom_tool_call": "custom_tool_call_output",
    "function_call": "function_call_output",
    "local_shell_call": "local_shell_call_output",
    "shell_call": "shell_call_output",
    "tool_search_call": "tool_search_output",
}
OUTPUTS = frozenset(ANSWERS.values())
OURS = frozenset({"extras", "index"})


def output_of(
    message: ToolMessage, call: str | None, dialect: Dialect, where: str, warnings: list[str]
) -> dict[str, Any]:
    """Write a tool's answer; `call` is the type of the item it answers, where that is known."""
    content = message.content
    given = given_of(message)
    own: Any = content[0] if is_list(content) and len(content) == 1 else None
    if is_object(own) and own.get("type") in OUTPUTS:
        item = {name: value for name, value in own.items() if name not in OURS}
        return {"type": item.pop("type"), "call_id": message.tool_call_id, **item}
    kind = given.get("type")
    if kind not in OUTPUTS:
        kind = ANSWERS.get(call or "", "function_call_output")
    item = {"type": kind, "call_id": message.tool_call_id}
    item |= {k: v for k, v in given.items() if k not in ("type", "role", "call_id", "output")}
    if kind == "computer_call_output":
        item["output"] = _screenshot(content, dialect, where, warnings)
    elif kind == "shell_call_output" and isinstance(content, str):
        outcome = {"type": "exit", "exit_code": int(message.status == "error")}
        item["output"] = [{"stdout": content, "stderr": "", "outcome": outcome}]
    else:
        if kind == "apply_patch_call_output":
            item["status"] = "failed" if message.status == "error" else "completed"
        item["output"] = write_content(content, dialect, where, warnings)
    return item


def _screenshot(
    content: str | list[Any], dialect: Dialect, where: str, warnings: list[str]
) -> dict[str, Any]:
    """Find the picture in whatever form it was given."""
    if isinstance(content, str):
        return {"type": "input_image", "image_url": content}
    for position, element in enumerate(content):
        if is_mapping(element) and element.get("type") in ("computer_screenshot", "screenshot"):
            return _without_detail({**element, "type": "computer_screenshot"})
        if is_mapping(element) and "image" in str(element.get("type")):
            place = f"{where}.content[{position}]"
            return _without_detail(write_part(element, dialect, place, warnings))
    raise ConfigurationError(f"{where}: the answer to a computer call must show a screenshot")


def _without_detail(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in ("detail", "extras")}
