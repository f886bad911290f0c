"""Chat Completions: one reply being read, whole or piece by piece.

Rule 1: what many chunks repeat (envelope, counts, finish reason) is told once; facts that end a
        reply are held until `close`, because some vendors go on after a finish reason.
Rule 2: the first choice is the reply. Other choices and fields unknown here become metadata.
Rule 3: an error ends the reply, wherever it stands.

https://platform.openai.com/docs/api-reference/chat-streaming/streaming
"""

from __future__ import annotations

from typing import Any

from ...messages.events import (
    Event,
    Finish,
    FinishReason,
    Metadata,
    ReplyStart,
    UsageReport,
)
from ..errors import failure_of
from ..shape import is_list, is_object
from ..usage import read_usage
from .dialect import Dialect
from .message import MessageReader
from .parts import merge_choice, read_sources

__all__ = ["Reply"]

FINISH_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "end_turn": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
}
# Said by every reply, or padding against eavesdroppers.
NOISE = frozenset({"object", "obfuscation", "p"})
# Some vendors make a new one for each chunk; the first is the reply's, but for one that is 0.
ONCE = frozenset({"id", "created"})
NAMES = {"model": "model_name"}
# What a reply cost, which gateways count with its tokens.
COSTS = ("cost", "cost_details")
# What says that something without choices is an error.
ERROR_FIELDS = ("detail", "errors", "message", "msg")
READ = frozenset({"index", "delta", "message", "text", "logprobs"})


class Reply:
    """What has come of a reply so far; reading appends to `events`."""

    __slots__ = (
        "_dialect",
        "_facts",
        "_held",
        "_others",
        "_started",
        "_usage",
        "_whole",
        "done",
        "events",
        "failed",
        "finish",
        "message",
    )

    def __init__(self, dialect: Dialect, *, whole: bool) -> None:
        self.message = MessageReader(dialect, self._fact, whole=whole)
        self.events: list[Event] = self.message.events
        self.done = whole
        self.failed = False
        self.finish: str | None = None
        self._dialect = dialect
        self._whole = whole
        self._started = False
        self._facts: dict[str, Any] = {}
        self._held: dict[str, Any] = {}
        self._usage: dict[str, Any] = {}
        self._others: dict[int | str, dict[str, Any]] = {}

    def turn_page(self) -> list[Event]:
        """Begin a new list of events and answer it."""
        self.events = self.message.events = []
        return self.events

    def read(self, wire: dict[str, Any]) -> None:
        """Read a whole reply or a chunk of one."""
        choices: Any = None
        for name, value in wire.items():
            if name == "choices":
                choices = value
            elif name == "usage":
                self._count(value)
            elif value is not None and name not in NOISE:
                self._fact(name, value)
        if wire.get("error") or (choices is None and _is_error(wire)):
            self.fail(wire)
            return
        if not self._started:
            self._start()
        if is_list(choices):
            self._read_choices(choices)

    def fail(self, wire: Any) -> None:
        """End with an error the provider sent instead of, or amid, a reply."""
        if report := read_usage(self._usage, self._facts.get("service_tier")):
            self.events.append(UsageReport(report))
        self.events.append(failure_of(wire))
        self.failed = self.done = True

    def close(self) -> None:
        """Tell what was held back; a reply that never ended is left open."""
        if self.failed:
            return
        if not self._started:
            self._start()
        self.message.close()
        self._cite_sources()
        if self.done or self.finish is not None:
            cut = FINISH_REASONS.get(self.finish or "") == "length"
            self.message.calls.close(self.events, cut=cut)
        if self._usage:
            self._held["token_usage"] = self._usage
            self._held |= {name: self._usage[name] for name in COSTS if name in self._usage}
        if self.finish is not None:
            self._held["finish_reason"] = self.finish
        if self._others:
            self._held["other_choices"] = [self._others[index] for index in self._others]
        if self._held:
            self.events.append(Metadata(self._held))
        if report := read_usage(self._usage, self._facts.get("service_tier")):
            self.events.append(UsageReport(report))
        if self.finish is not None:
            self.events.append(Finish(FINISH_REASONS.get(self.finish, "other"), self.finish))

    def _start(self) -> None:
        self._started = True
        self.events.append(ReplyStart())
        if self._held:
            self.events.append(Metadata(self._held))
            self._held = {}

    def _fact(self, name: str, value: Any) -> None:
        """Keep a field for the metadata, unless it says nothing, or nothing new."""
        if value in ("", [], {}) or self._facts.get(name) == value:
            return
        if is_object(value) and is_object(usage := value.get("usage")):
            self._count(usage)
        if name in ONCE and self._facts.get(name):
            return
        self._facts[name] = value
        self._held[NAMES.get(name, name)] = value
        self.message.plain = False

    def _count(self, usage: Any) -> None:
        # Counts may come in every chunk: they are running totals, and the last one is the count.
        if is_object(usage):
            for name, count in usage.items():
                if count is not None:
                    self._usage[name] = count

    def _read_choices(self, choices: list[Any]) -> None:
        if self._whole and len(choices) > 1:
            self._held["other_choices"] = choices[1:]
            choices = choices[:1]
        for choice in choices:
            if not is_object(choice):
                continue
            index = choice.get("index")
            if isinstance(index, (int, str)) and index not in (0, "", "0") and not self._whole:
                self.message.plain = False
                merge_choice(self._others.setdefault(index, {}), choice)
            else:
                self._choice(choice)

    def _choice(self, choice: dict[str, Any]) -> None:
        if choice.get("error"):
            self.fail(choice)
            return
        if (logprobs := choice.get("logprobs")) and _says_something(logprobs):
            self.events.append(Metadata({"logprobs": logprobs}))
        elif self._whole and "logprobs" in choice:
            # Whoever looks for them finds that there are none.
            self._held["logprobs"] = None
        if (message := self._spoken(choice)) is not None:
            self.message.read(message)
        for name, value in choice.items():
            if value is None or name in READ:
                continue
            if name != "finish_reason":
                self._fact(name, value)
            elif value != "":
                self.finish = str(value)
                self.message.plain = False

    def _spoken(self, choice: dict[str, Any]) -> dict[str, Any] | None:
        """Find the part of a choice that says something.

        A `message` beside the deltas of a stream repeats them; alone, it is the reply.
        """
        delta, message = choice.get("delta"), choice.get("message")
        if is_object(delta) and delta and not (self._whole and message):
            return delta
        if is_object(message) and (self._whole or not self.message.blocks):
            return message
        if delta is None and message is None and choice.get("text"):
            return {"content": choice["text"]}
        return None

    def _cite_sources(self) -> None:
        if self.message.is_annotated or self.message.text is None:
            return
        for path in self._dialect.citations:
            value: Any = self._facts
            for name in path:
                value = value.get(name) if is_object(value) else None
            if sources := read_sources(value):
                self.message.annotate(sources)
                return


def _says_something(logprobs: Any) -> bool:
    return any(logprobs.values()) if is_object(logprobs) else bool(logprobs)


def _is_error(wire: dict[str, Any]) -> bool:
    """Tell an error without `error` from a chunk that says nothing."""
    if wire.get("object") == "error" or "base_resp" in wire:
        return True
    return "id" not in wire and any(wire.get(name) for name in ERROR_FIELDS)
