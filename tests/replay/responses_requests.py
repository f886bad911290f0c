"""When two requests of the Responses API say the same: no more is forgiven than is listed here.

Each difference has a name; `differences` answers the names that were needed, or what is wrong.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["FORGIVEN", "differences", "items_differ"]

# Name of a difference -> why both sides say the same.
FORGIVEN = {
    "stream is always said": "absent means false",
    "null is absent": "a null setting or field is the default",
    "input as text": "a text is one message of the user",
    "message without type": "a message is what an item is when it does not say",
    "content as text": "a text is one input_text, or one output_text of the assistant",
    "status completed": "what is in a history is complete; the API fills it in",
    "no annotations": "an empty list is absent",
    "logprobs": "likelihoods are output only",
    "arguments written anew": "the same JSON, other white space",
    "empty content of reasoning": "an empty list is absent",
    "image by id": "the provider has the picture under its id",
    "empty message": "an assistant's turn without words says nothing",
    "id of an output": "a label without a meaning in input",
    "id of a user's message": "a label without a meaning in input",
}


def differences(sent: dict[str, Any], recorded: dict[str, Any]) -> tuple[set[str], list[str]]:
    """Tell the forgiven differences between two bodies from those that are not."""
    names: set[str] = set()
    wrong: list[str] = []
    sent, recorded = dict(sent), dict(recorded)
    if "stream" not in recorded and sent.get("stream") is False:
        names.add("stream is always said")
        del sent["stream"]
    ours, theirs = sent.pop("input"), recorded.pop("input")
    if isinstance(theirs, str):
        names.add("input as text")
        theirs = [{"type": "message", "role": "user", "content": theirs}]
    wrong += items_differ(ours, theirs, names)
    sent, recorded = plain(sent, names), plain(recorded, names)
    if sent != recorded:
        wrong.append(f"settings: {unlike(sent, recorded)}")
    return names, wrong


def items_differ(ours: list[Any], theirs: list[Any], names: set[str]) -> list[str]:
    wrong: list[str] = []
    if any(map(is_empty, theirs)):
        names.add("empty message")
        theirs = [each for each in theirs if not is_empty(each)]
    if len(ours) != len(theirs):
        kinds = [[item.get("type", "message") for item in items] for items in (ours, theirs)]
        wrong.append(f"{len(ours)} items, not {len(theirs)}: {kinds[0]} is not {kinds[1]}")
    for position, (our, their) in enumerate(zip(ours, theirs, strict=False)):
        left, right = item(our, names), item(their, names)
        if left != right:
            wrong.append(f"input[{position}]: {unlike(left, right)}")
    return wrong


def is_empty(given: dict[str, Any]) -> bool:
    return given.get("role") == "assistant" and given.get("content") == ""


def item(given: dict[str, Any], names: set[str]) -> dict[str, Any]:
    made = plain(given, names)
    if "type" not in made and "role" in made:
        names.add("message without type")
        made["type"] = "message"
    kind = made.get("type")
    if made.get("status") == "completed":
        names.add("status completed")
        del made["status"]
    if kind == "message":
        return message(made, names)
    return other(str(kind), made, names)


def other(kind: str, made: dict[str, Any], names: set[str]) -> dict[str, Any]:
    if kind == "reasoning" and made.get("content") == []:
        names.add("empty content of reasoning")
        del made["content"]
    if kind in ("function_call", "mcp_call") and isinstance(made.get("arguments"), str):
        try:
            made["arguments"] = json.loads(made["arguments"])
        except ValueError:
            pass
        else:
            names.add("arguments written anew")
    if kind == "image_generation_call":
        names.add("image by id")
        made = {name: made[name] for name in ("type", "id")}
    if kind == "function_call_output" and made.pop("id", None):
        names.add("id of an output")
    if kind.endswith("_output") and isinstance(made.get("output"), list):
        made["output"] = [part(each, names) for each in made["output"]]
    return made


def message(made: dict[str, Any], names: set[str]) -> dict[str, Any]:
    if made.get("role") != "assistant" and made.pop("id", None):
        names.add("id of a user's message")
    content = made.get("content")
    if isinstance(content, str):
        names.add("content as text")
        kind = "output_text" if made["role"] == "assistant" else "input_text"
        content = [{"type": kind, "text": content}]
    made["content"] = [part(each, names) for each in content or []]
    return made


def part(given: Any, names: set[str]) -> Any:
    if not isinstance(given, dict):
        return given
    made = dict(given)
    if made.get("annotations") == []:
        names.add("no annotations")
        del made["annotations"]
    if "logprobs" in made:
        names.add("logprobs")
        del made["logprobs"]
    return made


def plain(value: Any, names: set[str]) -> Any:
    if isinstance(value, list):
        return [plain(element, names) for element in value]
    if not isinstance(value, dict):
        return value
    if any(inner is None for inner in value.values()):
        names.add("null is absent")
    return {name: plain(inner, names) for name, inner in value.items() if inner is not None}


def unlike(left: Any, right: Any) -> str:
    if isinstance(left, dict) and isinstance(right, dict):
        keys = [key for key in {**left, **right} if left.get(key, ...) != right.get(key, ...)]
        return ", ".join(
            f"{key}: {short(left.get(key, '(absent)'))} is not {short(right.get(key, '(absent)'))}"
            for key in keys
        )
    return f"{short(left)} is not {short(right)}"


def short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 260 else f"{text[:250]}…({len(text)})"
