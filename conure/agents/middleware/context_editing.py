"""What the model is shown of a long conversation: old results of tools left out.

The state keeps them; only the question to the model is shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, Protocol, TypeAlias, cast

from msgspec import Struct

from ...errors import ConfigurationError
from ...messages import AIMessage, BaseMessage, ToolMessage
from ...messages.count import count_tokens_approximately
from ...runnables.steps import Call, Story
from .around import AroundModel, Below
from .limits import one_of
from .types import ModelRequest

__all__ = ["ClearToolUsesEdit", "ContextEdit", "ContextEditingMiddleware", "TokenCounter"]

TokenCounter: TypeAlias = Callable[[Sequence[BaseMessage]], int]


class ContextEdit(Protocol):
    """One way to shorten a conversation: changes the list in its place, not its messages."""

    def apply(self, messages: list[Any], *, count_tokens: TokenCounter) -> None:
        """Shorten it."""
        ...


class ClearToolUsesEdit(Struct, kw_only=False):
    """Put a placeholder in the place of old results of tools, once there are `trigger` tokens.

    The last `keep` results stay, and those of `exclude_tools`. With `clear_at_least` it stops
    when so many tokens are saved; with `clear_tool_inputs` the arguments of the calls go too.

    >>> from conure.messages import HumanMessage
    >>> call = {"name": "read", "args": {}, "id": "1", "type": "tool_call"}
    >>> said = [AIMessage("", tool_calls=[call]), ToolMessage("a long page", "1", name="read")]
    >>> ClearToolUsesEdit(trigger=0, keep=0).apply(said, count_tokens=len)
    >>> said[-1].content
    '[cleared]'
    """

    trigger: int = 100_000
    clear_at_least: int = 0
    keep: int = 3
    clear_tool_inputs: bool = False
    exclude_tools: Sequence[str] = ()
    placeholder: str = "[cleared]"

    def __post_init__(self) -> None:
        for name in ("trigger", "clear_at_least", "keep"):
            if getattr(self, name) < 0:
                raise ConfigurationError(f"ClearToolUsesEdit: {name} must not be negative")

    def apply(self, messages: list[Any], *, count_tokens: TokenCounter) -> None:
        """Clear what is old, the oldest first."""
        tokens = count_tokens(messages)
        if tokens <= self.trigger:
            return
        places = [at for at, one in enumerate(messages) if isinstance(one, ToolMessage)]
        for at in places[: max(0, len(places) - self.keep)]:
            asked = self._asked_at(messages, at)
            if asked is None:
                continue
            messages[at] = self._cleared(messages[at])
            if self.clear_tool_inputs:
                messages[asked] = _without_arguments(messages[asked], messages[at].tool_call_id)
            if self.clear_at_least and tokens - count_tokens(messages) >= self.clear_at_least:
                return

    def _asked_at(self, messages: list[Any], at: int) -> int | None:
        """Find the reply that made the call; None where the result is to stay."""
        result: ToolMessage = messages[at]
        if result.response_metadata.get("context_editing", {}).get("cleared"):
            return None
        for place in range(at - 1, -1, -1):
            message = messages[place]
            if isinstance(message, AIMessage):
                for call in message.tool_calls:
                    if call["id"] == result.tool_call_id:
                        name = result.name or call["name"]
                        return None if name in self.exclude_tools else place
                return None
        return None

    def _cleared(self, result: ToolMessage) -> ToolMessage:
        note = {"cleared": True, "strategy": "clear_tool_uses"}
        metadata = {**result.response_metadata, "context_editing": note}
        return result.model_copy(
            update={
                "content": self.placeholder,
                "artifact": None,
                "response_metadata": metadata,
            }
        )


def _without_arguments(message: AIMessage, call_id: str) -> AIMessage:
    calls: list[Any] = [{**c, "args": {}} if c["id"] == call_id else c for c in message.tool_calls]
    before = message.response_metadata.get("context_editing", {})
    ids = sorted({*before.get("cleared_tool_inputs", ()), call_id})
    metadata = {
        **message.response_metadata,
        "context_editing": {**before, "cleared_tool_inputs": ids},
    }
    return message.model_copy(update={"tool_calls": calls, "response_metadata": metadata})


class ContextEditingMiddleware(AroundModel):
    """Shorten what the model is shown of a long conversation; the state keeps all of it.

    Tokens are estimated ("approximate"), counted by the model ("model") or by `token_counter`.

    >>> from conure.agents import create_agent
    >>> from conure.testing import EchoChatModel
    >>> editing = ContextEditingMiddleware(edits=[ClearToolUsesEdit(trigger=50_000, keep=2)])
    >>> agent = create_agent(EchoChatModel(), middleware=[editing])
    >>> agent.invoke({"messages": "hello"})["messages"][-1].text
    'hello'
    """

    def __init__(
        self,
        *,
        edits: Iterable[ContextEdit] | None = None,
        token_count_method: Literal["approximate", "model"] = "approximate",  # noqa: S107 - no secret
        token_counter: TokenCounter | None = None,
    ) -> None:
        where = type(self).__name__
        self.edits: list[ContextEdit] = [ClearToolUsesEdit()] if edits is None else list(edits)
        for edit in self.edits:
            if not callable(getattr(cast("Any", edit), "apply", None)):
                raise ConfigurationError(f"{where}: {edit!r} is no edit: it has no apply()")
        self.token_count_method = one_of(
            where, "token_count_method", token_count_method, "approximate", "model"
        )
        self._asks_the_model = token_counter is None and token_count_method == "model"  # noqa: S105
        self.token_counter = token_counter

    def asking(self, request: ModelRequest[Any], below: Below) -> Story[Any]:
        """Show the model less."""
        if not request.messages:
            return (yield from below(request))
        shorter = list(request.messages)

        def shorten() -> None:
            for edit in self.edits:
                edit.apply(shorter, count_tokens=self._counter(request))

        # Counting may ask the provider.
        yield from Call(shorten, blocking=self._asks_the_model)
        return (yield from below(request.override(messages=shorter)))

    def _counter(self, request: ModelRequest[Any]) -> TokenCounter:
        if self.token_counter is not None:
            return self.token_counter
        if not self._asks_the_model:
            return count_tokens_approximately
        system = [] if request.system_message is None else [request.system_message]

        def count(messages: Sequence[BaseMessage]) -> int:
            model: Any = request.model
            return model.get_num_tokens_from_messages([*system, *messages], request.tools)

        return count
