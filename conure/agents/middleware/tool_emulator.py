"""Tools that a model plays, to try an agent before they exist."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ...chat_models.model import ChatModel
from ...errors import ConfigurationError
from ...runnables.steps import Invoke, Story
from ...tools import BaseTool
from .around import AroundTools, Below
from .models import opened
from .naming import answer_to, names_of
from .types import ToolCallRequest

__all__ = ["LLMToolEmulator"]


class LLMToolEmulator(AroundTools):
    """Let a model answer in the place of tools: of those named, or of all.

    >>> from conure.agents import create_agent
    >>> from conure.messages import AIMessage
    >>> from conure.testing import ScriptedChatModel
    >>> def launch(rocket: str) -> str:
    ...     '''Launch a rocket.'''
    ...     raise NotImplementedError
    >>> call = {"name": "launch", "args": {"rocket": "A"}, "id": "1", "type": "tool_call"}
    >>> model = ScriptedChatModel([AIMessage("", tool_calls=[call]), "It flies."])
    >>> playing = LLMToolEmulator(model=ScriptedChatModel(["lift-off at 9:00"]))
    >>> agent = create_agent(model, [launch], middleware=[playing])
    >>> agent.invoke({"messages": "Launch it."})["messages"][-2].text
    'lift-off at 9:00'
    """

    def __init__(
        self, *, tools: Sequence[str | BaseTool] | None = None, model: str | ChatModel | None = None
    ) -> None:
        if model is None:
            raise ConfigurationError(
                'LLMToolEmulator needs the model that plays the tools: model="provider:model"'
            )
        self.model = opened(model)
        self._names = names_of(tools, type(self).__name__)

    def calling(self, request: ToolCallRequest, below: Below) -> Story[Any]:
        """Ask the model for what the tool would answer."""
        call = request.tool_call
        if self._names is not None and call["name"] not in self._names:
            return (yield from below(request))
        about = request.tool.description if request.tool else "(nothing is known of it)"
        prompt = (
            f"Play a tool that a program calls. Its name: {call['name']}. What it does: {about}\n"
            f"It is called with {json.dumps(call['args'], default=str)}. Write what it would "
            "answer, true to life, and nothing else."
        )
        reply = yield from Invoke(self.model, prompt, None)
        return answer_to(call, reply.content, status="success")
