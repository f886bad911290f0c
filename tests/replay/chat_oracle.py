"""What a Chat Completions answer says, read straight from its JSON and from nothing of ours.

Written to be obvious, not fast: the judge of the codec. `Said` has what a message must show.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

REASONING = ("reasoning_content", "reasoning", "reasoning_text", "thinking")


@dataclass
class Said:
    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls: list[tuple[str | None, str, Any]] = field(default_factory=list)
    """id, name, arguments: a dict where they are whole JSON, else the text"""
    finish: str | None = None
    usage: dict[str, int] | None = None
    urls: list[str] = field(default_factory=list)
    images: int = 0
    audio: str | None = None
    details: list[dict[str, Any]] = field(default_factory=list)
    bare: bool = False
    """whether the last call came without any arguments"""
    error: str | None = None


def read_whole(wire: dict[str, Any]) -> Said:
    said = Said()
    if wire.get("error"):
        said.error = words(wire["error"])
        return said
    choice = wire["choices"][0]
    message = choice.get("message") or {}
    _add(said, message)
    for call in message.get("tool_calls") or []:
        name, arguments = _name_and_arguments(call)
        said.calls.append(_call(call.get("id"), name, arguments))
        said.bare = not arguments
    legacy = message.get("function_call")
    if legacy and legacy.get("name"):
        said.calls.append(_call(None, legacy["name"], legacy["arguments"]))
    said.finish = choice.get("finish_reason") or None
    _mark_cut_off(said)
    said.usage = counts(wire.get("usage"))
    said.urls = said.urls or _sources(wire)
    return said


def read_stream(text: str) -> Said:
    said = Said()
    open_calls: list[dict[str, Any]] = []
    current: dict[Any, dict[str, Any]] = {}
    usage: dict[str, Any] | None = None
    sources: list[str] = []
    for name, data in events(text):
        if data == "[DONE]":
            break
        wire = json.loads(data)
        if wire.get("error") or name == "error":
            said.error = words(wire.get("error") or wire)
            return said
        usage = wire.get("usage") or (wire.get("x_groq") or {}).get("usage") or usage
        sources = _sources(wire) or sources
        for choice in wire.get("choices") or []:
            if choice.get("index"):
                continue
            said.finish = choice.get("finish_reason") or said.finish
            delta = choice.get("delta") or {}
            _add(said, delta)
            for piece in delta.get("tool_calls") or []:
                _add_piece(open_calls, current, piece)
    for call in open_calls:
        said.calls.append(_call(call["id"], call["name"], call["arguments"]))
        said.bare = not call["arguments"]
    _mark_cut_off(said)
    said.usage = counts(usage)
    said.urls = said.urls or sources
    return said


def events(text: str) -> list[tuple[str | None, str]]:
    """Server-sent events, as the standard says; the space before the first is a recorder's."""
    found: list[tuple[str | None, str]] = []
    for block in text.lstrip().replace("\r\n", "\n").split("\n\n"):
        lines = block.split("\n")
        data = [line[5:].removeprefix(" ") for line in lines if line.startswith("data:")]
        names = [line[6:].strip() for line in lines if line.startswith("event:")]
        if data:
            found.append((names[0] if names else None, "\n".join(data).strip()))
    return found


def _add(said: Said, message: dict[str, Any]) -> None:
    _add_content(said, message.get("content"))
    thought = next((message[name] for name in REASONING if message.get(name)), "")
    for detail in message.get("reasoning_details") or []:
        said.details.append(detail)
        if not thought and not any(message.get(name) for name in REASONING):
            said.reasoning += detail.get("text") or detail.get("summary") or ""
    said.reasoning += thought
    said.refusal += message.get("refusal") or ""
    for annotation in message.get("annotations") or []:
        if annotation["type"] == "url_citation":
            said.urls.append(annotation["url_citation"]["url"])
    said.images += len(message.get("images") or [])
    audio = message.get("audio") or {}
    if audio.get("id"):
        said.audio = audio["id"]


def _add_content(said: Said, content: Any) -> None:
    if isinstance(content, str):
        said.text += content
    elif isinstance(content, list):
        for part in content:
            if part["type"] == "text":
                said.text += part["text"]
            elif part["type"] == "thinking":
                said.reasoning += "".join(inner["text"] for inner in part["thinking"])
    elif content is not None:
        said.text += json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _add_piece(calls: list[dict[str, Any]], current: dict[Any, Any], piece: dict[str, Any]) -> None:
    function = piece["function"]
    index, given = piece.get("index"), piece.get("id") or None
    call = current.get(index) if index is not None else None
    if call is None or (given and call["id"] and given != call["id"]):
        call = {"id": given, "name": function.get("name") or "", "arguments": ""}
        calls.append(call)
        current[index] = call
    call["arguments"] += function.get("arguments") or ""


def _name_and_arguments(call: dict[str, Any]) -> tuple[str, Any]:
    if call.get("type") == "custom":
        return call["custom"]["name"], {"__arg1": call["custom"]["input"]}
    return call["function"]["name"], call["function"].get("arguments")


def _call(id: str | None, name: str, arguments: Any) -> tuple[str | None, str, Any]:
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}")
        except ValueError:
            return id or None, name, arguments
    # A model that has no argument to give may say null for none.
    arguments = {} if arguments is None else arguments
    return id or None, name, arguments if isinstance(arguments, dict) else json.dumps(arguments)


def _mark_cut_off(said: Said) -> None:
    """Call invalid what a reply that ran into its limit left without any arguments."""
    if said.finish == "length" and said.bare:
        id, name, _ = said.calls[-1]
        said.calls[-1] = (id, name, "")


def counts(usage: dict[str, Any] | None) -> dict[str, int] | None:
    """Input with what was cached, output with what was thought, and the details."""
    if not usage or usage.get("prompt_tokens") is None:
        return None
    given, made = usage["prompt_tokens"], usage.get("completion_tokens") or 0
    total = usage.get("total_tokens")
    prompt = usage.get("prompt_tokens_details") or {}
    completion = usage.get("completion_tokens_details") or {}
    reasoning = completion.get("reasoning_tokens", usage.get("reasoning_tokens"))
    if total is not None and total > given + made:
        if reasoning == total - given - made:
            made += reasoning
        else:
            # Sound is not in prompt_tokens of some.
            assert prompt.get("audio_tokens") == total - given - made, usage
            given = total - made
    found = {"input": given, "output": made, "total": given + made if total is None else total}
    cached = [prompt.get("cached_tokens"), usage.get("prompt_cache_hit_tokens")]
    cached += [usage.get("cache_read_input_tokens"), usage.get("cached_tokens")]
    if (
        read := next((n for n in [*cached, usage.get("num_cached_tokens")] if n is not None), None)
    ) is not None:
        found["cache_read"] = read
    if reasoning is not None:
        found["reasoning"] = reasoning
    return found


def _sources(wire: dict[str, Any]) -> list[str]:
    for name in ("search_results", "citations"):
        if found := wire.get(name):
            return [item if isinstance(item, str) else item["url"] for item in found]
    beside = (wire.get("venice_parameters") or {}).get("web_search_citations") or []
    return [item["url"] for item in beside]


def words(error: Any) -> str:
    """Find the provider's own words in an error's body."""
    while not isinstance(error, str):
        if isinstance(error, list):
            error = error[0]
        elif raw := (error.get("metadata") or {}).get("raw"):
            try:
                error = json.loads(raw)
            except ValueError:
                error = raw
        else:
            names = ("error", "message", "detail", "msg")
            error = next((error[name] for name in names if error.get(name)), "")
    return error
