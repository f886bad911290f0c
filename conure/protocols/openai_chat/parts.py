"""Chat Completions: the small pieces of a reply that are more than text.

Images, audio, citations, signed reasoning that comes in lists, `<think>` tags, and the choices
that are not the reply. Pure: values in, values out.

https://platform.openai.com/docs/api-reference/chat/object
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from typing import Any

from ...messages.events import BlockDelta, BlockPatch, BlockStart, Event
from ..shape import is_list, is_object

__all__ = [
    "Audio",
    "ThinkTags",
    "image_of",
    "merge_choice",
    "merge_details",
    "read_annotation",
    "read_sources",
]

# The first bytes of a sound, in base64; a reply does not say which format was asked for.
SOUNDS = {
    "UklGR": "audio/wav",
    "SUQz": "audio/mpeg",
    "//": "audio/mpeg",
    "ZkxhQ": "audio/flac",
    "T2dnUw": "audio/ogg",
}
RAW_SOUND = "audio/pcm"


def image_of(part: Any) -> dict[str, Any] | None:
    """Make an image block of `{"image_url": {"url": …}}`, `{"url": …}` or a bare URL."""
    extras: dict[str, Any] = {}
    value: Any = part
    while is_object(value):
        if value is not part:
            extras |= {name: item for name, item in value.items() if name not in ("url", "type")}
        value = next(
            (value[name] for name in ("image_url", "url", "b64_json") if name in value), None
        )
    if not isinstance(value, str) or not value:
        return None
    block: dict[str, Any] = {"type": "image"}
    head, comma, data = value.partition(",")
    if comma and head.startswith("data:"):
        block |= {"base64": data, "mime_type": head[5:].partition(";")[0] or "image/png"}
    elif value.startswith(("http://", "https://", "data:", "gs://", "file:")):
        block["url"] = value
    else:
        block |= {"base64": value, "mime_type": "image/png"}
    if extras:
        block["extras"] = extras
    return block


def read_annotation(value: Any) -> dict[str, Any]:
    """Make a citation of an annotation; what is not about a URL is kept as it is."""
    inner = value.get("url_citation", value) if is_object(value) else None
    if not is_object(inner) or not isinstance(inner.get("url"), str):
        return {"type": "non_standard_annotation", "value": value}
    return _citation(inner)


def read_sources(value: Any) -> list[dict[str, Any]]:
    """Make citations of the sources that stand beside a message: URLs, or objects with one."""
    found: list[dict[str, Any]] = []
    for item in value if is_list(value) else ():
        if isinstance(item, str):
            found.append({"type": "citation", "url": item})
        elif is_object(item) and isinstance(item.get("url"), str):
            found.append(_citation(item))
    return found


def _citation(wire: dict[str, Any]) -> dict[str, Any]:
    citation: dict[str, Any] = {"type": "citation"}
    extras: dict[str, Any] = {}
    for name, value in wire.items():
        if value is None or name == "type":
            continue
        if name in ("url", "title", "start_index", "end_index", "id"):
            citation[name] = value
        elif name in ("content", "snippet", "cited_text") and isinstance(value, str):
            citation["cited_text"] = value
        else:
            extras[name] = value
    if extras:
        citation["extras"] = extras
    return citation


def merge_details(merged: list[dict[str, Any]], pieces: list[Any]) -> str:
    """Add pieces of `reasoning_details` or `thinking_blocks`, and answer the text in them.

    Text of one type and index is one detail in pieces; its signature comes at the end.
    """
    said: list[str] = []
    for piece in pieces:
        if not is_object(piece):
            continue
        texts = {
            name: piece[name]
            for name in ("text", "summary", "thinking")
            if isinstance(piece.get(name), str)
        }
        said += texts.values()
        before = next((each for each in reversed(merged) if _continues(each, piece)), None)
        if before is None:
            merged.append(dict(piece))
            continue
        for name, value in piece.items():
            if name in texts and isinstance(said_before := before.get(name) or "", str):
                before[name] = said_before + value
            elif value is not None:
                before[name] = value
    return "".join(said)


def _continues(detail: dict[str, Any], piece: dict[str, Any]) -> bool:
    if detail.get("type") != piece.get("type") or detail.get("index") != piece.get("index"):
        return False
    # Encrypted details are whole; of two, one is not the continuation of the other.
    return "data" not in piece and not (detail.get("signature") and piece.get("signature"))


def merge_choice(choice: dict[str, Any], piece: dict[str, Any]) -> None:
    """Add a chunk's piece to a choice that is not the reply."""
    for name, value in piece.items():
        if name == "delta" and is_object(value):
            _merge_message(choice.setdefault("message", {}), value)
        elif name == "logprobs" and is_object(value) and is_object(known := choice.get(name)):
            _merge_logprobs(known, value)
        elif name != "delta" and (value is not None or name not in choice):
            choice[name] = value


