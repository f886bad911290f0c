"""Every recorded Gemini request, said as our messages and settings, goes out the same again.

And what clients sent back of a reply in the next turn is what we send back of it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from conure.errors import ConfigurationError
from conure.messages import HumanMessage
from conure.protocols import Encoded
from conure.protocols.gemini import PROTOCOL
from conure.providers import find
from tests.replay.gemini_oracle import records, said_by
from tests.replay.gemini_requests import as_messages, as_settings, differences, laid
from tests.replay.test_chat import report
from tests.replay.test_gemini import BROKEN, message_of
from tests.replay.traffic import needs_traffic

pytestmark = needs_traffic


def row_of(record: dict[str, Any]) -> Any:
    return find("google_vertexai" if record["api"].endswith("@vertex") else "google_genai")


def model_of(record: dict[str, Any]) -> str:
    return str(record["path"].rpartition("models/")[2].partition(":")[0])


def requests() -> list[dict[str, Any]]:
    return [record for record in records() if "contents" in (record["request"] or {})]


def encode(record: dict[str, Any]) -> Encoded:
    settings = as_settings(record["request"])
    for name, value in settings.items():
        if value is not None and (words := PROTOCOL.settings[name](value)):
            raise ConfigurationError(f"{name}: {words}")
    streaming = "streamGenerateContent" in record["path"]
    messages = as_messages(record["request"])
    return PROTOCOL.encode(model_of(record), messages, settings, streaming, row_of(record).dialect)


def test_every_request_goes_out_as_it_was_recorded(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    needed: Counter[str] = Counter()
    for record in requests():
        counted[record["api"]] += 1
        try:
            encoded = encode(record)
        except ConfigurationError as error:
            wrong[record["id"]] = [str(error)]
            continue
        names, unlike = differences(encoded.body, record["request"])
        needed.update(names)
        unlike += encoded.warnings
        path = record["path"].partition("models/")[2].partition("?")[0]
        if encoded.path.partition("?")[0] != f"/models/{path}":
            unlike.append(f"{encoded.path} is not {path}")
        if unlike:
            wrong[record["id"]] = unlike
    print("forgiven:", dict(needed.most_common()))
    record_property("forgiven", dict(needed))
    report(wrong, counted, record_property)


def conversations() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Pairs of a reply and the next request of its session."""
    by_turn = {(record["conversation"], record["turn"]): record for record in records()}
    return [
        (record, then)
        for (conversation, turn), record in by_turn.items()
        if (then := by_turn.get((conversation, turn + 1))) is not None
        and record["status"] < 300
        and record["id"] != BROKEN
        and any(c.get("role") == "model" for c in (then["request"] or {}).get("contents", []))
    ]


def turn_of(record: dict[str, Any]) -> list[Any]:
    """Give the parts of the turn that a reply makes between two of the user's."""
    history = [HumanMessage("before"), message_of(record), HumanMessage("after")]
    contents = PROTOCOL.encode("m", history, {}, False, PROTOCOL.dialect()).body["contents"]
    return laid(contents[1]["parts"], set()) if len(contents) == 3 else []


def test_every_conversation_goes_on_with_what_was_said(record_property: Any) -> None:
    """What was said goes back whole, also where the recorded client sent less of it back."""
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    sessions: set[str] = set()
    for record, then in conversations():
        sessions.add(record["conversation"])
        said = laid(said_by(record).parts, set())
        turns = [c for c in then["request"]["contents"] if c.get("role") == "model"]
        theirs = [laid(turn.get("parts") or [], set()) for turn in turns]
        counted[how(said, theirs)] += 1
        ours = turn_of(record)
        if ours != said:
            wrong[record["id"]] = [f"{ours!r:.400} is not {said!r:.400}"]
    print(f"{len(sessions)} conversations")
    record_property("conversations", len(sessions))
    report(wrong, counted, record_property)


def how(said: list[Any], theirs: list[list[Any]]) -> str:
    """Tell how the recorded client sent a turn back, beside what was said."""
    if said in theirs:
        return "sent back whole by the client as well"
    for name, level in (("with ids of its own", _without_ids), ("without signatures", _bare)):
        if level(said) in [level(turn) for turn in theirs]:
            return f"sent back by the client {name}"
    said = [part for part in _bare(said) if not part.get("thought")]
    if said in [_bare(turn) for turn in theirs]:
        return "sent back by the client without thoughts"
    return "sent back otherwise by the client"


def _without_ids(parts: list[Any]) -> list[Any]:
    return [
        {
            name: {k: v for k, v in inner.items() if k != "id"}
            if isinstance(inner, dict)
            else inner
            for name, inner in part.items()
        }
        for part in parts
    ]


def _bare(parts: list[Any]) -> list[Any]:
    bare = [{k: v for k, v in part.items() if k != "thoughtSignature"} for part in parts]
    return laid(_without_ids(bare), set())
