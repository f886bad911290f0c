"""Refusing what a model cannot do before it is asked, with the nearest request that it can.

Only what its profile says is judged: a key that is not there is not known, and refuses nothing.
Pairs that are refused together stand in the profile's `refuses`, by the names of `PAIRS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from ..errors import ImpossibleRequestError
from ..messages import BaseMessage
from ..protocols.shape import is_list, is_mapping
from ..providers.catalogue import ModelProfile, alternative, row_of

__all__ = ["CLOSER", "refuse_impossible", "refuses_forcing"]

Settings: TypeAlias = Mapping[str, Any]

# Settings without which a request of text asks nothing that a model might not do.
CLOSER = frozenset({
    "additional_model_request_fields", "extra_body", "response_format", "response_mime_type",
    "response_schema", "text", "tool_choice", "tools",
})  # fmt: skip

# Types of content blocks, ours and the wires' own -> what they show.
SHOWS = {
    "audio": "audio",
    "document": "pdf",
    "file": "pdf",
    "image": "image",
    "image_url": "image",
    "input_audio": "audio",
    "input_file": "pdf",
    "input_image": "image",
    "video": "video",
    "video_url": "video",
}
WORDS = {"audio": "sound", "image": "pictures", "pdf": "PDF documents", "video": "video"}
MIMES = {"application/pdf": "pdf", "audio/": "audio", "image/": "image", "video/": "video"}
# Where a block says what kind of data it holds.
HOLDERS = ("file", "fileData", "file_data", "inlineData", "inline_data", "source")
MIME_FIELDS = ("mime_type", "media_type", "mimeType")


def refuse_impossible(
    profile: ModelProfile, model: str, messages: Sequence[BaseMessage], settings: Settings
) -> None:
    """Raise `ImpossibleRequestError` where the model is known not to take this."""
    for message in messages:
        content: Any = message.__dict__.get("content")
        if type(content) is not str and message.type in ("human", "tool"):
            _check_shown(profile, model, content)
    if CLOSER.isdisjoint(settings):
        return
    if settings.get("tools") and profile.get("tool_calling") is False:
        raise ImpossibleRequestError(
            f"{model} calls no tools", f"leave the tools out{_or_ask(model, can='tools')}"
        )
    if _schema_kind(settings) == "json_schema" and profile.get("structured_output") is False:
        raise ImpossibleRequestError(
            f"{model} cannot be held to a JSON Schema",
            f"ask for method='function_calling'{_or_ask(model, can='schema')}",
        )
    for pair in profile.get("refuses", ()):
        if (judge := PAIRS.get(pair)) and (nearest := judge(messages, settings)):
            raise ImpossibleRequestError(f"{model} refuses {pair}", nearest)


def refuses_forcing(profile: ModelProfile | None, settings: Settings) -> bool:
    """Tell whether a tool that must be called would be refused because the model is to think."""
    return _thinks(settings) and profile is not None and FORCED in profile.get("refuses", ())


def _check_shown(profile: ModelProfile, model: str, content: object) -> None:
    for block in content if is_list(content) else ():
        shown = _shown(block) if is_mapping(block) else None
        if shown and profile.get(f"{shown}_inputs") is False:
            raise ImpossibleRequestError(
                f"{model} reads no {WORDS[shown]}",
                f"say in words what they show{_or_ask(model, takes=shown)}",
            )


def _shown(block: Mapping[str, Any]) -> str | None:
    """Tell what a block shows, if it says so: an unknown file may be a plain text."""
    for mime in _mimes(block):
        return next((kind for start, kind in MIMES.items() if mime.startswith(start)), None)
    kind = SHOWS.get(str(block.get("type")))
    return None if kind == "pdf" else kind


def _mimes(block: Mapping[str, Any]) -> Iterator[str]:
    for holder in (block, *map(block.get, HOLDERS)):
        if is_mapping(holder):
            yield from (mime for name in MIME_FIELDS if isinstance(mime := holder.get(name), str))
            data = holder.get("file_data")
            if isinstance(data, str) and data.startswith("data:"):
                yield data[5:]


def _or_ask(model: str, *, takes: str = "", can: str = "") -> str:
    row = row_of(model)
    other = None if row is None else alternative(row, takes=takes, can=can)
    return f", or ask a model that does, such as {other}" if other else ""


# -- pairs ------------------------------------------------------------------------------------


def _forced_while_thinking(_: Sequence[BaseMessage], settings: Settings) -> str | None:
    choice = settings.get("tool_choice")
    kind = choice.get("type") if is_mapping(choice) else choice
    if kind in (None, False, "auto", "none") or not _thinks(settings):
        return None
    return "leave out tool_choice, so that the model decides, or leave out thinking"


def _schema_with_tools(_: Sequence[BaseMessage], settings: Settings) -> str | None:
    if not settings.get("tools") or _schema_kind(settings) is None:
        return None
    return (
        "ask with the tools first and for the answer's form in a second call, or give the form "
        "as one more tool (method='function_calling')"
    )


def _json_mode_with_search(_: Sequence[BaseMessage], settings: Settings) -> str | None:
    if _schema_kind(settings) != "json_object":
        return None
    kinds = [str(tool.get("type")) for tool in settings.get("tools") or () if is_mapping(tool)]
    if not any(kind.startswith("web_search") for kind in kinds):
        return None
    return "give a JSON Schema in place of JSON mode"


def _schema_with_citations(messages: Sequence[BaseMessage], settings: Settings) -> str | None:
    if _schema_kind(settings) is None:
        return None
    for message in messages:
        content = message.__dict__.get("content")
        for block in content if is_list(content) else ():
            cited = block.get("citations") if is_mapping(block) else None
            if is_mapping(cited) and cited.get("enabled"):
                return "leave out citations, or ask for the answer's form in a second call"
    return None


FORCED = "forced tool while thinking"
PAIRS: dict[str, Callable[[Sequence[BaseMessage], Settings], str | None]] = {
    # https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking
    # https://api-docs.deepseek.com/guides/thinking_mode
    FORCED: _forced_while_thinking,
    # https://platform.openai.com/docs/guides/tools-web-search
    "JSON mode with web search": _json_mode_with_search,
    # https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs
    "schema with citations": _schema_with_citations,
    # https://ai.google.dev/gemini-api/docs/structured-output
    "schema with tools": _schema_with_tools,
}


def _thinks(settings: Settings) -> bool:
    """Tell whether thinking was switched on, with a budget: adaptive thinking takes any choice."""
    for place in (settings, *map(settings.get, ("extra_body", "additional_model_request_fields"))):
        thinking = place.get("thinking") if is_mapping(place) else None
        if thinking is not None:
            kind = thinking.get("type") if is_mapping(thinking) else thinking
            return kind in (True, "enabled")
    return False


def _schema_kind(settings: Settings) -> str | None:
    """Tell how the answer's form is asked for: by "json_schema", as "json_object", or not."""
    text = settings.get("text")
    wanted = settings.get("response_format") or (text.get("format") if is_mapping(text) else None)
    if wanted is None:
        if settings.get("response_schema"):
            return "json_schema"
        return "json_object" if settings.get("response_mime_type") == "application/json" else None
    kind = wanted.get("type") if is_mapping(wanted) else None
    if kind in ("text", "grammar", "python"):
        return None
    return "json_object" if kind == "json_object" else "json_schema"
