"""A message under a headline, for people to read."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["headline", "is_interactive", "pretty"]

_WIDTH = 80
_LONG = 100
"""lists longer than this are shown as indented JSON"""

_TITLES = {"AIMessageChunk": "Ai"}


def headline(title: str, *, bold: bool = False) -> str:
    """Centre a title in a line of equals signs.

    >>> headline("Hi")
    '====================================== Hi ======================================'
    """
    padded = f" {title} "
    left = (_WIDTH - len(padded)) // 2
    right = left + len(padded) % 2
    return f"{'=' * left}{f'{chr(27)}[1m{padded}{chr(27)}[0m' if bold else padded}{'=' * right}"


def is_interactive() -> bool:
    """Tell whether someone types at a Python prompt."""
    return hasattr(sys, "ps2")


def pretty(message: Any, *, bold: bool = False) -> str:
    """Show a message: headline, name, content and tool calls."""
    title = _TITLES.get(message.type) or message.type.removesuffix("MessageChunk").title()
    lines = [headline(f"{title} Message", bold=bold)]
    if message.name is not None:
        lines.append(f"Name: {message.name}")
    if message.content:
        lines += ["", _shown(message.content)]
    calls, invalid = getattr(message, "tool_calls", ()), getattr(message, "invalid_tool_calls", ())
    if not message.content and not calls and not invalid:
        lines += ["", ""]
    if calls:
        lines.append("Tool Calls:")
        for call in calls:
            lines += [*_call(call), *(f"    {k}: {v}" for k, v in call["args"].items())]
    if invalid:
        lines.append("Invalid Tool Calls:")
        for call in invalid:
            error = [f"  Error: {call['error']}"] if call.get("error") else []
            head = _call(call)
            lines += [*head[:-1], *error, head[-1], f"    {call.get('args')}"]
    return "\n".join(lines)


def _call(call: dict[str, Any]) -> list[str]:
    return [
        f"  {call.get('name') or 'Tool'} ({call.get('id')})",
        f" Call ID: {call.get('id')}",
        "  Args:",
    ]


def _shown(content: Any) -> str:
    """Show a text as it is, a short list as Python shows it, a long one as JSON."""
    text = str(content)
    if isinstance(content, str) or len(text) <= _LONG:
        return text
    import json

    try:
        return json.dumps(content, indent=2, ensure_ascii=False)
    except (TypeError, ValueError):
        return text
