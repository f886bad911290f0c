"""What is said: messages, their content blocks, and tools for conversations.

Everything of `langchain.messages` and `langchain_core.messages` is here by the same name. Values
only: nothing here knows a provider, a socket or a clock. What a call does not need is loaded
when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from .ai import AIMessage, provider_of
from .assemble import Draft, assemble
from .chunk import AIMessageChunk, Dresser, message_chunk_to_message, sum_chunks
from .chunks import (
    ChatMessageChunk,
    FunctionMessageChunk,
    HumanMessageChunk,
    SystemMessageChunk,
    ToolMessageChunk,
)
from .coerce import MessageLikeRepresentation, convert_to_messages, to_messages
from .message import (
    BaseMessage,
    BaseMessageChunk,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    blocks_of,
)
from .tool import ToolMessage
from .usage import InputTokenDetails, OutputTokenDetails, UsageMetadata, add_usage

if TYPE_CHECKING:
    from .blocks import (
        KNOWN_BLOCK_TYPES,
        Annotation,
        AudioContentBlock,
        Citation,
        ContentBlock,
        DataContentBlock,
        FileContentBlock,
        ImageContentBlock,
        InvalidToolCall,
        NonStandardAnnotation,
        NonStandardContentBlock,
        PlainTextContentBlock,
        ReasoningContentBlock,
        RefusalContentBlock,
        ServerToolCall,
        ServerToolCallChunk,
        ServerToolResult,
        TextContentBlock,
        ToolCall,
        ToolCallChunk,
        VideoContentBlock,
        is_data_content_block,
    )
    from .buffer import get_buffer_string
    from .count import count_tokens_approximately
    from .create import (
        LC_AUTO_PREFIX,
        LC_ID_PREFIX,
        create_audio_block,
        create_citation,
        create_file_block,
        create_image_block,
        create_non_standard_block,
        create_plaintext_block,
        create_reasoning_block,
        create_text_block,
        create_tool_call,
        create_video_block,
        ensure_id,
    )
    from .filter import filter_messages, merge_message_runs
    from .history import REMOVE_ALL_MESSAGES, add_messages
    from .merge import merge_content
    from .notification import (
        NotificationMetadata,
        add_notification_metadata,
        get_notification_metadata,
    )
    from .openai_shape import (
        convert_to_openai_data_block,
        convert_to_openai_image_block,
        convert_to_openai_messages,
    )
    from .serialize import (
        from_json,
        message_to_dict,
        messages_from_dict,
        messages_to_dict,
        to_json,
    )
    from .trim import trim_messages

__all__ = [
    "KNOWN_BLOCK_TYPES",
    "LC_AUTO_PREFIX",
    "LC_ID_PREFIX",
    "REMOVE_ALL_MESSAGES",
    "AIMessage",
    "AIMessageChunk",
    "Annotation",
    "AnyMessage",
    "AudioContentBlock",
    "BaseMessage",
    "BaseMessageChunk",
    "ChatMessage",
    "ChatMessageChunk",
    "Citation",
    "ContentBlock",
    "DataContentBlock",
    "Draft",
    "Dresser",
    "FileContentBlock",
    "FunctionMessage",
    "FunctionMessageChunk",
    "HumanMessage",
    "HumanMessageChunk",
    "ImageContentBlock",
    "InputTokenDetails",
    "InvalidToolCall",
    "MessageLikeRepresentation",
    "NonStandardAnnotation",
    "NonStandardContentBlock",
    "NotificationMetadata",
    "OutputTokenDetails",
    "PlainTextContentBlock",
    "ReasoningContentBlock",
    "RefusalContentBlock",
    "RemoveMessage",
    "ServerToolCall",
    "ServerToolCallChunk",
    "ServerToolResult",
    "SystemMessage",
    "SystemMessageChunk",
    "TextContentBlock",
    "ToolCall",
    "ToolCallChunk",
    "ToolMessage",
    "ToolMessageChunk",
    "UsageMetadata",
    "VideoContentBlock",
    "add_messages",
    "add_notification_metadata",
    "add_usage",
    "assemble",
    "blocks_of",
    "convert_to_messages",
    "convert_to_openai_data_block",
    "convert_to_openai_image_block",
    "convert_to_openai_messages",
    "count_tokens_approximately",
    "create_audio_block",
    "create_citation",
    "create_file_block",
    "create_image_block",
    "create_non_standard_block",
    "create_plaintext_block",
    "create_reasoning_block",
    "create_text_block",
    "create_tool_call",
    "create_video_block",
    "ensure_id",
    "filter_messages",
    "from_json",
    "get_buffer_string",
    "get_notification_metadata",
    "is_data_content_block",
    "merge_content",
    "merge_message_runs",
    "message_chunk_to_message",
    "message_to_dict",
    "messages_from_dict",
    "messages_to_dict",
    "provider_of",
    "sum_chunks",
    "to_json",
    "to_messages",
    "trim_messages",
]

AnyMessage: TypeAlias = (
    AIMessage
    | HumanMessage
    | ChatMessage
    | SystemMessage
    | FunctionMessage
    | ToolMessage
    | RemoveMessage
)
"""any message of a history, for type annotations and pydantic fields"""

_ROOMS = {
    "blocks": (
        *("KNOWN_BLOCK_TYPES", "Annotation", "AudioContentBlock", "Citation", "ContentBlock"),
        *("DataContentBlock", "FileContentBlock", "ImageContentBlock", "InvalidToolCall"),
        *("NonStandardAnnotation", "NonStandardContentBlock", "PlainTextContentBlock"),
        *("ReasoningContentBlock", "RefusalContentBlock", "ServerToolCall"),
        *("ServerToolCallChunk", "ServerToolResult", "TextContentBlock", "ToolCall"),
        *("ToolCallChunk", "VideoContentBlock", "is_data_content_block"),
    ),
    "buffer": ("get_buffer_string",),
    "count": ("count_tokens_approximately",),
    "create": (
        *("LC_AUTO_PREFIX", "LC_ID_PREFIX", "create_audio_block", "create_citation"),
        *("create_file_block", "create_image_block", "create_non_standard_block"),
        *("create_plaintext_block", "create_reasoning_block", "create_text_block"),
        *("create_tool_call", "create_video_block", "ensure_id"),
    ),
    "filter": ("filter_messages", "merge_message_runs"),
    "merge": ("merge_content",),
    "notification": (
        *("NotificationMetadata", "add_notification_metadata", "get_notification_metadata"),
    ),
    "history": ("REMOVE_ALL_MESSAGES", "add_messages"),
    "openai_shape": (
        *("convert_to_openai_data_block", "convert_to_openai_image_block"),
        "convert_to_openai_messages",
    ),
    "serialize": (
        *("from_json", "message_to_dict", "messages_from_dict", "messages_to_dict", "to_json"),
    ),
    "trim": ("trim_messages",),
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    if room := _HOMES.get(name):
        return getattr(import_module(f".{room}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
