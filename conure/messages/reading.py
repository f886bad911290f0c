"""Dicts in the shapes of wires and of earlier libraries -> messages.

Read are `{"role", "content"}`, `{"type", "data"}`, LangChain's constructors and the items of
OpenAI Responses. `kinds` says what may be built; what it does not name is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, TypeAlias, cast

from ..errors import ConfigurationError
from .calls import openai_calls

__all__ = ["ROLES", "Kinds", "read_constructor", "read_dict", "read_written"]

Kinds: TypeAlias = Mapping[str, Any]
"""message classes that may be built, by `type`"""

ROLES = {
    "human": "human",
    "user": "human",
    "ai": "ai",
    "assistant": "ai",
    "system": "system",
    "developer": "system",
    "tool": "tool",
    "function": "function",
    "remove": "remove",
}
"""role -> `type`"""

_CHAT = frozenset({"chat", "ChatMessageChunk"})
_MUST_SAY = frozenset({"human", "user", "system", "developer", "tool", "function"})


def read_dict(message: Mapping[str, Any], where: str, kinds: Kinds) -> Any:
    """Build the message that a dict describes; the dict is not changed."""
    given = dict(message)
    if isinstance(given.get("data"), Mapping) and given.keys() <= {"type", "data"}:
        return read_written(given, where, kinds)
    if given.get("lc") == 1 and isinstance(given.get("kwargs"), Mapping):
        return read_constructor(given, where, kinds)
    kind = given.get("type")
    if kind in _CHAT:
        return _made("chat", given, where, kinds)
    role = given.pop("role", None)
    if role is None:
        if not isinstance(kind, str):
            _refuse_without_role(given, where)
        role = kind
    if isinstance(kind, str) and _is_item(kind, given, kinds):
        own = {} if role is kind else {"role": role}
        return _of_item({**given, **own}, where, kinds)
    made = ROLES.get(role, role if role in kinds else None) if isinstance(role, str) else None
    if made is None:
        _refuse_role(role, where)
    if "content" not in given and role in _MUST_SAY:
        raise ConfigurationError(f"{where} ({role}) has no 'content'")
    if role == "developer":
        kwargs: dict[str, Any] = given.get("additional_kwargs") or {}
        given["additional_kwargs"] = {**kwargs, "__openai_role__": "developer"}
    return _made(made, given, where, kinds)


def read_written(written: Mapping[str, Any], where: str, kinds: Kinds) -> Any:
    """Build a message of `{"type": ..., "data": fields}`."""
    kind, fields = written.get("type"), written.get("data")
    if not isinstance(kind, str) or kind not in kinds:
        raise ConfigurationError(
            f"{where} has the type {kind!r}, which is none of {', '.join(sorted(kinds))}"
        )
    return _built(kinds[kind], fields, where)


def read_constructor(written: Mapping[str, Any], where: str, kinds: Kinds) -> Any:
    """Build a message of LangChain's `{"lc": 1, "type": "constructor", "id": [...], ...}`."""
    path = written.get("id")
    names = {kind.__name__: kind for kind in kinds.values()}
    if isinstance(path, list) and path and "messages" in path and path[-1] in names:
        return _built(names[cast("list[str]", path)[-1]], written.get("kwargs") or {}, where)
    raise ConfigurationError(
        f"{where} asks for {path!r}; only messages are built: {', '.join(sorted(names))}"
    )


def _built(kind: Any, fields: Any, where: str) -> Any:
    if not isinstance(fields, Mapping):
        raise ConfigurationError(f"{where}: the fields of a message must be a dict")
    try:
        return kind(**cast("Mapping[str, Any]", fields))
    except (ConfigurationError, TypeError) as mistake:
        raise ConfigurationError(f"{where}: {mistake}") from None


def _made(name: str, given: dict[str, Any], where: str, kinds: Kinds) -> Any:
    """Make a message; keys that it has no field for are kept for the wire."""
    kind = kinds[name]
    known = {*kind.field_names(), "decoded"}
    fields = {key: value for key, value in given.items() if key in known}
    rest = {key: value for key, value in given.items() if key not in known and key != "type"}
    if fields.get("content") is None and name != "remove":
        fields["content"] = ""
    if "tool_calls" in fields:
        good, bad = openai_calls(fields.pop("tool_calls") or [])
        fields["tool_calls"] = good
        fields["invalid_tool_calls"] = [*(fields.get("invalid_tool_calls") or []), *bad]
    if name == "tool" and "tool_call_id" not in fields:
        raise ConfigurationError(
            f"{where} (tool) has no 'tool_call_id': the id of the call it answers"
        )
    if rest:
        fields["additional_kwargs"] = {**(fields.get("additional_kwargs") or {}), **rest}
    message = kind(**fields)
    if rest:
        # What only one wire knows (`cache_control`, `phase`) is for its protocol to look at.
        message.__dict__["_given"] = rest
    return message


_OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output"})
_SAID_BY_MODELS = ("_call", "_list_tools", "_approval_request", "reasoning")
_SAID_BY_USERS = ("_output", "_approval_response", "compaction", "item_reference", "_update")
_PARTS = frozenset({"text", "image", "audio", "video", "file", "image_url", "additional_tools"})


def _is_item(kind: str, given: Mapping[str, Any], kinds: Kinds) -> bool:
    """Tell an item that is no message from one that is, or says nothing."""
    if kind in kinds or kind in ROLES or kind == "message":
        return False
    return "content" not in given or kind == "reasoning"


def _of_item(item: dict[str, Any], where: str, kinds: Kinds) -> Any:
    """Make a message of an item of OpenAI Responses, or of a lone content part."""
    kind: str = item["type"]
    if kind in _OUTPUTS:
        if "call_id" not in item:
            raise ConfigurationError(f"{where} ({kind}) has no 'call_id'")
        rest = {k: v for k, v in item.items() if k not in ("output", "call_id", "id")}
        return kinds["tool"](
            item.get("output", ""),
            tool_call_id=item["call_id"],
            id=item.get("id"),
            additional_kwargs=rest,
        )
    if kind.endswith(_SAID_BY_MODELS):
        return kinds["ai"]([item])
    if kind.endswith(_SAID_BY_USERS) or kind.startswith("input_") or kind in _PARTS:
        return kinds["human"]([item])
    return _refuse_without_role(item, where)


def _refuse_without_role(given: Mapping[str, Any], where: str) -> NoReturn:
    keys = ", ".join(map(repr, given)) or "nothing"
    raise ConfigurationError(
        f"{where} has no 'role' (it has {keys}); write {{'role': 'user', 'content': ...}}"
    )


def _refuse_role(role: Any, where: str) -> NoReturn:
    from difflib import get_close_matches

    close = get_close_matches(str(role).lower(), list(ROLES), 1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise ConfigurationError(
        f"{where} has the role {role!r}, which is none of {', '.join(ROLES)}{hint} "
        "(MESSAGE_COERCION_FAILURE)"
    )
