"""The models that middleware asks on its own account."""

from __future__ import annotations

from typing import Any, cast

from ...chat_models.init import init_chat_model
from ...chat_models.model import ChatModel
from ...errors import ConfigurationError

__all__ = ["opened"]


def opened(model: str | ChatModel) -> ChatModel:
    """Give the model of a name."""
    if isinstance(model, str):
        return init_chat_model(model)
    if not isinstance(cast("Any", model), ChatModel):
        raise ConfigurationError(f"{model!r} is neither a chat model nor the name of one")
    return model
