"""ChatCohere: its parameters, its address, values it answers with."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from conure import init_chat_model
from conure.cohere import ChatCohere
from conure.errors import ConfigurationError, MissingKeyError
from tests.live.server import Connection, FaultServer, head


class Person(BaseModel):
    name: str
    age: int


def answering(*parts: dict[str, Any], seen: list[Any]) -> Any:
    def answer(connection: Connection) -> None:
        assert connection.request is not None
        request = connection.request
        seen.append((request.target, request.headers, json.loads(request.body)))
        message = {"role": "assistant", **{k: v for part in parts for k, v in part.items()}}
        data = json.dumps({"id": "i", "message": message, "finish_reason": "COMPLETE"}).encode()
        lines = {"content-type": "application/json", "content-length": str(len(data))}
        connection.send(head(200, lines) + data)

    return answer


def test_the_key_comes_from_either_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingKeyError, match="COHERE_API_KEY"):
        ChatCohere(model="command-a-03-2025")
    monkeypatch.setenv("CO_API_KEY", "k")
    assert ChatCohere(model="command-a-03-2025")


def test_other_spellings() -> None:
    model = ChatCohere(model="m", cohere_api_key="k", timeout_seconds=3, stop_sequences=["x"])
    assert "timeout=3" in repr(model)
    assert "stop=['x']" in repr(model)
    with pytest.raises(ConfigurationError, match="connectors"):
        ChatCohere(model="m", api_key="k", connectors=[])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_models_are_found_by_their_names() -> None:
    assert isinstance(init_chat_model("command-r-plus", api_key="k"), ChatCohere)
    assert isinstance(init_chat_model("cohere:command-a-03-2025", api_key="k"), ChatCohere)


@pytest.mark.parametrize("tail", ["", "/v2", "/v1/"])
def test_the_address_with_a_version_or_without(tail: str) -> None:
    seen: list[Any] = []
    with FaultServer(answering({"content": [{"type": "text", "text": "a"}]}, seen=seen)) as server:
        model = ChatCohere(model="m", base_url=server.url + tail, api_key="k")
        assert model.invoke("hi").text == "a"
    [(target, headers, body)] = seen
    assert target == "/v2/chat"
    assert headers["authorization"] == "Bearer k"
    assert body["stream"] is False


def test_values_by_schema_and_by_call() -> None:
    seen: list[Any] = []
    text = {"content": [{"type": "text", "text": '{"name": "Ada", "age": 36}'}]}
    with FaultServer(answering(text, seen=seen)) as server:
        model = ChatCohere(model="m", base_url=server.url, api_key="k")
        assert model.with_structured_output(Person).invoke("who?") == Person(name="Ada", age=36)
    wanted = seen[0][2]["response_format"]
    assert wanted["type"] == "json_object"
    assert set(wanted["json_schema"]["properties"]) == {"name", "age"}
    arguments = {"name": "Person", "arguments": '{"name": "Ada", "age": 36}'}
    call = {"tool_calls": [{"id": "c", "type": "function", "function": arguments}]}
    with FaultServer(answering(call, seen=seen)) as server:
        model = ChatCohere(model="m", base_url=server.url, api_key="k")
        asked = model.with_structured_output(Person, method="function_calling")
        assert asked.invoke("who?") == Person(name="Ada", age=36)
    assert seen[1][2]["tool_choice"] == "REQUIRED"
