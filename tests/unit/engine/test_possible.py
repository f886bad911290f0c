"""What a model is known not to take is refused before anything is sent."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest
from pydantic import BaseModel

from conure import init_chat_model
from conure.anthropic import ChatAnthropic
from conure.engine.possible import refuse_impossible
from conure.errors import ConfigurationError, ImpossibleRequestError
from conure.messages import HumanMessage
from conure.openai import ChatOpenAI
from conure.providers.catalogue import known, profile_of

PICTURE = {"type": "image", "base64": "AAAA", "mime_type": "image/png"}
SHOWN = {
    "image": [
        PICTURE,
        {"type": "image", "url": "https://example.com/a.png"},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        {"type": "input_image", "image_url": "https://example.com/a.png"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": ""}},
        {"inlineData": {"mimeType": "image/png", "data": ""}},
        {"type": "file", "mime_type": "image/png", "base64": ""},
    ],
    "audio": [
        {"type": "audio", "base64": "AAAA", "mime_type": "audio/wav"},
        {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}},
    ],
    "video": [
        {"type": "video", "url": "https://example.com/a.mp4"},
        {"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}},
    ],
    "pdf": [
        {"type": "file", "base64": "AAAA", "mime_type": "application/pdf"},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA"}},
        {"type": "document", "source": {"media_type": "application/pdf", "data": ""}},
    ],
}
CASES = [(kind, block) for kind, blocks in SHOWN.items() for block in blocks]


class Movie(BaseModel):
    title: str


def look(a: str) -> str:
    """Look something up."""
    return a


class Silent:
    """A transport that nothing may reach."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError("something was sent")


def refused(call: Any) -> ImpossibleRequestError:
    with pytest.raises(ImpossibleRequestError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize("kind, block", CASES)
def test_what_a_model_of_text_cannot_be_shown(kind: str, block: dict[str, Any]) -> None:
    message = HumanMessage([{"type": "text", "text": "What is this?"}, block])
    error = refused(
        lambda: refuse_impossible(profile_of("gpt-3.5-turbo") or {}, "gpt-3.5-turbo", [message], {})
    )
    assert "gpt-3.5-turbo reads no" in error.reason
    refuse_impossible({f"{kind}_inputs": True}, "m", [message], {})  # type: ignore[misc]
    refuse_impossible({}, "m", [message], {})


@pytest.mark.parametrize(
    "block",
    [
        {"type": "text", "text": "x"},
        {"type": "file", "file_id": "file-1"},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}},
        {"type": "something new"},
        "a text",
    ],
)
def test_what_may_be_text_is_sent(block: Any) -> None:
    none = dict.fromkeys((f"{kind}_inputs" for kind in SHOWN), False)
    refuse_impossible(none, "m", [HumanMessage([block])], {})  # type: ignore[arg-type]


def test_nothing_is_sent_and_the_nearest_request_is_named() -> None:
    model = init_chat_model("openai:o3-mini", api_key="k", transport=Silent())
    error = refused(lambda: model.invoke([HumanMessage([PICTURE])]))
    assert str(error) == (
        "o3-mini reads no pictures: say in words what they show, or ask a model that does, such "
        "as o3"
    )
    assert isinstance(error, ConfigurationError)
    again = pickle.loads(pickle.dumps(error))
    assert (again.reason, again.nearest) == (error.reason, error.nearest)


def test_the_same_async_and_streamed() -> None:
    model = init_chat_model("openai:o3-mini", api_key="k", transport=Silent())
    shown = [HumanMessage([PICTURE])]
    refused(lambda: asyncio.run(model.ainvoke(shown)))
    refused(lambda: list(model.stream(shown)))


def test_the_model_of_the_call_is_judged() -> None:
    model = ChatOpenAI(model="gpt-4.1", api_key="k", transport=Silent())
    assert "o3-mini" in str(
        refused(lambda: model.invoke([HumanMessage([PICTURE])], model="o3-mini"))
    )


def test_another_profile_is_believed() -> None:
    model = ChatOpenAI(
        model="o3-mini", api_key="k", transport=Silent(), profile={"image_inputs": True}
    )
    with pytest.raises(AssertionError, match="something was sent"):
        model.invoke([HumanMessage([PICTURE])])
    model = ChatOpenAI(
        model="my-own", api_key="k", transport=Silent(), profile={"tool_calling": False}
    )
    assert "my-own calls no tools" in str(refused(lambda: model.bind_tools([look]).invoke("hi")))


@pytest.mark.parametrize(
    "model",
    ["openai:nobody-knows", "azure_openai:o3-mini", "lmstudio:o3-mini"],
)
def test_where_a_name_tells_nothing_nothing_is_refused(model: str) -> None:
    made = init_chat_model(
        model, api_key="k", base_url="https://example.com/v1", transport=Silent()
    )
    with pytest.raises(AssertionError, match="something was sent"):
        made.invoke([HumanMessage([PICTURE])])


