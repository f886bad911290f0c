"""What recorded Gemini answers say, read straight from their JSON and nothing else.

Written without looking at the codec, so that the two can be compared: chunks are laid end to end,
their parts in a row, of running totals the last one counts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from conure.messages import AIMessage
from tests.replay.traffic import is_stream, load

__all__ = ["Said", "chunks_of", "judge", "records", "said_by"]

Part = dict[str, Any]

DOORS = ("gemini.generate_content", "gemini.generate_content@vertex")
# Reasons for which an answer is kept back.
BLOCKED = {"SAFETY", "RECITATION", "MODEL_ARMOR", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII"}
MODALITIES = {1: "text", 2: "image", 3: "video", 4: "audio", 5: "document"}


@dataclass
class Said:
    """One reply: the parts of its first candidate, and what is told about it."""

    parts: list[Part] = field(default_factory=list)
    finish: str | int | None = None
    blocked: str | None = None
    usage: dict[str, int] | None = None
    error: str | None = None
    grounding: dict[str, Any] = field(default_factory=dict)
    cited: list[dict[str, Any]] = field(default_factory=list)
    others: int = 0

    def texts(self) -> list[str]:
        return [p["text"] for p in self.parts if "text" in p and not p.get("thought")]

    def thoughts(self) -> list[str]:
        return [p["text"] for p in self.parts if "text" in p and p.get("thought")]

    def of(self, name: str) -> list[Part]:
        return [part[name] for part in self.parts if name in part]


def records() -> list[dict[str, Any]]:
    return [record for record in load("gemini.generate_content") if record["api"] in DOORS]


def chunks_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    if not is_stream(record):
        response = record["response"]
        return response if isinstance(response, list) else [response]
    found: list[dict[str, Any]] = []
    for block in record["response_text"].replace("\r\n", "\n").split("\n\n"):
        lines = block.strip("\n").split("\n")
        if lines[0].startswith("data:"):
            found.append(json.loads("\n".join(line[5:] for line in lines)))
        elif block.strip():
            found.append(json.loads(block))
    return found


def said_by(record: dict[str, Any]) -> Said:
    said = Said()
    usage: dict[str, Any] = {}
    for chunk in chunks_of(record):
        if "error" in chunk:
            said.error = chunk["error"]["message"]
            break
        usage |= chunk.get("usageMetadata") or {}
        said.blocked = (chunk.get("promptFeedback") or {}).get("blockReason") or said.blocked
        for candidate in chunk.get("candidates") or []:
            if candidate.get("index"):
                said.others += 1
                continue
            said.parts += (candidate.get("content") or {}).get("parts") or []
            if candidate.get("finishReason") is not None:
                said.finish = candidate["finishReason"]
            said.grounding |= candidate.get("groundingMetadata") or {}
            metadata = candidate.get("citationMetadata")
            if metadata is not None:
                said.cited = metadata.get("citationSources") or metadata.get("citations") or []
    said.parts = _calls_whole(said.parts)
    said.usage = counts(usage)
    return said


def _calls_whole(parts: list[Part]) -> list[Part]:
    """Put calls together that came piece by piece."""
    whole: list[Part] = []
    goes_on = False
    for part in parts:
        call = part.get("functionCall")
        if call is None:
            whole.append(part)
            continue
        if not goes_on:
            made = {k: v for k, v in call.items() if k not in ("partialArgs", "willContinue")}
            whole.append({**part, "functionCall": {"args": {}, **made}})
        for piece in call.get("partialArgs") or []:
            value = next(v for k, v in piece.items() if k.endswith("Value"))
            put(whole[-1]["functionCall"]["args"], piece["jsonPath"], value)
        goes_on = bool(call.get("willContinue"))
    return whole


def put(args: Any, path: str, value: Any) -> None:
    """Put a value at its path; text is added to what is there."""
    names = path.removeprefix("$.").replace("[", ".[").split(".")
    steps: list[Any] = [int(n[1:-1]) if n.startswith("[") else n for n in names]
    for step, following in pairwise(steps):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            while len(args) <= step:
                args.append(empty)
            args = args[step]
        else:
            args = args.setdefault(step, empty)
    last = steps[-1]
    if isinstance(last, int):
        while len(args) <= last:
            args.append("" if isinstance(value, str) else None)
        args[last] = args[last] + value if isinstance(value, str) else value
    else:
        args[last] = args.get(last, "") + value if isinstance(value, str) else value


def counts(usage: dict[str, Any]) -> dict[str, int] | None:
    given, made = usage.get("promptTokenCount"), usage.get("candidatesTokenCount")
    total = usage.get("totalTokenCount")
    if given is None and made is None and total is None:
        return None
    thought = usage.get("thoughtsTokenCount")
    written = (made or 0) + (thought or 0)
    found = {"input": given or 0, "output": written}
    found["total"] = (given or 0) + written if total is None else total
    known = {"cache_read": usage.get("cachedContentTokenCount"), "reasoning": thought}
    known["tool_use"] = usage.get("toolUsePromptTokenCount")
    for side, name in (("in", "promptTokensDetails"), ("out", "candidatesTokensDetails")):
        for entry in usage.get(name) or []:
            kind = entry["modality"]
            kind = MODALITIES[kind] if isinstance(kind, int) else kind.lower()
            known[f"{side} {kind}"] = entry.get("tokenCount")
    return found | {name: count for name, count in known.items() if count is not None}


# -- judging --------------------------------------------------------------------------------------


def judge(message: AIMessage, said: Said) -> list[str]:
    """Tell what is wrong with a message, by field."""
    blocks: list[Any] = [*message.content_blocks]
    wrong: list[str] = []

    def check(name: str, found: object, expected: object) -> None:
        if found != expected:
            wrong.append(f"{name}: {found!r:.300} is not {expected!r:.300}")

    text = "".join(said.texts())
    check("text", str(message.text), text)
    check("text blocks", "".join(b["text"] for b in blocks if b["type"] == "text"), text)
    thoughts = "".join(b["reasoning"] for b in blocks if b["type"] == "reasoning")
    check("thoughts", thoughts, "".join(said.thoughts()))
    calls = [(call["name"], call["args"]) for call in message.tool_calls]
    expected = said.of("functionCall")
    check("calls", calls, [(call["name"], call.get("args") or {}) for call in expected])
    check("invalid calls", message.invalid_tool_calls, [])
    ids = [call["id"] for call in message.tool_calls]
    check("ids", [i for i, c in zip(ids, expected, strict=False) if "id" in c],
          [c["id"] for c in expected if "id" in c])  # fmt: skip
    check("unique ids", len({*ids}), len(ids) if all(ids) else -1)
    finish = said.blocked if said.finish is None else said.finish
    check("finish", message.response_metadata.get("finish_reason"), finish or "other")
    refused = said.blocked is not None or said.finish in BLOCKED
    check("refusal", any(b["type"] == "refusal" for b in blocks), refused)
    check("usage", _usage(message), said.usage)
    check("order", [_kind(block) for block in blocks if block["type"] != "refusal"], _kinds(said))
    sealed = [b["extras"]["thought_signature"] for b in blocks if _has_seal(b)]
    check("seals", sealed, [p["thoughtSignature"] for p in said.parts if "thoughtSignature" in p])
    others = message.response_metadata.get("other_candidates") or []
    check("others", len(others), said.others)
    return wrong + _judge_servers(blocks, said) + _judge_citations(blocks, said, text)


def _has_seal(block: dict[str, Any]) -> bool:
    return "thought_signature" in (block.get("extras") or {})


def _usage(message: AIMessage) -> dict[str, int] | None:
    usage = message.usage_metadata
    if usage is None:
        return None
    found = {name.removesuffix("_tokens"): v for name, v in usage.items() if isinstance(v, int)}
    known = {"cache_read", "reasoning", "tool_use"}
    for side, name in (("in", "input_token_details"), ("out", "output_token_details")):
        for kind, count in usage.get(name, {}).items():
            found[kind if kind in known else f"{side} {kind}"] = count
    return found


PLAIN = {
    "codeExecutionResult": "server_tool_result",
    "executableCode": "server_tool_call",
    "functionCall": "tool_call",
    "toolCall": "server_tool_call",
    "toolResponse": "server_tool_result",
}


def _kinds(said: Said) -> list[str]:
    """Name the kinds of parts in a row; text that goes on without a seal counts once."""
    kinds: list[str] = []
    before = ""
    for part in said.parts:
        sealed = "thoughtSignature" in part
        if "text" in part:
            kind = "reasoning" if part.get("thought") else "text"
            if not sealed and (not part["text"] or kind == before):
                continue
            before = "" if sealed else kind
            kinds.append(kind)
            continue
        before = ""
        if "inlineData" in part:
            kinds.append(part["inlineData"]["mimeType"].partition("/")[0])
        else:
            kinds += [kind for name, kind in PLAIN.items() if name in part]
    return kinds


def _kind(block: dict[str, Any]) -> str:
    return str(block["type"])


def _judge_servers(blocks: list[Any], said: Said) -> list[str]:
    wrong: list[str] = []
    calls = [b for b in blocks if b["type"] == "server_tool_call"]
    codes = [b["args"] for b in calls if b["name"] == "code_interpreter"]
    expected = [{k: v for k, v in c.items() if k != "id"} for c in said.of("executableCode")]
    if codes != expected:
        wrong.append(f"code: {codes!r:.300}")
    results = [b for b in blocks if b["type"] == "server_tool_result"]
    outputs = [b["output"] for b in results if "outcome" in b["extras"]]
    if outputs != [r.get("output") for r in said.of("codeExecutionResult")]:
        wrong.append(f"code results: {outputs!r:.300}")
    called = [b["id"] for b in calls]
    if [b["tool_call_id"] for b in results if b["tool_call_id"] not in called]:
        wrong.append("a result names no call")
    used = [b["args"] for b in calls if b["name"] != "code_interpreter"]
    if used != [c.get("args") or {} for c in said.of("toolCall")]:
        wrong.append(f"tools: {used!r:.300}")
    answers = [b.get("output") for b in results if "outcome" not in b["extras"]]
    if answers != [r.get("response") for r in said.of("toolResponse")]:
        wrong.append(f"tool results: {answers!r:.300}")
    data = [b["base64"] for b in blocks if b["type"] in ("image", "audio", "video", "file")]
    if data != [d["data"] for d in said.of("inlineData")]:
        wrong.append("media")
    return wrong


def _judge_citations(blocks: list[Any], said: Said, text: str) -> list[str]:
    notes = [(block, note) for block in blocks for note in block.get("annotations", [])]
    chunks = said.grounding.get("groundingChunks") or []
    expected: list[Any] = []
    supports = said.grounding.get("groundingSupports") or []
    for support in supports:
        for index in support.get("groundingChunkIndices") or []:
            source = next(iter(chunks[index].values()), {})
            expected.append((source.get("uri"), source.get("title"), support["segment"]["text"]))
    if not supports:
        sources = [next(iter(chunk.values()), {}) for chunk in chunks]
        expected += [(source.get("uri"), source.get("title"), None) for source in sources]
    expected += [(c.get("uri"), c.get("title"), None) for c in said.cited]
    if not text:
        expected = []
    found = [(n.get("url"), n.get("title"), n.get("cited_text")) for _, n in notes]
    wrong: list[str] = []
    if sorted(found, key=repr) != sorted(expected, key=repr):
        wrong.append(f"citations: {found!r:.300} is not {expected!r:.300}")
    for block, note in notes:
        if "cited_text" in note and "start_index" in note:
            passage = block["text"][note["start_index"] : note["end_index"]]
            if passage != note["cited_text"]:
                wrong.append(f"passage: {passage!r:.100} is not {note['cited_text']!r:.100}")
    return wrong
