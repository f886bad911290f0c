"""Recorded Gemini requests as our messages and settings, and when two requests say the same.

No more is forgiven than is listed in FORGIVEN: each difference has a name, and `differences`
answers the names that were needed, or what is wrong.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from conure.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

__all__ = ["as_messages", "as_settings", "camel", "differences", "laid"]

Part = dict[str, Any]

FORGIVEN = {
    "spelling": "fields may be spelled in snake case",
    "null is absent": "a null setting, false, an empty list or object is the default",
    "role of instructions": "means nothing",
    "one part without a list": "the API's own shorthand",
    "empty text": "says nothing",
    "turns in a row": "the API reads them as one",
    "schema of a function": "JSON Schema in place of OpenAPI's, which has types in capitals",
    "model in the body": "stands in the path",
    "alphabet of base64": "both are read",
    "unsigned call": "the documented word for calls that another model made",
    "one candidate": "the default",
    "schema narrowed": "keywords that the API does not take are left to our own validation",
    "text of an answer": "an answer that is no object becomes its output",
    "role of a turn": "without one it is the user's",
    "server tools announced": "said where functions stand beside tools of the provider's",
}

# The contents of these are not the wire's: names in them are the user's.
USERS = frozenset({"args", "response", "labels"})
SCHEMAS = frozenset({
    "parameters", "parametersJsonSchema", "responseJsonSchema", "responseSchema",
})  # fmt: skip
UNSIGNED = "skip_thought_signature_validator"


def camel(value: Any) -> Any:
    """Spell the wire's own names one way."""
    if isinstance(value, dict):
        return {
            (own := re.sub(r"_([a-z])", lambda m: m[1].upper(), name)): (
                inner if own in USERS or own in SCHEMAS else camel(inner)
            )
            for name, inner in value.items()
        }
    return [camel(item) for item in value] if isinstance(value, list) else value


# -- as our messages ------------------------------------------------------------------------------


def as_messages(request: dict[str, Any]) -> list[BaseMessage]:
    """Say a recorded request's turns as a user of ours would."""
    request = camel(request)
    messages: list[BaseMessage] = []
    if system := request.get("systemInstruction"):
        parts = system.get("parts") or []
        parts = [parts] if isinstance(parts, dict) else parts
        messages.append(SystemMessage([{"type": "text", "text": part["text"]} for part in parts]))
    for content in request["contents"]:
        parts = content.get("parts") or []
        if content.get("role") == "model":
            messages.append(AIMessage(content_blocks=[_said(part) for part in parts]))
        else:
            messages += _asked(parts)
    return messages


def _asked(parts: list[Part]) -> list[BaseMessage]:
    messages: list[BaseMessage] = []
    own: list[Any] = []
    for part in parts:
        if (answer := part.get("functionResponse")) is not None:
            if own:
                messages.append(HumanMessage(own))
                own = []
            media = [_media(camel(inner)) for inner in answer.get("parts") or []]
            text = json.dumps(answer.get("response") or {})
            content: Any = [{"type": "text", "text": text}, *media] if media else text
            id = answer.get("id") or answer["name"]
            messages.append(ToolMessage(content, name=answer["name"], tool_call_id=id))
        else:
            own.append(_media(part))
    return [*messages, HumanMessage(own)] if own else messages


def _media(part: Part) -> Any:
    if "text" in part:
        return {"type": "text", "text": part["text"]}
    known = {name: part[name] for name in ("videoMetadata", "mediaResolution") if name in part}
    inner = part.get("inlineData") or part.get("fileData")
    if inner is None:
        return part
    kind = str(inner.get("mimeType")).partition("/")[0]
    block: Part = {"type": kind if kind in ("audio", "image", "video") else "file"}
    if "mimeType" in inner:
        block["mime_type"] = inner["mimeType"]
    if "inlineData" in part:
        block["base64"] = inner["data"]
    else:
        block["url"] = inner["fileUri"]
    return block | ({"extras": known} if known else {})


def _said(part: Part) -> Any:
    """Say a part of the model's as the block that its reply had."""
    extras: Part = {}
    if "thoughtSignature" in part:
        extras["thought_signature"] = part["thoughtSignature"]
    if part.get("thought"):
        extras["thought"] = True
    if (call := part.get("functionCall")) is not None:
        id = call.get("id")
        if not id:
            # A reply's call has an id of ours where the wire gives none.
            extras["made_id"] = True
        block = {"type": "tool_call", "name": call["name"], "args": call.get("args") or {}}
        block["id"] = id or call["name"]
    elif "text" in part:
        kind = "reasoning" if part.get("thought") else "text"
        block = {"type": kind, kind: part["text"]}
    else:
        return {"type": "non_standard", "value": part}
    return block | ({"extras": extras} if extras else {})


