"""The history law of the Responses API: what a reply said is what we say that it said.

Every recorded reply goes back item for item. And for each recorded conversation: in what way, if
in any, the client's next request says something else than ours would.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

from conure.messages import HumanMessage, assemble
from conure.protocols.openai_responses import PROTOCOL, Dialect
from tests.replay.responses_oracle import plain
from tests.replay.responses_requests import item
from tests.replay.test_chat import report
from tests.replay.test_responses import decode, replies, said_by
from tests.replay.test_responses_requests import (
    REWRITTEN,
    conversations,
    lean,
    place_of,
)
from tests.replay.traffic import needs_traffic

pytestmark = needs_traffic

LENIENT = Dialect(passes=True)

# How a client's next request differs from ours, the least first: the worst counts for all of it.
WAYS = (
    "asks anew, without what was said",
    "leaves it to the provider, by id",
    "the same, item for item",
    "the same, by reference to an item's id",
    "the same, without fields that the provider can do without",
    "the client leaves items out: thoughts, and calls of the provider's own tools",
    "the client says it in other words",
)
ANEW, KEPT, SAME, REFERRED, FEWER, LEFT_OUT, REWORDED = range(len(WAYS))
OTHER_WORDS = {"tool": "the id of an item in the place of its call's"}
CALLS = frozenset({"function_call", "custom_tool_call"})


def sent(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Give what the next request would say that this reply said."""
    reply = assemble(decode(record), provider="some")
    history = [HumanMessage("before"), reply]
    body = PROTOCOL.encode("m", history, {}, False, LENIENT).body
    return list(body["input"][1:])


def good() -> list[dict[str, Any]]:
    return [r for r in replies() if r["status"] < 300 and said_by(r).error is None]


def test_every_reply_goes_back_item_for_item(record_property: Any) -> None:
    """In its order, with its ids and what is sealed; a picture by its id."""
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in good():
        ours, said = sent(record), said_by(record).items
        counted["replies"] += 1
        counted["items"] += len(said)
        counted["thoughts"] += sum(one["type"] == "reasoning" for one in said)
        if [plain(one) for one in ours] != [short(one) for one in said]:
            wrong[record["id"]] = [f"{ours!r:.300} is not {said!r:.300}"]
        thoughts = [(one.get("id"), one.get("encrypted_content")) for one in followed(ours)]
        if thoughts != [(one.get("id"), one.get("encrypted_content")) for one in followed(said)]:
            wrong[record["id"]] = ["a thought without what it led to"]
    report(wrong, counted, record_property)


def short(said: dict[str, Any]) -> Any:
    if said["type"] == "image_generation_call":
        return {name: said[name] for name in ("type", "id")}
    return plain(said)


def followed(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each thought, and right after it the item that it led to."""
    pairs = pairwise([*items, {}])
    return [
        one for first, then in pairs if first.get("type") == "reasoning" for one in (first, then)
    ]


def test_every_conversation_goes_on_as_its_client_went_on(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    ways: Counter[str] = Counter()
    for name, records in conversations().items():
        found = {
            way_of(before, after)
            for before, after in pairwise(records)
            if before["status"] < 300 and said_by(before).error is None
        }
        if not found:
            continue
        counted["conversations"] += 1
        worst = max(found)
        if worst == REWORDED and name.rpartition(".")[2] not in REWRITTEN | OTHER_WORDS:
            wrong[name] = [WAYS[worst]]
        ways[WAYS[worst]] += 1
    for way in WAYS:
        print(f"{ways[way]:5} {way}")
    record_property("ways", dict(ways))
    report(wrong, counted, record_property)


def way_of(record: dict[str, Any], after: dict[str, Any]) -> int:
    """Say in which way the next request of a client says what a reply said."""
    request = after["request"]
    theirs = [one for one in request["input"] if isinstance(one, dict)]
    if request.get("previous_response_id") or request.get("conversation"):
        return KEPT
    if not any(is_said(one) for one in theirs):
        return ANEW
    referred = {one.get("id") for one in theirs if one.get("type") == "item_reference"}
    found: set[int] = set()
    missing: list[str] = []
    for our in sent(record):
        place = place_of(our, theirs)
        if our.get("id") in referred:
            found.add(REFERRED)
        elif place is None:
            missing.append(our["type"])
        else:
            found.add(likeness(our, theirs[place]))
    if not found:
        # Another conversation, told to the same recorder.
        return ANEW
    if missing and LEFT_OUT not in found:
        found.add(REWORDED if CALLS.intersection(missing) else LEFT_OUT)
    return max(found)


def is_said(one: dict[str, Any]) -> bool:
    kind = one.get("type", "message")
    if kind == "message":
        return one.get("role") == "assistant"
    return kind in CALLS or kind in ("reasoning", "item_reference") or kind.endswith("_call")


def likeness(our: dict[str, Any], their: dict[str, Any]) -> int:
    left, right = item(our, set()), item(their, set())
    if left == right:
        return SAME
    return FEWER if lean(left, right) == lean(right, left) else REWORDED
