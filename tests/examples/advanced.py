"""Examples of the page's advanced topics: S-031 to S-050."""

from __future__ import annotations

import ast
from typing import Any

from conure.openai import ChatOpenAI
from conure.rate_limiters import InMemoryRateLimiter
from tests.examples.page import EXAMPLES
from tests.examples.provider import Provider, Reply, Script, call
from tests.examples.table import ANTHROPIC, MODEL, RESPONSES, Outcome, example

__all__ = ["CLAUDE"]

CAT = "/9j/4AAQSkZJRg=="
PICTURE = {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{CAT}"}}


@example(
    "S-031",
    given=MODEL,
    replies=[Reply("Here's a picture of a cat", message={"images": [PICTURE]})],
)
def s031(it: Outcome) -> None:
    text, image = ast.literal_eval(it.printed)
    assert text == {"type": "text", "text": "Here's a picture of a cat"}
    wanted = {"type": "image", "base64": CAT, "mime_type": "image/jpeg"}
    assert {name: image[name] for name in wanted} == wanted


THOUGHT = {"reasoning_content": "Feathers scatter light."}


@example("S-032", given=MODEL, replies=[Reply("Structure", message=THOUGHT)])
def s032(it: Outcome) -> None:
    (first,) = ast.literal_eval(it.lines[0])
    assert (first["type"], first["reasoning"]) == ("reasoning", THOUGHT["reasoning_content"])
    assert "".join(it.lines[1:]) == "Structure"


@example("S-033", given=MODEL, replies=[Reply("Structure", message=THOUGHT)])
def s033(it: Outcome) -> None:
    assert it.lines == ["Feathers scatter light."]


SEARCHED = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "status": "completed",
    "model": "gpt-4.1-mini-2025-04-14",
    "output": [
        {
            "type": "web_search_call",
            "id": "ws_abc123",
            "status": "completed",
            "action": {"type": "search", "query": "positive news stories today"},
        },
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [
                {
                    "type": "output_text",
                    "text": "Here are some positive news stories from today...",
                    "annotations": [
                        {
                            "type": "url_citation",
                            "start_index": 337,
                            "end_index": 410,
                            "title": "article title",
                            "url": "...",
                        }
                    ],
                }
            ],
        },
    ],
    "usage": {"input_tokens": 8, "output_tokens": 10, "total_tokens": 18},
}


@example("S-034", needs=RESPONSES, more={"responses": [SEARCHED]})
def s034(it: Outcome) -> None:
    assert it.paths[0] == "/v1/responses"
    assert it.wire[0]["tools"] == [{"type": "web_search"}]


@example("S-035", needs=RESPONSES, more={"responses": [SEARCHED]}, source=EXAMPLES["S-034"])
def s035(it: Outcome) -> None:
    for block, wanted in zip(it.value, ast.literal_eval(EXAMPLES["S-035"]), strict=True):
        assert {name: block.get(name) for name in wanted} == wanted


@example("S-036", given=MODEL, replies=[Reply("ok")])
def s036(it: Outcome) -> None:
    limiter = it.space["rate_limiter"]
    assert isinstance(limiter, InMemoryRateLimiter)
    # The bucket starts full and is the model's: two calls leave eight.
    for _ in range(2):
        assert it.space["model"].invoke("hello").text == "ok"
    assert [limiter.acquire(blocking=False) for _ in range(9)] == [True] * 8 + [False]


@example("S-037", given=MODEL, replies=[Reply("ok")], put={"BASE_URL": "{url}"})
def s037(it: Outcome) -> None:
    assert it.space["model"].invoke("hello").text == "ok"
    assert it.paths[0] == "/v1/chat/completions"
    assert it.requests[0].headers["authorization"] == "Bearer YOUR_API_KEY"
    assert it.wire[0]["model"] == "MODEL_NAME"


@example("S-038")
def s038(it: Outcome) -> None:
    assert isinstance(it.space["model"], ChatOpenAI)
    with Provider({"v1": Script([Reply("by proxy")])}) as proxy:
        model = ChatOpenAI(
            model="gpt-4o",
            openai_proxy=proxy.at("").rstrip("/"),
            base_url="http://provider.invalid/v1",
        )
        assert model.invoke("hello").text == "by proxy"
        (seen,) = proxy.scripts["v1"].requests
    assert seen.target == "http://provider.invalid/v1/chat/completions"


LOGPROBS = {
    "content": [{"token": "Be", "bytes": [66, 101], "logprob": -0.25, "top_logprobs": []}],
    "refusal": None,
}


@example("S-039", replies=[Reply("Be", choice={"logprobs": LOGPROBS})], given=MODEL)
def s039(it: Outcome) -> None:
    assert it.wire[0]["logprobs"] is True
    assert it.wire[0]["model"] == "gpt-4o"
    assert ast.literal_eval(it.printed)["content"] == LOGPROBS["content"]


MINI = Reply("Hello! How can I assist you today?", model="gpt-4o-mini-2024-07-18")
CLAUDE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5-20251001",
    "content": [{"type": "text", "text": "Hello! How can I help you today?"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 8,
        "output_tokens": 21,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    },
}
USED = ast.literal_eval(EXAMPLES["S-042"])
BOTH: dict[str, Any] = {"replies": [MINI], "needs": ANTHROPIC, "more": {"messages": [CLAUDE]}}
ONE: dict[str, Any] = {"replies": [MINI], "without": ["model_2"]}


