"""What the model says.

A message that came from a provider keeps the blocks it was decoded from: `content`,
`tool_calls` and the rest are views of them. What a user changes wins over the blocks, and
everything the user left alone goes back to the provider as it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from ..errors import ConfigurationError
from .blocks import ContentBlock, InvalidToolCall, ToolCall
from .message import DEFAULTS, BaseMessage, Content, Text, first_look
from .reply import Block, Reply, clone, text_of_blocks
from .usage import UsageMetadata, to_usage

if TYPE_CHECKING:
    from .chunk import AIMessageChunk

__all__ = ["AIMessage", "check_tool_calls"]


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
        **fields: Any,
    ) -> None:
        if content is None:
            content = ""
        super().__init__(content, content_blocks=content_blocks, **fields)
        if content_blocks is not None and not tool_calls:
            blocks = cast("Sequence[Block]", content_blocks)
            tool_calls = [_call_in(block) for block in blocks if block["type"] == "tool_call"]
        if tool_calls:
            self.tool_calls = check_tool_calls(type(self).__name__, tool_calls)
        if invalid_tool_calls:
            self.invalid_tool_calls = [_invalid(call) for call in invalid_tool_calls]
        if usage_metadata is not None:
            self.usage_metadata = to_usage(usage_metadata)
        if "additional_kwargs" in self.__dict__ and not (tool_calls or invalid_tool_calls):
            self._read_openai_calls()

    @classmethod
    def of_reply(cls, reply: Reply) -> Self:
        """Make the message of a finished reply."""
        made = cls.__new__(cls)
        made._reply = reply
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
        reply = self._reply
        if reply is None or "content" in self.__dict__:
            return super().text
        return Text(text_of_blocks(reply.blocks))

    def __getstate__(self) -> dict[str, Any]:
        """Everything looked at, so that no function of a codec is in a pickle."""
        state = self._public()
        if (reply := self._reply) is not None and self._is_as_it_came():
            state["_reply"] = reply.portable()
        return state

    def _first_look(self, name: str) -> Any:
        reply = self._reply
        return DEFAULTS[name]() if reply is None else getattr(reply, name)()

    def _is_as_it_came(self) -> bool:
        """Whether `content` still is what the reply's blocks show."""
        content = self.__dict__.get("content")
        return content is None or self._reply is None or content == self._reply.content()

    def _blocks(self) -> list[Block]:
        reply = self._reply
        if reply is None or not self._is_as_it_came():
            from .standard import standard_reply  # noqa: PLC0415 - keeps import fast

            return standard_reply(
                self.content, self.tool_calls, self.invalid_tool_calls, self.additional_kwargs
            )
        if "tool_calls" not in self.__dict__ and "invalid_tool_calls" not in self.__dict__:
            return reply.blocks
        from .standard import reconciled  # noqa: PLC0415 - keeps import fast

        return reconciled(reply.blocks, self.tool_calls, self.invalid_tool_calls)

    def _shown_fields(self) -> list[str]:
        hidden = {f for f in ("name", "id", "usage_metadata") if getattr(self, f) is None}
        return [f"{k}={v!r}" for k, v in self._public().items() if k not in hidden]

    def _read_openai_calls(self) -> None:
        """Read tool calls in OpenAI's shape, as older code puts them in `additional_kwargs`."""
        calls = self.additional_kwargs.get("tool_calls")
        if isinstance(calls, list) and calls:
            from .coerce import openai_calls  # noqa: PLC0415 - keeps import fast

            good, bad = openai_calls(cast("list[Any]", calls))
            if good:
                self.tool_calls = good
            if bad:
                self.invalid_tool_calls = bad


def check_tool_calls(owner: str, calls: Iterable[Any]) -> list[ToolCall]:
    """Answer tool calls with every key in its place; raise naming the first mistake."""
    return [_call(f"{owner} tool_calls[{i}]", call) for i, call in enumerate(calls)]


_CALL_KEYS = frozenset({"name", "args", "id", "type", "index", "extras"})


def _call(where: str, call: Any) -> ToolCall:
    if not isinstance(call, Mapping):
        raise ConfigurationError(f"{where} must be a dict, not {type(call).__name__}")
    fields = cast("Mapping[str, Any]", call)
    if unknown := fields.keys() - _CALL_KEYS:
        hint = ""
        if "function" in unknown or "arguments" in unknown:
            hint = "; OpenAI's shape goes into a dict message, or through convert_to_messages"
        raise ConfigurationError(
            f"{where} has unknown keys {sorted(unknown)}; it takes name, args and id{hint}"
        )
    name, args = fields.get("name"), fields.get("args")
    if not isinstance(name, str):
        raise ConfigurationError(f"{where}['name'] must be a str, not {type(name).__name__}")
    if not isinstance(args, dict):
        hint = ": parse the JSON text first" if isinstance(args, str) else ""
        raise ConfigurationError(f"{where}['args'] must be a dict, not {type(args).__name__}{hint}")
    number = fields.get("id")
    made: Block = {"name": name, "args": args, "id": None if number is None else str(number)}
    made["type"] = "tool_call"
    if len(fields) > len(made) or not fields.keys() <= made.keys():
        made |= {key: fields[key] for key in ("index", "extras") if key in fields}
    return cast("ToolCall", made)


def _call_in(block: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"name": block.get("name"), "args": clone(block.get("args")), "id": block.get("id")}


def _invalid(call: Mapping[str, Any]) -> InvalidToolCall:
    made = {"type": "invalid_tool_call"} | {k: call.get(k) for k in ("name", "args", "id", "error")}
    made |= {key: call[key] for key in ("index", "extras") if key in call}
    return cast("InvalidToolCall", made)


if TYPE_CHECKING:
    _ = AIMessageChunk
