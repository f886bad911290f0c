"""What people call: `init_chat_model` and the model it makes."""

from __future__ import annotations

from .configurable import AlternativeModels, ConfigurableField, ConfigurableModel
from .init import init_chat_model
from .model import ChatModel, ModelRequest
from .remote import RemoteChatModel

__all__ = [
    "AlternativeModels",
    "BaseChatModel",
    "ChatModel",
    "ConfigurableField",
    "ConfigurableModel",
    "ModelRequest",
    "RemoteChatModel",
    "init_chat_model",
]

BaseChatModel = ChatModel
"""the name by which code for `langchain` knows it"""
