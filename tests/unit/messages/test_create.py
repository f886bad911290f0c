from __future__ import annotations

import pytest

from conure.errors import ConfigurationError
from conure.messages import (
    KNOWN_BLOCK_TYPES,
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
    is_data_content_block,
)

DATA = [
    (create_image_block, "image"),
    (create_audio_block, "audio"),
    (create_video_block, "video"),
    (create_file_block, "file"),
]


def test_ids_are_made_up_unless_given():
    assert ensure_id("1") == "1"
    assert ensure_id(None).startswith("lc_")
    assert create_text_block("a")["id"] != create_text_block("a")["id"]
    assert create_text_block("a", id="1") == {"type": "text", "text": "a", "id": "1"}


@pytest.mark.parametrize("make,kind", DATA)
def test_data_blocks(make, kind):
    assert make(url="u", id="1") == {"type": kind, "url": "u", "id": "1"}
    assert make(base64="AA==", mime_type="x/y", id="1", index=2, detail="low", none=None) == {
        "type": kind,
        "base64": "AA==",
        "mime_type": "x/y",
        "id": "1",
        "index": 2,
        "extras": {"detail": "low"},
    }
    assert make(file_id="f", id="1")["file_id"] == "f"
    with pytest.raises(ConfigurationError, match=f"{kind}.*needs url, base64 or file_id"):
        make()
    with pytest.raises(ConfigurationError, match="needs its mime_type"):
        make(base64="AA==")


def test_other_blocks():
    assert create_reasoning_block(id="1") == {"type": "reasoning", "reasoning": "", "id": "1"}
    assert create_tool_call("f", {"a": 1}, id="1", x=2) == {
        "type": "tool_call",
        "name": "f",
        "args": {"a": 1},
        "id": "1",
        "extras": {"x": 2},
    }
    assert create_plaintext_block("a", title="t", id="1") == {
        "type": "text-plain",
        "mime_type": "text/plain",
        "text": "a",
        "title": "t",
        "id": "1",
    }
    assert create_citation(url="u", start_index=0, id="1") == {
        "type": "citation",
        "url": "u",
        "start_index": 0,
        "id": "1",
    }
    assert create_non_standard_block({"x": 1}, id="1") == {
        "type": "non_standard",
        "value": {"x": 1},
        "id": "1",
    }


@pytest.mark.parametrize(
    "block,data",
    [
        ({"type": "image", "url": "u"}, True),
        ({"type": "file", "file_id": "f"}, True),
        ({"type": "text-plain", "text": "a"}, True),
        ({"type": "audio", "source_type": "base64", "data": "x"}, True),
        ({"type": "audio", "source_type": "what"}, False),
        ({"type": "image", "source": {}}, False),
        ({"type": "text", "text": "a"}, False),
        ("image", False),
    ],
)
def test_data_blocks_are_recognised(block, data):
    assert is_data_content_block(block) is data


def test_known_types():
    assert {"text", "image", "tool_call", "text-plain", "non_standard"} <= KNOWN_BLOCK_TYPES
    assert "image_url" not in KNOWN_BLOCK_TYPES
