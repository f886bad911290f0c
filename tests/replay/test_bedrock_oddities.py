"""What real Bedrock traffic does that a codec must survive: one test for each oddity.

The numbers are those of ../shared/traffic/oddities.md.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure import errors
from conure.aws import ChatAnthropicBedrock, ChatBedrockConverse
from conure.messages import assemble
from conure.messages.events import BlockStart, Failure, Finish, UsageReport
from conure.protocols import anthropic_messages
from conure.protocols.frames import ChunkDecoder
from tests.live.server import FaultServer, chunked
from tests.providers.bedrock import STREAM
from tests.replay import test_bedrock_anthropic as claude
from tests.replay.bedrock_oracle import frames
from tests.replay.test_bedrock import DIALECT, PROTOCOL, decode
from tests.replay.traffic import body, needs_traffic, recorded

pytestmark = needs_traffic


def record(name: str, family: str = "bedrock.converse") -> dict[str, Any]:
    return recorded(name, family)


def test_oddity_26_no_ping_and_events_in_base64_with_padding() -> None:
    name = "openinference.openinference.bedrock.testinvokemodelwithstreamresponse.test_invoke.0"
    found = record(name, "anthropic.messages")
    sent = [json.loads(payload) for _, payload in frames(body(found))]
    assert all(wire.keys() == {"bytes", "p"} for wire in sent)
    data = ChunkDecoder().feed(body(found))
    kinds = [json.loads(event)["type"] for _, event in data]
    assert "ping" not in kinds
    assert (kinds[0], kinds[-1]) == ("message_start", "message_stop")
    message = assemble(claude.decode(found), provider="some")
    assert len(message.tool_calls) == 2
    assert not message.invalid_tool_calls
    assert message.response_metadata["amazon-bedrock-invocationMetrics"]["outputTokenCount"] > 0


def test_oddity_37_texts_are_not_announced_and_counts_come_last() -> None:
    found = record("rig.bedrock.raw_streaming.raw_stream_text_response_smoke.0")
    sent = [(headers[":event-type"], json.loads(p)) for headers, p in frames(body(found))]
    assert "contentBlockStart" not in [name for name, _ in sent]
    assert all("p" in wire for _, wire in sent)
    assert [name for name, _ in sent][-2:] == ["messageStop", "metadata"]
    decoder = PROTOCOL.decoder(DIALECT)
    data = body(found)
    end = sum(len(each) for each in framed(data)[:-1])
    events = decoder.feed(data[:end])
    assert (decoder.finished, decoder.done) == (True, False)
    assert type(events[-1]) is Finish
    last = decoder.feed(data[end:])
    assert any(isinstance(event, UsageReport) for event in last)
    assert decoder.done
    message = assemble(events + last, provider="some")
    assert [block["type"] for block in message.content_blocks] == ["text"]
    assert "p" not in message.response_metadata
    assert message.usage_metadata is not None


def framed(data: bytes) -> list[bytes]:
    """Cut a stream into its frames."""
    found: list[bytes] = []
    while data:
        size = int.from_bytes(data[:4], "big")
        found.append(data[:size])
        data = data[size:]
    return found


def test_oddity_38_a_citation_comes_before_its_text() -> None:
    name = "ruby_llm.chat_citations_with_bedrock_claude-haiku-4-5_streams_citations.0"
    message = assemble(decode(record(name)), provider="some")
    [block] = message.content_blocks
    assert block["text"] == "Ruby was created by Yukihiro Matsumoto in 1993."
    [note] = block["annotations"]
    assert note["title"] == "facts"
    assert note["cited_text"].startswith("The Ruby programming language was created by")
    assert note["extras"]["location"] == {
        "documentChar": {"documentIndex": 0, "start": 0, "end": 73}
    }


def test_oddity_38_a_server_s_tool_and_its_result_as_a_list() -> None:
    name = "pydantic-ai.models.test_bedrock.test_bedrock_model_code_execution_tool_stream.0"
    events = decode(record(name))
    message = assemble(events, provider="some")
    call, result, final = message.content_blocks
    assert (call["type"], call["name"]) == ("server_tool_call", "nova_code_interpreter")
    assert call["args"] == {"snippet": "1234 * 5678"}
    assert (result["type"], result["tool_call_id"]) == ("server_tool_result", call["id"])
    assert result["output"][0]["json"]["stdOut"] == "7006652"
    assert final["type"] == "tool_call"
    # The server's call is none that the caller has to answer.
    assert [c["name"] for c in message.tool_calls] == ["final_result"]
    assert message.invalid_tool_calls == []
    assert len([event for event in events if isinstance(event, BlockStart)]) == 3


BROKEN = (
    "opentelemetry-java-instrumentation.resources.mappings.io.opentelemetry.instrumentation."
    "awssdk.v2_2.a-935f3fe.4"
)
WORDS = "The system encountered an unexpected error during processing. Try your request again."


def test_oddity_38_an_exception_amid_a_stream() -> None:
    data = body(record(BROKEN, "bedrock.invoke"))
    dialect = claude.DIALECT
    decoder = anthropic_messages.PROTOCOL.decoder(dialect)
    failure = decoder.feed(data)[-1]
    assert isinstance(failure, Failure)
    assert (failure.status, failure.code) == (424, "ModelStreamErrorException")
    assert failure.message == WORDS
    assert (decoder.finished, decoder.done) == (False, True)


@pytest.mark.parametrize("kind", [ChatBedrockConverse, ChatAnthropicBedrock])
def test_oddity_38_the_exception_is_raised_with_its_words(kind: Any) -> None:
    data = body(record(BROKEN, "bedrock.invoke"))
    with FaultServer(b"".join(chunked(data, headers={"content-type": STREAM}))) as server:
        model = kind(model="m", api_key="k", base_url=server.url, max_retries=0)
        with pytest.raises(errors.ModelAPIError, match=WORDS) as raised:
            list(model.stream("hello"))
    assert raised.value.code == "ModelStreamErrorException"
    assert raised.value.status_code == 424
