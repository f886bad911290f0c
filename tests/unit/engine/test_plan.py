"""The story of a call, told to a driver that is a list of answers."""

from __future__ import annotations

import pytest

from conure import errors
from conure.engine import plan
from conure.engine.effects import Now, Read, Send, Sleep
from conure.engine.request import ModelCall, Target
from conure.engine.retry import Limits, Retry
from conure.messages.events import BlockDelta, Failure, Finish, Metadata
from conure.protocols import ErrorReport, Protocol
from conure.wire.http import Head


class Words:
    """A protocol of words: each is a delta; `end`, `ping`, `!failure` and `@fact` are not."""

    def __init__(self, dialect=None):
        self.finished = self.done = False

    def feed(self, data):
        events = []
        for word in data.decode().split():
            if word == "end":
                self.finished = self.done = True
                events.append(Finish("stop"))
            elif word.startswith("!"):
                events.append(Failure(None, None, None, word[1:]))
            elif word.startswith("@"):
                events.append(Metadata({word[1:]: True}))
            elif word != "ping":
                events.append(BlockDelta(0, "text", word))
        return events

    def close(self):
        return []


WORDS = Protocol(
    name="words",
    encode=None,
    decode=lambda body, dialect: Words().feed(body),
    decoder=Words,
    read_error=lambda body: ErrorReport(body.decode()),
    settings={},
    dialect=lambda: None,
)


class World:
    """Answers effects from a script; a failure in it is thrown into the plan.

    A script is a list of exchanges: a head status (or an exception) and what is read after it:
    bytes, a number of seconds that pass before the next bytes, or an exception.
    """

    def __init__(self, *exchanges, headers=None):
        self.exchanges = list(exchanges)
        self.headers = headers or {}
        self.now = 100.0
        self.sent = 0
        self.slept = []
        self.reading = []

    def run(self, story):
        answer, error = None, None
        while True:
            try:
                effect = story.throw(error) if error else story.send(answer)
            except StopIteration as stop:
                return stop.value
            answer, error = None, None
            try:
                answer = self.answer(effect)
            except errors.ModelError as failed:
                error = failed

    def answer(self, effect):
        match effect:
            case Now():
                return self.now
            case Sleep():
                self.slept.append(effect.seconds)
                self.now += effect.seconds
            case Send():
                self.sent += 1
                head, *self.reading = self.exchanges.pop(0)
                if isinstance(head, Exception):
                    raise head
                return Head(head, self.headers, self.now)
            case Read():
                return self.read(effect.timeout)
        return None

    def read(self, timeout):
        while self.reading and isinstance(self.reading[0], int | float):
            passed = self.reading.pop(0)
            if timeout is not None and passed > timeout:
                self.now += timeout
                raise errors.ModelTimeoutError("no bytes")
            self.now += passed
            timeout = None if timeout is None else timeout - passed
        data = self.reading.pop(0) if self.reading else b""
        if isinstance(data, Exception):
            raise data
        return data, self.now


def call(limits=None, retry=None):
    target = Target("vendor", WORDS, None, "http://h", {}, {})
    return ModelCall(
        target, "m", "http://h/x", {}, b"{}", limits or Limits(), retry or Retry(), lambda: 0.5
    )


def streamed(world, **options):
    said = []

    def emit(events):
        said.extend(events)
        yield from ()

    world.run(plan.stream(call(**options), emit))
    return [event.text for event in said if isinstance(event, BlockDelta)]


def completed(world, **options):
    events, _ = world.run(plan.complete(call(**options)))
    return [event.text for event in events if isinstance(event, BlockDelta)]


TELL = pytest.mark.parametrize("tell", [completed, streamed])


@TELL
def test_reads_a_reply_in_pieces(tell):
    assert tell(World([200, b"one ", b"two end"])) == ["one", "two"]


@TELL
def test_asks_again_after_a_failure_that_may_pass(tell):
    world = World([503, b"busy"], [errors.ModelConnectionError("reset")], [200, b"one end"])
    assert tell(world) == ["one"]
    assert world.sent == 3
    assert world.slept == [0.25, 0.5]


@TELL
def test_asks_once_when_the_request_is_at_fault(tell):
    world = World([400, b"bad temperature"], [200, b"one end"])
    with pytest.raises(errors.ModelInvalidRequestError, match="bad temperature"):
        tell(world)
    assert world.sent == 1


@TELL
def test_gives_up_in_the_end_and_says_how_often_it_tried(tell):
    world = World(*[[500, b"broken"]] * 3)
    with pytest.raises(errors.ModelAPIError) as raised:
        tell(world)
    assert raised.value.attempts == world.sent == 3


@TELL
def test_waits_as_long_as_the_provider_asks(tell):
    world = World([429, b"slow down"], [200, b"one end"], headers={"retry-after": "7"})
    tell(world)
    assert world.slept == [7.0 + 0.25 * 0.25]


@TELL
def test_does_not_wait_past_the_deadline(tell):
    world = World([429, b"slow down"], headers={"retry-after": "700"})
    with pytest.raises(errors.ModelRateLimitError) as raised:
        tell(world, limits=Limits(deadline=60))
    assert world.slept == []
    assert raised.value.retry_after == 700