SETTINGS = {
    "candidateCount": "n",
    "frequencyPenalty": "frequency_penalty",
    "imageConfig": "image_config",
    "logprobs": "top_logprobs",
    "maxOutputTokens": "max_tokens",
    "mediaResolution": "media_resolution",
    "presencePenalty": "presence_penalty",
    "responseJsonSchema": "response_json_schema",
    "responseLogprobs": "logprobs",
    "responseMimeType": "response_mime_type",
    "responseModalities": "response_modalities",
    "responseSchema": "response_schema",
    "seed": "seed",
    "speechConfig": "speech_config",
    "stopSequences": "stop",
    "temperature": "temperature",
    "thinkingConfig": "thinking_config",
    "topK": "top_k",
    "topP": "top_p",
}
THINKING = {
    "includeThoughts": "include_thoughts",
    "thinkingBudget": "thinking_budget",
    "thinkingLevel": "thinking_level",
}
BESIDE = {
    "cachedContent": "cached_content",
    "labels": "labels",
    "modelArmorConfig": "model_armor_config",
    "safetySettings": "safety_settings",
    "toolConfig": "tool_config",
}


def as_settings(request: dict[str, Any]) -> dict[str, Any]:
    """Say a recorded request's settings as ours."""
    request = camel(request)
    settings: dict[str, Any] = {}
    for name, value in (request.get("generationConfig") or {}).items():
        if name == "thinkingConfig" and value:
            settings |= {THINKING[inner]: told for inner, told in value.items()}
        elif name == "responseJsonSchema" and value:
            wanted = {"type": "json_schema", "json_schema": {"name": "some", "schema": value}}
            settings["response_format"] = wanted
        else:
            settings[SETTINGS[name]] = value
    for name, value in request.items():
        if name in BESIDE:
            settings[BESIDE[name]] = value
    config = dict(settings.pop("tool_config", None) or {})
    if (choice := config.pop("functionCallingConfig", None)) is not None:
        settings["tool_choice"] = _choice(choice)
    if config:
        settings["tool_config"] = config
    if tools := request.get("tools"):
        settings["tools"] = [own for tool in tools for own in _tools(tool)]
    return settings


def _choice(config: dict[str, Any]) -> Any:
    names = config.get("allowedFunctionNames") or []
    return names[0] if len(names) == 1 else names or config["mode"].lower()


