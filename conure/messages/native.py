"""Blocks in the shapes of wires and of earlier libraries -> standard blocks.

One row per native `type`. A reader answers the blocks, or None when the element is not what its
type says. Keys without a standard place go to `extras`. Items of OpenAI Responses are in
`native_items.py`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, cast

from .native_items import ITEMS, standard_annotation

__all__ = [
    "NATIVE",
    "as_base64",
    "data_of_url",
    "reader_of",
    "standard_citation",
    "translate_untyped",
]

Block = dict[str, Any]
Reader = Callable[[Block], list[Block] | None]


def _with_extras(block: Block, extras: Mapping[str, Any]) -> list[Block]:
    kept = {key: value for key, value in extras.items() if value is not None}
    if kept:
        block["extras"] = {**block.get("extras", {}), **kept}
    return [block]


def _without(element: Block, *keys: str) -> Block:
    return {key: value for key, value in element.items() if key not in keys and key != "type"}


def data_of_url(url: str) -> Block:
    """Read a URL; a data URL gives what it holds."""
    head, comma, data = url.partition(",")
    if url.startswith("data:") and comma and head.endswith(";base64"):
        return {"base64": data, "mime_type": head[5:-7].split(";")[0] or "text/plain"}
    return {"url": url}


def _image_url(element: Block) -> list[Block] | None:
    given: Any = element.get("image_url")
    image = cast("Block", given) if isinstance(given, dict) else {"url": given}
    if not isinstance(image.get("url"), str):
        return None
    block = {"type": "image", **data_of_url(image["url"])}
    return _with_extras(block, _without(image, "url") | _without(element, "image_url"))


def _input_image(element: Block) -> list[Block] | None:
    url, file_id = element.get("image_url"), element.get("file_id")
    if isinstance(url, dict):
        return _image_url(element)
    if not isinstance(url, str) and not isinstance(file_id, str):
        return None
    source = data_of_url(url) if isinstance(url, str) else {"file_id": file_id}
    return _with_extras({"type": "image", **source}, _without(element, "image_url", "file_id"))


def _input_file(element: Block) -> list[Block] | None:
    if isinstance(data := element.get("file_data"), str):
        source = data_of_url(data)
        source = {"base64": data} if "url" in source else source
    elif isinstance(url := element.get("file_url"), str):
        source = {"url": url}
    elif isinstance(file_id := element.get("file_id"), str):
        source = {"file_id": file_id}
    else:
        return None
    rest = _without(element, "file_data", "file_url", "file_id")
    return _with_extras({"type": "file", **source}, rest)


def _file(element: Block) -> list[Block] | None:
    if "source_type" in element:
        return _with_source_type(element)
    inner = element.get("file")
    if not isinstance(inner, dict):
        return None
    return _input_file(cast("Block", inner) | _without(element, "file"))


def _input_audio(element: Block) -> list[Block] | None:
    sound = element.get("input_audio")
    if not isinstance(sound, dict) or "data" not in sound:
        return None
    found = cast("Block", sound)
    block = {"type": "audio", "base64": found["data"]}
    block["mime_type"] = f"audio/{found.get('format', 'wav')}"
    return _with_extras(block, _without(found, "data", "format") | _without(element, "input_audio"))


def _video_url(element: Block) -> list[Block] | None:
    given: Any = element.get("video_url")
    url: Any = cast("Block", given).get("url") if isinstance(given, dict) else given
    if not isinstance(url, str):
        return None
    return _with_extras({"type": "video", **data_of_url(url)}, _without(element, "video_url"))


def _text(element: Block) -> list[Block] | None:
    if not isinstance(element.get("text"), str):
        return None
    block = {**element, "type": "text"}
    if isinstance(notes := block.get("annotations"), list):
        block["annotations"] = [standard_annotation(note) for note in cast("list[Any]", notes)]
    citations = block.pop("citations", None)
    if isinstance(citations, list) and citations:
        given = cast("list[Any]", citations)
        block["annotations"] = [*block.get("annotations", []), *map(standard_citation, given)]
    return [block]


def standard_citation(citation: Any) -> Block:
    """Give a citation as Anthropic's API has it in standard form."""
    if not isinstance(citation, dict):
        return {"type": "non_standard_annotation", "value": {"value": citation}}
    block: Block = {"type": "citation"}
    extras: Block = {}
    for name, value in cast("Block", citation).items():
        ours = "title" if name == "document_title" else name
        if ours in ("cited_text", "url", "title") and isinstance(value, str):
            block[ours] = value
        elif name != "type" or value not in _LOCATIONS:
            extras[name] = value
    return _with_extras(block, extras)[0]


