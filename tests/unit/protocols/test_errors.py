"""Every shape an error comes in, in the provider's own words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.protocols.errors import failure_of, read_error

RAW = json.dumps({"error": {"message": "too many tokens", "code": 400}})


@pytest.mark.parametrize(
    "body, message, code, kind",
    [
        ({"error": {"message": "m", "type": "t", "param": "p", "code": "c"}}, "m", "c", "t"),
        ({"error": {"message": "m", "code": 400}}, "m", "400", None),
        ({"error": "m"}, "m", None, None),
        ({"code": "c", "error": "m"}, "m", "c", None),
        ({"message": "m", "code": 401, "type": "t"}, "m", "401", "t"),
        ({"object": "error", "message": "m", "raw_status_code": 401}, "m", None, None),
        ({"detail": "m"}, "m", None, None),
        (
            {"detail": [{"loc": ["body", "n", 0], "msg": "too big"}]},
            "body.n.0: too big",
            None,
            None,
        ),
        ({"detail": [{"msg": "a"}, {"msg": "b"}]}, "a; b", None, None),
        ({"detail": {"error": "m"}}, "m", None, None),
        ({"message": {"detail": [{"loc": ["x"], "msg": "m"}]}}, "x: m", None, None),
        ({"errors": [{"message": "m", "code": 7}], "success": False}, "m", "7", None),
        ({"errors": ["a", "b"]}, "a; b", None, None),
        ([{"error": {"message": "m", "status": "INVALID"}}], "m", None, None),
        ({"error": {"error": {"message": "m"}}}, "m", None, None),
        (
            {"error": {"message": "Provider failed", "metadata": {"raw": RAW}}},
            "Provider failed: too many tokens",
            None,
            None,
        ),
        (
            {"error": {"message": "m", "metadata": {"raw": "upstream m"}}},
            "m: upstream m",
            None,
            None,
        ),
        (
            {"error": {"message": "same words", "metadata": {"raw": "same words"}}},
            "same words",
            None,
            None,
        ),
        ({"error": {"metadata": {"raw": {"error": "m"}}}}, "m", None, None),
        ({"error": {"message": "m", "metadata": {}}}, "m", None, None),
        (
            {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}},
            "insufficient balance",
            None,
            None,
        ),
        ({"Message": "m"}, "m", None, None),
        ({"message": 7}, "7", None, None),
        ({"what": 1}, '{"what":1}', None, None),
        ("m", "m", None, None),
        ([], "", None, None),
    ],
)
def test_the_provider_s_words(body: Any, message: str, code: str | None, kind: str | None) -> None:
    report = read_error(json.dumps(body).encode())
    assert (report.message, report.code, report.type) == (message, code, kind)
    assert report.body == body


@pytest.mark.parametrize(
    "body, message",
    [
        (b"", ""),
        (b"upstream connect error", "upstream connect error"),
        (b"<html><head><title>502 Bad\n Gateway</title></head></html>", "502 Bad Gateway"),
        (b"<html><h1 class='x'>Sorry</h1></html>", "Sorry"),
        (b"<html>nothing</html>", "<html>nothing</html>"),
        (b'{"error": cut', '{"error": cut'),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_bodies_that_are_no_json(body: bytes, message: str) -> None:
    assert read_error(body).message == message


def test_param_is_kept() -> None:
    assert read_error(b'{"error": {"message": "m", "param": "messages[0]"}}').param == "messages[0]"
    assert read_error(b'{"error": "m", "param": "n"}').param == "n"


@pytest.mark.parametrize(
    "body, status",
    [
        ({"error": {"message": "m", "code": 429}}, 429),
        ({"error": {"message": "m", "status": 400}}, 400),
        ({"error": {"message": "m", "code": "503"}}, 503),
        ({"error": "m", "status_code": 500}, 500),
        ({"error": {"message": "m", "code": 7}}, None),
        ("m", None),
    ],
)
def test_an_error_inside_a_reply_tells_its_status(body: Any, status: int | None) -> None:
    failure = failure_of(body)
    assert (failure.status, failure.message) == (status, "m")
