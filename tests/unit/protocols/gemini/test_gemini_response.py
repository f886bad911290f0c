"""Gemini's replies: parts become blocks, in streams as in whole replies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.errors import ProtocolError
from conure.messages import AIMessage, assemble, blocks_of
from conure.messages.events import Event, Failure, Finish
from conure.protocols.gemini import PROTOCOL

DIALECT = PROTOCOL.dialect()


def candidate(*parts: Any, finish: Any = "STOP", **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"content": {"role": "model", "parts": [*parts]}, "index": 0, **more}
    return found | ({} if finish is None else {"finishReason": finish})


def whole(*parts: Any, finish: Any = "STOP", **more: Any) -> dict[str, Any]:
    return {"candidates": [candidate(*parts, finish=finish)], "modelVersion": "gemini-x", **more}


def decode(wire: Any) -> list[Event]:
    return PROTOCOL.decode(json.dumps(wire).encode(), DIALECT)


def message(wire: Any) -> AIMessage:
    return assemble(decode(wire), provider="google_genai")


def stream(*chunks: Any) -> list[Event]:
    decoder = PROTOCOL.decoder(DIALECT)
    events: list[Event] = []
    for chunk in chunks:
        events += decoder.feed(f"data: {json.dumps(chunk)}\r\n\r\n".encode())
    return events + decoder.close()


def finish_of(events: list[Event]) -> Finish:
    [finish] = [event for event in events if isinstance(event, Finish)]
    return finish


def test_a_text() -> None:
    reply = message(whole({"text": "Hello"}, responseId="r1"))
    assert reply.content == "Hello"
    assert reply.response_metadata == {
        "model_provider": "google_genai",
        "model": "gemini-x",
        "model_name": "gemini-x",
        "id": "r1",
        "finish_reason": "STOP",
    }


def test_white_space_is_kept() -> None:
    reply = message(whole({"text": "a\n"}, {"text": " b "}))
    assert reply.text == "a\n b "


def test_thoughts_stand_apart() -> None:
    reply = message(whole({"text": "hm", "thought": True}, {"text": "4"}))
    assert blocks_of(reply) == [
        {"type": "reasoning", "reasoning": "hm", "extras": {"thought": True}},
        {"type": "text", "text": "4"},
    ]
    assert reply.content == [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "4"},
    ]
    assert reply.text == "4"


def test_a_signature_stays_with_its_part() -> None:
    events = stream(
        whole({"text": "a"}, finish=None),
        whole({"text": "b"}, finish=None),
        whole({"text": "c", "thoughtSignature": "s1"}, finish=None),
        whole({"text": "d"}, finish=None),
        whole({"text": "", "thoughtSignature": "s2"}),
    )
    reply = assemble(events)
    assert blocks_of(reply) == [
        {"type": "text", "text": "ab"},
        {"type": "text", "text": "c", "extras": {"thought_signature": "s1"}},
        {"type": "text", "text": "d"},
        {"type": "text", "text": "", "extras": {"thought_signature": "s2"}},
    ]
    assert reply.content == reply.text == "abcd"


def test_calls_with_and_without_ids() -> None:
    reply = message(
        whole(
            {"functionCall": {"name": "f", "args": {"a": 1}, "id": "x"}, "thoughtSignature": "s"},
            {"functionCall": {"name": "g"}},
            {"functionCall": {"name": "h", "id": "x"}},
        )
    )
    first, second, third = reply.tool_calls
    assert (first["name"], first["args"], first["id"]) == ("f", {"a": 1}, "x")
    assert (second["name"], second["args"]) == ("g", {})
    assert len({first["id"], second["id"], third["id"]}) == 3
    assert reply.content == ""
    assert blocks_of(reply)[0]["extras"] == {"thought_signature": "s"}
    assert finish_of(decode(whole({"functionCall": {"name": "f"}}))).reason == "tool_calls"


def test_arguments_that_are_no_object_are_no_call() -> None:
    reply = message(whole({"functionCall": {"name": "f", "args": [1]}}))
    assert not reply.tool_calls
    assert reply.invalid_tool_calls[0]["args"] == "[1]"


def piece(path: str, goes_on: bool = False, **value: Any) -> dict[str, Any]:
    told = {"jsonPath": path, **value} | ({"willContinue": True} if goes_on else {})
    return {"functionCall": {"partialArgs": [told], "willContinue": True}}


def test_arguments_that_are_streamed() -> None:
    reply = assemble(
        stream(
            whole({"functionCall": {"name": "f", "willContinue": True}}, finish=None),
            whole(piece("$.a[0].b", True, stringValue="x"), finish=None),
            whole(piece("$.a[0].b", stringValue="y"), finish=None),
            whole(piece("$.a[1]['c.d']", numberValue=1), finish=None),
            whole(piece("$.e", boolValue=False), finish=None),
            whole(piece("$.n", nullValue="NULL_VALUE"), finish=None),
            whole({"functionCall": {}}, finish=None),
            whole({"functionCall": {"name": "g", "args": {}}}),
        )
    )
    first, second = reply.tool_calls
    expected = {"a": [{"b": "xy"}, {"c.d": 1}], "e": False, "n": None}
    assert (first["name"], first["args"]) == ("f", expected)
    assert (second["name"], second["args"]) == ("g", {})


@pytest.mark.parametrize("path", ["", "$", "$.", "$.a b[", "$[99999999]", "$.a[-1]", "a..b"])
def test_places_that_are_none_say_nothing_bad(path: str) -> None:
    start = whole({"functionCall": {"name": "f", "willContinue": True}}, finish=None)
    reply = assemble(stream(start, whole(piece(path, stringValue="x"))))
    assert len(reply.tool_calls) == 1


def test_a_streamed_call_cut_by_the_limit_is_no_call() -> None:
    start = whole({"functionCall": {"name": "f", "willContinue": True}}, finish=None)
    reply = assemble(stream(start, whole(piece("$.a", stringValue="x"), finish="MAX_TOKENS")))
    assert not reply.tool_calls
    assert json.loads(str(reply.invalid_tool_calls[0]["args"])) == {"a": "x"}


def test_code_that_was_run() -> None:
    reply = message(
        whole(
            {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
            {"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "no\n"}},
        )
    )
    call, result = blocks_of(reply)
    assert (call["type"], call["name"]) == ("server_tool_call", "code_interpreter")
    assert call["args"] == {"language": "PYTHON", "code": "print(1)"}
    assert result["type"] == "server_tool_result"
    assert result["tool_call_id"] == call["id"]
    assert (result["status"], result["output"]) == ("error", "no\n")
    assert [element["type"] for element in reply.content] == [
        "executable_code",
        "code_execution_result",
    ]


def test_tools_that_the_provider_ran() -> None:
    reply = message(
        whole(
            {"toolCall": {"toolType": "GOOGLE_SEARCH_WEB", "id": "1", "args": {"queries": ["q"]}}},
            {"toolResponse": {"toolType": "GOOGLE_SEARCH_WEB", "id": "1", "response": {"r": 1}}},
        )
    )
    call, result = blocks_of(reply)
    assert (call["name"], call["args"], call["id"]) == ("web_search", {"queries": ["q"]}, "1")
    assert (result["output"], result["tool_call_id"]) == ({"r": 1}, "1")


def test_media() -> None:
    reply = message(
        whole(
            {"inlineData": {"mimeType": "image/png", "data": "aW1n"}},
            {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": "YXVk"}},
            {"fileData": {"mimeType": "application/pdf", "fileUri": "gs://b/f"}},
        )
    )
    image, audio, file = blocks_of(reply)
    assert image == {"type": "image", "base64": "aW1n", "mime_type": "image/png"}
    assert (audio["type"], audio["base64"]) == ("audio", "YXVk")
    assert file == {"type": "file", "url": "gs://b/f", "mime_type": "application/pdf"}
    assert reply.content[0] == {
        "type": "image_url",
        "image_url": {"url": "data:image/png;base64,aW1n"},
    }


def test_parts_and_fields_that_nobody_knows_are_kept() -> None:
    wire = whole({"someday": {"a": 1}}, {"text": "x", "x_more": 2}, x_top=3)
    wire["candidates"][0]["x_beside"] = 4
    reply = message(wire)
    strange, text = blocks_of(reply)
    assert strange == {"type": "non_standard", "value": {"someday": {"a": 1}}}
    assert text["extras"] == {"part_fields": {"x_more": 2}}
    assert reply.response_metadata["x_top"] == 3
    assert reply.response_metadata["x_beside"] == 4


def test_citations_count_characters() -> None:
    text = "Ünïcode. Paris is big."
    start = text.index("Paris")
    grounding = {
        "webSearchQueries": ["q"],
        "groundingChunks": [{"web": {"uri": "https://a.example", "title": "A"}}],
        "groundingSupports": [
            {
                "segment": {
                    "startIndex": len(text[:start].encode()),
                    "endIndex": len(text.encode()),
                    "text": "Paris is big.",
                },
                "groundingChunkIndices": [0, 7],
                "confidenceScores": [0.9],
            }
        ],
    }
    wire = whole({"text": text})
    wire["candidates"][0]["groundingMetadata"] = grounding
    [block] = message(wire).content_blocks
    note, unknown = block["annotations"]  # type: ignore[typeddict-item]
    assert note == {
        "type": "citation",
        "cited_text": "Paris is big.",
        "start_index": start,
        "end_index": len(text),
        "url": "https://a.example",
        "title": "A",
        "extras": {
            "google_ai_metadata": {
                "grounding_chunk_index": 0,
                "confidence_score": 0.9,
                "web_search_queries": ["q"],
            }
        },
    }
    assert "url" not in unknown
    metadata = message(wire).response_metadata["grounding_metadata"]
    assert metadata["web_search_queries"] == ["q"]
    assert metadata["grounding_chunks"][0]["web"]["uri"] == "https://a.example"


def test_a_citation_stands_in_the_block_it_is_about() -> None:
    wire = whole({"text": "First. "}, {"text": "hm", "thought": True}, {"text": "Second."})
    support = {"segment": {"text": "Second."}, "groundingChunkIndices": [0]}
    wire["candidates"][0]["groundingMetadata"] = {
        "groundingChunks": [{"maps": {"uri": "u", "title": "t", "placeId": "p"}}],
        "groundingSupports": [support],
    }
    first, _, second = message(wire).content_blocks
    assert "annotations" not in first
    [note] = second["annotations"]  # type: ignore[typeddict-item]
    assert (note["start_index"], note["end_index"]) == (0, 7)
    assert note["extras"]["google_ai_metadata"]["placeId"] == "p"


def test_sources_without_passages_and_recitations() -> None:
    wire = whole({"text": "abc"})
    wire["candidates"][0] |= {
        "groundingMetadata": {"groundingChunks": [{"web": {"uri": "u"}}]},
        "citationMetadata": {"citations": [{"uri": "v", "startIndex": 1, "endIndex": 2}]},
    }
    [block] = message(wire).content_blocks
    grounded, recited = block["annotations"]  # type: ignore[typeddict-item]
    assert grounded["url"] == "u"
    assert (recited["url"], recited["start_index"], recited["end_index"]) == ("v", 1, 2)


def test_running_totals_are_told_once() -> None:
    def counted(**counts: Any) -> dict[str, Any]:
        return whole({"text": "a"}, finish=None, usageMetadata=counts)

    reply = assemble(
        stream(
            counted(promptTokenCount=8, totalTokenCount=8),
            counted(promptTokenCount=8, candidatesTokenCount=2, totalTokenCount=10),
            whole(
                {"text": "b"},
                usageMetadata={
                    "promptTokenCount": 7,
                    "cachedContentTokenCount": 3,
                    "candidatesTokenCount": 4,
                    "thoughtsTokenCount": 5,
                    "toolUsePromptTokenCount": 6,
                    "totalTokenCount": 22,
                    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 7}],
                    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 4}],
                },
            ),
        )
    )
    assert reply.usage_metadata == {
        "input_tokens": 7,
        "output_tokens": 9,
        "total_tokens": 22,
        "input_token_details": {"text": 7, "cache_read": 3, "tool_use": 6},
        "output_token_details": {"image": 4, "reasoning": 5},
    }


@pytest.mark.parametrize(
    "said, reason",
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        (2, "length"),
        ("MALFORMED_FUNCTION_CALL", "other"),
        ("NEW_ONE", "other"),
    ],
)
def test_why_it_ended(said: Any, reason: str) -> None:
    events = decode(whole({"text": "x"}, finish=said))
    assert finish_of(events) == Finish(reason, str(said))  # type: ignore[arg-type]
    assert assemble(events).response_metadata["finish_reason"] == said


def test_an_answer_that_is_kept_back_is_a_refusal() -> None:
    wire = {"candidates": [{"finishReason": "SAFETY", "finishMessage": "unsafe", "index": 0}]}
    [refusal] = blocks_of(message(wire))
    assert refusal == {
        "type": "refusal",
        "refusal": "unsafe",
        "extras": {"finish_reason": "SAFETY"},
    }


def test_a_prompt_that_is_kept_back_is_a_refusal_and_the_end_of_a_stream() -> None:
    decoder = PROTOCOL.decoder(DIALECT)
    wire = {"promptFeedback": {"blockReason": "OTHER"}}
    events = decoder.feed(f"data: {json.dumps(wire)}\n\n".encode()) + decoder.close()
    assert decoder.finished
    assert finish_of(events) == Finish("content_filter", "OTHER")
    reply = assemble(events)
    assert blocks_of(reply)[0]["extras"] == {"block_reason": "OTHER"}
    assert reply.response_metadata["finish_reason"] == "OTHER"


def test_other_candidates_are_metadata() -> None:
    wire = whole({"text": "a"})
    wire["candidates"].append({**candidate({"text": "b"}), "index": 1})
    reply = message(wire)
    assert reply.text == "a"
    [other] = reply.response_metadata["other_candidates"]
    assert other["content"]["parts"] == [{"text": "b"}]
    events = stream(
        {"candidates": [candidate({"text": "a"}, finish=None)]},
        {"candidates": [{**candidate({"text": "b"}, finish=None), "index": 1}]},
        {"candidates": [{**candidate({"text": "c"}), "index": 1}]},
        {"candidates": [candidate({"text": "d"})]},
    )
    reply = assemble(events)
    assert reply.text == "ad"
    [other] = reply.response_metadata["other_candidates"]
    assert other["content"]["parts"] == [{"text": "b"}, {"text": "c"}]


def test_probabilities_are_metadata() -> None:
    wire = whole({"text": "a"})
    chosen = [{"token": "a", "logProbability": -0.1}]
    wire["candidates"][0] |= {"avgLogprobs": -0.1, "logprobsResult": {"chosenCandidates": chosen}}
    metadata = message(wire).response_metadata
    assert metadata["avg_logprobs"] == -0.1
    assert metadata["logprobs_result"]["chosen_candidates"][0]["log_probability"] == -0.1


def test_an_error_in_a_good_status() -> None:
    error = {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}
    failure = Failure(503, "UNAVAILABLE", None, "overloaded", error)
    assert decode(error)[-1] == failure
    assert decode([error])[-1] == failure
    decoder = PROTOCOL.decoder(DIALECT)
    first = decoder.feed(f"data: {json.dumps(whole({'text': 'a'}, finish=None))}\n\n".encode())
    rest = decoder.feed(json.dumps(error, indent=1).encode() + b"\n\n")
    assert (rest + decoder.close())[-1] == failure
    assert decoder.done
    assert assemble(first).text == "a"


@pytest.mark.parametrize("wire", [{}, {"detail": "x"}, [], "x", 7, None])
def test_what_is_no_reply(wire: Any) -> None:
    with pytest.raises(ProtocolError, match="no candidates"):
        decode(wire)


def test_a_stream_without_a_reason_is_not_finished() -> None:
    decoder = PROTOCOL.decoder(DIALECT)
    decoder.feed(f"data: {json.dumps(whole({'text': 'a'}, finish=None))}\n\n".encode())
    decoder.close()
    assert not decoder.finished