# Their fields tell them apart.
_LOCATIONS = frozenset({
    "char_location", "content_block_location", "page_location", "search_result_location",
    "web_search_result_location",
})  # fmt: skip


_DATA_KEYS = {"url": "url", "base64": "data", "id": "id", "text": "text"}


def _with_source_type(element: Block) -> list[Block] | None:
    """Read a data block as LangChain 0.3 had it."""
    source, kind = element.get("source_type"), element["type"]
    key = _DATA_KEYS.get(str(source))
    value = element.get(key) or element.get("url") if key else None
    if value is None:
        return None
    rest = _without(element, "source_type", str(key), "url", "mime_type")
    if source == "text":
        return _with_extras({"type": "text-plain", "mime_type": "text/plain", "text": value}, rest)
    block: Block = {"type": kind, {"id": "file_id"}.get(str(source), str(source)): value}
    if "mime_type" in element:
        block["mime_type"] = element["mime_type"]
    return _with_extras(block, rest)


def _with_source(element: Block) -> list[Block] | None:
    """Read an image or a document whose `source` says where it is."""
    if "source_type" in element:
        return _with_source_type(element)
    given = element.get("source")
    if not isinstance(given, dict):
        return None
    source = cast("Block", given)
    kind = "file" if element["type"] == "document" else element["type"]
    rest = _without(element, "source")
    match source.get("type"):
        case "base64":
            block = {"type": kind, "base64": source.get("data")}
            block["mime_type"] = source.get("media_type")
        case "url":
            block = {"type": kind, "url": source.get("url")}
        case "file":
            block = {"type": kind, "file_id": source.get("file_id")}
        case "text":
            block = {"type": "text-plain", "mime_type": "text/plain", "text": source.get("data")}
            for key in ("title", "context"):
                if isinstance(rest.get(key), str):
                    block[key] = rest.pop(key)
        case _:
            return None
    if "id" in rest:
        block["id"] = rest.pop("id")
    return _with_extras(block, rest)


def _media(element: Block) -> list[Block] | None:
    mime = element.get("mime_type")
    family = str(mime).partition("/")[0]
    kind = family if family in ("image", "audio", "video") else "file"
    if isinstance(uri := element.get("file_uri"), str):
        source = {"url": uri}
    elif (data := element.get("data")) is not None:
        source = {"base64": as_base64(data)}
    else:
        return None
    block = {"type": kind, **source} | ({"mime_type": mime} if mime else {})
    return _with_extras(block, _without(element, "mime_type", "file_uri", "data"))


def as_base64(data: Any) -> str:
    """Give data as base64 text, whichever it is."""
    return b64encode(data).decode("ascii") if isinstance(data, (bytes, bytearray)) else str(data)


def _thinking(element: Block) -> list[Block] | None:
    thought = element.get("thinking", "")
    if isinstance(thought, list):
        thought = "".join(str(part.get("text", "")) for part in cast("list[Block]", thought))
    block: Block = {"type": "reasoning", "reasoning": str(thought)}
    return _with_extras(block | _index(element), _without(element, "thinking", "index"))


def _redacted_thinking(element: Block) -> list[Block] | None:
    extras = {"redacted_data": element.get("data")} | _without(element, "data", "index")
    return _with_extras({"type": "reasoning", "reasoning": ""} | _index(element), extras)


def _reasoning_content(element: Block) -> list[Block] | None:
    """Read Bedrock's reasoning."""
    inner = element.get("reasoning_content") or element.get("reasoningContent")
    if not isinstance(inner, dict):
        return None
    found = cast("Block", inner)
    text = found.get("reasoningText") or found
    block: Block = {"type": "reasoning", "reasoning": str(text.get("text") or "")}
    redacted = found.get("redacted_content") or found.get("redactedContent")
    extras = {"signature": text.get("signature")}
    if redacted is not None:
        extras["redacted_content"] = as_base64(redacted)
    return _with_extras(block | _index(element), extras)


def _index(element: Block) -> Block:
    return {"index": element["index"]} if element.get("index") is not None else {}


def _tool_use(element: Block) -> list[Block] | None:
    args, name = element.get("input"), element.get("name")
    if not isinstance(name, str):
        return None
    kind = "tool_call" if element["type"] == "tool_use" else "server_tool_call"
    rest = _without(element, "input", "name", "id", "index", "toolUseId")
    if element["type"] == "mcp_tool_use":
        rest, name = {**rest, "tool_name": name}, "remote_mcp"
    block: Block = {"type": kind, "name": name, "args": args, "id": element.get("id")}
    if not isinstance(args, dict):
        block |= {"type": f"{kind}_chunk", "args": str(args or "")}
    return _with_extras(block | _index(element), rest)


