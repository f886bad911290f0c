from __future__ import annotations

import pytest

from conure.messages.standard import standard_blocks

PNG = "data:image/png;base64,AA=="


@pytest.mark.parametrize(
    "element,block",
    [
        # OpenAI's parts
        (
            {"type": "image_url", "image_url": {"url": "https://x/a.png"}},
            {"type": "image", "url": "https://x/a.png"},
        ),
        (
            {"type": "image_url", "image_url": "https://x/a.png"},
            {"type": "image", "url": "https://x/a.png"},
        ),
        (
            {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}},
            {
                "type": "image",
                "base64": "AA==",
                "mime_type": "image/png",
                "extras": {"detail": "low"},
            },
        ),
        (
            {"type": "input_image", "image_url": PNG},
            {"type": "image", "base64": "AA==", "mime_type": "image/png"},
        ),
        (
            {"type": "input_image", "file_id": "f", "detail": "high"},
            {"type": "image", "file_id": "f", "extras": {"detail": "high"}},
        ),
        ({"type": "input_image", "image_url": {"url": "u"}}, {"type": "image", "url": "u"}),
        ({"type": "input_text", "text": "a"}, {"type": "text", "text": "a"}),
        (
            {"type": "output_text", "text": "a", "annotations": []},
            {"type": "text", "text": "a", "annotations": []},
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "AA==", "format": "mp3"}},
            {"type": "audio", "base64": "AA==", "mime_type": "audio/mp3"},
        ),
        (
            {
                "type": "file",
                "file": {"file_data": "data:application/pdf;base64,AA==", "filename": "a.pdf"},
            },
            {
                "type": "file",
                "base64": "AA==",
                "mime_type": "application/pdf",
                "extras": {"filename": "a.pdf"},
            },
        ),
        ({"type": "file", "file": {"file_id": "f"}}, {"type": "file", "file_id": "f"}),
        ({"type": "input_file", "file_url": "u"}, {"type": "file", "url": "u"}),
        ({"type": "input_file", "file_data": "AA=="}, {"type": "file", "base64": "AA=="}),
        ({"type": "video_url", "video_url": {"url": "u"}}, {"type": "video", "url": "u"}),
        ({"type": "video_url", "video_url": "u"}, {"type": "video", "url": "u"}),
        # LangChain 0.3
        ({"type": "image", "source_type": "url", "url": "u"}, {"type": "image", "url": "u"}),
        (
            {
                "type": "audio",
                "source_type": "base64",
                "data": "AA==",
                "mime_type": "audio/wav",
                "x": 1,
            },
            {"type": "audio", "base64": "AA==", "mime_type": "audio/wav", "extras": {"x": 1}},
        ),
        ({"type": "file", "source_type": "id", "id": "f"}, {"type": "file", "file_id": "f"}),
        ({"type": "video", "source_type": "url", "url": "u"}, {"type": "video", "url": "u"}),
        (
            {"type": "file", "source_type": "text", "text": "a", "title": "t"},
            {
                "type": "text-plain",
                "mime_type": "text/plain",
                "text": "a",
                "extras": {"title": "t"},
            },
        ),
        # Anthropic's
        (
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "AA=="},
            },
            {"type": "image", "base64": "AA==", "mime_type": "image/png"},
        ),
        ({"type": "image", "source": {"type": "url", "url": "u"}}, {"type": "image", "url": "u"}),
        (
            {
                "type": "document",
                "source": {"type": "file", "file_id": "f"},
                "title": "t",
                "cache_control": {"type": "ephemeral"},
            },
            {
                "type": "file",
                "file_id": "f",
                "extras": {"title": "t", "cache_control": {"type": "ephemeral"}},
            },
        ),
        (
            {
                "type": "document",
                "source": {"type": "text", "data": "a"},
                "title": "t",
                "citations": {"enabled": True},
            },
            {
                "type": "text-plain",
                "mime_type": "text/plain",
                "text": "a",
                "title": "t",
                "extras": {"citations": {"enabled": True}},
            },
        ),
        (
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "reasoning", "reasoning": "hm", "extras": {"signature": "s"}},
        ),
        (
            {"type": "redacted_thinking", "data": "x"},
            {"type": "reasoning", "reasoning": "", "extras": {"redacted_data": "x"}},
        ),
        (
            {
                "type": "tool_use",
                "id": "1",
                "name": "f",
                "input": {"a": 1},
                "caller": {"type": "direct"},
            },
            {
                "type": "tool_call",
                "id": "1",
                "name": "f",
                "args": {"a": 1},
                "extras": {"caller": {"type": "direct"}},
            },
        ),
        (
            {"type": "tool_use", "id": "1", "name": "f", "input": '{"a"', "index": 2},
            {"type": "tool_call_chunk", "id": "1", "name": "f", "args": '{"a"', "index": 2},
        ),
        (
            {"type": "server_tool_use", "id": "1", "name": "web_search", "input": {"q": "x"}},
            {"type": "server_tool_call", "id": "1", "name": "web_search", "args": {"q": "x"}},
        ),
        (
            {"type": "mcp_tool_use", "id": "1", "name": "f", "server_name": "s", "input": {}},
            {
                "type": "server_tool_call",
                "id": "1",
                "name": "remote_mcp",
                "args": {},
                "extras": {"tool_name": "f", "server_name": "s"},
            },
        ),
        (
            {"type": "web_search_tool_result", "tool_use_id": "1", "content": [1]},
            {
                "type": "server_tool_result",
                "tool_call_id": "1",
                "status": "success",
                "output": [1],
                "extras": {"block_type": "web_search_tool_result"},
            },
        ),
        (
            {
                "type": "web_search_tool_result",
                "tool_use_id": "1",
                "content": {"type": "web_search_tool_result_error"},
            },
            {
                "type": "server_tool_result",
                "tool_call_id": "1",
                "status": "error",
                "output": {"type": "web_search_tool_result_error"},
                "extras": {"block_type": "web_search_tool_result"},
            },
        ),
        (
            {
                "type": "text",
                "text": "a",
                "citations": [
                    {
                        "type": "char_location",
                        "cited_text": "c",
                        "document_title": "d",
                        "start_char_index": 1,
                    }
                ],
            },
            {
                "type": "text",
                "text": "a",
                "annotations": [
                    {
                        "type": "citation",
                        "cited_text": "c",
                        "title": "d",
                        "extras": {"start_char_index": 1},
                    }
                ],
            },
        ),
        # Bedrock Converse
        ({"text": "a"}, {"type": "text", "text": "a"}),
        (
            {"image": {"format": "png", "source": {"bytes": b"\0"}}},
            {"type": "image", "base64": "AA==", "mime_type": "image/png"},
        ),
        (
            {"document": {"format": "pdf", "name": "n", "source": {"bytes": b"\0"}}},
            {
                "type": "file",
                "base64": "AA==",
                "mime_type": "application/pdf",
                "extras": {"name": "n"},
            },
        ),
        (
            {"video": {"format": "mp4", "source": {"s3Location": {"uri": "s3://b"}}}},
            {"type": "video", "url": "s3://b"},
        ),
        (
            {"document": {"format": "txt", "source": {"text": "a"}}},
            {"type": "text-plain", "mime_type": "text/plain", "text": "a"},
        ),
        (
            {"toolUse": {"toolUseId": "1", "name": "f", "input": {}}},
            {"type": "tool_call", "id": "1", "name": "f", "args": {}},
        ),
        (
            {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}},
            {"type": "reasoning", "reasoning": "hm", "extras": {"signature": "s"}},
        ),
        (
            {"type": "reasoning_content", "reasoning_content": {"redactedContent": b"\0"}},
            {"type": "reasoning", "reasoning": "", "extras": {"redacted_content": "AA=="}},
        ),
        # Google's and Mistral's
        (
            {"type": "media", "mime_type": "video/mp4", "file_uri": "gs://x"},
            {"type": "video", "url": "gs://x", "mime_type": "video/mp4"},
        ),
        (
            {"type": "media", "mime_type": "application/pdf", "data": b"\0"},
            {"type": "file", "base64": "AA==", "mime_type": "application/pdf"},
        ),
        (
            {
                "type": "thinking",
                "thinking": [{"type": "text", "text": "h"}, {"type": "text", "text": "m"}],
            },
            {"type": "reasoning", "reasoning": "hm"},
        ),
    ],
)
def test_native_blocks_become_standard_ones(element, block):
    assert standard_blocks([element]) == [block]


