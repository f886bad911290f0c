"""Which of OpenAI's two APIs a call uses: decided here, once per call, by what the call needs.

Chat Completions is what every compatible server speaks, so it is used unless the user chose, or
the call has something that only the Responses API takes: a setting, a built-in tool, an item of
an earlier reply, or a model that answers nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ..errors import ConfigurationError
from ..messages import BaseMessage

__all__ = ["SETTINGS", "needs_responses"]

# Settings that Chat Completions does not have.
SETTINGS = frozenset({
    "background", "context_management", "conversation", "include", "instructions",
    "max_output_tokens", "max_tool_calls", "previous_response_id", "prompt", "reasoning", "text",
    "truncation", "use_previous_response_id",
})  # fmt: skip
# Kinds of tools that Chat Completions does not have; versions may follow.
TOOLS = (
    "apply_patch", "code_interpreter", "computer", "custom", "file_search", "image_generation",
    "local_shell", "mcp", "namespace", "programmatic", "shell", "tool_search", "web_search",
)  # fmt: skip
# Items of content that Chat Completions does not have.
ITEMS = frozenset({
    "additional_tools", "apply_patch_call", "apply_patch_call_output", "code_interpreter_call",
    "compaction", "computer_call", "computer_call_output", "configuration_update",
    "custom_tool_call_output", "file_search_call", "image_generation_call", "item_reference",
    "local_shell_call", "local_shell_call_output", "mcp_approval_request",
    "mcp_approval_response", "mcp_call", "mcp_list_tools", "program", "program_output",
    "shell_call", "shell_call_output", "tool_search_call", "tool_search_output",
    "web_search_call",
})  # fmt: skip


def needs_responses(
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    *,
    also_known: frozenset[str] = frozenset(),
    output_version: object = None,
    is_maker: bool = False,
    is_only: bool = False,
) -> bool:
    """Tell whether a call goes to the Responses API.

    `also_known` are settings that the endpoint's Chat Completions knows all the same. Only the
    maker's own tools and items are judged by their kind; `is_only` models answer nowhere else.
    """
    wanted = settings.get("use_responses_api")
    needed = _needed(settings, also_known)
    if wanted is False and needed is not None:
        raise ConfigurationError(
            f"{needed} is taken by the Responses API only: leave it out, or leave out "
            "use_responses_api=False"
        )
    if wanted is not None:
        return bool(wanted)
    if needed is not None or is_only or output_version == "responses/v1":
        return True
    return is_maker and _has_theirs(messages, settings)


def _needed(settings: Mapping[str, Any], also_known: frozenset[str]) -> str | None:
    """Name a setting that needs the Responses API, if there is one."""
    for name, value in settings.items():
        if name in SETTINGS and name not in also_known and value not in (None, False):
            return name
    return None


def _has_theirs(messages: Sequence[BaseMessage], settings: Mapping[str, Any]) -> bool:
    tools: Any = settings.get("tools")
    if tools and any(_is_theirs(tool) for tool in tools):
        return True
    return any(_has_items(message) for message in messages)


def _is_theirs(tool: Any) -> bool:
    kind = cast("Mapping[str, Any]", tool).get("type") if isinstance(tool, Mapping) else None
    return isinstance(kind, str) and kind.startswith(TOOLS)


def _has_items(message: BaseMessage) -> bool:
    # What was never looked at is not made for this: a reply's blocks say the same.
    fields = message.__dict__
    content = fields.get("content")
    if content is None and (reply := fields.get("_reply")) is not None:
        content = reply.blocks
    return type(content) is list and any(map(_is_item, cast("list[Any]", content)))


def _is_item(element: Any) -> bool:
    if type(element) is not dict:
        return False
    found = cast("dict[str, Any]", element)
    if found.get("type") == "non_standard" and type(found.get("value")) is dict:
        found = found["value"]
    return found.get("type") in ITEMS
