"""When two Chat Completions requests say the same: no more is forgiven than is listed here.

Each difference has a name; `differences` answers the names that were needed, or what is wrong.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

__all__ = ["differences", "plain_message"]

# Name of a difference -> why both sides say the same.
FORGIVEN = {
    "stream is always said": "absent means false",
    "usage is asked for": "include_usage only adds a last chunk",
    "max_completion_tokens": "the maker's newer name for max_tokens",
    "null is absent": "a null setting or field is the default",
    "no calls": "an empty list is absent",
    "developer of a thinking model": "the role its family is instructed in",
    "no content": "null, '' and absent are the same beside calls, refusals and sounds",
    "arguments written anew": "the same JSON, other white space",
    "call index": "an index has a meaning in streams only",
    "image_url as text": "older form of {'url': …}",
}


ABSENT = "(absent)"


def differences(sent: dict[str, Any], recorded: dict[str, Any]) -> tuple[set[str], list[str]]:
    """Tell the forgiven differences between two bodies from those that are not."""
    names: set[str] = set()
    wrong: list[str] = []
    sent, recorded = dict(sent), dict(recorded)
    _settings(sent, recorded, names)
    ours, theirs = sent.pop("messages"), recorded.pop("messages")
    if len(ours) != len(theirs):
        wrong.append(f"{len(ours)} messages, not {len(theirs)}")
    for position, (our, their) in enumerate(zip(ours, theirs, strict=False)):
        left, right = plain_message(our, names), plain_message(their, names)
        if (left["role"], right["role"]) == ("developer", "system") and sent["model"][0] == "o":
            names.add("developer of a thinking model")
            right["role"] = "developer"
        if left != right:
            wrong.append(f"messages[{position}]: {_unlike(left, right)}")
    if sent != recorded:
        wrong.append(f"settings: {_unlike(sent, recorded)}")
    return names, wrong


def _settings(sent: dict[str, Any], recorded: dict[str, Any], names: set[str]) -> None:
    if "stream" not in recorded:
        names.add("stream is always said")
        assert sent.pop("stream") is False
    if sent.get("stream_options") == {"include_usage": True} and not recorded.get("stream_options"):
        names.add("usage is asked for")
        del sent["stream_options"]
    if "max_tokens" in recorded and "max_completion_tokens" in sent:
        names.add("max_completion_tokens")
        sent["max_tokens"] = sent.pop("max_completion_tokens")
    for name in [name for name, value in recorded.items() if value is None and name != "messages"]:
        names.add("null is absent")
        del recorded[name]
        if sent.get(name) is None:
            sent.pop(name, None)


def plain_message(message: dict[str, Any], names: set[str]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in message.items():
        if value is None and name != "content":
            names.add("null is absent")
        elif name == "tool_calls" and not value:
            names.add("no calls")
        elif name == "tool_calls":
            plain[name] = [_call(call, names) for call in value]
        elif name == "content" and isinstance(value, list):
            plain[name] = [_part(part, names) for part in value]
        else:
            plain[name] = value
    if not plain.get("content") and plain["role"] == "assistant":
        names.add("no content")
        plain.pop("content", None)
    return plain


def _call(call: dict[str, Any], names: set[str]) -> dict[str, Any]:
    plain = {name: value for name, value in call.items() if value is not None and name != "index"}
    if "index" in call:
        names.add("call index")
    if function := plain.get("function"):
        plain["function"] = {k: v for k, v in function.items() if v is not None}
        with suppress(ValueError):
            plain["function"]["arguments"] = json.loads(function["arguments"])
        names.add("arguments written anew")
    return plain


def _part(part: Any, names: set[str]) -> Any:
    if not isinstance(part, dict):
        return part
    plain = {name: value for name, value in part.items() if value is not None}
    if isinstance(plain.get("image_url"), str):
        names.add("image_url as text")
        plain["image_url"] = {"url": plain["image_url"]}
    return plain


def _unlike(left: Any, right: Any) -> str:
    if isinstance(left, dict) and isinstance(right, dict):
        keys = [key for key in {**left, **right} if left.get(key, ...) != right.get(key, ...)]
        return ", ".join(
            f"{key}: {_short(left.get(key, ABSENT))} is not {_short(right.get(key, ABSENT))}"
            for key in keys
        )
    return f"{_short(left)} is not {_short(right)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 260 else f"{text[:250]}…({len(text)})"
