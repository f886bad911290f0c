"""What the model says.

A message that came from a provider keeps the blocks it was decoded from: `content`,
`tool_calls` and the rest are views of them. What a user changes wins over the blocks, and
everything the user left alone goes back to the provider as it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from .calls import check_tool_calls, invalid_call, openai_calls
from .dump import read_decoded
from .field import DEFAULTS, Content, Text, first_look
from .message import BaseMessage
from .reply import Block, Reply, clone, close_block, text_of_blocks
from .standard import reconciled, standard_blocks, standard_reply
from .usage import InputTokenDetails, OutputTokenDetails, UsageMetadata, to_usage

if TYPE_CHECKING:
    from .blocks import ContentBlock, InvalidToolCall, ToolCall

__all__ = ["AIMessage", "InputTokenDetails", "OutputTokenDetails", "UsageMetadata", "provider_of"]


class AIMessage(BaseMessage):
    """What the model says: text, tool calls, reasoning and more.

    >>> call = {"name": "add", "args": {"a": 1, "b": 2}, "id": "call_1"}
    >>> AIMessage(tool_calls=[call]).tool_calls[0]["args"]
    {'a': 1, 'b': 2}
    """

    type: str = "ai"
    content: Content = first_look()
    tool_calls: list[ToolCall] = first_look()
    invalid_tool_calls: list[InvalidToolCall] = first_look()
    usage_metadata: UsageMetadata | None = None

    _fields: ClassVar[tuple[str, ...]] = (
        *BaseMessage._fields,
        "tool_calls",
        "invalid_tool_calls",
        "usage_metadata",
    )
    _reply: Reply | None = None

    def __init__(
        self,
        content: str | Iterable[str | dict[str, Any]] | None = None,
        *,
        content_blocks: Sequence[ContentBlock] | None = None,
        tool_calls: Iterable[Mapping[str, Any]] | None = None,
        invalid_tool_calls: Iterable[Mapping[str, Any]] | None = None,
        usage_metadata: Mapping[str, Any] | None = None,
        decoded: object = None,
        **fields: Any,
    ) -> None:
        if content is None:
            content = ""
        super().__init__(content, content_blocks=content_blocks, **fields)
        if content_blocks is not None and not tool_calls:
            blocks = cast("Sequence[Block]", content_blocks)
            tool_calls = [_call_in(block) for block in blocks if block["type"] == "tool_call"]
        if tool_calls is None and invalid_tool_calls is None and isinstance(self.content, list):
            tool_calls, invalid_tool_calls = _calls_in(cast("list[Any]", self.content))
        if tool_calls:
            self.tool_calls = check_tool_calls(type(self).__name__, tool_calls)
        if invalid_tool_calls:
            self.invalid_tool_calls = [invalid_call(call) for call in invalid_tool_calls]
        if usage_metadata is not None:
            self.usage_metadata = to_usage(usage_metadata)
        if "additional_kwargs" in self.__dict__ and not (tool_calls or invalid_tool_calls):
            self._read_openai_calls()
        if decoded is not None and (kept := read_decoded(decoded, self.content)) is not None:
            self._keep(kept)

    @classmethod
    def of_reply(cls, reply: Reply) -> Self:
        """Make the message of a finished reply."""
        made = cls.__new__(cls)
        made._reply = reply  # noqa: SLF001 - its own
        if reply.id is not None:
            made.id = reply.id
        if reply.usage is not None:
            made.usage_metadata = reply.usage
        return made

    @property
    def text(self) -> Text:
        """The text of the reply, without anything else.

        >>> AIMessage([{"type": "text", "text": "Hi"}]).text
        'Hi'
        """
        content = self.__dict__.get("content")
        if isinstance(content, str):
            return Text(content)
        reply = self._reply
        if reply is None or not self._is_as_it_came():
            return super().text
        return Text(text_of_blocks(reply.blocks))

    def __getstate__(self) -> dict[str, Any]:
        """Look at everything, so that no function of a codec is in a pickle."""
        state = self._public()
        if "_given" in self.__dict__:
            state["_given"] = self.__dict__["_given"]
        if (reply := self._reply) is not None and self._is_as_it_came():
            state["_reply"] = reply.portable()
        return state

    def hidden_blocks(self) -> list[Block] | None:
        if self._reply is None:
            return None
        blocks = self._blocks()
        return None if blocks == self._derived() else blocks

    def _keep(self, blocks: list[Block]) -> None:
        """Take up the written blocks that these fields were a view of."""
        self.__dict__.update(self._public())
        self._reply = Reply(blocks, content=clone(self.content))

    def first_look(self, name: str) -> Any:
        reply = self._reply
        return DEFAULTS[name]() if reply is None else getattr(reply, name)()

    def _is_as_it_came(self) -> bool:
        """Tell whether `content` still is what the reply's blocks show."""
        content = self.__dict__.get("content")
        return content is None or self._reply is None or content == self._reply.content()

    def _blocks(self) -> list[Block]:
        reply = self._reply
        if reply is None or not self._is_as_it_came():
            return self._derived()
        if "tool_calls" not in self.__dict__ and "invalid_tool_calls" not in self.__dict__:
            return reply.blocks
        calls, bad = cast("Any", self.tool_calls), cast("Any", self.invalid_tool_calls)
        return reconciled(reply.blocks, calls, bad)

    def _derived(self) -> list[Block]:
        """Give the blocks that the fields alone would."""
        fields = self.__dict__
        content = fields.get("content")
        bare = type(self) is AIMessage and self._reply is None and _MORE.isdisjoint(fields)
        if bare and isinstance(content, str):
            # What most messages of a long history are.
            return [{"type": "text", "text": content}] if content else []
        calls, bad = cast("Any", self.tool_calls), cast("Any", self.invalid_tool_calls)
        return standard_reply(self.content, calls, bad, self.additional_kwargs)

    def _shown_fields(self) -> list[str]:
        hidden = {f for f in ("name", "id", "usage_metadata") if getattr(self, f) is None}
        return [f"{k}={v!r}" for k, v in self._public().items() if k not in hidden]

    def _read_openai_calls(self) -> None:
        """Read tool calls in OpenAI's shape, as older code puts them in `additional_kwargs`."""
        calls = self.additional_kwargs.get("tool_calls")
        if isinstance(calls, list) and calls:
            good, bad = openai_calls(cast("list[Any]", calls))
            if good:
                self.tool_calls = good
            if bad:
                self.invalid_tool_calls = bad


