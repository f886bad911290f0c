"""Deciding a call before anything is sent: whom to ask, with which settings, in which bytes.

`Target` is whom a model object talks to, made once. `prepare` turns one call's messages and
settings into a `ModelCall`, whose body is encoded once and signed anew for each attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from types import NoneType
from typing import Any, cast

from msgspec import Struct
from msgspec.structs import replace

from ..errors import ConfigurationError, ModelError
from ..messages import BaseMessage
from ..protocols import Protocol
from ..providers.auth import Auth, SecretValues
from ..providers.models import is_responses_only
from ..wire import json
from ..wire.http import Request
from .api import SETTINGS, needs_responses
from .effects import Effect
from .retry import Limits, Retry

__all__ = [
    "EXCHANGE_SETTINGS",
    "ModelCall",
    "Target",
    "check_settings",
    "header_fields",
    "prepare",
    "speaking",
    "unknown_setting",
    "with_timeout",
]


def _fields(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return f"give a dict, not {type(value).__name__}"
    for name, said in cast("Mapping[Any, Any]", value).items():
        if not isinstance(name, str) or not isinstance(said, (str, int, float, NoneType)):
            return f"{name!r} must be a str with a str or a number, not {type(said).__name__}"
    return None


def _values(value: Any) -> str | None:
    return None if isinstance(value, Mapping) else f"give a dict, not {type(value).__name__}"


# Settings that shape the exchange and never stand in the body. `with_timeout` reads the timeout.
EXCHANGE_SETTINGS: dict[str, Callable[[Any], str | None]] = {
    "extra_headers": _fields,
    "extra_query": _values,
    "timeout": lambda _: None,
}

# What may decide which API is spoken.
NEEDS = SETTINGS | {"tools", "use_responses_api"}

# What has been said before may stand for messages: the history that a provider keeps, a prompt.
SPOKEN = frozenset({"conversation", "previous_response_id", "prompt"})

# The body of a request that has none: of some methods none is expected.
EMPTY = {"POST": b""}

Retrying = Callable[[ModelError, int, float], Generator[Effect[Any], Any, None]]


class Target(Struct, frozen=True):
    """Whom to call: everything about the endpoint that no single call changes.

    `headers` and `query` go with every call; the key is kept apart, in `auth`.
    """

    provider: str
    protocol: Protocol
    dialect: Any
    base_url: str
    headers: dict[str, str]
    query: dict[str, Any]
    extra: frozenset[str] = frozenset()
    auth: Auth | None = None
    responses: Callable[[], tuple[Protocol, Any]] | None = None
    """the maker's newer API, where it may be spoken: its protocol and dialect"""
    is_maker: bool = False
    """whether the endpoint stands for the maker of these APIs, with all its tools"""
    is_home: bool = False
    """whether it is the maker's own, so that a model's name says whose model it is"""
    start: str = ""
    """the command that starts the server, where it runs on the user's machine"""

    def __repr__(self) -> str:
        # Never the headers: users put keys there.
        return f"Target({self.provider!r}, {self.base_url!r})"


class ModelCall(Struct):
    """One call, decided: all that its plan needs."""

    target: Target
    model: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    limits: Limits
    retry: Retry
    spread: Callable[[], float]
    warnings: tuple[str, ...] = ()
    on_retry: Retrying | None = None
    method: str = "POST"

    def unsigned(self) -> Request:
        """Make the request as it is before anything says who asks."""
        return Request("POST", self.url, SecretValues(self.headers), self.body)

    def signed(self, token: object) -> Request:
        """Make the request of one attempt; `token` is what was answered to the auth's question."""
        auth = self.target.auth
        headers = self.headers
        if auth is not None:
            # The user's own headers win, so that a gateway can be given another key.
            headers = {**(auth.fixed or auth.headers(token)), **headers}
        return Request(self.method, self.url, SecretValues(headers), self.body)

    def __repr__(self) -> str:
        return f"ModelCall({self.target!r}, {self.model!r})"


def prepare(
    target: Target,
    model: str,
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    *,
    streaming: bool,
    limits: Limits,
    retry: Retry,
    spread: Callable[[], float],
) -> ModelCall:
    """Encode a call; raises `ConfigurationError` for what cannot be said."""
    encoded = target.protocol.encode(model, messages, settings, streaming, target.dialect)
    if not messages and encoded.body and SPOKEN.isdisjoint(settings):
        raise ConfigurationError(
            "there is no message to send: give a string or at least one message"
        )
    headers = target.headers
    query: Mapping[str, Any] = {**target.query, **encoded.query} if encoded.query else target.query
    if not EXCHANGE_SETTINGS.keys().isdisjoint(settings):
        headers = SecretValues({**headers, **header_fields(settings.get("extra_headers") or {})})
        query = {**query, **(settings.get("extra_query") or {})}
        limits = with_timeout(limits, settings.get("timeout"))
    if encoded.headers:
        headers = _with_own(headers, encoded.headers)
    path = encoded.path
    if path.startswith("/v1/") and target.base_url.endswith("/v1"):
        # Some give the address with the version, some without.
        path = path[3:]
    url = target.base_url + path
    if query or "?" in url:
        url = _url(target.base_url, path, query)
    return ModelCall(
        target,
        model,
        url,
        headers,
        json.encode(encoded.body) if encoded.body else EMPTY.get(encoded.method),
        limits,
        retry,
        spread,
        encoded.warnings,
        method=encoded.method,
    )


