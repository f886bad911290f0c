"""A tool of an MCP server as a tool of ours, and what it answers as content."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ..messages import AIMessage, BaseMessage, HumanMessage
from ..tools import BaseTool, ToolException

__all__ = ["MCPTool", "make_tool", "message_of"]

Block = dict[str, Any]


class MCPTool(BaseTool):
    """A tool of an MCP server. What is structured in its answer is the message's `artifact`."""

    call: Any = None
    acall: Any = None

    def _run(self, **arguments: Any) -> Any:
        return _read(self.call(arguments))

    async def _arun(self, **arguments: Any) -> Any:
        return _read(await self.acall(arguments))

    def _functions(self) -> tuple[Callable[..., Any] | None, Callable[..., Any] | None]:
        return None if self.call is None else self._run, self._arun


def make_tool(
    listed: Any,
    name: str,
    call: Callable[[dict[str, Any]], Any] | None,
    acall: Callable[[dict[str, Any]], Awaitable[Any]],
    *,
    handles: bool,
) -> MCPTool:
    """Make a tool of what a server says of one, and of the functions that call it there."""
    notes = listed.annotations
    facts: dict[str, Any] = {}
    if notes is not None:
        facts.update(notes.model_dump(by_alias=True, exclude_none=True))
    if listed.meta:
        facts["_meta"] = listed.meta
    return MCPTool(
        name=name,
        description=listed.description or listed.title or name,
        args_schema=listed.input_schema,
        response_format="content_and_artifact",
        metadata=facts or None,
        handle_tool_error=handles,
        call=call,
        acall=acall,
    )


def _read(answer: Any) -> tuple[str | list[Block], Any]:
    """Read what a tool answered: content for the model, and the structured part beside it."""
    blocks = [_block(part) for part in answer.content]
    texts = [block["text"] for block in blocks if block["type"] == "text"]
    if answer.is_error:
        raise ToolException("\n".join(texts) or "the tool failed and did not say why")
    structured = answer.structured_content
    artifact = None if structured is None else {"structured_content": structured}
    content = texts[0] if len(blocks) == len(texts) == 1 else blocks
    return content or "", artifact


def _block(part: Any) -> Block:
    match part.type:
        case "text":
            return {"type": "text", "text": part.text}
        case "image" | "audio":
            return {"type": part.type, "base64": part.data, "mime_type": part.mime_type}
        case "resource":
            return _resource(part.resource)
        case "resource_link":
            return _media(part.mime_type, url=str(part.uri))
        case _:
            return {"type": "non_standard", "value": part.model_dump(mode="json")}


def _resource(resource: Any) -> Block:
    if hasattr(resource, "text"):
        return {"type": "text", "text": resource.text}
    return _media(resource.mime_type, base64=resource.blob)


def _media(mime: str | None, **data: str) -> Block:
    kind = str(mime).partition("/")[0]
    block: Block = {"type": kind if kind in ("audio", "image", "video") else "file", **data}
    return block if mime is None else {**block, "mime_type": mime}


def message_of(prompt: Any) -> BaseMessage:
    """Give a message of a server's prompt."""
    kind = AIMessage if prompt.role == "assistant" else HumanMessage
    block = _block(prompt.content)
    return kind(block["text"] if block["type"] == "text" else [block])