@example("S-040", **BOTH)
@example("S-042", **BOTH, source=EXAMPLES["S-040"])
def s040(it: Outcome) -> None:
    assert it.value == USED


@example("S-041", **BOTH)
def s041(it: Outcome) -> None:
    assert ast.literal_eval(it.printed) == USED


OPENAI_S = "gpt-4o-mini-2024-07-18"


@example("S-040", **ONE)
@example("S-042", **ONE, source=EXAMPLES["S-040"])
def s040_openai(it: Outcome) -> None:
    assert it.value == {OPENAI_S: USED[OPENAI_S]}


@example("S-041", **ONE)
def s041_openai(it: Outcome) -> None:
    assert ast.literal_eval(it.printed) == {OPENAI_S: USED[OPENAI_S]}


HEARING = (
    MODEL
    + """
from conure.callbacks import BaseCallbackHandler

class Heard(BaseCallbackHandler):
    def on_chat_model_start(self, serialized, messages, **facts):
        self.facts = facts

my_callback_handler = Heard()
"""
)


@example("S-043", given=HEARING, replies=[Reply("No.")])
def s043(it: Outcome) -> None:
    facts = it.space["my_callback_handler"].facts
    assert facts["name"] == "joke_generation"
    assert facts["tags"] == ["humor", "demo"]
    assert facts["metadata"]["user_id"] == "123"
    assert facts["metadata"]["ls_model_name"] == "gpt-4.1"
    assert it.space["response"].text == "No."


TWICE: dict[str, Any] = {"replies": [Reply("gpt")], "more": {"messages": [CLAUDE]}}


LEFT_OUT = "temperature was left out: gpt-5-nano"


@example("S-044", replies=[Reply("gpt")], without=["claude"], warns=LEFT_OUT)
def s044_openai(it: Outcome) -> None:
    (body,) = it.wire
    # That family takes no temperature but its own.
    assert (body["model"], body.get("temperature")) == ("gpt-5-nano", None)


@example("S-044", **TWICE, needs=ANTHROPIC, warns=LEFT_OUT)
def s044(it: Outcome) -> None:
    first, second = it.wire
    assert (first["model"], first.get("temperature")) == ("gpt-5-nano", None)
    assert second["model"] == "claude-sonnet-4-5-20250929"
    assert second["temperature"] == 0
    assert it.paths[1] == "/v1/messages"


@example("S-045", given=MODEL, replies=[Reply("gpt")])
def s045(it: Outcome) -> None:
    (body,) = it.wire
    assert (body["model"], body["temperature"]) == ("gpt-4.1-mini", 0)
    assert it.value.text == "gpt"


FIRST_MODEL = MODEL + "first_model = " + EXAMPLES["S-045"].partition("first_model = ")[2]


@example("S-046", **TWICE, needs=ANTHROPIC, given=FIRST_MODEL)
def s046(it: Outcome) -> None:
    body = it.wire[-1]
    assert body["model"] == "claude-sonnet-4-5-20250929"
    assert (body["temperature"], body["max_tokens"]) == (0.5, 100)


@example(
    "S-046",
    given=FIRST_MODEL,
    replies=[Reply("gpt")],
    put={"claude-sonnet-4-5-20250929": "gpt-4.1"},
    part=True,
)
def s046_openai(it: Outcome) -> None:
    """Make the same overrides, on a model of the provider that is there."""
    body = it.wire[-1]
    assert (body["model"], body["temperature"]) == ("gpt-4.1", 0.5)
    assert 100 in {body.get("max_tokens"), body.get("max_completion_tokens")}


POPULATIONS = ast.literal_eval(EXAMPLES["S-048"])
ASKED = Reply(calls=[call(one["name"], one["args"], one["id"]) for one in POPULATIONS])
# As printed on the page, the fields are indented too far to be Python.
INDENTED = {"        location": "    location"}


@example("S-047", given=MODEL, replies=[ASKED], put=INDENTED)
@example("S-048", given=MODEL, replies=[ASKED], put=INDENTED, source=EXAMPLES["S-047"])
def s047(it: Outcome) -> None:
    (body,) = it.wire
    assert (body["model"], body["temperature"]) == ("gpt-4.1-mini", 0)
    names = [tool["function"]["name"] for tool in body["tools"]]
    assert names == ["GetWeather", "GetPopulation"]
    for tool in body["tools"]:
        location = tool["function"]["parameters"]["properties"]["location"]
        assert location["description"] == "The city and state, e.g. San Francisco, CA"
    assert it.value == POPULATIONS


IN_CLAUDE_S = ast.literal_eval(EXAMPLES["S-050"])
USES = {
    **CLAUDE,
    "stop_reason": "tool_use",
    "content": [
        {"type": "tool_use", "id": one["id"], "name": one["name"], "input": one["args"]}
        for one in IN_CLAUDE_S
    ],
}
BOUND: dict[str, Any] = {
    "given": MODEL + EXAMPLES["S-047"].replace(*next(iter(INDENTED.items()))),
    "replies": [ASKED],
    "needs": ANTHROPIC,
    "more": {"messages": [USES]},
}


@example("S-049", **BOUND)
@example("S-050", **BOUND, source=EXAMPLES["S-049"])
def s049(it: Outcome) -> None:
    tools = it.wire[-1]["tools"]
    assert [tool["name"] for tool in tools] == ["GetWeather", "GetPopulation"]
    assert all("location" in tool["input_schema"]["properties"] for tool in tools)
    assert it.value == IN_CLAUDE_S
