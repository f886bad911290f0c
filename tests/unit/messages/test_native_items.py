from __future__ import annotations

import pytest

from conure.messages.standard import standard_blocks


@pytest.mark.parametrize(
    "item,blocks",
    [
        (
            {
                "type": "reasoning",
                "id": "rs",
                "summary": [
                    {"type": "summary_text", "text": "a"},
                    {"type": "summary_text", "text": "b"},
                ],
                "encrypted_content": "e",
            },
            [
                {
                    "type": "reasoning",
                    "reasoning": "a",
                    "id": "rs",
                    "extras": {"encrypted_content": "e"},
                },
                {"type": "reasoning", "reasoning": "b", "id": "rs"},
            ],
        ),
        (
            {"type": "reasoning", "id": "rs", "summary": []},
            [{"type": "reasoning", "reasoning": "", "id": "rs"}],
        ),
        (
            {
                "type": "reasoning",
                "summary": [],
                "content": [{"type": "reasoning_text", "text": "raw"}],
            },
            [
                {
                    "type": "reasoning",
                    "reasoning": "raw",
                    "extras": {"content": [{"type": "reasoning_text", "text": "raw"}]},
                }
            ],
        ),
        (
            {
                "type": "function_call",
                "id": "fc",
                "call_id": "c",
                "name": "f",
                "arguments": '{"a": 1}',
                "status": "completed",
            },
            [
                {
                    "type": "tool_call",
                    "name": "f",
                    "args": {"a": 1},
                    "id": "c",
                    "extras": {"item_id": "fc", "status": "completed"},
                }
            ],
        ),
        (
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{"},
            [
                {
                    "type": "invalid_tool_call",
                    "name": "f",
                    "args": "{",
                    "id": "c",
                    "error": "arguments are cut off: not a whole JSON object",
                }
            ],
        ),
        (
            {
                "type": "custom_tool_call",
                "id": "ct",
                "call_id": "c",
                "name": "code",
                "input": "print()",
            },
            [
                {
                    "type": "tool_call",
                    "name": "code",
                    "args": {"__arg1": "print()"},
                    "id": "c",
                    "extras": {"item_id": "ct", "type": "custom_tool_call"},
                }
            ],
        ),
        (
            {
                "type": "web_search_call",
                "id": "ws",
                "status": "completed",
                "action": {"type": "search", "query": "q", "sources": [1]},
            },
            [
                {
                    "type": "server_tool_call",
                    "name": "web_search",
                    "args": {"type": "search", "query": "q"},
                    "id": "ws",
                },
                {
                    "type": "server_tool_result",
                    "tool_call_id": "ws",
                    "status": "success",
                    "output": {"sources": [1]},
                },
            ],
        ),
        (
            {
                "type": "file_search_call",
                "id": "fs",
                "status": "failed",
                "queries": ["q"],
                "results": None,
            },
            [
                {
                    "type": "server_tool_call",
                    "name": "file_search",
                    "args": {"queries": ["q"]},
                    "id": "fs",
                },
                {"type": "server_tool_result", "tool_call_id": "fs", "status": "error"},
            ],
        ),
        (
            {
                "type": "code_interpreter_call",
                "id": "ci",
                "code": "1",
                "container_id": "cn",
                "outputs": [2],
            },
            [
                {
                    "type": "server_tool_call",
                    "name": "code_interpreter",
                    "args": {"code": "1"},
                    "id": "ci",
                    "extras": {"container_id": "cn"},
                },
                {
                    "type": "server_tool_result",
                    "tool_call_id": "ci",
                    "status": "success",
                    "output": [2],
                },
            ],
        ),
        (
            {
                "type": "mcp_call",
                "id": "m",
                "name": "f",
                "server_label": "s",
                "arguments": '{"a": 1}',
                "output": "o",
            },
            [
                {
                    "type": "server_tool_call",
                    "name": "remote_mcp",
                    "id": "m",
                    "args": {"a": 1},
                    "extras": {"tool_name": "f", "server_label": "s"},
                },
                {
                    "type": "server_tool_result",
                    "tool_call_id": "m",
                    "status": "success",
                    "output": "o",
                },
            ],
        ),
        (
            {"type": "mcp_call", "id": "m", "name": "f", "arguments": "{", "error": "e"},
            [
                {
                    "type": "server_tool_call",
                    "name": "remote_mcp",
                    "id": "m",
                    "args": {"arguments": "{"},
                    "extras": {"tool_name": "f"},
                },
                {
                    "type": "server_tool_result",
                    "tool_call_id": "m",
                    "status": "error",
                    "extras": {"error": "e"},
                },
            ],
        ),
        (
            {"type": "mcp_list_tools", "id": "l", "server_label": "s", "tools": [1]},
            [
                {
                    "type": "server_tool_call",
                    "name": "mcp_list_tools",
                    "args": {},
                    "id": "l",
                    "extras": {"server_label": "s"},
                },
                {
                    "type": "server_tool_result",
                    "tool_call_id": "l",
                    "status": "success",
                    "output": [1],
                },
            ],
        ),
        (
            {
                "type": "tool_search_call",
                "id": "t",
                "execution": "server",
                "arguments": {"q": 1},
                "status": "completed",
            },
            [
                {
                    "type": "server_tool_call",
                    "name": "tool_search",
                    "id": "t",
                    "args": {"q": 1},
                    "extras": {"execution": "server", "status": "completed"},
                }
            ],
        ),
        (
            {"type": "tool_search_output", "id": "t", "execution": "server", "tools": [1]},
            [
                {
                    "type": "server_tool_result",
                    "tool_call_id": "t",
                    "status": "success",
                    "output": {"tools": [1]},
                    "extras": {"name": "tool_search", "execution": "server"},
                }
            ],
        ),
        (
            {
                "type": "image_generation_call",
                "id": "i",
                "result": "AA==",
                "output_format": "webp",
                "status": "completed",
            },
            [
                {
                    "type": "image",
                    "id": "i",
                    "base64": "AA==",
                    "mime_type": "image/webp",
                    "extras": {"output_format": "webp", "status": "completed"},
                }
            ],
        ),
        (
            {
                "type": "message",
                "id": "msg",
                "phase": "final",
                "role": "assistant",
                "content": [
                    {"type": "output_text", "text": "a"},
                    {"type": "refusal", "refusal": "no"},
                ],
            },
            [
                {"type": "text", "text": "a", "id": "msg", "phase": "final"},
                {"type": "refusal", "refusal": "no", "id": "msg", "phase": "final"},
            ],
        ),
        (
            {
                "type": "apply_patch_call",
                "call_id": "c",
                "operation": {"type": "update_file"},
                "status": "completed",
            },
            [
                {
                    "type": "apply_patch_call",
                    "call_id": "c",
                    "operation": {"type": "update_file"},
                    "status": "completed",
                }
            ],
        ),
    ],
)
def test_items(item, blocks):
    assert standard_blocks([item]) == blocks


@pytest.mark.parametrize(
    "item",
    [
        {"type": "computer_call", "call_id": "c"},
        {"type": "local_shell_call", "id": "l"},
        {"type": "mcp_approval_request", "id": "m"},
        {"type": "compaction", "encrypted_content": "x"},
        {"type": "tool_search_call", "execution": "client"},
        {"type": "tool_search_output", "execution": "client"},
        {"type": "something_new", "x": 1},
        {"type": "function_call"},
        {"type": "message"},
    ],
)
def test_items_of_other_kinds_are_kept_whole(item):
    assert standard_blocks([item]) == [{"type": "non_standard", "value": item}]


def test_items_that_are_not_finished():
    assert standard_blocks([{"type": "web_search_call", "id": "w", "status": "in_progress"}]) == [
        {
            "type": "server_tool_call",
            "name": "web_search",
            "args": {},
            "id": "w",
            "extras": {"status": "in_progress"},
        },
        {"type": "server_tool_result", "tool_call_id": "w", "status": "success"},
    ]
    assert standard_blocks([{"type": "image_generation_call", "id": "i"}]) == [
        {"type": "image", "id": "i", "mime_type": "image/png"}
    ]
