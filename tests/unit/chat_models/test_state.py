"""What a provider keeps: looked at, waited for, gone on with, cancelled, deleted, made shorter."""

from __future__ import annotations

import asyncio
import json

import pytest

from conure import init_chat_model
from conure.callbacks import get_usage_metadata_callback
from conure.errors import (
    ConfigurationError,
    DeadlineExceeded,
    ModelConnectionError,
    ModelError,
    ModelNotFoundError,
    StreamTruncated,
)
from conure.messages import AIMessage, HumanMessage
from conure.openai import ChatOpenAI
from conure.wire.http import Head

URL = "https://api.openai.com/v1/responses"
COLOURS = pytest.mark.parametrize("colour", ["sync", "async"])


class Shelf:
    """A transport that answers from a script: a dict, or the pieces of a stream."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.requests = []
        self.left = []

    def exchange(self):
        return self

    def aexchange(self):
        return Awaited(self)

    def send(self, request, timeouts):
        self.requests.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, dict):
            self.left = [json.dumps(reply).encode()]
            status = 404 if "error" in reply and "output" not in reply else 200
            return Head(status, {"content-type": "application/json"})
        self.left = list(reply)
        return Head(200, {"content-type": "text/event-stream"})

    def read(self, timeout):
        piece = self.left.pop(0) if self.left else b""
        if isinstance(piece, Exception):
            raise piece
        return piece

    def close(self):
        pass

    @property
    def asked(self):
        return [(request.method, request.url.removeprefix(URL)) for request in self.requests]


class Awaited:
    def __init__(self, shelf):
        self.shelf = shelf

    async def send(self, request, timeouts):
        return self.shelf.send(request, timeouts)

    async def read(self, timeout):
        return self.shelf.read(timeout)

    def close(self):
        pass


def model(shelf, **parameters):
    return ChatOpenAI(model="gpt-5.5", api_key="k", transport=shelf, max_retries=0, **parameters)


def done(colour, state, name, *args, **given):
    if colour == "sync":
        return getattr(state, name)(*args, **given)
    return asyncio.run(getattr(state, f"a{name}")(*args, **given))


def pieces(colour, state, *args, **given):
    if colour == "sync":
        return list(state.resume(*args, **given))

    async def gather():
        return [chunk async for chunk in state.aresume(*args, **given)]

    return asyncio.run(gather())


def said(text, id="msg_1"):
    part = {"type": "output_text", "text": text, "annotations": []}
    return {
        "id": id,
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [part],
    }


def reply(status, *items, **more):
    usage = {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7} if items else None
    facts = {"id": "resp_1", "object": "response", "model": "gpt-5.5", "error": None}
    return {**facts, "status": status, "output": list(items), "usage": usage, **more}


def event(number, kind, **fields):
    wire = {"type": f"response.{kind}", "sequence_number": number, **fields}
    return f"event: {wire['type']}\ndata: {json.dumps(wire, separators=(',', ':'))}\n\n".encode()


AT = {"item_id": "msg_1", "output_index": 0, "content_index": 0}


def stream():
    """Say "one two three", event by event."""
    begun = {**said(""), "content": [], "status": "in_progress"}
    part = {"type": "output_text", "text": "", "annotations": []}
    whole = said("one two three")
    return [
        event(0, "created", response=reply("queued")),
        event(1, "in_progress", response=reply("in_progress")),
        event(2, "output_item.added", output_index=0, item=begun),
        event(3, "content_part.added", **AT, part=part),
        event(4, "output_text.delta", **AT, delta="one"),
        event(5, "output_text.delta", **AT, delta=" two"),
        event(6, "output_text.delta", **AT, delta=" three"),
        event(7, "output_item.done", output_index=0, item=whole),
        event(8, "completed", response=reply("completed", whole)),
    ]


@COLOURS
def test_a_reply_in_the_background_is_waited_for(colour):
    shelf = Shelf(reply("queued"), reply("in_progress"), reply("completed", said("Hello")))
    asking = model(shelf, background=True)
    begun = asking.invoke("hi")
    assert (begun.id, begun.content) == ("resp_1", [])
    assert begun.response_metadata["status"] == "queued"
    assert "finish_reason" not in begun.response_metadata
    with get_usage_metadata_callback() as usage:
        whole = done(colour, asking.state, "result", begun, every=0)
    assert (whole.text, whole.id) == ("Hello", "resp_1")
    assert whole.response_metadata["finish_reason"] == "stop"
    assert [counts["total_tokens"] for counts in usage.usage_metadata.values()] == [7]
    assert shelf.asked == [("POST", ""), ("GET", "/resp_1"), ("GET", "/resp_1")]
    assert json.loads(shelf.requests[0].body)["background"] is True
    assert shelf.requests[1].body is None


@COLOURS
def test_a_look_says_how_far_a_reply_is(colour):
    shelf = Shelf(reply("in_progress"))
    found = done(colour, model(shelf).state, "get", "resp_1")
    assert (found.id, found.response_metadata["status"]) == ("resp_1", "in_progress")
    assert found.usage_metadata is None


def test_what_is_included_is_asked_for_again():
    shelf = Shelf(reply("completed", said("x")))
    model(shelf, include=["file_search_call.results"]).state.get("resp_1")
    assert shelf.asked == [("GET", "/resp_1?include%5B%5D=file_search_call.results")]


@COLOURS
def test_waiting_ends_where_the_time_is_over(colour):
    shelf = Shelf(reply("queued"))
    with pytest.raises(DeadlineExceeded, match="not over within 1 s"):
        done(colour, model(shelf).state, "result", "resp_1", every=2, timeout=1)
    assert len(shelf.requests) == 1


def test_waiting_has_the_deadline_of_a_call():
    with pytest.raises(DeadlineExceeded, match="within 1 s"):
        model(Shelf(reply("queued")), deadline=1).state.result("resp_1")


@COLOURS
def test_a_reply_that_failed_raises(colour):
    failed = reply("failed", error={"code": "server_error", "message": "it broke"})
    with pytest.raises(ModelError, match="it broke"):
        done(colour, model(Shelf(failed)).state, "result", "resp_1")


def test_an_unknown_reply_is_not_found():
    gone = {"error": {"message": "Response with id 'resp_1' not found.", "type": "invalid"}}
    with pytest.raises(ModelNotFoundError, match="not found"):
        model(Shelf(gone)).state.get("resp_1")


@COLOURS
@pytest.mark.parametrize("last", range(8))
def test_a_stream_goes_on_where_it_was_left(colour, last):
    sent = stream()
    asking = model(Shelf(sent[last + 1 :]))
    found = pieces(colour, asking.state, "resp_1", after=last)
    seen = {4: "one", 5: " two", 6: " three"}
    rest = "".join(text for number, text in seen.items() if number > last)
    assert "".join(chunk.text for chunk in found) == rest
    assert asking.sync_transport.asked == [("GET", f"/resp_1?stream=true&starting_after={last}")]


@COLOURS
def test_a_stream_that_was_never_seen_is_told_from_its_beginning(colour):
    shelf = Shelf(stream())
    found = pieces(colour, model(shelf).state, "resp_1")
    assert "".join(chunk.text for chunk in found) == "one two three"
    assert shelf.asked == [("GET", "/resp_1?stream=true")]
    assert sum(found[1:], found[0]).usage_metadata["total_tokens"] == 7


@pytest.mark.parametrize("ends", [[], [ModelConnectionError("gone")]])
@pytest.mark.parametrize("streamed", [1, 100])
def test_a_broken_stream_says_where_to_go_on(ends, streamed):
    sent = stream()
    first = sent[:6] if streamed == 1 else [b"".join(sent[:6])]
    asking = model(Shelf([*first, *ends], sent[6:]), background=True)
    heard = []
    with pytest.raises((StreamTruncated, ModelConnectionError)) as caught:
        heard.extend(chunk.text for chunk in asking.stream("hi"))
    partial = caught.value.partial
    assert isinstance(partial, AIMessage)
    assert partial.response_metadata["sequence_number"] == 5
    assert partial.text == "one two"
    rest = list(asking.state.resume(partial))
    assert "".join(chunk.text for chunk in rest) == " three"
    assert asking.sync_transport.asked[1] == ("GET", "/resp_1?stream=true&starting_after=5")


def test_a_stream_that_was_whole_says_no_number():
    chunks = list(model(Shelf(stream()), use_responses_api=True).stream("hi"))
    assert "sequence_number" not in sum(chunks[1:], chunks[0]).response_metadata


@COLOURS
def test_a_reply_is_cancelled(colour):
    shelf = Shelf(reply("cancelled"))
    found = done(colour, model(shelf).state, "cancel", AIMessage("", id="resp_1"))
    assert found.response_metadata["status"] == "cancelled"
    assert shelf.asked == [("POST", "/resp_1/cancel")]
    assert shelf.requests[0].body == b""


@COLOURS
def test_a_reply_is_deleted(colour):
    shelf = Shelf({"id": "resp_1", "object": "response.deleted", "deleted": True})
    assert done(colour, model(shelf).state, "delete", "resp_1") is None
    assert shelf.asked == [("DELETE", "/resp_1")]


ASKED = {"type": "message", "role": "user", "id": "msg_0", "status": "completed"}
ASKED["content"] = [{"type": "input_text", "text": "I live in Paris."}]
SEALED = {"id": "cmp_1", "type": "compaction", "encrypted_content": "gAAAA"}


def compacted():
    usage = {"input_tokens": 130, "output_tokens": 200, "total_tokens": 330}
    return {
        "id": "resp_2",
        "object": "response.compaction",
        "output": [ASKED, SEALED],
        "usage": usage,
    }


@COLOURS
def test_a_history_is_made_shorter_and_goes_on(colour):
    shelf = Shelf(compacted(), reply("completed", said("Paris")))
    asking = model(shelf, temperature=1, instructions="Be brief.", prompt_cache_key="k")
    history = [("user", "I live in Paris."), ("assistant", "Noted.")]
    with get_usage_metadata_callback() as usage:
        shorter = done(colour, asking.state, "compact", history)
    assert [counts["total_tokens"] for counts in usage.usage_metadata.values()] == [330]
    assert shelf.asked == [("POST", "/compact")]
    body = json.loads(shelf.requests[0].body)
    assert body.keys() == {"model", "input", "instructions", "prompt_cache_key"}
    assert [item["role"] for item in body["input"]] == ["user", "assistant"]
    asking.invoke([shorter, HumanMessage("Where do I live?")])
    again = json.loads(shelf.requests[1].body)["input"]
    assert again[:2] == [ASKED, SEALED]
    assert again[2]["content"] == "Where do I live?"


def test_a_history_that_is_kept_is_named():
    shelf = Shelf(compacted())
    model(shelf).state.compact(previous_response_id="resp_1")
    body = json.loads(shelf.requests[0].body)
    assert body == {"model": "gpt-5.5", "input": [], "previous_response_id": "resp_1"}


def test_nothing_is_no_history():
    with pytest.raises(ConfigurationError, match="no message"):
        model(Shelf()).state.compact()


def test_a_conversation_that_is_kept_may_go_on_without_a_word():
    shelf = Shelf(reply("completed", said("x")))
    model(shelf).invoke([], previous_response_id="resp_1")
    assert json.loads(shelf.requests[0].body)["input"] == []


@pytest.mark.parametrize("reply", ["", AIMessage("hi"), AIMessage("hi", id="lc_run--1-0")])
def test_a_reply_without_an_id_of_its_provider_s_is_refused(reply):
    with pytest.raises(ConfigurationError, match="no provider knows"):
        model(Shelf()).state.get(reply)


def test_who_keeps_nothing_is_named():
    other = init_chat_model("anthropic:claude-haiku-4-5", api_key="k")
    with pytest.raises(ConfigurationError, match="anthropic keeps no replies"):
        other.state.get("resp_1")


def test_what_it_belongs_to_is_shown():
    assert repr(model(Shelf()).state) == "State(ChatOpenAI)"