def provider_of(message: AIMessage) -> str | None:
    """Tell which provider a message came from; None for one that somebody else wrote.

    >>> provider_of(AIMessage("hi")) is None
    True
    """
    if "response_metadata" in message.__dict__:
        return message.response_metadata.get("model_provider")
    reply = message._reply  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    return None if reply is None else reply.provider


_MORE = frozenset({"tool_calls", "invalid_tool_calls", "additional_kwargs"})
"""the fields that say something besides the content"""


_CALLS = frozenset({"custom_tool_call", "function_call", "tool_call", "tool_use"})
"""elements of content, by any maker's name, that are calls of the caller's tools"""


def _calls_in(content: list[Any]) -> tuple[list[Block] | None, list[Block] | None]:
    """Find the calls that stand in content as they do on a wire."""
    elements = [cast("Block", element) for element in content if isinstance(element, dict)]
    calls = [e for e in elements if e.get("type") in _CALLS or "toolUse" in e]
    if not calls:
        return None, None
    blocks = [close_block(block) for block in standard_blocks(calls)]
    good = [{**_call_in(block)} for block in blocks if block["type"] == "tool_call"]
    return good, [block for block in blocks if block["type"] == "invalid_tool_call"]


def _call_in(block: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"name": block.get("name"), "args": clone(block.get("args")), "id": block.get("id")}
