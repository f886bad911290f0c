"""Every recorded request of the Responses API, written by the codec from our messages.

The history law: what a reply said goes back, in the next request of the same conversation, as
the recorded client sent it.
"""

from __future__ import annotations

import pickle
from collections import Counter
from typing import Any

from conure.errors import ConfigurationError
from conure.messages import AIMessage, HumanMessage, assemble
from conure.messages.coerce import to_messages
from conure.protocols import Encoded
from conure.protocols.openai_responses import PROTOCOL, Dialect
from tests.replay.responses_oracle import plain
from tests.replay.responses_requests import differences, item, unlike
from tests.replay.test_chat import report
from tests.replay.test_responses import decode, replies, said_by
from tests.replay.traffic import load, needs_traffic

pytestmark = needs_traffic

NOT_SETTINGS = frozenset({"input", "model", "stream"})
LENIENT = Dialect(passes=True)


def encode(record: dict[str, Any]) -> Encoded:
    request = record["request"]
    settings = {name: value for name, value in request.items() if name not in NOT_SETTINGS}
    messages = to_messages(request["input"])
    return PROTOCOL.encode(
        request["model"], messages, settings, bool(request.get("stream")), LENIENT
    )


def requests() -> list[dict[str, Any]]:
    return [
        record
        for record in load("openai.responses")
        if (record.get("request") or {}).get("input") and record["request"].get("model")
    ]


def test_every_request_goes_out_as_it_was_recorded(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    needed: Counter[str] = Counter()
    for record in requests():
        counted["requests"] += 1
        try:
            encoded = encode(record)
        except ConfigurationError as error:
            wrong[record["id"]] = [str(error)]
            continue
        names, unlike = differences(encoded.body, record["request"])
        needed.update(names)
        if unlike or encoded.path != "/responses":
            wrong[record["id"]] = unlike
    print("forgiven:", dict(needed.most_common()))
    record_property("forgiven", dict(needed))
    report(wrong, counted, record_property)


def test_every_reply_goes_back_as_the_recorded_client_sent_it(record_property: Any) -> None:
    """Find each decoded item in a later request of its conversation, and compare the two."""
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    classes: Counter[str] = Counter()
    for name, records in conversations().items():
        found, said = Counter[str](), list[str]()
        for position, record in enumerate(records[:-1]):
            if record["status"] < 300 and said_by(record).error is None:
                told = told_again(record, records[position + 1]["request"], found)
                said += [f"turn {position + 1}: {each}" for each in told]
        if not found:
            continue
        classes += found
        if said and name.rpartition(".")[2] in REWRITTEN:
            counted["rewritten by the client"] += 1
        else:
            counted["conversations"] += 1
            if said:
                wrong[name] = said
    print("items:", dict(classes.most_common()))
    record_property("items", dict(classes))
    report(wrong, counted, record_property)


def conversations() -> dict[str, list[dict[str, Any]]]:
    """Give the sessions in which a client sent back what it was told."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record in replies():
        if isinstance((record.get("request") or {}).get("input"), list):
            found.setdefault(record["conversation"], []).append(record)
    return {name: records for name, records in found.items() if len(records) > 1}


def told_again(record: dict[str, Any], request: dict[str, Any], found: Counter[str]) -> list[str]:
    """Match what we would send back with what the client did."""
    reply = assemble(decode(record), provider="some")
    body = PROTOCOL.encode("m", [HumanMessage("x"), reply], {}, False, LENIENT).body
    ours = body["input"][1:]
    theirs = [each for each in request["input"] if isinstance(each, dict)]
    wrong: list[str] = []
    places: list[int] = []
    for our in ours:
        place = place_of(our, theirs)
        if place is None:
            kept = request.get("previous_response_id") or request.get("conversation")
            found["kept by the provider" if kept else "not sent by the client"] += 1
            continue
        names: set[str] = set()
        left, right = item(our, names), item(theirs[place], names)
        less = lean(left, right)
        if left == right:
            found["the same"] += 1
        elif less == lean(right, left):
            found["fewer fields sent by the client"] += 1
        else:
            wrong.append(f"{unlike(less, lean(right, left))}")
        places.append(place)
    if places != sorted(places):
        wrong.append(f"another order: {places}")
    return wrong


def place_of(our: dict[str, Any], theirs: list[dict[str, Any]]) -> int | None:
    """Find the same item in a request: by its id, its call, or its words."""
    kind = our["type"]
    for position, their in enumerate(theirs):
        if their.get("type", "message") != kind or their.get("role", "assistant") != "assistant":
            continue
        if our.get("id") and our["id"] == their.get("id"):
            return position
        if kind in CALLS and our["call_id"] == their["call_id"]:
            return position
        sealed = our.get("encrypted_content")
        if kind == "reasoning" and sealed and sealed == their.get("encrypted_content"):
            return position
        if kind == "message" and not their.get("id") and words_of(our) == words_of(their):
            return position
    return None


# Clients that send other words than they were told; ours go back as they came.
REWRITTEN = {
    "test_live_tool_search_handoff_openai_to_anthropic": "paths of a tool search as queries",
    "test_openai_hosted_tool_search_stateless_continuation": "the same",
    "test_openai_native_tool_search_gpt_5_6": "the same",
    "test_openai_native_tool_search_streaming": "the same",
    "test_openai_native_tool_search_with_deferred_capability": "the same",
    "test_openai_native_tool_search_with_deferred_capability_gpt_5_6_sol": "the same",
    "test_openai_responses_model_mcp_server_tool": "the tools of a server as an empty list",
    "test_openai_responses_phase_streamed_on_part_start": "a text with other quotation marks",
    "test_reused_tool_call_ids-stream": "call ids prefixed with the reply's id",
}
CALLS = ("function_call", "custom_tool_call")
# Fields that a client may leave out of an item that the provider can name.
OPTIONAL = frozenset({
    "annotations", "call_id", "content", "encrypted_content", "id", "namespace", "output",
    "outputs", "phase", "results", "status", "tools",
})  # fmt: skip


def lean(item: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the other one leaves out."""
    made = {name: item[name] for name in item if name in other or name not in OPTIONAL}
    if isinstance(made.get("content"), list) and isinstance(other.get("content"), list):
        made["content"] = [
            {k: v for k, v in part.items() if k != "annotations"} for part in made["content"]
        ]
    return made


def words_of(item: dict[str, Any]) -> str:
    content = item.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text") or part.get("refusal") or "" for part in content)


def test_every_reply_says_the_same_after_it_was_stored(record_property: Any) -> None:
    """Pickled, as a dict, as JSON, or by its content and calls alone."""
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in replies():
        if record["status"] >= 300 or said_by(record).error is not None:
            continue
        reply = assemble(decode(record), provider="openai")
        whole = sent(reply)
        for way, again in {
            "pickled": pickle.loads(pickle.dumps(reply)),
            "dict": AIMessage(**reply.model_dump()),
            "JSON": AIMessage.model_validate_json(reply.model_dump_json()),
            "content": AIMessage(
                reply.content,
                tool_calls=reply.tool_calls,
                invalid_tool_calls=reply.invalid_tool_calls,
            ),
        }.items():
            counted[way] += 1
            if (found := sent(again)) != whole:
                unlike_items = [(a, b) for a, b in zip(found, whole, strict=False) if a != b]
                wrong[f"{record['id']} {way}"] = [
                    f"{len(found)}/{len(whole)}: {unlike_items!r:.500}"
                ]
    report(wrong, counted, record_property)


def sent(reply: AIMessage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = PROTOCOL.encode("m", [reply], {}, False, LENIENT).body["input"]
    return [plain(each) for each in found]
