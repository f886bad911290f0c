"""What is said: messages, their content blocks, and tools for conversations.

Everything of `langchain.messages` and `langchain_core.messages` is here by the same name.
Values only: nothing here knows a provider, a socket or a clock.
"""

from __future__ import annotations

from .ai import AIMessage
from .assemble import Draft, assemble, fields_of
from .chunk import AIMessageChunk, Dresser, message_chunk_to_message, sum_chunks
from .message import (
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    blocks_of,
)
from .tool import ToolMessage
from .usage import InputTokenDetails, OutputTokenDetails, UsageMetadata, add_usage

__all__ = [
    "AIMessage",
    "AIMessageChunk",
    "BaseMessage",
    "ChatMessage",
    "Draft",
    "Dresser",
    "FunctionMessage",
    "HumanMessage",
    "InputTokenDetails",
    "OutputTokenDetails",
    "RemoveMessage",
    "SystemMessage",
    "ToolMessage",
    "UsageMetadata",
    "add_usage",
    "assemble",
    "blocks_of",
    "fields_of",
    "message_chunk_to_message",
    "sum_chunks",
]
