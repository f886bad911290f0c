"""Examples of making a model, calling it, streaming and batching: S-001 to S-016."""

from __future__ import annotations

import re
import threading
import tomllib
from pathlib import Path
from typing import Any

from conure.chat_models import init_chat_model
from conure.messages import AIMessage, AIMessageChunk
from conure.openai import ChatOpenAI
from tests.examples.page import EXAMPLES, run
from tests.examples.provider import Reply, call
from tests.examples.table import ANTHROPIC, MODEL, Outcome, example

__all__ = ["QUESTIONS"]

QUESTIONS = [
    "Why do parrots have colorful feathers?",
    "How do airplanes fly?",
    "What is quantum computing?",
]

CONVERSATION = [
    {
        "role": "system",
        "content": "You are a helpful assistant that translates English to French.",
    },
    {"role": "user", "content": "Translate: I love programming."},
    {"role": "assistant", "content": "J'adore la programmation."},
    {"role": "user", "content": "Translate: I love building applications."},
]


@example("S-001", source="")
def s001(it: Outcome) -> None:
    extra = re.search(r"\[(\w+)\]", EXAMPLES["S-001"])
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    assert extra
    assert extra[1] in project["project"]["optional-dependencies"]
    assert isinstance(init_chat_model("m", model_provider=extra[1]), ChatOpenAI)


@example("S-002")
@example("S-003")
def s002_and_s003(it: Outcome) -> None:
    model = it.space["model"]
    assert isinstance(model, ChatOpenAI)
    assert model.model == "gpt-4.1"
    assert it.requests == []
    assert "sk-" not in repr(model)


@example("S-004", given=MODEL, replies=[Reply("Because they can.")])
def s004(it: Outcome) -> None:
    (body,) = it.wire
    assert body["model"] == "gpt-4.1"
    assert body["messages"] == [{"role": "user", "content": "Why do parrots talk?"}]
    assert it.paths[0] == "/v1/chat/completions"
    assert it.requests[0].headers["authorization"] == "Bearer sk-test"
    assert type(it.space["response"]) is AIMessage
    assert it.space["response"].content == "Because they can."


SAYS = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5-20250929",
    "content": [{"type": "text", "text": "Hi."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 8, "output_tokens": 21},
}


@example("S-005", given=MODEL, needs=ANTHROPIC, more={"messages": [SAYS]})
def s005(it: Outcome) -> None:
    model = it.space["model"]
    assert model.timeout == 30
    assert model.invoke("Hello").text == "Hi."
    (body,) = it.wire
    assert (body["temperature"], body["max_tokens"]) == (0.7, 1000)
    assert it.paths[0] == "/v1/messages"


@example("S-006", given=MODEL, replies=[Reply("Feathers?")])
def s006(it: Outcome) -> None:
    (line,) = it.lines
    assert line.startswith("content='Feathers?' additional_kwargs={'refusal': None} ")
    order = ["content=", "additional_kwargs=", "response_metadata={", "id='", "usage_metadata={"]
    places = [line.index(part) for part in order]
    assert places == sorted(places)
    for part in ("'finish_reason': 'stop'", "'model_name': 'gpt-4.1-2025'", "tool_calls=[]"):
        assert part in line


@example("S-007", given=MODEL, replies=[Reply("J'adore créer des applications.")])
@example("S-008", given=MODEL, replies=[Reply("J'adore créer des applications.")])
def s007_and_s008(it: Outcome) -> None:
    assert it.wire[0]["messages"] == CONVERSATION
    assert it.space["response"].content == "J'adore créer des applications."
    assert it.printed.startswith('content="J\'adore créer des applications."')


@example(
    "S-009", given=MODEL, replies=[Reply("", pieces=["Parrots", " have", " colorful", " feathers"])]
)
def s009(it: Outcome) -> None:
    assert it.wire[0]["stream"] is True
    pieces = it.printed.split("|")
    assert [piece for piece in pieces if piece] == ["Parrots", " have", " colorful", " feathers"]
    # One chunk without text says how the reply ended.
    assert it.printed.count("|") <= 5


