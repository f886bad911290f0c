"""Other models to ask when one fails."""

from __future__ import annotations

from typing import Any

from ...chat_models.model import ChatModel
from ...errors import ConfigurationError
from ...runnables.steps import Story
from .around import AroundModel, Below
from .models import opened
from .types import ModelRequest

__all__ = ["ModelFallbackMiddleware"]


class ModelFallbackMiddleware(AroundModel):
    """Ask another model when one fails, and the next when that fails too.

    When all have failed the last error is raised; the ones before it are its notes.

    >>> from conure.agents import create_agent
    >>> from conure.testing import EchoChatModel, ScriptedChatModel
    >>> down = ScriptedChatModel([ConnectionError("no network")])
    >>> agent = create_agent(down, middleware=[ModelFallbackMiddleware(EchoChatModel())])
    >>> agent.invoke({"messages": "hello"})["messages"][-1].text
    'hello'
    """

    def __init__(self, first_model: str | ChatModel, *additional_models: str | ChatModel) -> None:
        self.models = [opened(one) for one in (first_model, *additional_models)]

    def asking(self, request: ModelRequest[Any], below: Below) -> Story[Any]:
        """Ask one after the other."""
        failed: list[str] = []
        for model in (request.model, *self.models):
            try:
                return (yield from below(request.override(model=model)))
            except ConfigurationError:
                raise  # what is wrong with the program is not better elsewhere
            except Exception as error:
                if model is self.models[-1]:
                    for note in failed:
                        error.add_note(note)
                    raise
                failed.append(f"before it {_model_name(model)} failed: {error!r}")
        raise AssertionError


def _model_name(model: Any) -> str:
    return str(getattr(model, "model", None) or type(model).__name__)