def _tools(tool: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for function in tool.get("functionDeclarations") or []:
        schema = function.get("parametersJsonSchema") or function.get("parameters")
        told = {"name": function["name"], "description": function.get("description") or ""}
        if schema:
            told["parameters"] = schema
        found.append({"type": "function", "function": told})
    rest = {name: value for name, value in tool.items() if name != "functionDeclarations"}
    return found + [{name: value} for name, value in rest.items()]


# -- the same -------------------------------------------------------------------------------------


def differences(sent: dict[str, Any], recorded: dict[str, Any]) -> tuple[set[str], list[str]]:
    """Tell the forgiven differences between two bodies from those that are not."""
    names: set[str] = set()
    if camel(recorded) != recorded:
        names.add("spelling")
    ours, theirs = (_level(camel(body), names) for body in (sent, recorded))
    wrong: list[str] = []
    left, right = ours.pop("contents"), theirs.pop("contents")
    if len(left) != len(right):
        wrong.append(f"{len(left)} turns, not {len(right)}")
    for position, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            wrong.append(f"contents[{position}]: {_unlike(one['parts'], other['parts'])}")
    if ours != theirs:
        wrong.append(f"settings: {_unlike(ours, theirs)}")
    return names, wrong


def _level(body: dict[str, Any], names: set[str]) -> dict[str, Any]:
    body = {**body}
    if body.pop("model", None) is not None:
        names.add("model in the body")
    contents = _level_turns(body.pop("contents"), names)
    if system := body.pop("systemInstruction", None):
        body["systemInstruction"] = _level_system(system, names)
    if config := body.get("generationConfig"):
        config = body["generationConfig"] = {**config}
        if config.get("candidateCount") == 1:
            names.add("one candidate")
            del config["candidateCount"]
        if schema := config.get("responseJsonSchema"):
            config["responseJsonSchema"] = _schema(schema, names)
    if tools := body.pop("tools", None):
        _level_tools(body, tools, names)
    return {**_without_nothing(body, names), "contents": contents}


def _level_turns(turns: list[Part], names: set[str]) -> list[Part]:
    contents: list[Part] = []
    for turn in turns:
        role = turn.get("role")
        if role is None:
            names.add("role of a turn")
            role = "user"
        parts = laid(turn.get("parts") or [], names)
        if contents and contents[-1]["role"] == role == "user":
            names.add("turns in a row")
            contents[-1]["parts"] += parts
        elif parts:
            contents.append({"role": role, "parts": parts})
    return contents


def _level_system(system: Part, names: set[str]) -> list[Part]:
    if "role" in system:
        names.add("role of instructions")
    parts = system.get("parts") or []
    if isinstance(parts, dict):
        names.add("one part without a list")
        parts = [parts]
    return laid(parts, names)


def _level_tools(body: dict[str, Any], tools: list[Any], names: set[str]) -> None:
    """Lay all functions in one list, and the provider's tools beside it."""
    functions: list[Any] = []
    others: list[Any] = []
    for tool in tools:
        rest = {**tool}
        for function in rest.pop("functionDeclarations", None) or []:
            schema = function.get("parametersJsonSchema")
            if schema is None and (schema := function.get("parameters")):
                names.add("schema of a function")
            schema = _lowered(schema)
            if not (schema or {}).get("properties"):
                schema = None
            functions.append((function["name"], function.get("description") or "", schema))
        others += [{name: camel(value)} for name, value in rest.items()]
    body["functions"], body["tools"] = functions, others
    if functions and others:
        config = {**(body.get("toolConfig") or {})}
        if config.pop("includeServerSideToolInvocations", None) is not None:
            names.add("server tools announced")
        body["toolConfig"] = config


def _lowered(schema: Any) -> Any:
    """Spell a schema's types as JSON Schema does."""
    if isinstance(schema, dict):
        return {
            name: inner.lower() if name == "type" and isinstance(inner, str) else _lowered(inner)
            for name, inner in schema.items()
        }
    return [_lowered(item) for item in schema] if isinstance(schema, list) else schema


# What the API's schema mode does not take, or takes without heeding it.
UNHEEDED = frozenset({"$schema", "default", "discriminator", "examples", "exclusiveMinimum",
                      "pattern"})  # fmt: skip


def _schema(schema: Any, names: set[str]) -> Any:
    """Give a schema without what is not heeded; defaults and patterns may have become words."""
    if isinstance(schema, dict):
        kept = {k: _schema(v, names) for k, v in schema.items() if k not in UNHEEDED}
        if kept.get("additionalProperties") is False:
            del kept["additionalProperties"]
        if "oneOf" in kept:
            kept["anyOf"] = kept.pop("oneOf")
        if str(kept.get("description")).startswith(("Default: ", "Matching ")):
            del kept["description"]
        if isinstance(required := kept.get("required"), list):
            kept["required"] = sorted(required)
        if kept.keys() != schema.keys():
            names.add("schema narrowed")
        return kept
    return [_schema(item, names) for item in schema] if isinstance(schema, list) else schema


def _without_nothing(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        kept = {name: _without_nothing(inner, names) for name, inner in value.items()}
        found = {k: v for k, v in kept.items() if v not in (None, [], {}) and v is not False}
        if len(found) < len(value):
            names.add("null is absent")
        return found
    return value


def laid(parts: list[Part], names: set[str]) -> list[Part]:
    """Lay text that goes on end to end; what says nothing is not there."""
    found: list[Part] = []
    for given in camel(parts):
        part = {k: v for k, v in given.items() if v is not False and v is not None}
        if len(part) < len(given):
            names.add("null is absent")
        if part in ({}, {"text": ""}, {"text": "", "thought": True}):
            names.add("empty text")
            continue
        if part.get("thoughtSignature") == UNSIGNED:
            names.add("unsigned call")
            del part["thoughtSignature"]
        _level_part(part, names)
        before = found[-1] if found else {}
        if "text" in part and before.keys() == part.keys() <= {"text", "thought"}:
            found[-1] = {**before, "text": before["text"] + part["text"]}
        else:
            found.append(part)
    return found


def _level_part(part: Part, names: set[str]) -> None:
    if "thoughtSignature" in part:
        part["thoughtSignature"] = _bytes(part["thoughtSignature"], names)
    for name in ("functionCall", "functionResponse"):
        if name in part:
            inner = {k: v for k, v in part[name].items() if v is not None}
            if name == "functionCall":
                inner = {"args": {}, **inner}
            if "parts" in inner:
                inner["parts"] = laid(inner["parts"], names)
            part[name] = inner
    if "inlineData" in part:
        data = part["inlineData"]
        part["inlineData"] = {**data, "data": _bytes(data["data"], names)}


def _bytes(text: str, names: set[str]) -> Any:
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    if plain != text.rstrip("="):
        names.add("alphabet of base64")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4)).hex()
    except ValueError:
        return text


def _unlike(left: Any, right: Any) -> str:
    if isinstance(left, dict) and isinstance(right, dict):
        keys = [key for key in {**left, **right} if left.get(key, ...) != right.get(key, ...)]
        return ", ".join(
            f"{key}: {_short(left.get(key, '(absent)'))} is not "
            f"{_short(right.get(key, '(absent)'))}"
            for key in keys
        )
    if isinstance(left, list) and isinstance(right, list):
        pairs = [(a, b) for a, b in zip(left, right, strict=False) if a != b]
        words = f"{len(left)} parts, not {len(right)}; " if len(left) != len(right) else ""
        return words + "; ".join(f"{_short(a)} is not {_short(b)}" for a, b in pairs[:2])
    return f"{_short(left)} is not {_short(right)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 360 else f"{text[:350]}…({len(text)})"