def speaking(
    target: Target,
    model: str,
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    output_version: object = None,
) -> Target:
    """Give the target that speaks the one of its maker's two APIs that this call needs."""
    if target.responses is None:
        return target
    is_only = target.is_home and is_responses_only(model)
    if not is_only and output_version is None and NEEDS.isdisjoint(settings):
        # Nearly every call has nothing that needs a closer look.
        for message in messages:
            if type(message.__dict__.get("content")) is not str:
                break
        else:
            return target
    if not needs_responses(
        messages,
        settings,
        also_known=target.extra,
        output_version=output_version,
        is_maker=target.is_maker,
        is_only=is_only,
    ):
        return target
    protocol, dialect = target.responses()
    return replace(target, protocol=protocol, dialect=dialect)


def header_fields(given: Mapping[str, Any]) -> dict[str, str]:
    """Spell headers as they are sent; one that is None is not."""
    return {name.lower(): str(value) for name, value in given.items() if value is not None}


def with_timeout(limits: Limits, timeout: object) -> Limits:
    """Read a `timeout` setting: seconds for each phase, or a (connect, read) pair."""
    match timeout:
        case None:
            return limits
        case bool():
            pass
        case int() | float() if timeout > 0:
            connect, read = timeout, timeout
            return _limited(limits, connect, read)
        case (float() | int() | None as connect, float() | int() | None as read):
            return _limited(limits, connect, read)
        case object(connect=float() | int() | None as connect, read=float() | int() | None as read):
            # As HTTP libraries have them.
            return _limited(limits, connect, read)
        case _:
            pass
    raise ConfigurationError(
        f"timeout={timeout!r}: give seconds above 0, or a (connect, read) pair of them"
    )


def _limited(limits: Limits, connect: float | None, read: float | None) -> Limits:
    return Limits(
        connect=connect,
        read=read,
        first_event=read,
        idle=limits.idle if read is None or limits.idle is None else min(limits.idle, read),
        deadline=limits.deadline,
    )


def check_settings(
    settings: Mapping[str, Any], target: Target, *, where: str, also: frozenset[str] = frozenset()
) -> None:
    """Refuse settings nobody knows and values that cannot be meant, by name."""
    known = target.protocol.settings
    for name, value in settings.items():
        check = known.get(name) or EXCHANGE_SETTINGS.get(name)
        if check is None and target.responses is not None and name not in target.extra | also:
            known = {**target.responses()[0].settings, **known}
            check = known.get(name)
        if check is not None:
            if value is not None and (wrong := check(value)):
                raise ConfigurationError(f"{where}: {name}={value!r}: {wrong}")
        elif name not in target.extra and name not in also:
            raise unknown_setting(name, {*known, *EXCHANGE_SETTINGS, *target.extra, *also}, where)


def unknown_setting(name: str, known: set[str], where: str) -> ConfigurationError:
    """Name an unknown setting, the nearest known one and the way to send it all the same."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=2, cutoff=0.6)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return ConfigurationError(
        f"{where} does not know {name!r}.{hint} To send a field the provider knows and conure does "
        f"not, put it into extra_body={{{name!r}: …}}."
    )


def _with_own(headers: Mapping[str, str], own: Mapping[str, str | tuple[str, ...]]) -> SecretValues:
    """Add a protocol's headers to those of the caller, which win."""
    joined = SecretValues({k: value for k, value in own.items() if isinstance(value, str)})
    joined.update(headers)
    for name, values in own.items():
        if not isinstance(values, str):
            given = [part.strip() for part in headers.get(name, "").split(",") if part.strip()]
            joined[name] = ",".join(dict.fromkeys((*given, *values)))
    return joined


def _url(base_url: str, path: str, query: Mapping[str, Any]) -> str:
    base, _, own = base_url.partition("?")
    path, _, asked = path.partition("?")
    url = base.rstrip("/") + path
    if query or own or asked:
        from urllib.parse import urlencode

        parts = (own, asked, urlencode(query, doseq=True))
        url += "?" + "&".join(part for part in parts if part)
    return url
