"""Refusals of a model, raised."""

from __future__ import annotations

from typing import Any

from ...chat_models.answers import refusal_of
from ...errors import ModelRefusalError
from ...messages import AIMessage, BaseMessage
from ...runnables.steps import Story
from ..structured_output import StructuredOutputValidationError
from .around import AroundModel, Below
from .types import ModelRequest, ModelResponse

__all__ = ["ModelRefusalMiddleware"]


class ModelRefusalMiddleware(AroundModel):
    """Raise `ModelRefusalError` when the model declines to answer.

    Put it after `ModelFallbackMiddleware`, and another model is asked instead. A refusal is what
    the provider marks as one; texts are not judged.

    >>> from conure.agents import create_agent
    >>> from conure.messages import AIMessage
    >>> from conure.testing import ScriptedChatModel
    >>> no = AIMessage([{"type": "refusal", "refusal": "I would rather not."}])
    >>> agent = create_agent(ScriptedChatModel([no]), middleware=[ModelRefusalMiddleware()])
    >>> agent.invoke({"messages": "Go on!"})
    Traceback (most recent call last):
    conure.errors.ModelRefusalError: the model refused: I would rather not.
    """

    def asking(self, request: ModelRequest[Any], below: Below) -> Story[Any]:
        """Ask, and look whether it was refused."""
        try:
            response: ModelResponse[Any] = yield from below(request)
        except StructuredOutputValidationError as error:
            _raise_if_refused(error.ai_message)
            raise
        for message in response.result:
            _raise_if_refused(message)
        return response


def _raise_if_refused(message: BaseMessage | None) -> None:
    words = refusal_of(message) if isinstance(message, AIMessage) else None
    if words is not None:
        raise ModelRefusalError(f"the model refused: {words}")