@pytest.mark.parametrize(
    "element",
    [
        {"type": "input_image"},
        {"type": "input_file"},
        {"type": "input_audio", "input_audio": {}},
        {"type": "video_url", "video_url": 3},
        {"type": "document", "source": {"type": "content", "content": []}},
        {"type": "document"},
        {"type": "media"},
        {"type": "tool_use"},
        {"type": "web_search_tool_result"},
        {"type": "reasoning_content"},
        {"type": "thinking_summary"},
        {"image": 3},
        {"image": {"format": "png", "source": {}}},
        {"cachePoint": {"type": "default"}},
        {"a": 1, "b": 2},
    ],
)
def test_what_is_not_what_its_type_says_is_kept_whole(element):
    assert standard_blocks([element]) == [{"type": "non_standard", "value": element}]


@pytest.mark.parametrize(
    "element",
    [
        {"type": "image", "source": 3},
        {"type": "file", "file": 3},
        {"type": "image", "source_type": "what"},
        {"type": "audio", "source": 1},
        {"type": "reasoning", "summary": "x"},
        {"type": "text", "text": 3, "source": 1},
    ],
)
def test_a_known_type_in_an_unknown_shape_passes(element):
    assert standard_blocks([element]) == [element]


def test_citations_that_are_no_dicts_are_kept():
    (block,) = standard_blocks([{"type": "text", "text": "a", "citations": ["x"]}])
    assert block["annotations"] == [{"type": "non_standard_annotation", "value": {"value": "x"}}]


def test_an_image_may_have_an_id():
    element = {"type": "image", "source": {"type": "url", "url": "u"}, "id": "i"}
    assert standard_blocks([element]) == [{"type": "image", "url": "u", "id": "i"}]
