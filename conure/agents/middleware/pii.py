"""Personal data kept from the model, or from those who read its answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, cast

from ...messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from .limits import one_of
from .pii_kinds import STRATEGIES, Detector, PIIDetectionError, PIIMatch, detector_of
from .types import AgentMiddleware

__all__ = ["PIIMiddleware"]


class PIIMiddleware(AgentMiddleware[Any, Any, Any]):
    """Take one kind of personal data out of what is said, or refuse it.

    Known are "email", "credit_card", "ip", "mac_address" and "url"; others need a `detector`, a
    regular expression or a function that answers matches. What was found is replaced ("redact"),
    shown in part ("mask"), given a name that is always the same ("hash"), or raises
    `PIIDetectionError` ("block"). Looked at are the user's messages, and if asked for the
    model's answers and the results of tools, all before they are kept. Who streams messages sees
    an answer before it is whole, so before it is looked at.

    >>> from conure.agents import create_agent
    >>> from conure.testing import EchoChatModel
    >>> agent = create_agent(EchoChatModel(), middleware=[PIIMiddleware("email")])
    >>> agent.invoke({"messages": "I am ann@example.com"})["messages"][-1].text
    'I am [REDACTED_EMAIL]'
    """

    def __init__(
        self,
        pii_type: str,
        *,
        strategy: Literal["block", "redact", "mask", "hash"] = "redact",
        detector: Detector | str | None = None,
        apply_to_input: bool = True,
        apply_to_output: bool = False,
        apply_to_tool_results: bool = False,
    ) -> None:
        self.pii_type = pii_type
        self.strategy = one_of(type(self).__name__, "strategy", strategy, "block", *STRATEGIES)
        self.detector = detector_of(pii_type, detector)
        self.apply_to_input = apply_to_input
        self.apply_to_output = apply_to_output
        self.apply_to_tool_results = apply_to_tool_results

    @property
    def name(self) -> str:
        """Its name, and the kind of data: an agent may have one for each."""
        return f"{type(self).__name__}[{self.pii_type}]"

    def before_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Look at what came since the model spoke last."""
        del runtime
        kinds: tuple[type[BaseMessage], ...] = ()
        if self.apply_to_input:
            kinds += (HumanMessage,)
        if self.apply_to_tool_results:
            kinds += (ToolMessage,)
        return self._cleaned([one for one in _news(state["messages"]) if isinstance(one, kinds)])

    def after_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Look at what the model said."""
        del runtime
        said: list[BaseMessage] = state["messages"][-1:] if self.apply_to_output else []
        return self._cleaned([one for one in said if isinstance(one, AIMessage)])

    def _cleaned(self, messages: list[BaseMessage]) -> dict[str, Any] | None:
        changed: list[BaseMessage] = []
        for message in messages:
            content = self._content(message.content)
            if content != message.content:
                changed.append(message.model_copy(update={"content": content}))
        return {"messages": changed} if changed else None

    def _content(self, content: Any) -> Any:
        if isinstance(content, str):
            return self._text(content)
        return [
            self._text(part)
            if isinstance(part, str)
            else {**part, "text": self._text(part["text"])}
            if isinstance(part.get("text"), str)
            else part
            for part in cast("list[Any]", content)
        ]

    def _text(self, text: str) -> str:
        matches = self.detector(text)
        if matches and self.strategy == "block":
            raise PIIDetectionError(self.pii_type, matches)
        return _replaced(text, matches, self.strategy)


def _news(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    found: list[BaseMessage] = []
    for message in reversed(messages):
        if isinstance(message, AIMessage):
            break
        found.append(message)
    return found[::-1]


def _replaced(text: str, matches: list[PIIMatch], strategy: str) -> str:
    pieces: list[str] = []
    at = 0
    for match in sorted(matches, key=lambda one: one["start"]):
        if match["start"] >= at:
            pieces += (text[at : match["start"]], STRATEGIES[strategy](match))
        at = max(at, match["end"])
    return "".join([*pieces, text[at:]])
