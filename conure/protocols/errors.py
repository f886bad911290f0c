"""An error's body -> what the provider said, whatever shape it came in.

OpenAI's nested object is one shape of many: vendors and gateways send a bare string,
flat `code`/`message`, validation details, an upstream's JSON inside JSON, lists and web pages.

https://platform.openai.com/docs/guides/error-codes
"""

from __future__ import annotations

from typing import Any

from ..errors import ProtocolError
from ..messages.events import Failure
from ..wire import json
from . import ErrorReport
from .shape import is_list, is_object

__all__ = ["failure_of", "read_error", "report_of"]

MESSAGE_FIELDS = (
    "message",
    "detail",
    "error_message",
    "msg",
    "Message",
    "status_msg",
    "reason",
    "title",
)
STATUS_FIELDS = ("status", "status_code", "raw_status_code", "code")
LONGEST = 2_000


def read_error(body: bytes) -> ErrorReport:
    """Say what went wrong in the provider's own words.

    >>> read_error(b'{"error": "model is loading", "code": 503}').message
    'model is loading'
    """
    text = body.decode("utf-8", "replace").strip()
    if text[:1] not in ("{", "[", '"'):
        return ErrorReport(_of_page(text), body=text or None)
    try:
        value = json.decode(text)
    except ProtocolError:
        return ErrorReport(text[:LONGEST], body=text)
    return report_of(value)


def report_of(value: Any) -> ErrorReport:
    """Read an error that is already parsed JSON."""
    error = _inner(value)
    outer = value if is_object(value) else {}
    if not is_object(error):
        return ErrorReport(
            _words(error),
            code=_name(outer.get("code")),
            type=_name(outer.get("type")),
            param=_name(outer.get("param")),
            body=value,
        )
    message = next((words for name in MESSAGE_FIELDS if (words := _words(error.get(name)))), "")
    return ErrorReport(
        _with_upstream(message, error) or _words(error),
        code=_name(error.get("code")) or _name(outer.get("code")),
        type=_name(error.get("type")) or _name(outer.get("type")),
        param=_name(error.get("param")),
        body=value,
    )


def failure_of(value: Any) -> Failure:
    """Read an error that came inside a reply; its status is what the provider says it would be."""
    report = report_of(value)
    return Failure(_status(value), report.code, report.type, report.message, report.body)


def _inner(value: Any) -> Any:
    """Find the part of an error's JSON that describes it."""
    if is_list(value):
        return _inner(value[0]) if len(value) == 1 else value
    if not is_object(value):
        return value
    for name in ("error", "errors", "base_resp"):
        inner: Any = value.get(name)
        if is_list(inner) and len(inner) == 1:
            inner = inner[0]
        if is_object(inner) and inner:
            return _inner(inner)
        if inner and (is_list(inner) or isinstance(inner, str)):
            return inner
    return value


def _with_upstream(message: str, error: dict[str, Any]) -> str:
    """Join a gateway's message and the words of the provider behind it."""
    metadata = error.get("metadata")
    if not is_object(metadata) or not metadata.get("raw"):
        return message
    raw = metadata["raw"]
    upstream = read_error(raw.encode()).message if isinstance(raw, str) else report_of(raw).message
    if not upstream or upstream in message:
        return message
    return f"{message}: {upstream}" if message else upstream


def _words(value: Any) -> str:
    """Put a value of an error in words: text as it is, validation errors as `where: what`."""
    if value is None or isinstance(value, str):
        return value if value and not value.isspace() else ""
    if is_list(value):
        return "; ".join(words for item in value if (words := _words(item)))
    if is_object(value):
        if is_list(place := value.get("loc")) and value.get("msg"):
            return f"{'.'.join(str(part) for part in place)}: {value['msg']}"
        for name in (*MESSAGE_FIELDS, "error"):
            if words := _words(value.get(name)):
                return words
    return json.encode(value).decode() if value else ""


def _of_page(text: str) -> str:
    """Name a gateway's web page by its title; other text stays as it is."""
    if not text.startswith("<"):
        return text[:LONGEST]
    lower = text.lower()
    for tag in ("title", "h1"):
        _, found, rest = lower.partition(f"<{tag}")
        start = len(text) - len(rest.partition(">")[2])
        end = lower.find(f"</{tag}", start)
        if found and end > start and (title := text[start:end].strip()):
            return " ".join(title.split())[:LONGEST]
    return text[:LONGEST]


def _name(value: Any) -> str | None:
    if value is None or isinstance(value, (dict, list)):
        return None
    return str(value) or None


def _status(value: Any) -> int | None:
    for place in (value, _inner(value)):
        if is_object(place):
            for name in STATUS_FIELDS:
                number = place.get(name)
                if isinstance(number, str) and number.isdecimal():
                    number = int(number)
                if isinstance(number, int) and 400 <= number < 600:
                    return number
    return None
