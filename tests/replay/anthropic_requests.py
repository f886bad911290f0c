"""When two Messages requests say the same: no more is forgiven than is listed here.

Each difference has a name; `differences` answers the names that were needed, or what is wrong.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["content_as_sent", "differences"]

# Name of a difference -> why both sides say the same.
FORGIVEN = {
    "stream is said when there is one": "absent means false",
    "null is absent": "a null setting or field is the default",
    "a text as its only block": "the API's own shorthand",
    "turns in a row": "the API joins them itself",
    "is_error false": "absent means false",
    "no tools": "an empty list is absent",
    "empty text": "refused by the API, or says nothing",
    "white space at the end": "refused at the end of an answer to be continued",
}


def differences(sent: dict[str, Any], recorded: dict[str, Any]) -> tuple[set[str], list[str]]:
    """Tell the forgiven differences between two bodies from those that are not."""
    names: set[str] = set()
    wrong: list[str] = []
    sent, recorded = _plain(sent, names), _plain(recorded, names)
    if recorded.get("stream") is False:
        names.add("stream is said when there is one")
        del recorded["stream"]
    ours, theirs = (_turns(body.pop("messages"), names) for body in (sent, recorded))
    if len(ours) != len(theirs):
        wrong.append(f"{len(ours)} messages, not {len(theirs)}")
    for position, (left, right) in enumerate(zip(ours, theirs, strict=False)):
        if left != right:
            wrong.append(f"messages[{position}]: {_unlike(left, right)}")
    for body in (sent, recorded):
        if "system" in body:
            body["system"] = _content(body["system"], names)
        for name in ("stop_sequences", "tools", "system"):
            if body.get(name) == []:
                names.add("no tools")
                del body[name]
    if sent != recorded:
        wrong.append(f"settings: {_unlike(sent, recorded)}")
    return names, wrong


def _plain(body: dict[str, Any], names: set[str]) -> dict[str, Any]:
    if any(value is None for value in body.values()):
        names.add("null is absent")
    return {name: value for name, value in body.items() if value is not None}


def _turns(messages: list[Any], names: set[str]) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    for message in messages:
        turn = {**message, "content": _content(message["content"], names)}
        if turns and turns[-1]["role"] == turn["role"] == "user":
            names.add("turns in a row")
            turns[-1]["content"] += turn["content"]
        elif turn["content"]:
            turns.append(turn)
    last = turns[-1]
    if last["role"] == "assistant" and last["content"][-1]["type"] == "text":
        text = last["content"][-1]["text"]
        if text != text.rstrip():
            names.add("white space at the end")
            last["content"][-1]["text"] = text.rstrip()
    return turns


def content_as_sent(content: Any) -> list[Any]:
    """Give content with every difference that is forgiven levelled out."""
    return _content(content, set())


def _content(content: Any, names: set[str]) -> list[Any]:
    if isinstance(content, str):
        names.add("a text as its only block")
        return [{"type": "text", "text": content}] if content else []
    return [part for block in content if (part := _block(block, names)) is not None]


def _block(block: dict[str, Any], names: set[str]) -> dict[str, Any] | None:
    plain = _plain(block, names)
    if plain.get("type") == "text" and not plain["text"]:
        names.add("empty text")
        return None
    if plain.get("citations") == []:
        names.add("null is absent")
        del plain["citations"]
    elif isinstance(plain.get("citations"), list):
        plain["citations"] = [_plain(citation, names) for citation in plain["citations"]]
    if plain.get("type") == "thinking" and not plain.get("signature"):
        plain.pop("signature", None)
    if plain.get("type") == "tool_result":
        if plain.get("is_error") is False:
            names.add("is_error false")
            del plain["is_error"]
        plain["content"] = _content(plain.get("content", ""), names)
    return plain


def _unlike(left: Any, right: Any) -> str:
    if isinstance(left, dict) and isinstance(right, dict):
        keys = [key for key in {**left, **right} if left.get(key, ...) != right.get(key, ...)]
        return ", ".join(
            f"{key}: {_short(left.get(key, '(absent)'))} is not "
            f"{_short(right.get(key, '(absent)'))}"
            for key in keys
        )
    return f"{_short(left)} is not {_short(right)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 360 else f"{text[:350]}…({len(text)})"
