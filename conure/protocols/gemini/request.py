"""Gemini: messages and settings -> a request's body.

Rule 1: a message is read by its blocks and its own fields, never by what it carries for
        compatibility with older code.
Rule 2: what tools answered in a row is one turn of the user. Instructions, wherever they stand,
        go before all turns.
Rule 3: the model and what is asked of it are in the path.

https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    blocks_of,
)
from .. import Encoded, Loss
from ..shape import is_object
from ..writers import writer_for_role, writer_of
from .content import MEDIA, write_media, write_parts
from .dialect import Dialect, Facts
from .parts import sealed, write_block
from .results import write_result
from .settings import SETTINGS, write_settings

__all__ = ["SETTINGS", "encode", "path_of"]

Block = dict[str, Any]

# A call that this model did not make has no signature: this says so, where one is insisted on.
# https://ai.google.dev/gemini-api/docs/thought-signatures#faqs
UNSIGNED = "skip_thought_signature_validator"
# Models with an address of their own below the host's.
ROOTED = ("tunedModels/",)


def encode(
    model: str,
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    streaming: bool,
    dialect: Dialect,
) -> Encoded:
    """Write a request; raises `ConfigurationError` for what cannot be said."""
    facts = dialect.facts(model)
    writer = _Writer(facts)
    body: dict[str, Any] = {"contents": writer.write(messages)}
    if writer.system:
        _place_system(body, writer, merged=bool(settings.get("convert_system_message_to_human")))
    write_settings(body, settings, model, dialect, warnings=writer.warnings)
    verb = "streamGenerateContent?alt=sse" if streaming else "generateContent"
    return Encoded(path_of(model, verb), body, tuple(writer.warnings))


def path_of(model: str, verb: str) -> str:
    """Give the path below the address at which something is asked of a model.

    >>> path_of("models/gemini-2.5-flash", "generateContent")
    '/models/gemini-2.5-flash:generateContent'
    """
    name = model.strip("/").rpartition("publishers/google/")[2].removeprefix("models/")
    place = name if name.startswith(ROOTED) else f"models/{name}"
    return f"/{place}:{verb}"


def _place_system(body: dict[str, Any], writer: _Writer, *, merged: bool) -> None:
    """Put the instructions before all turns, for models that know none into the first."""
    if not merged:
        body["systemInstruction"] = {"parts": writer.system}
        return
    contents = body["contents"]
    if contents and contents[0]["role"] == "user":
        contents[0] = {"role": "user", "parts": [*writer.system, *contents[0]["parts"]]}
    else:
        contents.insert(0, {"role": "user", "parts": writer.system})


class _Writer:
    """Writes one conversation."""

    __slots__ = ("_answers", "_calls", "_facts", "_turns", "system", "warnings")

    def __init__(self, facts: Facts) -> None:
        self.warnings: list[str] = []
        self.system: list[Any] = []
        self._facts = facts
        self._turns: list[Block] = []
        # A call's id -> the name of its function, and whether the id goes along.
        self._calls: dict[Any, tuple[str, bool]] = {}
        # Where the parts of the answers that are being written stand.
        self._answers: list[Block] | None = None

    def write(self, messages: Sequence[BaseMessage]) -> list[Block]:
        turns = self._turns
        for position, message in enumerate(messages):
            # Most of a history is turns of a text and nothing else.
            if (
                len(fields := message.__dict__) == 1
                and (role := PLAIN_ROLES.get(type(message))) is not None
                and type(text := fields.get("content")) is str
                and text
            ):
                self._answers = None
                turns.append({"role": role, "parts": [{"text": text}]})
            else:
                write = WRITERS.get(type(message)) or writer_of(
                    WRITERS, message, f"messages[{position}]"
                )
                write(self, message, f"messages[{position}]")
        if self._facts.signed_calls:
            self._sign()
        return turns

    def user(self, message: BaseMessage, where: str) -> None:
        self._answers = None
        self._turns.append({"role": "user", "parts": write_parts(message.content, where)})

    def instructions(self, message: BaseMessage, where: str) -> None:
        if message.content:
            self.system += write_parts(message.content, where)

    def chat(self, message: ChatMessage, where: str) -> None:
        writer_for_role(ROLES, message.role, where)(self, message, where)

    def tool(self, message: ToolMessage, where: str) -> None:
        name, goes_along = self._calls.get(message.tool_call_id, (None, True))
        name = message.name or name
        parts = write_result(
            message,
            name,
            id=message.tool_call_id if goes_along else None,
            within=self._facts.pictures_in_results,
            where=where,
        )
        if self._answers is None:
            self._answers = []
            self._turns.append({"role": "user", "parts": self._answers})
        self._answers += parts

    def assistant(self, message: BaseMessage, where: str) -> None:
        parts: list[Block] = []
        for block in blocks_of(message):
            part = self._said(block, where)
            if part is not None:
                parts.append(part)
        if parts:
            self._answers = None
            self._turns.append({"role": "model", "parts": parts})

    def _said(self, block: Block, where: str) -> Block | None:
        """Write a block of the model's, or leave out what this provider would not know."""
        kind = block["type"]
        if kind == "refusal":
            # Ours says no more than the reason why the reply ended.
            own = {"block_reason", "finish_reason"} & (block.get("extras") or {}).keys()
            words = block.get("refusal")
            return None if own or not words else {"text": words}
        if kind in MEDIA:
            return sealed(write_media(block, where), block)
        part = write_block(block)
        # What a text rests on has no place in a request.
        self.warnings.extend([Loss(where, "citation")] * len(block.get("annotations") or ()))
        if part is None:
            if kind != "text":
                self.warnings.append(Loss(where, kind))
        elif is_object(call := part.get("functionCall")):
            self._calls[block.get("id")] = (str(call.get("name")), "id" in call)
        return part

    def _sign(self) -> None:
        """Mark calls of the current turn that this model did not make."""
        for turn in reversed(self._turns):
            parts = turn["parts"]
            if turn["role"] == "model":
                first = next((part for part in parts if "functionCall" in part), None)
                if first is not None and "thoughtSignature" not in first:
                    first["thoughtSignature"] = UNSIGNED
            elif not any("functionResponse" in part for part in parts):
                return


PLAIN_ROLES: dict[type[BaseMessage], str] = {HumanMessage: "user", AIMessage: "model"}

WRITERS: dict[type, Callable[[_Writer, Any, str], None]] = {
    AIMessage: _Writer.assistant,
    ChatMessage: _Writer.chat,
    HumanMessage: _Writer.user,
    SystemMessage: _Writer.instructions,
    ToolMessage: _Writer.tool,
}
ROLES: dict[str, Callable[[_Writer, Any, str], None]] = {
    "ai": _Writer.assistant,
    "assistant": _Writer.assistant,
    "developer": _Writer.instructions,
    "human": _Writer.user,
    "model": _Writer.assistant,
    "system": _Writer.instructions,
    "user": _Writer.user,
}