REASONED = {"reasoning_content": "Light scatters."}


@example(
    "S-010",
    given=MODEL,
    replies=[
        Reply(
            "Blue.",
            calls=[call("look", {"at": "sky"}, "call_1", '{"at": ', '"sky"}')],
            message=REASONED,
        )
    ],
)
def s010(it: Outcome) -> None:
    assert it.lines[:2] == ["Reasoning: Light scatters.", "Blue."]
    calls = [eval(line.removeprefix("Tool call chunk: ")) for line in it.lines[2:]]
    assert all(one["type"] == "tool_call_chunk" for one in calls)
    assert [(one["name"], one["id"]) for one in calls if one["name"]] == [("look", "call_1")]
    assert "".join(one["args"] or "" for one in calls) == '{"at": "sky"}'


@example(
    "S-011",
    given=MODEL,
    replies=[Reply("", pieces=["The", " sky", " is", " typically", " blue", "..."])],
)
def s011(it: Outcome) -> None:
    shown = [line[2:] for line in EXAMPLES["S-011"].splitlines() if line.startswith("# The")]
    assert it.lines[: len(shown)] == shown
    assert it.lines[-1] == "[{'type': 'text', 'text': 'The sky is typically blue...'}]"
    full = it.space["full"]
    assert type(full) is AIMessageChunk
    assert full.text == "The sky is typically blue..."
    it.space["model"].invoke(["What color is the sky?", full, "Why?"])
    assert it.wire[1]["messages"][1] == {"role": "assistant", "content": full.text}


GREETING = "Hi there! How can I help today?"
GREETED = Reply(
    GREETING, pieces=["Hi", " there", "!", " How", " can", " I", " help", " today", "?"]
)


@example("S-012", given=MODEL, replies=[GREETED])
def s012(it: Outcome) -> None:
    assert it.lines[0] == "Input: Hello"
    assert it.lines[-1] == f"Full message: {GREETING}"
    tokens = [line.removeprefix("Token: ") for line in it.lines[1:-1]]
    assert "".join(tokens) == GREETING
    assert it.wire[0]["stream"] is True


@example("S-013", given=MODEL, replies=[GREETED], source=EXAMPLES["S-012"])
def s013(it: Outcome) -> None:
    before, after = EXAMPLES["S-013"].split("...\n")
    assert it.printed.startswith(before)
    assert it.printed.endswith(after)
    assert "Token: " not in it.lines
    assert "Token:" not in it.lines


@example("S-014", given=MODEL, replies=[Reply(echo=True)])
def s014(it: Outcome) -> None:
    assert [one.text for one in it.space["responses"]] == [f"re: {text}" for text in QUESTIONS]
    starts = [line.split("'")[1] for line in it.lines]
    assert starts == [f"re: {text}" for text in QUESTIONS]
    assert sorted(body["messages"][0]["content"] for body in it.wire) == sorted(QUESTIONS)


@example("S-015", given=MODEL, replies=[Reply(echo=True)])
def s015(it: Outcome) -> None:
    assert sorted(line[:3] for line in it.lines) == ["(0,", "(1,", "(2,"]
    index, message = it.space["response"]
    assert message.text == f"re: {QUESTIONS[index]}"


class Crowd:
    """Counts who is in the room at the same time, and lets nobody out before five are."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.all_here = threading.Barrier(5)
        self.lock = threading.Lock()

    def answer(self, messages: Any) -> str:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.all_here.wait(30)
        with self.lock:
            self.inside -= 1
        return str(messages[-1].content)


@example("S-016", given=MODEL + "list_of_inputs = [str(n) for n in range(15)]\n",
         replies=[Reply(echo=True)])  # fmt: skip
def s016(it: Outcome) -> None:
    from conure.testing import FunctionChatModel

    assert [one.text for one in it.value] == [f"re: {n}" for n in range(15)]
    crowd = Crowd()
    space = {**it.space, "model": FunctionChatModel(crowd.answer)}
    _, answers = run(EXAMPLES["S-016"], space)
    assert [one.text for one in answers] == space["list_of_inputs"]
    assert crowd.most == 5