THINKING = {"type": "enabled", "budget_tokens": 2000}


def test_a_forced_tool_while_thinking() -> None:
    model = ChatAnthropic(
        model="claude-sonnet-4-5", api_key="k", thinking=THINKING, transport=Silent()
    )
    error = refused(lambda: model.bind_tools([look], tool_choice="any").invoke("hi"))
    assert "forced tool while thinking" in error.reason
    assert "leave out tool_choice" in error.nearest
    for choice in ("auto", "none"):
        with pytest.raises(AssertionError, match="something was sent"):
            model.bind_tools([look], tool_choice=choice).invoke("hi")


def test_thinking_that_adapts_takes_any_choice() -> None:
    model = ChatAnthropic(
        model="claude-opus-4-6", api_key="k", thinking={"type": "adaptive"}, transport=Silent()
    )
    with pytest.raises(AssertionError, match="something was sent"):
        model.bind_tools([look], tool_choice="any").invoke("hi")


def test_thinking_that_is_asked_for_in_the_body() -> None:
    model = init_chat_model(
        "deepseek:deepseek-v4-flash",
        api_key="k",
        transport=Silent(),
        extra_body={"thinking": {"type": "enabled"}},
    )
    refused(lambda: model.bind_tools([look], tool_choice="look").invoke("hi"))


def test_a_value_is_asked_for_by_the_way_that_is_left() -> None:
    thinking = ChatAnthropic(model="claude-sonnet-4-5", api_key="k", thinking=THINKING)
    assert thinking.structured_method() == "json_schema"
    assert ChatAnthropic(model="claude-sonnet-4-5", api_key="k").structured_method() == (
        "function_calling"
    )
    # Older models know no schema: the call is not forced there.
    older = ChatAnthropic(
        model="claude-3-7-sonnet", api_key="k", thinking=THINKING, transport=Silent()
    )
    assert older.structured_method() == "function_calling"
    with pytest.raises(AssertionError, match="something was sent"):
        older.with_structured_output(Movie).invoke("hi")


def test_a_schema_for_a_model_that_has_none() -> None:
    model = ChatAnthropic(model="claude-3-haiku-20240307", api_key="k", transport=Silent())
    profile = {"structured_output": False}
    given = ChatOpenAI(model="m", api_key="k", transport=Silent(), profile=profile)
    error = refused(lambda: given.with_structured_output(Movie, method="json_schema").invoke("hi"))
    assert "function_calling" in error.nearest
    assert given.structured_method() == "function_calling"
    assert model.structured_method() == "function_calling"


SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {}}}]


@pytest.mark.parametrize(
    "model, messages, settings, nearest",
    [
        ("gemini-2.5-flash", "hi", {"response_format": SCHEMA, "tools": TOOLS}, "second call"),
        (
            "gemini-2.0-flash",
            "hi",
            {"response_mime_type": "application/json", "tools": [{"google_search": {}}]},
            "second call",
        ),
        (
            "gpt-4.1",
            "hi",
            {"response_format": {"type": "json_object"}, "tools": [{"type": "web_search"}]},
            "JSON Schema",
        ),
        (
            "gpt-4.1",
            "hi",
            {"text": {"format": {"type": "json_object"}}, "tools": [{"type": "web_search"}]},
            "JSON Schema",
        ),
        (
            "claude-sonnet-4-5",
            [{"type": "document", "citations": {"enabled": True}, "source": {}}],
            {"response_format": SCHEMA},
            "citations",
        ),
    ],
)
def test_pairs_that_are_refused_together(
    model: str, messages: Any, settings: dict[str, Any], nearest: str
) -> None:
    profile = profile_of(model) or {}
    said = [HumanMessage(messages)]
    error = refused(lambda: refuse_impossible(profile, model, said, settings))
    assert nearest in error.nearest
    for name, value in settings.items():
        if len(settings) > 1:
            refuse_impossible(profile, model, said, {name: value})


@pytest.mark.parametrize("model", ["gemini-3-flash-preview", "gemini-3.5-flash"])
def test_newer_models_take_a_schema_with_tools(model: str) -> None:
    settings = {"response_format": SCHEMA, "tools": TOOLS}
    refuse_impossible(profile_of(model) or {}, model, [HumanMessage("hi")], settings)


def test_an_unknown_model_is_noted_once(caplog: pytest.LogCaptureFixture) -> None:
    model = init_chat_model("openai:nobody-has-heard-of-it", api_key="k", transport=Silent())
    with caplog.at_level("INFO", "conure"):
        for _ in range(2):
            with pytest.raises(AssertionError, match="something was sent"):
                model.invoke([HumanMessage([PICTURE])])
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert "nobody-has-heard-of-it" in caplog.text


def test_text_is_never_refused() -> None:
    for name in known()[1]:
        refuse_impossible(profile_of(name) or {}, name, [HumanMessage("hi")], {})
