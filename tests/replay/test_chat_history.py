"""The history law of Chat Completions, and that a stream says what the same reply whole would.

For each recorded conversation with the maker itself: in what way, if in any, the client's next
request says something else than ours would. Every recorded stream is put together by hand, from
its JSON alone, to the whole reply that it would have been.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import Any

from conure.messages import AIMessage, HumanMessage, assemble
from conure.protocols.openai_chat import PROTOCOL
from tests.replay.chat_oracle import events
from tests.replay.chat_requests import plain_message
from tests.replay.test_chat import decode, dialect_of, report, said_by
from tests.replay.traffic import is_stream, load, needs_traffic

pytestmark = needs_traffic

# How a client's next request differs from ours, the least first: the worst counts for all of it.
WAYS = (
    "asks anew, without what was said",
    "the same, field for field",
    "the same, with a text as a list of one part",
    "the same, and an empty list of annotations",
    "the same, with the speaker's name",
    "the client says it in other words",
)
ANEW, SAME, AS_PART, NOTED, NAMED, REWORDED = range(len(WAYS))
OTHER_WORDS = {
    "langchaingo.agents.testopenaifunctionsagentwithhttprr": "arguments without their names",
}
BY_FIELD = {"annotations": NOTED, "content": AS_PART, "name": NAMED}


def conversations() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for record in load("openai.chat"):
        if isinstance((record.get("request") or {}).get("messages"), list):
            found.setdefault(record["conversation"], []).append(record)
    return {name: records for name, records in found.items() if len(records) > 1}


def test_every_conversation_goes_on_as_its_client_went_on(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    ways: Counter[str] = Counter()
    for name, records in conversations().items():
        found: set[int] = set()
        for before, after in pairwise(records):
            if before["status"] < 300 and said_by(before).error is None:
                way, unlike = way_of(before, after)
                found.add(way)
                if unlike and name not in OTHER_WORDS:
                    wrong[name] = unlike
        if found:
            counted["conversations"] += 1
            ways[WAYS[max(found)]] += 1
    for way in WAYS:
        print(f"{ways[way]:5} {way}")
    record_property("ways", dict(ways))
    report(wrong, counted, record_property)


def way_of(record: dict[str, Any], after: dict[str, Any]) -> tuple[int, list[str]]:
    """Say in which way the next request of a client says what a reply said, or what is wrong."""
    theirs = [one for one in after["request"]["messages"] if one.get("role") == "assistant"]
    if not theirs:
        return ANEW, []
    reply = assemble(decode(record), provider="some")
    body = PROTOCOL.encode("m", [HumanMessage("x"), reply], {}, False, dialect_of(record)).body
    ours = plain_message(body["messages"][1], set())
    like = [their for one in theirs if is_alike(ours, their := plain_message(one, set()))]
    if not like:
        return REWORDED, []
    their = ours if ours in like else like[-1]
    fields = [name for name in {**ours, **their} if ours.get(name) != their.get(name)]
    unlike = [f"{name}: {ours.get(name)!r:.200} is not {their.get(name)!r:.200}" for name in fields]
    known = all(is_forgiven(name, ours, their) for name in fields)
    return max((BY_FIELD.get(name, REWORDED) for name in fields), default=SAME), (
        [] if known else unlike
    )


def is_alike(ours: dict[str, Any], their: dict[str, Any]) -> bool:
    """Tell whether both are the same turn: by its calls' ids, else by its words."""
    ids = [[call["id"] for call in one.get("tool_calls") or ()] for one in (ours, their)]
    if ids[0] or ids[1]:
        return ids[0] == ids[1]
    return words(ours) == words(their) != ""


def is_forgiven(name: str, ours: dict[str, Any], their: dict[str, Any]) -> bool:
    if name == "content":
        return words(ours) == words(their)
    return (name == "annotations" and their[name] == []) or name == "name"


def words(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text") or "" for part in content)


def test_every_stream_says_what_the_whole_would_have_said(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in load("openai.chat"):
        if not is_stream(record) or record["status"] >= 300 or said_by(record).error is not None:
            continue
        told = events(record["response_text"])
        whole = put_together([json.loads(data) for _, data in told if data != "[DONE]"])
        if whole is None:
            counted["with several choices"] += 1
            continue
        counted["streams"] += 1
        streamed = assemble(decode(record), provider="openai")
        written = assemble(
            PROTOCOL.decode(json.dumps(whole).encode(), dialect_of(record)), provider="openai"
        )
        if unlike := different(streamed, written):
            wrong[record["id"]] = unlike
    report(wrong, counted, record_property)


FIELDS = ("content", "content_blocks", "tool_calls", "invalid_tool_calls", "usage_metadata")
# A whole reply says that there are no logprobs; a stream does not.
SAID_BY_WHOLES = {"logprobs"}


def different(streamed: AIMessage, written: AIMessage) -> list[str]:
    unlike = [
        f"{name}: {getattr(streamed, name)!r:.200} is not {getattr(written, name)!r:.200}"
        for name in FIELDS
        if getattr(streamed, name) != getattr(written, name)
    ]
    left, right = streamed.response_metadata, written.response_metadata
    return unlike + [
        f"{name}: {left.get(name)!r:.200} is not {right.get(name)!r:.200}"
        for name in {**left, **right}
        if left.get(name) != right.get(name) and not (name in SAID_BY_WHOLES and not left.get(name))
    ]


TEXTS = frozenset({"content", "reasoning", "reasoning_content", "refusal"})


def put_together(chunks: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Fold chunks into the reply they are pieces of; None where there are several at once."""
    whole: dict[str, Any] = {}
    message: dict[str, Any] = {"role": "assistant", "content": None}
    choice: dict[str, Any] = {"index": 0, "message": message}
    for chunk in chunks:
        for name, value in chunk.items():
            if name == "created":
                whole[name] = whole.get(name) or value
            elif name not in ("choices", "object", "obfuscation") and value not in (None, ""):
                whole[name] = value
        for piece in chunk.get("choices") or ():
            if piece["index"] != 0:
                return None
            add(choice, piece, message)
    return {**whole, "object": "chat.completion", "choices": [choice]}


def add(choice: dict[str, Any], piece: dict[str, Any], message: dict[str, Any]) -> None:
    delta = piece.get("delta") or {}
    for name, value in delta.items():
        if name in TEXTS and value is not None:
            message[name] = (message.get(name) or "") + value
        elif name == "tool_calls":
            for call in value or ():
                add_call(message.setdefault("tool_calls", []), call)
        elif value is not None:
            message[name] = value
    for name, value in piece.items():
        if name == "logprobs" and value:
            into = choice.setdefault(name, {})
            for part, found in value.items():
                into[part] = (into.get(part) or []) + found if found else into.get(part)
        elif name not in ("delta", "index") and value not in (None, {}):
            choice[name] = value


def add_call(calls: list[dict[str, Any]], piece: dict[str, Any]) -> None:
    while len(calls) <= piece["index"]:
        calls.append({"type": "function", "function": {"arguments": ""}})
    call = calls[piece["index"]]
    call |= {name: piece[name] for name in ("id", "type") if piece.get(name)}
    for name, value in (piece.get("function") or {}).items():
        before = call["function"].get(name) or ""
        call["function"][name] = before + (value or "") if name == "arguments" else value or before