def _merge_logprobs(known: dict[str, Any], piece: dict[str, Any]) -> None:
    for kind, tokens in piece.items():
        if is_list(tokens) and is_list(before := known.get(kind)):
            before += tokens
        elif tokens is not None:
            known[kind] = tokens


def _merge_message(message: dict[str, Any], delta: dict[str, Any]) -> None:
    for name, value in delta.items():
        before = message.get(name)
        if name == "tool_calls" and is_list(value):
            calls: list[Any] = message.setdefault(name, [])
            for call in value:
                if is_object(call) and is_list(calls):
                    _merge_call(calls, call)
        elif isinstance(value, str) and isinstance(before, str) and name != "role":
            message[name] = before + value
        elif value is not None or name not in message:
            message[name] = value


def _merge_call(calls: list[dict[str, Any]], piece: dict[str, Any]) -> None:
    index = piece.get("index")
    same = [call for call in calls if index is not None and call.get("index") == index]
    function, more = same[0].get("function") if same else None, piece.get("function")
    if not is_object(function) or not is_object(more):
        calls.append(piece)
    elif isinstance(arguments := more.get("arguments"), str):
        function["arguments"] = f"{function.get('arguments') or ''}{arguments}"


class Audio:
    """A spoken answer: its block grows by base64, everything else is told at the end."""

    __slots__ = ("_block", "_facts", "_head", "_open", "_rest", "_transcript")

    def __init__(self, block: int) -> None:
        self._block = block
        self._facts: dict[str, Any] = {}
        self._head = ""
        self._open = False
        self._rest = b""
        self._transcript: list[str] = []

    def read(self, wire: dict[str, Any], events: list[Event]) -> None:
        if not self._open:
            self._open = True
            events.append(BlockStart(self._block, {"type": "audio", "base64": ""}))
        for name, value in wire.items():
            if name == "data" and isinstance(value, str):
                self._sound(value, events)
            elif name == "transcript" and isinstance(value, str):
                self._transcript.append(value)
            elif value is not None:
                self._facts[name] = value

    def _sound(self, data: str, events: list[Event]) -> None:
        if self._rest or data.endswith("=") or len(data) % 4:
            # Pieces are encoded one by one: padding in the middle would end the sound there.
            try:
                sound = self._rest + a2b_base64(data + "=" * (-len(data) % 4))
            except ValueError:
                sound = self._rest
            cut = len(sound) - len(sound) % 3
            data, self._rest = b2a_base64(sound[:cut], newline=False).decode(), sound[cut:]
        if data:
            self._head = (self._head + data)[:8] if len(self._head) < 8 else self._head
            events.append(BlockDelta(self._block, "base64", data))

    def close(self, events: list[Event]) -> None:
        if self._rest:
            last = b2a_base64(self._rest, newline=False).decode()
            self._head += last
            events.append(BlockDelta(self._block, "base64", last))
        fields: dict[str, Any] = {}
        if self._head:
            kinds = (kind for head, kind in SOUNDS.items() if self._head.startswith(head))
            fields["mime_type"] = next(kinds, RAW_SOUND)
        if transcript := "".join(self._transcript):
            self._facts["transcript"] = transcript
        if sound := self._facts.pop("id", None):
            fields["id"] = sound
        if self._facts:
            fields["extras"] = self._facts
        events.append(BlockPatch(self._block, fields))


class ThinkTags:
    """Tell reasoning in `<think>` at the start of a text from the text after it."""

    __slots__ = ("_pending", "_state")

    def __init__(self) -> None:
        self._state = "start"
        self._pending = ""

    def feed(self, text: str) -> tuple[str, str]:
        """Answer the reasoning and the text that `text` completes."""
        text, self._pending = self._pending + text, ""
        reasoning = ""
        if self._state == "start":
            bare = text.lstrip()
            if bare.startswith("<think>"):
                self._state, text = "thinking", bare[7:]
            elif "<think>".startswith(bare):
                self._pending, text = text, ""
            else:
                self._state = "text"
        if self._state == "thinking":
            reasoning, found, rest = text.partition("</think>")
            if found:
                self._state, text = "after", rest
            else:
                cut = next((n for n in range(7, 0, -1) if "</think>".startswith(reasoning[-n:])), 0)
                if cut and reasoning:
                    reasoning, self._pending = reasoning[:-cut], reasoning[-cut:]
                text = ""
        if self._state == "after":
            text = text.lstrip()
            self._state = "text" if text else "after"
        return reasoning, text

    def close(self) -> tuple[str, str]:
        """Answer what was held back for a tag that never came."""
        pending, self._pending = self._pending, ""
        return (pending, "") if self._state == "thinking" else ("", pending)
