"""What networks and providers do to a call: each fault ends in one documented outcome.

Every test runs in the four modes, sync and async, whole and streamed, over real sockets.
"""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time

import pytest

from conure import errors
from tests.live.asking import MODES, ask, chunk_of, model_at, whole, written
from tests.live.server import (
    Close,
    FaultServer,
    Reset,
    Stall,
    Until,
    certificate,
    chunk,
    head,
    reply,
    sse,
)

mode = pytest.mark.parametrize("mode", MODES)
streamed = pytest.mark.parametrize("mode", ["stream", "astream"])

SSE = {"content-type": "text/event-stream", "transfer-encoding": "chunked"}


def answer(mode, text="hello there"):
    """Give a good answer to a call of this mode."""
    return sse(*written(text)) if "stream" in mode else [reply(whole(text))]


def pings(connection):
    """Keep the connection busy and say nothing, until the client leaves."""
    while not connection.server.stopping.is_set():
        connection.send(chunk(b": ping\n\n"))
        connection.server.stopping.wait(0.03)


def failing(server, kind, mode, **parameters):
    with pytest.raises(kind) as raised:
        ask(model_at(server, **parameters), mode)
    return raised.value


@mode
def test_a_good_answer(mode):
    with FaultServer(answer(mode)) as server:
        message = ask(model_at(server), mode)
    assert message.text == "hello there"
    assert message.usage_metadata["total_tokens"] == 5
    assert message.response_metadata["finish_reason"] == "stop"


@mode
def test_no_first_byte(mode):
    with FaultServer(Stall()) as server:
        error = failing(server, errors.ModelTimeoutError, mode, timeout=0.3)
        assert server.closed.wait(1)
    assert error.attempts == 1


@mode
def test_a_slow_first_byte_is_waited_for(mode):
    go = threading.Event()
    with FaultServer([Until(go), *answer(mode)]) as server:
        timer = threading.Timer(0.2, go.set)
        timer.start()
        assert ask(model_at(server, timeout=20), mode).text == "hello there"
        timer.join()


@streamed
def test_a_stream_that_opens_and_says_nothing(mode):
    with FaultServer([head(200, SSE), Stall()]) as server:
        failing(server, errors.FirstEventTimeout, mode, first_event_timeout=0.3)
        assert server.closed.wait(1)


@streamed
def test_a_stream_that_opens_and_only_pings(mode):
    with FaultServer([head(200, SSE), pings]) as server:
        failing(server, errors.FirstEventTimeout, mode, first_event_timeout=0.3)
        assert server.closed.wait(1)


@streamed
def test_a_stream_that_falls_silent(mode):
    with FaultServer([*sse(chunk_of({"content": "half"}), end=False), Stall()]) as server:
        error = failing(server, errors.StreamChunkTimeoutError, mode, stream_chunk_timeout=0.3)
        assert server.closed.wait(1)
    assert error.partial.text == "half"


@streamed
def test_a_stream_that_goes_on_pinging(mode):
    with FaultServer([*sse(chunk_of({"content": "half"}), end=False), pings]) as server:
        error = failing(server, errors.StreamChunkTimeoutError, mode, stream_chunk_timeout=0.3)
        assert server.closed.wait(1)
    assert error.partial.text == "half"


@mode
def test_the_deadline_covers_everything(mode):
    spaces = [head(200, {"transfer-encoding": "chunked"}), pings]
    with FaultServer(spaces) as server:
        failing(server, errors.DeadlineExceeded, mode, deadline=0.4)
        assert server.closed.wait(1)


@mode
def test_cut_in_the_middle(mode):
    if "stream" in mode:
        script = [*sse(chunk_of({"content": "half"}), end=False), Close()]
    else:
        script = [head(200, {"content-length": "1000"}) + b'{"choices": [', Close()]
    with FaultServer(script) as server:
        error = failing(server, errors.ModelConnectionError, mode)
    if "stream" in mode:
        assert error.partial.text == "half"


@streamed
def test_an_end_without_a_terminator_is_not_success(mode):
    with FaultServer(sse(chunk_of({"content": "half a rep"}))) as server:
        error = failing(server, errors.StreamTruncated, mode, max_retries=2)
    assert error.partial.text == "half a rep"
    assert len(server.requests) == 1


@streamed
def test_an_error_inside_the_stream(mode):
    broken = {"error": {"message": "engine on fire", "type": "server_error", "code": "oops"}}
    with FaultServer(sse(chunk_of({"content": "half"}), broken)) as server:
        error = failing(server, errors.ModelAPIError, mode, max_retries=2)
    assert "engine on fire" in str(error)
    assert error.partial.text == "half"
    assert len(server.requests) == 1


@mode
def test_an_error_inside_a_good_status(mode):
    broken = {"error": {"message": "no such luck", "code": "content_filter"}}
    with FaultServer(reply(broken)) as server:
        error = failing(server, errors.ContentFilteredError, mode)
    assert "no such luck" in str(error)


