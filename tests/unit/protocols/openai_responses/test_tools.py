"""The provider's own tools: what is asked, what comes back, what goes back in the next turn.

A row for each tool: as it is bound, the items a reply has of it, what the caller answers, and the
items which that becomes. https://platform.openai.com/docs/guides/tools
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from conure.messages import AIMessage, HumanMessage, ToolMessage, message_chunk_to_message
from conure.openai import ChatOpenAI
from conure.wire.http import Head

PIXEL = "iVBORw0KGgo="
SCREEN = f"data:image/png;base64,{PIXEL}"


@dataclass
class Tool:
    bound: dict[str, Any]
    items: list[dict[str, Any]] = field(default_factory=list)
    answer: Any = None
    goes: dict[str, Any] | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    blocks: list[str] = field(default_factory=list)
    short: tuple[str, ...] = ()
    """the fields of an item that are all of it that goes back"""


def text(said: str, *notes: dict[str, Any], id: str = "msg_1") -> dict[str, Any]:
    part = {"type": "output_text", "text": said, "annotations": list(notes)}
    return {
        "id": id,
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [part],
    }


def cited(**fields: Any) -> dict[str, Any]:
    return {"start_index": 0, "end_index": 3, "title": "T", "type": "url_citation", **fields}


SEARCH = {"type": "search", "query": "parrots", "queries": ["parrots"]}
FOUND = {**SEARCH, "sources": [{"type": "url", "url": "https://a.org"}]}
RESULT = {"file_id": "file_1", "filename": "a.pdf", "score": 0.9, "text": "…", "attributes": {}}
FILED = {"type": "file_citation", "file_id": "file_1", "filename": "a.pdf", "index": 3}
INSIDE = {"type": "container_file_citation", "container_id": "cntr_1", "file_id": "cfile_1"}
LISTED = {"name": "ask", "description": "Ask", "input_schema": {"type": "object"}}
FUNCTION = {"type": "function", "name": "weather", "parameters": {}, "defer_loading": True}
CHECK = {"id": "cu_sc_1", "code": "malicious_instructions", "message": "Careful."}
IMAGE = {"type": "input_image", "image_url": SCREEN}
PATCH = {"type": "create_file", "path": "a.txt", "diff": "+a\n"}
RAN = [{"stdout": "a.txt\n", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}]
LARK = {"type": "grammar", "syntax": "lark", "definition": 'start: "a"'}
REGEX = {"type": "grammar", "syntax": "regex", "definition": "a+"}


def done(kind: str, id: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "id": id, "status": "completed", **fields}


TOOLS = {
    "web_search": Tool(
        {"type": "web_search", "filters": {"allowed_domains": ["a.org"]}},
        [done("web_search_call", "ws_1", action=FOUND), text("abc", cited(url="https://a.org"))],
        settings={"include": ["web_search_call.action.sources"]},
        blocks=["server_tool_call", "server_tool_result", "text"],
    ),
    "web_search, opening a page": Tool(
        {"type": "web_search_2025_08_26"},
        [done("web_search_call", "ws_1", action={"type": "open_page", "url": "https://a.org"})],
        blocks=["server_tool_call", "server_tool_result"],
    ),
    "image_generation": Tool(
        {"type": "image_generation", "quality": "low", "partial_images": 1},
        [
            done(
                "image_generation_call",
                "ig_1",
                action="generate",
                background="opaque",
                output_format="webp",
                quality="low",
                result=PIXEL,
                revised_prompt="a cat",
                size="1024x1024",
            )
        ],
        blocks=["image"],
        short=("type", "id"),
    ),
    "file_search": Tool(
        {"type": "file_search", "vector_store_ids": ["vs_1"], "max_num_results": 2},
        [done("file_search_call", "fs_1", queries=["q"], results=[RESULT]), text("abc", FILED)],
        settings={"include": ["file_search_call.results"]},
        blocks=["server_tool_call", "server_tool_result", "text"],
    ),
    "tool_search, by the server": Tool(
        {"type": "tool_search"},
        [
            done("tool_search_call", "tsc_1", execution="server", arguments={"paths": ["weather"]}),
            done("tool_search_output", "tso_1", execution="server", tools=[FUNCTION]),
            done("function_call", "fc_1", call_id="call_1", name="weather", arguments='{"a":1}'),
        ],
        ToolMessage("sunny", tool_call_id="call_1"),
        {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
        blocks=["server_tool_call", "server_tool_result", "tool_call"],
    ),
    "tool_search, by the client": Tool(
        {"type": "tool_search", "execution": "client", "description": "d", "parameters": {}},
        [
            done(
                "tool_search_call",
                "tsc_1",
                call_id="call_1",
                execution="client",
                arguments={"goal": "weather"},
            )
        ],
        HumanMessage(
            [
                {
                    "type": "tool_search_output",
                    "call_id": "call_1",
                    "execution": "client",
                    "status": "completed",
                    "tools": [FUNCTION],
                }
            ]
        ),
        {
            "type": "tool_search_output",
            "call_id": "call_1",
            "execution": "client",
            "status": "completed",
            "tools": [FUNCTION],
        },
        blocks=["non_standard"],
    ),
    "computer_use_preview": Tool(
        {
            "type": "computer_use_preview",
            "display_width": 1024,
            "display_height": 768,
            "environment": "browser",
        },
        [
            {"type": "reasoning", "id": "rs_1", "summary": []},
            done(
                "computer_call",
                "cu_1",
                call_id="call_1",
                action={"type": "click", "button": "left", "x": 1, "y": 2},
                pending_safety_checks=[CHECK],
            ),
        ],
        ToolMessage(
            [{"type": "image", "base64": PIXEL, "mime_type": "image/png"}],
            tool_call_id="call_1",
            additional_kwargs={
                "type": "computer_call_output",
                "acknowledged_safety_checks": [CHECK],
            },
        ),
        {
            "type": "computer_call_output",
            "call_id": "call_1",
            "output": IMAGE,
            "acknowledged_safety_checks": [CHECK],
        },
        settings={"truncation": "auto"},
        blocks=["reasoning", "non_standard"],
    ),
    "computer": Tool(
        {"type": "computer"},
        [
            done(
                "computer_call",
                "cu_1",
                call_id="call_1",
                actions=[{"type": "type", "text": "a"}, {"type": "screenshot"}],
                pending_safety_checks=[],
            )
        ],
        ToolMessage([{"type": "computer_screenshot", "image_url": SCREEN}], tool_call_id="call_1"),
        {
            "type": "computer_call_output",
            "call_id": "call_1",
            "output": {"type": "computer_screenshot", "image_url": SCREEN},
        },
        blocks=["non_standard"],
    ),
    "code_interpreter": Tool(
        {"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file_1"]}},
        [
            done(
                "code_interpreter_call",
                "ci_1",
                code="print(27)",
                container_id="cntr_1",
                outputs=[
                    {"type": "logs", "logs": "27\n"},
                    {"type": "image", "url": "https://a.org/x.png"},
                ],
            ),
            text("27.", {**INSIDE, "filename": "a.csv", "start_index": 0, "end_index": 2}),
        ],
        settings={"include": ["code_interpreter_call.outputs"]},
        blocks=["server_tool_call", "server_tool_result", "text"],
    ),
    "apply_patch": Tool(
        {"type": "apply_patch"},
        [done("apply_patch_call", "apc_1", call_id="call_1", operation=PATCH)],
        ToolMessage("Created a.txt", tool_call_id="call_1"),
        {
            "type": "apply_patch_call_output",
            "call_id": "call_1",
            "status": "completed",
            "output": "Created a.txt",
        },
        blocks=["apply_patch_call"],
    ),
    "apply_patch, that failed": Tool(
        {"type": "apply_patch"},
        [done("apply_patch_call", "apc_1", call_id="call_1", operation=PATCH)],
        ToolMessage("No such file", tool_call_id="call_1", status="error"),
        {
            "type": "apply_patch_call_output",
            "call_id": "call_1",
            "status": "failed",
            "output": "No such file",
        },
        blocks=["apply_patch_call"],
    ),
    "mcp": Tool(
        {"type": "mcp", "server_label": "s", "server_url": "https://a.org/mcp"},
        [
            {"type": "mcp_list_tools", "id": "mcpl_1", "server_label": "s", "tools": [LISTED]},
            done(
                "mcp_call",
                "mcp_1",
                server_label="s",
                name="ask",
                arguments='{"q":"a"}',
                output="b",
                approval_request_id="mcpr_0",
            ),
            text("b"),
        ],
        blocks=["server_tool_call", "server_tool_result"] * 2 + ["text"],
    ),
    "mcp, that failed": Tool(
        {"type": "mcp", "server_label": "s", "connector_id": "connector_gmail"},
        [
            {
                "type": "mcp_call",
                "id": "mcp_1",
                "status": "failed",
                "server_label": "s",
                "name": "ask",
                "arguments": "{}",
                "error": {"type": "http_error", "code": 500, "message": "broken"},
            }
        ],
        blocks=["server_tool_call", "server_tool_result"],
    ),
    "mcp, with approval": Tool(
        {"type": "mcp", "server_label": "s", "server_url": "u", "require_approval": "always"},
        [
            {
                "type": "mcp_approval_request",
                "id": "mcpr_1",
                "server_label": "s",
                "name": "ask",
                "arguments": '{"q":"a"}',
            }
        ],
        HumanMessage(
            [
                {
                    "type": "mcp_approval_response",
                    "approve": True,
                    "approval_request_id": "mcpr_1",
                }
            ]
        ),
        {"type": "mcp_approval_response", "approve": True, "approval_request_id": "mcpr_1"},
        blocks=["non_standard"],
    ),
    "shell": Tool(
        {"type": "shell", "environment": {"type": "local"}},
        [
            done(
                "shell_call",
                "sh_1",
                call_id="call_1",
                action={"commands": ["ls"], "max_output_length": 100, "timeout_ms": 1000},
            )
        ],
        ToolMessage("a.txt\n", tool_call_id="call_1"),
        {"type": "shell_call_output", "call_id": "call_1", "output": RAN},
        blocks=["non_standard"],
    ),
    "shell, by the server": Tool(
        {"type": "shell", "environment": {"type": "container_auto"}},
        [
            done("shell_call", "sh_1", call_id="call_1", action={"commands": ["ls"]}),
            done("shell_call_output", "sho_1", call_id="call_1", output=RAN),
            text("a.txt"),
        ],
        blocks=["non_standard", "non_standard", "text"],
    ),
    "local_shell": Tool(
        {"type": "local_shell"},
        [
            done(
                "local_shell_call",
                "lsh_1",
                call_id="call_1",
                action={"type": "exec", "command": ["ls"], "env": {}},
            )
        ],
        ToolMessage("a.txt\n", tool_call_id="call_1"),
        {"type": "local_shell_call_output", "call_id": "call_1", "output": "a.txt\n"},
        blocks=["non_standard"],
    ),
    **{
        f"custom, {name}": Tool(
            {"type": "custom", "name": "run", "description": "Run", **more},
            [
                {"type": "reasoning", "id": "rs_1", "summary": []},
                done("custom_tool_call", "ctc_1", call_id="call_1", name="run", input='a "b"\n'),
            ],
            ToolMessage("27", tool_call_id="call_1"),
            {"type": "custom_tool_call_output", "call_id": "call_1", "output": "27"},
            blocks=["reasoning", "tool_call"],
        )
        for name, more in {
            "free": {},
            "lark": {"format": LARK},
            "regex": {"format": REGEX},
        }.items()
    },
}
ROWS = pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS.keys())


class Provider:
    """A transport that says the items, whole or as a stream, and keeps what it is asked."""

    def __init__(self, items: list[dict[str, Any]]) -> None:
        usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
        facts = {"id": "resp_1", "object": "response", "model": "gpt-5.5", "error": None}
        self.reply = {**facts, "status": "completed", "output": items, "usage": usage}
        self.bodies: list[Any] = []
        self.paths: list[str] = []
        self.left: list[bytes] = []

    def exchange(self) -> Provider:
        return self

    def send(self, request: Any, timeouts: Any) -> Head:
        self.paths.append(request.url.partition("/v1")[2])
        self.bodies.append(json.loads(request.body))
        if not self.bodies[-1]["stream"]:
            self.left = [json.dumps(self.reply).encode()]
            return Head(200, {"content-type": "application/json"})
        self.left = [f"data: {json.dumps(event)}\n\n".encode() for event in events(self.reply)]
        return Head(200, {"content-type": "text/event-stream"})

    def read(self, timeout: float | None) -> bytes:
        return self.left.pop(0) if self.left else b""

    def close(self) -> None:
        pass


PIECES = {
    "code_interpreter_call": ("code", "code_interpreter_call_code"),
    "custom_tool_call": ("input", "custom_tool_call_input"),
    "function_call": ("arguments", "function_call_arguments"),
    "mcp_call": ("arguments", "mcp_call_arguments"),
}
LATE = ("action", "output", "outputs", "queries", "result", "results", "tools", "error")


def events(reply: dict[str, Any]) -> list[dict[str, Any]]:
    """Stream a reply as the provider does: what a tool found comes when its item is done."""
    told: list[dict[str, Any]] = [
        {"type": "response.created", "response": {**reply, "output": [], "usage": None}}
    ]
    for place, item in enumerate(reply["output"]):
        at = {"output_index": place, "item_id": item["id"]}
        name, event = PIECES.get(item["type"], ("", ""))
        opening = {k: v for k, v in item.items() if k not in (*LATE, "content")}
        if name:
            opening[name] = ""
        if "status" in item:
            opening["status"] = "in_progress"
        told.append({"type": "response.output_item.added", **at, "item": opening})
        whole = item.get(name, "")
        for start in range(0, len(whole), 3):
            piece = whole[start : start + 3]
            told.append({"type": f"response.{event}.delta", **at, "delta": piece})
        for number, part in enumerate(item.get("content") or ()):
            within = {**at, "content_index": number}
            told.append({"type": "response.output_text.delta", **within, "delta": part["text"]})
            told += [
                {"type": "response.output_text.annotation.added", **within, "annotation": note}
                for note in part["annotations"]
            ]
        told.append({"type": "response.output_item.done", **at, "item": item})
    return [*told, {"type": "response.completed", "response": reply}]


def bound(tool: Tool) -> tuple[Any, Provider]:
    provider = Provider(tool.items)
    model = ChatOpenAI(model="gpt-5.5", api_key="k", transport=provider, **tool.settings)
    return model.bind_tools([tool.bound]), provider


@ROWS
def test_it_is_asked_for_as_it_is(tool: Tool) -> None:
    model, provider = bound(tool)
    model.invoke("hi")
    assert provider.paths == ["/responses"]
    assert provider.bodies[0]["tools"] == [tool.bound]
    for name, value in tool.settings.items():
        assert provider.bodies[0][name] == value


@ROWS
def test_a_stream_says_what_the_whole_says(tool: Tool) -> None:
    model, _ = bound(tool)
    whole = model.invoke("hi")
    chunks = list(model.stream("hi"))
    streamed = message_chunk_to_message(sum(chunks[1:], chunks[0]))
    assert isinstance(streamed, AIMessage)
    assert streamed.content == whole.content
    assert streamed.content_blocks == whole.content_blocks
    assert streamed.tool_calls == whole.tool_calls
    told = model.stream_events("hi", version="v3").output
    assert told.content_blocks == whole.content_blocks
    assert told.tool_calls == whole.tool_calls


@ROWS
def test_it_is_shown_as_items_and_as_blocks(tool: Tool) -> None:
    model, _ = bound(tool)
    reply = model.invoke("hi")
    for element, item in zip(reply.content, tool.items, strict=True):
        if item["type"] == "message":
            (part,) = item["content"]
            assert (element["type"], element["text"]) == ("text", part["text"])
            assert element["annotations"] == part["annotations"]
        else:
            assert {**element, **item} == element
    assert [block["type"] for block in reply.content_blocks] == tool.blocks


@ROWS
@pytest.mark.parametrize("how", ["whole", "stream", "stored", "content"])
def test_it_goes_back_in_the_next_turn(tool: Tool, how: str) -> None:
    model, provider = bound(tool)
    reply = model.invoke("hi")
    if how == "stream":
        chunks = list(model.stream("hi"))
        reply = message_chunk_to_message(sum(chunks[1:], chunks[0]))
    elif how == "stored":
        reply = AIMessage.model_validate_json(reply.model_dump_json())
    elif how == "content":
        reply = AIMessage(reply.content, tool_calls=reply.tool_calls)
    answers = [HumanMessage("and?")] if tool.answer is None else [tool.answer]
    model.invoke([HumanMessage("hi"), reply, *answers])
    _, *said, last = provider.bodies[-1]["input"]
    wanted = [
        {name: item[name] for name in tool.short} if tool.short else item for item in tool.items
    ]
    assert [plain(item) for item in said] == [plain(item) for item in wanted]
    assert last == (tool.goes or {"type": "message", "role": "user", "content": "and?"})


def plain(item: dict[str, Any]) -> dict[str, Any]:
    made = {name: value for name, value in item.items() if (name, value) != ("status", "completed")}
    if isinstance(made.get("arguments"), str):
        made["arguments"] = json.loads(made["arguments"])
    return made


def test_pictures_grow_in_a_stream() -> None:
    tool = TOOLS["image_generation"]
    (item,) = tool.items
    provider = Provider(tool.items)
    begun = {"type": item["type"], "id": item["id"], "status": "in_progress"}
    at = {"output_index": 0, "item_id": "ig_1"}
    partial = {
        "type": "response.image_generation_call.partial_image",
        **at,
        "partial_image_index": 0,
        "partial_image_b64": "AAAA",
        "output_format": "webp",
    }
    told = [
        {"type": "response.output_item.added", **at, "item": begun},
        partial,
        {**partial, "partial_image_index": 1, "partial_image_b64": "BBBB"},
        {"type": "response.output_item.done", **at, "item": item},
        {"type": "response.completed", "response": provider.reply},
    ]
    provider.send = lambda request, timeouts: (  # type: ignore[method-assign]
        setattr(provider, "left", [f"data: {json.dumps(event)}\n\n".encode() for event in told])
        or Head(200, {"content-type": "text/event-stream"})
    )
    model = ChatOpenAI(model="gpt-5.5", api_key="k", transport=provider).bind_tools([tool.bound])
    chunks = list(model.stream("hi"))
    shown = [
        block for chunk in chunks for block in chunk.content_blocks if block["type"] == "image"
    ]
    assert [block["base64"] for block in shown] == ["AAAA", "BBBB", PIXEL]
    assert [block["extras"].get("partial_index") for block in shown] == [0, 1, None]
    (whole,) = sum(chunks[1:], chunks[0]).content_blocks
    assert (whole["base64"], whole["mime_type"]) == (PIXEL, "image/webp")


def test_an_image_is_edited_by_its_id() -> None:
    model, provider = bound(TOOLS["image_generation"])
    reply = model.invoke("a cat")
    block = {"type": "image_generation_call", "id": "ig_1"}
    for history in (reply, AIMessage(reply.content_blocks), HumanMessage([block])):
        model.invoke([HumanMessage("a cat"), history, HumanMessage("with a hat")])
        assert provider.bodies[-1]["input"][1] == block
