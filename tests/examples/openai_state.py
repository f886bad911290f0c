"""Examples of conversation state, compaction and reasoning: S-172 to S-185.

Replies are written by hand in the shape of recorded ones of the same feature.
"""

from __future__ import annotations

import ast
from typing import Any

from tests.examples.openai_table import PAGE, answer, openai_example, said
from tests.examples.table import Outcome

__all__ = ["BOB"]

BOB = answer(said(PAGE["S-173"].strip(), id="msg_bob"), id="resp_bob")
NAMED = answer(said(PAGE["S-175"].strip(), id="msg_named"), id="resp_named")
KNOWN = answer(said(PAGE["S-177"].strip(), id="msg_known"), id="resp_known")
MANUAL: dict[str, Any] = {"responses": [BOB, NAMED]}
BY_ID: dict[str, Any] = {"responses": [BOB, KNOWN]}


@openai_example("S-172", "S-173", **MANUAL)
def s172(it: Outcome) -> None:
    assert it.paths == ["/v1/responses"]
    assert [(one["role"], one["content"]) for one in it.wire[0]["input"]] == [
        ("user", "Hi, I'm Bob.")
    ]
    assert it.printed == PAGE["S-173"]


@openai_example("S-174", "S-175", after=["S-172"], **MANUAL)
def s174(it: Outcome) -> None:
    asked, answered, again = it.wire[1]["input"]
    assert [asked] == it.wire[0]["input"]
    assert (answered["type"], answered["role"], answered["id"]) == (
        "message",
        "assistant",
        "msg_bob",
    )
    (part,) = answered["content"]
    assert (part["type"], part["text"]) == ("output_text", PAGE["S-173"].strip())
    assert again["content"] == "What is my name?"
    assert it.printed == PAGE["S-175"]


@openai_example("S-176", "S-177", after=["S-172"], **BY_ID)
def s176(it: Outcome) -> None:
    body = it.wire[1]
    assert body["previous_response_id"] == "resp_bob"
    assert [one["content"] for one in body["input"]] == ["What is my name?"]
    assert it.printed == PAGE["S-177"]


@openai_example("S-176", after=["S-172"], **BY_ID)
def s176_streamed(it: Outcome) -> None:
    """Give the id that the next call needs in streams of every kind, too."""
    llm = it.space["llm"]
    chunks = list(llm.stream("hello"))
    assert sum(chunks[1:], chunks[0]).id == "resp_known"
    assert llm.stream_events("hello", version="v3").output.id == "resp_known"


GIVEN = "from conure.messages import AIMessage, HumanMessage\n"
ANEW: dict[str, Any] = {"given": GIVEN, "after": ["S-178"], "responses": [BOB]}


@openai_example("S-178", responses=[BOB])
def s178(it: Outcome) -> None:
    it.space["llm"].invoke("hello")
    assert it.paths == ["/v1/responses"]
    assert "use_previous_response_id" not in it.wire[0]


@openai_example("S-179", **ANEW)
@openai_example("S-180", **ANEW)
def s179(it: Outcome) -> None:
    (body,) = it.wire
    assert body["previous_response_id"] == "resp_123"
    assert [(one["role"], one["content"]) for one in body["input"]] == [("user", "How are you?")]


@openai_example("S-180", given=ANEW["given"], after=["S-178", "S-179"], responses=[BOB])
def s180_is_s179(it: Outcome) -> None:
    first, second = it.wire
    assert first == second


COMPACTED = {"id": "cmp_1", "type": "compaction", "encrypted_content": "gAAAA"}


@openai_example("S-181", responses=[answer(COMPACTED, said("Hello."))])
def s181(it: Outcome) -> None:
    model = it.space["model"]
    reply = model.invoke("hello")
    assert it.paths == ["/v1/responses"]
    wanted = [{"type": "compaction", "compact_threshold": 100_000}]
    assert it.wire[0]["context_management"] == wanted
    assert reply.content[0] == COMPACTED
    model.invoke([("user", "hello"), reply, ("user", "and?")])
    assert it.wire[1]["input"][1] == COMPACTED


THOUGHT = {
    "id": "rs_1",
    "type": "reasoning",
    "summary": [{"type": "summary_text", "text": PAGE["S-185"].strip()}],
}
CUBED = answer(THOUGHT, said(ast.literal_eval(PAGE["S-183"])))
SEALED = answer({"id": "rs_1", "type": "reasoning", "summary": []}, said("27"))


@openai_example("S-182", "S-183", responses=[CUBED])
def s182(it: Outcome) -> None:
    assert it.paths == ["/v1/responses"]
    assert it.wire[0]["reasoning"] == {"effort": "medium", "summary": "auto"}
    assert it.value == ast.literal_eval(PAGE["S-183"])


@openai_example("S-184", "S-185", after=["S-182"], responses=[CUBED])
def s184(it: Outcome) -> None:
    assert it.printed == PAGE["S-185"]


@openai_example("S-184", after=["S-182"], responses=[SEALED])
def s184_sealed(it: Outcome) -> None:
    """Have the key where there is no summary, too."""
    assert not it.printed.strip()
