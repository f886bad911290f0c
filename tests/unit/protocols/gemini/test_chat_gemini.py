"""Gemini's classes: their two doors, keys and tokens, and calls over a loopback server."""

from __future__ import annotations

import asyncio
import json
import pickle
from typing import Any

import pytest

from conure import init_chat_model
from conure.chat_models.remote import RemoteChatModel
from conure.errors import (
    ConfigurationError,
    MissingKeyError,
    ModelRefusalError,
    StreamTruncated,
    Truncated,
)
from conure.google_genai import ChatGoogleGenerativeAI, HarmBlockThreshold, HarmCategory
from conure.google_vertexai import ChatVertexAI
from conure.tools import tool
from tests.live.server import FaultServer, reply, sse


def text(words: str, finish: str | None = "STOP", **more: Any) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": words}]}}
    if finish is not None:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "modelVersion": "gemini-x", **more}


def made(server: FaultServer, **more: Any) -> ChatGoogleGenerativeAI:
    given = {"api_key": "k", "max_retries": 0, **more}
    return ChatGoogleGenerativeAI(model="gemini-2.5-flash", base_url=server.url, **given)


def test_invoke() -> None:
    with FaultServer([reply(text("hello"))]) as server:
        model = made(server, temperature=0, max_output_tokens=5)
        answer = model.invoke([("system", "be brief"), ("user", "hi")])
    assert answer.text == "hello"
    assert answer.response_metadata["model_provider"] == "google_genai"
    [seen] = server.requests
    assert seen.target == "/models/gemini-2.5-flash:generateContent"
    assert seen.headers["x-goog-api-key"] == "k"
    assert "authorization" not in seen.headers
    assert seen.json() == {
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
        "systemInstruction": {"parts": [{"text": "be brief"}]},
        "generationConfig": {"temperature": 0, "maxOutputTokens": 5},
    }


def test_stream() -> None:
    events = sse(text("hel", None), text("lo"))
    with FaultServer(events) as server:
        chunks = list(made(server).stream("hi"))
        more = list(made(server, default_query={"a": "b"}).stream("hi"))
    assert [str(chunk.text) for chunk in chunks if chunk.text] == ["hel", "lo"]
    assert [str(chunk.content) for chunk in chunks if chunk.content] == ["hel", "lo"]
    assert len(more) == len(chunks)
    asked = [seen.target for seen in server.requests]
    path = "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
    assert asked == [path, f"{path}&a=b"]


def test_async() -> None:
    async def ask(server: FaultServer) -> tuple[str, str]:
        whole = await made(server).ainvoke("hi")
        pieces = [chunk async for chunk in made(server).astream("hi")]
        return str(whole.text), "".join(str(chunk.text) for chunk in pieces)

    with FaultServer([reply(text("hello"))], sse(text("hel", None), text("lo"))) as server:
        assert asyncio.run(ask(server)) == ("hello", "hello")


def test_a_stream_that_ends_too_early() -> None:
    with FaultServer(sse(text("hel", None))) as server, pytest.raises(StreamTruncated) as raised:
        list(made(server).stream("hi"))
    assert raised.value.partial is not None
    assert raised.value.partial.text == "hel"


@tool
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


def test_tools_round() -> None:
    call = {"functionCall": {"name": "add", "args": {"a": 1, "b": 2}}, "thoughtSignature": "s"}
    first = {"candidates": [{"content": {"parts": [call]}, "finishReason": "STOP"}]}
    with FaultServer([reply(first)], [reply(text("3"))]) as server:
        model = made(server).bind_tools([add], tool_choice="any")
        asked = model.invoke("1 + 2?")
        answer = add.invoke(asked.tool_calls[0])
        assert model.invoke(["1 + 2?", asked, answer]).text == "3"
    one, two = (seen.json() for seen in server.requests)
    [declared] = one["tools"][0]["functionDeclarations"]
    assert declared["name"] == "add"
    assert declared["parametersJsonSchema"]["required"] == ["a", "b"]
    assert one["toolConfig"] == {"functionCallingConfig": {"mode": "ANY"}}
    assert two["contents"][1]["parts"] == [call]
    response = {"name": "add", "response": {"output": "3"}}
    assert two["contents"][2]["parts"] == [{"functionResponse": response}]


SCHEMA = {"title": "Answer", "type": "object", "properties": {"n": {"type": "integer"}},
          "required": ["n"]}  # fmt: skip


