"""The functions that `langchain_core.messages.utils` has, under the path people import from."""

from __future__ import annotations

from .. import AnyMessage
from ..buffer import get_buffer_string
from ..chunk import message_chunk_to_message
from ..coerce import MessageLikeRepresentation, convert_to_messages
from ..count import count_tokens_approximately
from ..filter import filter_messages, merge_message_runs
from ..openai_shape import convert_to_openai_messages
from ..serialize import messages_from_dict
from ..trim import trim_messages

__all__ = [
    "AnyMessage",
    "MessageLikeRepresentation",
    "convert_to_messages",
    "convert_to_openai_messages",
    "count_tokens_approximately",
    "filter_messages",
    "get_buffer_string",
    "merge_message_runs",
    "message_chunk_to_message",
    "messages_from_dict",
    "trim_messages",
]
