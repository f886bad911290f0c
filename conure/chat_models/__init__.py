"""What people call: `init_chat_model` and the model it makes."""

from __future__ import annotations

from ..runnables.choice import ConfigurableField
from .configurable import AlternativeModels, ConfigurableModel
from .counting import TokenCounter
from .init import init_chat_model
from .model import ChatModel
from .remote import RemoteChatModel
from .telling import ModelRequest

__all__ = [
    "AlternativeModels",
    "BaseChatModel",
    "ChatModel",
    "ConfigurableField",
    "ConfigurableModel",
    "ModelRequest",
    "RemoteChatModel",
    "TokenCounter",
    "init_chat_model",
]

BaseChatModel = ChatModel
"""the name by which code for `langchain` knows it"""
