"""Taking what one provider's model said to another's: what only its maker can read stays behind.

A message knows which provider it came from. One that came from elsewhere goes on as what any
provider understands: text, thoughts, refusals, calls, media. Its seals (signatures, encrypted
thoughts), the traces of its servers' tools and ids that name things there do not; each is told as
a `Loss`. A message that nobody's model said, or that says nothing of where, goes as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..messages import AIMessage, BaseMessage, ToolMessage, blocks_of, provider_of
from ..messages.reply import Reply
from ..protocols import Loss

__all__ = ["crossed"]

Block = dict[str, Any]

# Doors to the same makers' models: what one of them sealed, the others open.
# https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking
KIN = {
    "anthropic_bedrock": "anthropic",
    "anthropic_vertex": "anthropic",
    "azure": "openai",
    "azure_openai": "openai",
    "bedrock": "bedrock_converse",
    "google_vertexai": "google_genai",
    "vertexai": "google_genai",
}
# Blocks that mean the same everywhere -> the fields of them that do.
PLAIN: dict[str, tuple[str, ...]] = {
    "audio": ("base64", "mime_type", "url"),
    "file": ("base64", "filename", "mime_type", "url"),
    "image": ("base64", "mime_type", "url"),
    "invalid_tool_call": ("args", "error", "id", "name"),
    "reasoning": ("reasoning",),
    "refusal": ("refusal",),
    "text": ("annotations", "text"),
    "tool_call": ("args", "id", "name"),
    "video": ("base64", "mime_type", "url"),
}
SEALS = (
    "encrypted_content", "reasoning_details", "redacted_data", "signature", "thinking_blocks",
    "thought_signature",
)  # fmt: skip
MEDIA = ("audio", "file", "image", "video")
# What makes a citation one that any provider understands.
CITED = ("cited_text", "end_index", "start_index", "title", "type", "url")
CALLS = frozenset({"invalid_tool_call", "tool_call"})
# What a custom tool is called with is a text, whoever is told of it.
CUSTOM = "custom_tool_call"


def crossed(
    messages: Sequence[BaseMessage],
    provider: str,
    call_id: Callable[[str], str] | None = None,
) -> tuple[Sequence[BaseMessage], list[Loss]]:
    """Give the messages as another provider's model may be told them, and what is missing.

    `call_id` makes the id of a call one that the provider takes.

    >>> from conure.messages import HumanMessage
    >>> crossed([HumanMessage("hi")], "openai")[1]
    []
    """
    here = KIN.get(provider, provider)
    given: list[BaseMessage] | None = None
    lost: list[Loss] = []
    for position, message in enumerate(messages):
        if isinstance(message, AIMessage):
            came = provider_of(message)
            if came is not None and came != provider and KIN.get(came, came) != here:
                if given is None:
                    given = list(messages)
                given[position] = _plain(message, f"messages[{position}]", lost)
    if given is None:
        return messages, lost
    return given if call_id is None else _renamed(messages, given, call_id), lost


def _renamed(
    messages: Sequence[BaseMessage], given: list[BaseMessage], call_id: Callable[[str], str]
) -> list[BaseMessage]:
    """Give the calls that came from elsewhere, and their answers, ids that the provider takes."""
    ids: dict[str, str] = {}
    renamed: list[BaseMessage] = []
    for before, message in zip(messages, given, strict=True):
        made = message
        if isinstance(message, AIMessage) and message is not before:
            for block in blocks_of(message):
                if block["type"] in CALLS and (id := block.get("id")):
                    block["id"] = ids.setdefault(id, call_id(id))
        elif isinstance(message, ToolMessage) and message.tool_call_id in ids:
            made = message.model_copy(update={"tool_call_id": ids[message.tool_call_id]})
        renamed.append(made)
    return renamed


def _plain(message: AIMessage, where: str, lost: list[Loss]) -> AIMessage:
    blocks: list[Block] = []
    for block in blocks_of(message):
        kind = block["type"]
        fields = PLAIN.get(kind)
        extras: Mapping[str, Any] = block.get("extras") or {}
        if fields is None:
            lost.append(Loss(where, kind, FOREIGN))
            continue
        if kind == "reasoning" and not block.get("reasoning"):
            # Nothing of it can be read; a thought that was not shown is no loss.
            if not _seals(extras):
                continue
            lost.append(Loss(where, kind, FOREIGN))
            continue
        made: Block = {"type": kind} | {name: block[name] for name in fields if name in block}
        if kind in MEDIA and not (made.get("base64") or made.get("url")):
            # A file's id names it at its provider alone.
            lost.append(Loss(where, kind, FOREIGN))
            continue
        lost += [Loss(where, "signature", FOREIGN)] * _seals(extras)
        if extras.get("type") == CUSTOM:
            made["extras"] = {"type": CUSTOM}
        if notes := made.get("annotations"):
            made["annotations"] = [_citation(note) for note in notes if note.get("url")]
            left = len(notes) - len(made["annotations"])
            lost += [Loss(where, "citation", FOREIGN)] * left
        blocks.append(made)
    plain = AIMessage.of_reply(Reply(blocks))
    plain.name = message.name
    return plain


FOREIGN = "only the provider it came from can read it"


def _seals(extras: Mapping[str, Any]) -> int:
    return sum(1 for name in SEALS if extras.get(name))


def _citation(note: Mapping[str, Any]) -> Block:
    return {name: note[name] for name in CITED if name in note}
