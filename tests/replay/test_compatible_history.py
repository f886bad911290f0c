"""Every recorded conversation: a reply is sent back as the recorded client sent it.

The turn of reply k is looked for in request k+1 by its words and the ids of its calls. Where the
two differ, ours says more, or the client changed its history: each difference has a name below.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any

from conure.messages import HumanMessage, assemble
from conure.protocols.openai_chat import PROTOCOL
from tests.replay.chat_oracle import Said
from tests.replay.test_chat import decode, dialect_of, report, said_by
from tests.replay.test_chat_requests import _join, _reasoning_of
from tests.replay.traffic import chat, needs_traffic

pytestmark = needs_traffic

Turn = dict[str, Any]
REASONING = frozenset({"reasoning", "reasoning_content"})

# Name of a difference -> why it is none of what was said.
FORGIVEN = {
    "marks of the client": "name, prefix, cache_control: not of the reply, but of who sends it",
    "in the vendor's own field": "reasoning goes where the vendor reads it",
    "in one field": "the client sends the same reasoning in two",
    "beside its details": "reasoning is text, too, where the client sends its details alone",
    "details as they came": "the client's own lack pieces or have null in them",
    "a field of thinking": "`closed`, which the client did not send back",
    "edited": "the client sent other arguments than the model wrote",
}
LOONG = "loongsuite-python-agent.instrumentation-loongsuite"
EDITED = {
    # Read the text in the arguments out of the object around it.
    "langchaingo.agents.testopenaifunctionsagentwithhttprr.1",
    # Made a path shorter.
    f"{LOONG}.loongsuite-instrumentation-hermes-agent.test_tool-83d3326.1",
}
MARKS = frozenset({"name", "prefix", "provider_specific_fields"})


def pairs() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """List replies, and the requests that came after them in the same conversation."""
    conversations: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in chat():
        conversations[record["conversation"]].append(record)
    for records in conversations.values():
        records.sort(key=lambda record: record["turn"])
        for before, after in pairwise(records):
            asked = (after["request"] or {}).get("messages")
            if before["status"] < 300 and asked and said_by(before).error is None:
                yield before, after


def words(turn: Turn) -> tuple[str, tuple[str, ...]]:
    """Tell what a turn is known by: its text, and the ids of its calls."""
    content = turn.get("content") or ""
    if not isinstance(content, str):
        content = "".join(part.get("text") or "" for part in content if part["type"] == "text")
    return content.strip(), tuple(call["id"] for call in turn.get("tool_calls") or [])


def test_a_reply_goes_back_as_the_client_sent_it(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    needed: Counter[str] = Counter()
    for before, after in pairs():
        reply = assemble(decode(before), provider="some")
        history = [HumanMessage("before"), reply]
        turn = PROTOCOL.encode("m", history, {}, False, dialect_of(after)).body["messages"][1]
        sent = [
            said
            for said in after["request"]["messages"]
            if said["role"] == "assistant" and words(said) == words(turn) != ("", ())
        ]
        if not sent:
            # Another question, not the next one of a conversation.
            continue
        names, unlike = differences(turn, sent[-1], said_by(before))
        if after["id"] in EDITED:
            assert all(what.startswith("tool_calls") for what in unlike)
            names, unlike = {"edited"}, []
        counted["as sent" if not names else "forgiven"] += 1
        needed.update(names)
        if unlike:
            wrong[after["id"]] = unlike
    print("forgiven:", dict(needed.most_common()))
    assert needed.keys() <= FORGIVEN.keys()
    record_property("forgiven", dict(needed))
    report(wrong, counted, record_property)


def differences(ours: Turn, theirs: Turn, said: Said) -> tuple[set[str], list[str]]:
    """Tell the forgiven differences between two turns from those that are not."""
    names: set[str] = set()
    wrong: list[str] = []
    left, right = plain(ours, names, "ours"), plain(theirs, names, "theirs")
    if MARKS & right.keys() - left.keys():
        names.add("marks of the client")
        right = {name: value for name, value in right.items() if name not in MARKS}
    _reasoning(left, right, said, names, wrong)
    wrong += [
        f"{name}: {left.get(name)!r:.300} is not {right.get(name)!r:.300}"
        for name in sorted({*left, *right})
        if left.get(name) != right.get(name)
    ]
    return names, wrong


def _reasoning(left: Turn, right: Turn, said: Said, names: set[str], wrong: list[str]) -> None:
    """Compare reasoning, and take it out of both."""
    ours = {name: left.pop(name) for name in REASONING & left.keys()}
    theirs = {name: right.pop(name) for name in REASONING & right.keys()}
    details, sent = left.pop("reasoning_details", None), right.pop("reasoning_details", None)
    if details is not None:
        if _join(details) != _join(said.details):
            wrong.append(f"reasoning_details: {details} are not {said.details}")
        elif details != sent:
            names.add("details as they came")
    elif sent is not None:
        wrong.append(f"no reasoning_details, but {sent!r:.300} was sent")
    if ours == theirs:
        return
    if said.reasoning not in _reasoning_of({**ours, "reasoning_details": details or []}):
        wrong.append(f"reasoning: {ours!r:.300} is not {said.reasoning!r:.300}")
    elif len(theirs) > len(ours):
        names.add("in one field")
    else:
        names.add("in the vendor's own field" if theirs else "beside its details")


def plain(turn: Turn, names: set[str], whose: str) -> Turn:
    """Leave out what says nothing, and read arguments."""
    written: Turn = {name: value for name, value in turn.items() if value not in (None, "", [])}
    if isinstance(content := written.get("content"), list):
        written["content"] = _parts(content, names, whose)
    if calls := written.get("tool_calls"):
        written["tool_calls"] = [_call(call, names) for call in calls]
    return written


def _parts(content: list[Any], names: set[str], whose: str) -> Any:
    parts = [{k: v for k, v in part.items() if v is not None} for part in content]
    if all(part.keys() == {"type", "text"} for part in parts):
        return "".join(part["text"] for part in parts)
    for part in parts:
        if part.pop("closed", None) is not None and whose == "ours":
            names.add("a field of thinking")
    return parts


def _call(call: dict[str, Any], names: set[str]) -> Any:
    if "cache_control" in call:
        names.add("marks of the client")
    inner = call["custom"] if call["type"] == "custom" else call["function"]
    arguments = inner.get("arguments", inner.get("input"))
    with suppress(ValueError):
        arguments = json.loads(arguments or "{}")
    return call["id"], inner["name"], arguments or {}
