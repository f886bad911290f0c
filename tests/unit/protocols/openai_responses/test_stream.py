"""How the pieces of a streamed reply become one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.errors import ProtocolError
from conure.messages import AIMessage, Dresser, assemble
from conure.messages.events import Event, Failure, Finish
from conure.protocols.openai_responses import PROTOCOL, Dialect

TEXT: dict[str, Any] = {"type": "output_text", "text": "", "annotations": []}
MESSAGE: dict[str, Any] = {"type": "message", "id": "msg_1", "role": "assistant", "content": []}
CALL: dict[str, Any] = {
    "type": "function_call",
    "id": "fc_1",
    "call_id": "call_1",
    "name": "f",
    "arguments": "",
}


def event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", **fields}


def started() -> dict[str, Any]:
    return event("created", response={"id": "resp_1", "status": "in_progress", "model": "m"})


def added(item: dict[str, Any], place: int = 0) -> dict[str, Any]:
    return event("output_item.added", output_index=place, item=item)


def done(item: dict[str, Any], place: int = 0) -> dict[str, Any]:
    return event("output_item.done", output_index=place, item=item)


def delta(kind: str, text: str, place: int = 0, **more: Any) -> dict[str, Any]:
    own = {"item_id": "x", "output_index": place, "content_index": 0, "delta": text}
    return event(f"{kind}.delta", **{**own, **more})


def ended(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {"id": "resp_1", "status": "completed", "output": [*items], **fields}
    return event(whole["status"], response=whole)


def frames(*wires: dict[str, Any]) -> bytes:
    return b"".join(b"data: " + json.dumps(wire).encode() + b"\n\n" for wire in wires)


def events_of(*wires: dict[str, Any]) -> list[Event]:
    decoder = PROTOCOL.decoder(Dialect())
    return decoder.feed(frames(*wires)) + decoder.close()


def message_of(*wires: dict[str, Any]) -> AIMessage:
    return assemble(events_of(*wires))


def blocks_of(*wires: dict[str, Any]) -> list[Any]:
    return [*message_of(*wires).content_blocks]


def incomplete(reason: str) -> dict[str, Any]:
    return {"status": "incomplete", "incomplete_details": {"reason": reason}}


def said(text: str) -> dict[str, Any]:
    return {**MESSAGE, "content": [{**TEXT, "text": text}]}


def test_text() -> None:
    message = message_of(
        started(),
        added(MESSAGE),
        event("content_part.added", output_index=0, content_index=0, part=TEXT),
        delta("output_text", "Hel"),
        delta("output_text", 'lo "you"\n'),
        done(said('Hello "you"\n')),
        ended(),
    )
    text = 'Hello "you"\n'
    assert message.content == [{"type": "text", "text": text, "annotations": [], "id": "msg_1"}]
    assert message.text == text
    assert message.id == "resp_1"


@pytest.mark.parametrize(
    "wires",
    [
        [started(), ended(said("Hello"))],
        [started(), done(said("Hello")), ended()],
        [started(), added(MESSAGE), done(said("Hello")), ended(said("Hello"))],
        [started(), added(MESSAGE), ended(said("Hello"))],
        [started(), added(MESSAGE), delta("output_text", "Hel"), ended(said("Hello"))],
        [started(), added(MESSAGE), delta("output_text", "Hello"), done(said("Hello")), ended()],
        [ended(said("Hello"))],
    ],
)
def test_what_was_not_told_in_pieces_is_told_at_the_end(wires: list[dict[str, Any]]) -> None:
    assert blocks_of(*wires) == [{"type": "text", "text": "Hello", "id": "msg_1"}]


def test_pieces_that_nobody_announced() -> None:
    assert blocks_of(delta("output_text", "a"), delta("output_text", "b"), ended()) == [
        {"type": "text", "text": "ab"}
    ]


@pytest.mark.parametrize(
    "arguments", ['{"a": 1}', '{"a": "\\u00e9 \\"x\\""}', "", "{}", '{"a": ', "[1]"]
)
@pytest.mark.parametrize("pieces", [0, 1, 3])
def test_arguments_however_they_come(arguments: str, pieces: int) -> None:
    whole: dict[str, Any] = {**CALL, "arguments": arguments, "status": "completed"}
    size = len(arguments) // pieces + 1 if pieces else 1
    told = [arguments[n : n + size] for n in range(0, len(arguments), size)] if pieces else []
    streamed = message_of(
        started(),
        added({**CALL, "status": "in_progress"}),
        *(delta("function_call_arguments", piece) for piece in told),
        done(whole),
        ended(),
    )
    alone = message_of(started(), ended(whole))
    assert streamed.content_blocks == alone.content_blocks
    assert streamed.content == alone.content
    assert streamed.tool_calls == alone.tool_calls
    assert len(streamed.tool_calls) + len(streamed.invalid_tool_calls) == 1


def test_a_call_cut_off_before_its_arguments_is_no_call() -> None:
    whole: dict[str, Any] = {**CALL, "status": "incomplete"}
    details = incomplete("max_output_tokens")
    streamed = message_of(started(), added(CALL), done(whole), ended(**details))
    alone = message_of(started(), ended(whole, **details))
    assert streamed.content_blocks == alone.content_blocks
    assert not streamed.tool_calls
    assert streamed.invalid_tool_calls


def test_free_text_is_the_only_argument() -> None:
    item: dict[str, Any] = {
        "type": "custom_tool_call",
        "id": "ctc_1",
        "call_id": "c",
        "name": "sql",
        "input": "",
    }
    text = 'SELECT "é"\n\\'
    whole: dict[str, Any] = {**item, "input": text}
    pieces: list[Any] = [delta("custom_tool_call_input", piece) for piece in text]
    streamed = message_of(started(), added(item), *pieces, done(whole), ended())
    assert streamed.tool_calls[0]["args"] == {"__arg1": text}
    assert streamed.content_blocks == message_of(ended(whole)).content_blocks
    assert (
        message_of(started(), added(item), done(whole), ended()).tool_calls == streamed.tool_calls
    )


def test_code_and_what_it_printed() -> None:
    item: dict[str, Any] = {
        "type": "code_interpreter_call",
        "id": "ci_1",
        "container_id": "c",
        "code": "",
    }
    whole: dict[str, Any] = {
        **item,
        "code": 'print("x")',
        "outputs": [{"type": "logs", "logs": "x"}],
        "status": "completed",
    }
    wires: list[Any] = [
        started(),
        added({**item, "outputs": None, "status": "in_progress"}),
        delta("code_interpreter_call_code", "print("),
        delta("code_interpreter_call_code", '"x")'),
        done(whole),
        ended(),
    ]
    assert blocks_of(*wires) == blocks_of(ended(whole))
    (element,) = message_of(*wires).content
    assert isinstance(element, dict)
    assert element["extras"]["container_id"] == element["container_id"] == "c"


def test_summaries_are_blocks_that_share_an_id() -> None:
    item: dict[str, Any] = {"type": "reasoning", "id": "rs_1", "summary": []}
    parts = [{"type": "summary_text", "text": text} for text in ("one", "two")]
    whole: dict[str, Any] = {**item, "summary": parts, "encrypted_content": "e"}
    streamed = blocks_of(
        started(),
        added({**item, "encrypted_content": "half"}),
        delta("reasoning_summary_text", "one", summary_index=0, content_index=None),
        delta("reasoning_summary_text", "tw", summary_index=1, content_index=None),
        delta("reasoning_summary_text", "o", summary_index=1, content_index=None),
        done(whole),
        ended(),
    )
    assert streamed == [
        {
            "type": "reasoning",
            "reasoning": "one",
            "id": "rs_1",
            "extras": {"encrypted_content": "e"},
        },
        {"type": "reasoning", "reasoning": "two", "id": "rs_1"},
    ]
    assert streamed == blocks_of(ended(whole))


def test_citations_come_once() -> None:
    note: dict[str, Any] = {
        "type": "url_citation",
        "url": "https://x",
        "title": "X",
        "start_index": 0,
        "end_index": 1,
    }
    whole: dict[str, Any] = {
        **MESSAGE,
        "content": [{**TEXT, "text": "a", "annotations": [note, note]}],
    }
    wire = event("output_text.annotation.added", output_index=0, content_index=0, annotation=note)
    pieces: list[Any] = [
        started(),
        added(MESSAGE),
        delta("output_text", "a"),
        wire,
        done(whole),
        ended(),
    ]
    (block,) = blocks_of(*pieces)
    assert block["annotations"] == [{**note, "type": "citation"}] * 2


def test_pictures_that_are_not_finished() -> None:
    item: dict[str, Any] = {"type": "image_generation_call", "id": "ig_1", "status": "in_progress"}
    whole: dict[str, Any] = {
        **item,
        "status": "completed",
        "result": "three",
        "output_format": "jpeg",
    }
    wires: list[Any] = [
        started(),
        added(item),
        *(
            event(
                "image_generation_call.partial_image",
                output_index=0,
                item_id="ig_1",
                partial_image_index=number,
                partial_image_b64=data,
                output_format="jpeg",
            )
            for number, data in enumerate(("one", "two"))
        ),
        done(whole),
        ended(),
    ]
    dresser = Dresser()
    chunks = dresser.feed(events_of(*wires))
    shown: list[Any] = [block for chunk in chunks for block in chunk.content_blocks]
    assert [block["base64"] for block in shown] == ["one", "two", "three"]
    assert [block["extras"].get("partial_index") for block in shown] == [0, 1, None]
    assert blocks_of(*wires) == blocks_of(ended(whole))


def test_items_written_side_by_side_keep_their_order() -> None:
    first: dict[str, Any] = {
        "type": "mcp_list_tools",
        "id": "mcpl_1",
        "server_label": "a",
        "tools": [],
    }
    second: dict[str, Any] = {**first, "id": "mcpl_2", "server_label": "b"}
    wires: list[Any] = [added(first, 0), added(second, 1), done(second, 1), done(first, 0), ended()]
    assert blocks_of(started(), *wires) == blocks_of(ended(first, second))


def test_refusals() -> None:
    part: dict[str, Any] = {"type": "refusal", "refusal": "No."}
    whole: dict[str, Any] = {**MESSAGE, "content": [part]}
    wires: list[Any] = [
        started(),
        added(MESSAGE),
        delta("refusal", "No"),
        delta("refusal", "."),
        done(whole),
    ]
    assert blocks_of(*wires, ended()) == [{"type": "refusal", "refusal": "No.", "id": "msg_1"}]


@pytest.mark.parametrize(
    "wire",
    [
        {"type": "error", "code": "server_error", "message": "Oh no", "param": None},
        {"type": "error", "error": {"type": "x", "code": "server_error", "message": "Oh no"}},
        event("failed", response={"error": {"code": "server_error", "message": "Oh no"}}),
        {"error": {"code": "server_error", "message": "Oh no"}},
    ],
)
def test_an_error_ends_the_reply(wire: dict[str, Any]) -> None:
    events = events_of(started(), delta("output_text", "a"), wire, delta("output_text", "b"))
    failure = events[-1]
    assert isinstance(failure, Failure)
    assert (failure.message, failure.code) == ("Oh no", "server_error")


def test_what_nobody_knows_is_kept_or_passed_over() -> None:
    item: dict[str, Any] = {"type": "new_item", "id": "n_1", "x": [1]}
    assert blocks_of(
        started(), {"type": "keepalive"}, event("new.thing", x=1), added(item), done(item), ended()
    ) == [{"type": "non_standard", "value": item}]


def test_a_stream_that_breaks_off_is_not_finished() -> None:
    decoder = PROTOCOL.decoder(Dialect())
    decoder.feed(frames(started(), added(MESSAGE), delta("output_text", "a")))
    decoder.close()
    assert not decoder.finished
    assert not decoder.done


@pytest.mark.parametrize(
    "fields, reason, raw",
    [
        ({}, "stop", "completed"),
        ({"output": [{**CALL, "arguments": "{}"}]}, "tool_calls", "completed"),
        (incomplete("max_output_tokens"), "length", "max_output_tokens"),
        (incomplete("content_filter"), "content_filter", "content_filter"),
        ({"status": "incomplete"}, "other", "incomplete"),
        ({"status": "cancelled"}, "other", "cancelled"),
    ],
)
def test_how_it_ended(fields: dict[str, Any], reason: str, raw: str) -> None:
    body = json.dumps({"id": "resp_1", "status": "completed", "output": [], **fields}).encode()
    events = PROTOCOL.decode(body, Dialect())
    assert events[-1] == Finish(reason, raw)  # type: ignore[arg-type]
    assert assemble(events).response_metadata["finish_reason"] == reason


def test_a_reply_that_waits_has_not_ended() -> None:
    body = json.dumps({"id": "resp_1", "status": "queued", "output": []}).encode()
    message = assemble(PROTOCOL.decode(body, Dialect()))
    assert message.response_metadata == {"id": "resp_1", "status": "queued"}
    assert message.content == []


@pytest.mark.parametrize("body", [b"{}", b"[]", b'"x"', b'{"choices": []}'])
def test_what_is_no_reply_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="has no output"):
        PROTOCOL.decode(body, Dialect())


def test_a_whole_answer_to_a_request_for_a_stream() -> None:
    body = json.dumps({"id": "resp_1", "status": "completed", "output": [said("a")]}).encode()
    decoder = PROTOCOL.decoder(Dialect())
    assert decoder.feed(body) == []
    assert assemble(decoder.close()).text == "a"
    assert decoder.finished


def test_a_stream_that_is_no_json() -> None:
    decoder = PROTOCOL.decoder(Dialect())
    assert decoder.feed(frames(started()) + b"data: {nonsense\n\n")
    with pytest.raises(ProtocolError):
        decoder.close()