def test_structured_output() -> None:
    call = {"functionCall": {"name": "Answer", "args": {"n": 4}}}
    called = {"candidates": [{"content": {"parts": [call]}, "finishReason": "STOP"}]}
    with FaultServer([reply(text('{"n": 4}'))], [reply(called)]) as server:
        assert made(server).with_structured_output(SCHEMA).invoke("n?") == {"n": 4}
        by_call = made(server).with_structured_output(SCHEMA, method="function_calling")
        assert by_call.invoke("n?") == {"n": 4}
    one, two = (seen.json() for seen in server.requests)
    config = one["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    assert config["responseJsonSchema"]["properties"] == {"n": {"type": "integer"}}
    chosen = {"mode": "ANY", "allowedFunctionNames": ["Answer"]}
    assert two["toolConfig"] == {"functionCallingConfig": chosen}


@pytest.mark.parametrize(
    "wire, kind",
    [
        ({"promptFeedback": {"blockReason": "SAFETY"}}, ModelRefusalError),
        ({"candidates": [{"finishReason": "PROHIBITED_CONTENT"}]}, ModelRefusalError),
        (text('{"n": 4', "RECITATION"), ModelRefusalError),
        (text('{"n": 4', "MAX_TOKENS"), Truncated),
    ],
)
def test_structured_output_that_is_kept_back(wire: Any, kind: type[Exception]) -> None:
    with FaultServer([reply(wire)]) as server:
        model = made(server)
        with pytest.raises(kind):
            model.with_structured_output(SCHEMA).invoke("n?")
        raw = model.with_structured_output(SCHEMA, include_raw=True).invoke("n?")
    assert isinstance(raw["parsing_error"], kind)  # type: ignore[index]


def test_counting() -> None:
    with FaultServer([reply({"totalTokens": 7})]) as server:
        assert made(server).count_tokens("hi") == 7
    [seen] = server.requests
    assert seen.target == "/models/gemini-2.5-flash:countTokens"
    assert seen.json()["generateContentRequest"]["model"] == "models/gemini-2.5-flash"


def test_the_gemini_api(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingKeyError, match="GOOGLE_API_KEY"):
        ChatGoogleGenerativeAI(model="m")
    monkeypatch.setenv("GEMINI_API_KEY", "from-there")
    model = init_chat_model("gemini-2.5-flash", temperature=0)
    assert isinstance(model, ChatGoogleGenerativeAI)
    target = model._parts.target
    assert target.base_url == "https://generativelanguage.googleapis.com/v1beta"
    model = ChatGoogleGenerativeAI(model="m", google_api_key="k", api_version="v1")
    assert model._parts.target.base_url.endswith(".com/v1")
    assert repr(model).count("Secret('**********')") == 1


def test_both_doors_by_name() -> None:
    by_name = init_chat_model("google_genai:gemini-2.5-flash", api_key="k")
    assert isinstance(by_name, ChatGoogleGenerativeAI)
    on_vertex = init_chat_model("google_vertexai:gemini-2.5-flash", api_key="k")
    assert isinstance(on_vertex, ChatVertexAI)
    assert isinstance(init_chat_model("vertexai:m", api_key="k"), ChatVertexAI)


def base_of(model: RemoteChatModel) -> str:
    return model._parts.target.base_url.removeprefix("https://")


def test_vertex_through_either_class(monkeypatch: pytest.MonkeyPatch) -> None:
    place = "europe-west4-aiplatform.googleapis.com/v1beta1/projects/p/locations/europe-west4"
    given: dict[str, Any] = {"model": "m", "project": "p", "location": "europe-west4"}
    for kind in (ChatVertexAI, ChatGoogleGenerativeAI):
        model = kind(**given, api_key=lambda: "t")
        assert base_of(model) == f"{place}/publishers/google"
        assert model.provider == "google_vertexai"
        assert model.project == "p"
    express = "aiplatform.googleapis.com/v1beta1/publishers/google"
    assert base_of(ChatGoogleGenerativeAI(model="m", vertexai=True, api_key="k")) == express
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    assert base_of(ChatGoogleGenerativeAI(model="m", api_key="k")) == express
    model = ChatGoogleGenerativeAI(model="m", vertexai=False, api_key="k")
    assert base_of(model).startswith("generativelanguage.")
    with pytest.raises(ConfigurationError, match="GOOGLE_CLOUD_PROJECT"):
        ChatVertexAI(model="m")


def test_a_token_is_asked_for_at_each_attempt() -> None:
    tokens = iter(["t1", "t2"])
    busy = reply({"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}, status=503,
                 headers={"retry-after": "0"})  # fmt: skip
    with FaultServer([busy], [reply(text("hello"))]) as server:
        model = ChatVertexAI(
            model="m", project="p", base_url=server.url, api_key=lambda: next(tokens), max_retries=1
        )
        assert model.invoke("hi").text == "hello"
    seen = [request.headers["authorization"] for request in server.requests]
    assert seen == ["Bearer t1", "Bearer t2"]
    assert "x-goog-api-key" not in server.requests[0].headers


def test_credentials_are_not_pickled() -> None:
    model = ChatVertexAI(model="m", project="p", api_key="secret", temperature=0)
    data = pickle.dumps(model)
    assert b"secret" not in data
    model = ChatGoogleGenerativeAI(model="m", api_key="secret", top_k=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOOGLE_API_KEY", "other")
        again = pickle.loads(pickle.dumps(model))
    assert (again.model, again.top_k) == ("m", 3)


def test_safety_settings_by_their_names() -> None:
    settings = {HarmCategory.HARM_CATEGORY_HARASSMENT: HarmBlockThreshold.BLOCK_ONLY_HIGH}
    with FaultServer([reply(text("hello"))]) as server:
        made(server, safety_settings=settings).invoke("hi")
    assert server.requests[0].json()["safetySettings"] == [
        {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"}
    ]


def test_a_reply_survives_being_written_down() -> None:
    from conure.load import dumpd, load

    part = {"text": "a", "thoughtSignature": "s"}
    wire = {"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}]}
    with FaultServer([reply(wire)]) as server:
        model = made(server)
        answer = model.invoke("hi")
        again = load(json.loads(json.dumps(dumpd(answer))))
        model.invoke(["hi", again, "more"])
        model.invoke(["hi", pickle.loads(pickle.dumps(answer)), "more"])
    assert answer.content == "a"
    for seen in server.requests[1:]:
        assert seen.json()["contents"][1]["parts"] == [part]


def test_parameters_that_nobody_knows() -> None:
    with pytest.raises(ConfigurationError, match="thinking_budget"):
        ChatGoogleGenerativeAI(model="m", api_key="k", thinking_budgets=1)  # type: ignore[call-arg]