@TELL
def test_the_deadline_cuts_a_slow_reply(tell):
    world = World([200, 20, b"one ", 20, b"two ", 30, b"end"])
    with pytest.raises(errors.DeadlineExceeded, match="within 60 s"):
        tell(world, limits=Limits(deadline=60))
    assert world.now == 160.0


@TELL
def test_an_error_inside_the_reply_raises(tell):
    world = World(*[[200, b"one !overloaded"]] * 3)
    with pytest.raises(errors.ModelAPIError, match="overloaded"):
        tell(world)


def test_a_stream_is_not_repeated_once_it_has_spoken():
    world = World([200, b"one ", errors.ModelConnectionError("reset")], [200, b"one end"])
    with pytest.raises(errors.ModelConnectionError):
        streamed(world)
    assert world.sent == 1


def test_a_stream_that_broke_before_it_spoke_is_repeated():
    world = World([200, b"ping ", errors.ModelConnectionError("reset")], [200, b"one end"])
    assert streamed(world) == ["one"]


@pytest.mark.parametrize(
    "broken", [errors.ModelConnectionError("reset"), b"!overloaded", b""], ids=type
)
def test_facts_alone_are_not_speech(broken):
    said = []

    def emit(events):
        said.extend(events)
        yield from ()

    world = World([200, b"@first", broken], [200, b"@second", b"one", b"end"])
    world.run(plan.stream(call(), emit))
    assert said == [Metadata({"second": True}), BlockDelta(0, "text", "one"), Finish("stop")]


def test_a_reply_that_says_nothing():
    said = []

    def emit(events):
        said.extend(events)
        yield from ()

    World([200, b"@fact", b"end"]).run(plan.stream(call(), emit))
    assert said == [Metadata({"fact": True}), Finish("stop")]


def test_a_transport_that_does_not_say_when():
    class Timeless(World):
        def answer(self, effect):
            answer = super().answer(effect)
            return Head(answer.status, answer.headers) if isinstance(effect, Send) else answer

    world = Timeless([200, b"@fact", 50, b"one end"])
    world.now = 10_000.0
    assert streamed(world, limits=Limits(first_event=100)) == ["one"]


def test_facts_do_not_end_the_wait_for_the_first_word():
    limits = Limits(first_event=100, idle=5)
    assert streamed(World([200, b"@fact", 50, b"one end"]), limits=limits) == ["one"]


def test_a_stream_that_ends_early_is_not_a_success():
    with pytest.raises(errors.StreamTruncated):
        streamed(World([200, b"one two"]))


def test_silence_ends_a_stream():
    world = World([200, b"one ", 31, b"end"])
    with pytest.raises(errors.StreamChunkTimeoutError, match="within 30 s"):
        streamed(world, limits=Limits(idle=30))
    assert world.now == 130.0


def test_pings_do_not_count_as_content():
    world = World([200, b"one ", *[10, b"ping "] * 5])
    with pytest.raises(errors.StreamChunkTimeoutError):
        streamed(world, limits=Limits(idle=30))
    assert world.now == 130.0


def test_a_stream_may_be_slower_to_begin_than_to_go_on():
    world = World([200, 50, b"one ", 5, b"end"])
    assert streamed(world, limits=Limits(first_event=60, idle=10)) == ["one"]


def test_a_stream_that_never_begins_is_asked_for_again():
    world = World([200, 61, b"one end"], [200, b"one end"])
    assert streamed(world, limits=Limits(first_event=60)) == ["one"]
    assert world.sent == 2


def test_a_whole_reply_to_a_streamed_question_is_read_whole():
    world = World([200, b"one two"], headers={"content-type": "application/json"})
    assert streamed(world) == ["one", "two"]


@pytest.mark.parametrize("after", [[60], [errors.ModelConnectionError("reset")], [b"ping ", 60]])
def test_a_server_need_not_hang_up_once_the_reply_is_over(after):
    world = World([200, b"one end", *after])
    assert streamed(world) == ["one"]
    assert world.now <= 101.0


class Stumbling(Words):
    """Stumbles over a word that no codec has seen."""

    def feed(self, data):
        raise TypeError(f"unhashable: {data.decode()}")


@TELL
def test_what_no_codec_can_read_is_not_the_protocol(tell, monkeypatch) -> None:
    stumbling = Protocol(
        name="stumbling",
        encode=None,
        decode=lambda body, dialect: Stumbling().feed(body),
        decoder=Stumbling,
        read_error=lambda body: ErrorReport(body.decode()),
        settings={},
        dialect=lambda: None,
    )
    monkeypatch.setitem(globals(), "WORDS", stumbling)
    for kind in ("text/plain", "text/event-stream"):
        world = World([200, b"what? is this"], headers={"content-type": kind})
        with pytest.raises(errors.ProtocolError, match=r"vendor, m: .* cannot be read") as caught:
            tell(world)
        assert caught.value.body == "what? is this"
        assert isinstance(caught.value.__cause__, TypeError)
        assert world.sent == 1