@mode
@pytest.mark.parametrize(
    "headers,least",
    [
        ({"retry-after": "0.3"}, 0.3),
        ({"retry-after-ms": "300"}, 0.3),
        (
            {
                "date": "Fri, 21 Nov 2025 10:00:00 GMT",
                "retry-after": "Fri, 21 Nov 2025 10:00:01 GMT",
            },
            1.0,
        ),
    ],
)
def test_too_many_requests_waits_as_asked(mode, headers, least):
    busy = {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}
    with FaultServer(reply(busy, 429, headers), answer(mode)) as server:
        start = time.monotonic()
        assert ask(model_at(server, max_retries=1), mode).text == "hello there"
        assert time.monotonic() - start >= least
    assert len(server.requests) == 2


@mode
@pytest.mark.parametrize(
    "status,code,kind",
    [
        (429, "insufficient_quota", errors.QuotaExceededError),
        (401, "invalid_api_key", errors.ModelAuthenticationError),
        (400, "invalid_value", errors.ModelInvalidRequestError),
    ],
)
def test_what_cannot_get_better_is_sent_once(mode, status, code, kind):
    with FaultServer(reply({"error": {"message": "no", "code": code}}, status)) as server:
        error = failing(server, kind, mode, max_retries=5)
    assert len(server.requests) == 1
    assert (error.status_code, error.code) == (status, code)


@mode
def test_a_server_error_is_tried_again(mode):
    with FaultServer(reply(b"<h1>oops</h1>", 500), answer(mode)) as server:
        assert ask(model_at(server, max_retries=1), mode).text == "hello there"
    assert len(server.requests) == 2


@mode
def test_a_reset_is_tried_again(mode):
    with FaultServer(Reset(), answer(mode)) as server:
        assert ask(model_at(server, max_retries=1), mode).text == "hello there"


@mode
def test_nobody_listens(mode):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    class Nowhere:
        url = f"http://127.0.0.1:{port}"

    error = failing(Nowhere, errors.ModelConnectionError, mode)
    assert str(port) in str(error)


@mode
def test_a_certificate_nobody_knows(mode, tmp_path):
    with FaultServer(answer(mode), tls=certificate(tmp_path).server) as server:
        error = failing(server, errors.ModelConnectionError, mode)
    assert "certificate" in str(error).lower()


@mode
def test_a_certificate_that_is_given(mode, tmp_path):
    made = certificate(tmp_path)
    with FaultServer(answer(mode), tls=made.server) as server:
        message = ask(model_at(server, verify=str(made.authority)), mode)
    assert message.text == "hello there"


@mode
def test_a_proxy_that_refuses(mode):
    with FaultServer(reply(b"who are you?", 407)) as proxy:
        with pytest.raises(errors.ModelError) as raised:
            ask(model_at(proxy, base_url="https://api.example.com/v1", proxy=proxy.url), mode)
        assert "407" in str(raised.value) or "proxy" in str(raised.value).lower()
    assert isinstance(raised.value, errors.ModelConnectionError)


@mode
def test_a_proxy_carries_the_call(mode):
    with FaultServer(answer(mode)) as proxy:
        message = ask(
            model_at(proxy, base_url="http://api.example.com/v1", openai_proxy=proxy.url), mode
        )
    assert message.text == "hello there"
    assert proxy.requests[0].target == "http://api.example.com/v1/chat/completions"


@mode
def test_garbage(mode):
    with FaultServer(b"\x00\x01\x02 this is no HTTP at all\r\n\r\n") as server:
        failing(server, errors.ModelError, mode)


@mode
def test_json_that_is_none(mode):
    if "stream" in mode:
        script = sse(chunk_of({"content": "half"}), "<html>oops</html>")
    else:
        script = reply(b"<html>oops</html>")
    with FaultServer(script) as server:
        error = failing(server, errors.ProtocolError, mode)
    assert "<html>" in str(error)


@mode
def test_a_line_of_ten_megabytes(mode):
    text = "x" * 10_000_000
    with FaultServer(answer(mode, text)) as server:
        assert ask(model_at(server), mode).text == text


@mode
def test_gzip(mode):
    kind = "text/event-stream" if "stream" in mode else "application/json"
    if "stream" in mode:
        events = [e if isinstance(e, str) else json.dumps(e) for e in written()]
        body = "".join(f"data: {event}\n\n" for event in events).encode()
    else:
        body = json.dumps(whole()).encode()
    zipped = gzip.compress(body)
    headers = {"content-type": kind, "content-encoding": "gzip"}
    headers["content-length"] = str(len(zipped))
    with FaultServer([head(200, headers) + zipped[:20], zipped[20:]]) as server:
        assert ask(model_at(server), mode).text == "hello there"