def _tool_result(element: Block) -> list[Block] | None:
    """Read what a tool of the provider answered."""
    if "tool_use_id" not in element:
        return None
    content = element.get("content")
    failed = bool(element.get("is_error")) or (
        isinstance(content, dict) and str(cast("Block", content).get("type", "")).endswith("_error")
    )
    block: Block = {"type": "server_tool_result", "tool_call_id": element["tool_use_id"]}
    block |= {"status": "error" if failed else "success", "output": content}
    extras = {"block_type": element["type"]} | _without(element, "tool_use_id", "content", "index")
    return _with_extras(block | _index(element), extras)


def _executable_code(element: Block) -> list[Block] | None:
    """Read code that Gemini's provider ran, as content shows it."""
    code = element.get("executable_code")
    if not isinstance(code, str):
        return None
    args = {"code": code, "language": element.get("language") or "PYTHON"}
    block: Block = {"type": "server_tool_call", "name": "code_interpreter", "args": args}
    extras = {"part": "executableCode", "thought_signature": element.get("signature")}
    return _with_extras(block | {"id": element.get("id")} | _index(element), extras)


def _code_execution_result(element: Block) -> list[Block] | None:
    """Read what came of code that Gemini's provider ran, as content shows it."""
    if "code_execution_result" not in element:
        return None
    outcome = element.get("outcome") or "OUTCOME_OK"
    status = "success" if outcome in ("OUTCOME_OK", 1) else "error"
    block: Block = {"type": "server_tool_result", "tool_call_id": element.get("tool_call_id") or ""}
    block |= {"status": status, "output": element["code_execution_result"]}
    extras = {"part": "codeExecutionResult", "outcome": outcome}
    extras["thought_signature"] = element.get("signature")
    return _with_extras(block | _index(element), extras)


def _bedrock_image(element: Block, kind: str) -> list[Block] | None:
    given = element.get(kind)
    if not isinstance(given, dict):
        return None
    inner = cast("Block", given)
    source = cast("Block", inner.get("source") or {})
    form = str(inner.get("format", ""))
    block: Block = {"type": "file" if kind == "document" else kind}
    if (data := source.get("bytes")) is not None:
        block["base64"] = as_base64(data)
        block["mime_type"] = _MIME_TYPES.get(form) or f"{block['type']}/{form}"
    elif isinstance(place := source.get("s3Location"), dict):
        block["url"] = cast("Block", place).get("uri")
    elif isinstance(text := source.get("text"), str):
        block = {"type": "text-plain", "mime_type": "text/plain", "text": text}
    else:
        return None
    return _with_extras(block, _without(inner, "source", "format"))


_MIME_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "txt": "text/plain",
    "md": "text/markdown",
    "three_gp": "video/3gpp",
}


def translate_untyped(element: Block) -> list[Block] | None:
    """Read an element without a `type`: Bedrock names its blocks by their only key."""
    if len(element) != 1:
        return None
    if isinstance(element.get("text"), str):
        return [{"type": "text", "text": element["text"]}]
    if isinstance(call := element.get("toolUse"), dict):
        found = cast("Block", call)
        kind = found.get("type") or "tool_use"
        return _tool_use({**found, "type": kind, "id": found.get("toolUseId")})
    if "reasoningContent" in element:
        return _reasoning_content(element)
    (kind,) = element
    return _bedrock_image(element, kind) if kind in ("image", "document", "video") else None


NATIVE: dict[str, Reader] = {
    **ITEMS,
    "audio": lambda element: _with_source_type(element) if "source_type" in element else None,
    "code_execution_result": _code_execution_result,
    "document": _with_source,
    "executable_code": _executable_code,
    "file": _file,
    "image": _with_source,
    "image_url": _image_url,
    "input_audio": _input_audio,
    "input_file": _input_file,
    "input_image": _input_image,
    "input_text": _text,
    "mcp_tool_use": _tool_use,
    "media": _media,
    "output_text": _text,
    "reasoning_content": _reasoning_content,
    "redacted_thinking": _redacted_thinking,
    "server_tool_use": _tool_use,
    "text": _text,
    "thinking": _thinking,
    "tool_use": _tool_use,
    "video": lambda element: _with_source_type(element) if "source_type" in element else None,
    "video_url": _video_url,
}


def reader_of(kind: str) -> Reader | None:
    """Give the row of a native type; results of servers' tools are alike, whatever the tool."""
    return _tool_result if kind.endswith("_tool_result") else NATIVE.get(kind)
