"""What holds for the codec of every protocol, whatever a provider sends.

Any bytes give events or a `ProtocolError`, in any pieces the same; any error's body is read.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from conure.errors import ProtocolError
from conure.messages import assemble
from conure.messages.events import BlockDelta, Event, Failure
from conure.protocols import Protocol
from tests.architecture.house import PACKAGE

PROTOCOLS = sorted(path.parent.name for path in PACKAGE.glob("protocols/*/__init__.py"))
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
ANYTHING = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode())


def protocol(name: str) -> Protocol:
    found: Protocol = import_module(f"conure.protocols.{name}").PROTOCOL
    return found


def told(read: Any) -> Any:
    """Give what was told, or how it was refused."""
    events: list[Event] = []
    try:
        events += read()
    except ProtocolError:
        return "refused"
    assert not any(isinstance(event, Failure) for event in events[:-1])
    assemble(events).content_blocks  # noqa: B018 - looking is the test
    return events


@pytest.mark.parametrize("name", PROTOCOLS)
@given(ANYTHING)
@settings(max_examples=60)
def test_any_bytes_give_events_or_a_protocol_error(name: str, data: bytes) -> None:
    spoken = protocol(name)
    dialect = spoken.dialect()
    told(lambda: spoken.decode(data, dialect))
    for body in (data, b"data: " + data, b"data: " + data + b"\n\n", data + b"\n"):
        decoder = spoken.decoder(dialect)
        told(lambda decoder=decoder, body=body: [*decoder.feed(body), *decoder.close()])


@pytest.mark.parametrize("name", PROTOCOLS)
@given(ANYTHING)
@settings(max_examples=60)
def test_any_error_body_is_read(name: str, body: bytes) -> None:
    assert isinstance(protocol(name).read_error(body).message, str)


def texts(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, BlockDelta))


@pytest.mark.parametrize("name", PROTOCOLS)
@given(st.lists(WORDS, max_size=4), st.data())
@settings(max_examples=60)
def test_what_nobody_knows_reads_the_same_in_any_pieces(
    name: str, names: list[str], data: Any
) -> None:
    spoken = protocol(name)
    dialect = spoken.dialect()
    stream = b"".join(
        b"data: " + json.dumps({"type": name, "x_unknown": name}).encode() + b"\n\n"
        for name in names
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    def feed(parts: list[bytes]) -> list[Event]:
        decoder = spoken.decoder(dialect)
        events = [event for part in parts for event in decoder.feed(part)]
        return events + decoder.close()

    whole, cut = told(lambda: feed([stream])), told(lambda: feed(pieces))
    assert (whole == "refused") == (cut == "refused")
    if whole != "refused":
        assert texts(whole) == texts(cut)
