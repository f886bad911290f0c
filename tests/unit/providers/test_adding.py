"""A vendor is added with one row, and then is like any other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure import providers
from conure.chat_models import init_chat_model
from conure.errors import MissingKeyError
from conure.messages import (
    AIMessage,
    HumanMessage,
    ToolMessage,
    message_chunk_to_message,
    sum_chunks,
)
from conure.providers.compatible import CHAT, REASONING_CONTENT, fields
from conure.providers.profile import Profile
from tests.live.server import Connection, FaultServer, head

DELTAS: list[dict[str, Any]] = [
    {"role": "assistant", "reasoning_content": "hm"},
    {"content": "yes"},
    {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}]},
]


def row(base_url: str) -> Profile:
    return Profile(
        "acme",
        CHAT,
        base_url,
        ("ACME_API_KEY",),
        REASONING_CONTENT,
        extra=fields("sharpness"),
        doc="https://docs.acme.example/api",
    )


def answering(seen: list[Any]) -> Any:
    def answer(connection: Connection) -> None:
        request = connection.request
        assert request is not None
        body = json.loads(request.body)
        seen.append((request.target, request.headers["authorization"], body))
        if body["stream"]:
            choices: list[Any] = [[{"index": 0, "delta": delta}] for delta in DELTAS]
            choices.append([{"index": 0, "delta": {}, "finish_reason": "tool_calls"}])
            lines = [json.dumps({"id": "1", "choices": choice}) for choice in choices]
            data = "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"]).encode()
            kind = "text/event-stream"
        else:
            message = {name: part for delta in DELTAS for name, part in delta.items()}
            choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
            data, kind = json.dumps({"id": "1", "choices": [choice]}).encode(), "application/json"
        connection.send(head(200, {"content-type": kind, "content-length": str(len(data))}) + data)

    return answer


def test_one_row_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    with FaultServer(answering(seen)) as server:
        monkeypatch.setitem(providers.TABLE, "acme", row(f"{server.url}/v1"))
        with pytest.raises(MissingKeyError, match="ACME_API_KEY"):
            init_chat_model("acme:anvil")
        monkeypatch.setenv("ACME_API_KEY", "k")
        model = init_chat_model("acme:anvil", sharpness=3)
        whole = model.invoke("hello")
        history = [HumanMessage("hello"), whole, ToolMessage("done", tool_call_id="c")]
        streamed = message_chunk_to_message(sum_chunks(model.stream(history)))
    assert isinstance(streamed, AIMessage)
    for reply in (whole, streamed):
        blocks: list[Any] = [*reply.content_blocks]
        assert [block["type"] for block in blocks] == ["reasoning", "text", "tool_call"]
        assert blocks[0]["reasoning"] == "hm"
        assert reply.response_metadata["model_provider"] == "acme"
    (target, key, first), (_, _, second) = seen
    assert (target, key) == ("/v1/chat/completions", "Bearer k")
    assert (first["model"], first["sharpness"]) == ("anvil", 3)
    turn = second["messages"][1]
    assert (turn["reasoning_content"], turn["content"]) == ("hm", "yes")
    assert [call["id"] for call in turn["tool_calls"]] == ["c"]


def test_its_page_is_written_from_its_row() -> None:
    from tests.unit.test_docs import generated

    page = generated()["vendor_page"](row("https://api.acme.example/v1"))
    for said in ("# `acme`", "`ACME_API_KEY`", "`sharpness`", "`reasoning_content`"):
        assert said in page
    assert "None of its answers has been recorded yet" in page
