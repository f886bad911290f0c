"""One question to the hub: follow where it points, read its refusals.

The token goes to the hub, never to where the hub sends us for the bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from ..engine.effects import Call, Plan, Read, Send
from ..engine.failures import from_reply
from ..engine.retry import Retry
from ..errors import ModelError, ModelNotFoundError, ModelPermissionDeniedError, ProtocolError
from ..protocols import ErrorReport
from ..providers.auth import Auth, SecretValues
from ..wire.http import Head, Request, Timeouts
from .choose import Repository

__all__ = ["ENDPOINT", "TIMEOUTS", "Hub", "ask", "read_body"]

ENDPOINT = "https://huggingface.co"
TIMEOUTS = Timeouts(connect=10.0, read=60.0)
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
LONGEST_BODY = 1 << 26
ASYNC_KEY = "this api_key is async: call adownload or ainvoke, or give a function that is not"


class Hub(Struct, frozen=True):
    """Whom to ask and where to put what comes."""

    endpoint: str
    cache: Path
    offline: bool = False
    revision: str = "main"
    auth: Auth | None = None
    retry: Retry = Retry()


def ask(
    url: str, hub: Hub, repository: Repository, more: Mapping[str, str] | None = None
) -> Plan[Head]:
    """Ask for a URL, for `repository`'s sake; the answer's body is to be read."""
    own: Mapping[str, str] = {}
    if hub.auth is not None:
        token = None if hub.auth.token is None else (yield from Call(hub.auth.token, ASYNC_KEY))
        own = hub.auth.fixed or hub.auth.headers(token)
    for _ in range(MOST_REDIRECTS):
        fields = {"user-agent": "conure", "accept-encoding": "identity", **(more or {})}
        headers = SecretValues({**fields, **(own if _is_same(url, hub.endpoint) else {})})
        head: Head = yield from Send(Request("GET", url, headers, None), TIMEOUTS)
        if head.status in {200, 206}:
            return head
        if head.status not in REDIRECTS:
            raise (yield from _refused(head, hub, repository))
        url = urljoin(url, head.headers.get("location", ""))
        if urlsplit(url).scheme not in {"https", urlsplit(hub.endpoint).scheme}:
            raise ProtocolError(f"{hub.endpoint} points to {url!r}, which is no safe address")
    raise ProtocolError(f"{hub.endpoint} points from one address to the next, {url} being the last")


def read_body() -> Plan[bytes]:
    """Read the rest of an answer that is not a model."""
    parts: list[bytes] = []
    size = 0
    while size < LONGEST_BODY:
        data, _ = yield from Read(TIMEOUTS.read)
        if not data:
            break
        parts.append(data)
        size += len(data)
    return b"".join(parts)


def _is_same(url: str, endpoint: str) -> bool:
    return urlsplit(url)[:2] == urlsplit(endpoint)[:2]


def _refused(head: Head, hub: Hub, repository: Repository) -> Plan[ModelError]:
    body = yield from read_body()
    said = head.headers.get("x-error-message") or body[:200].decode(errors="replace").strip()
    said = said or f"status {head.status}"
    page = f"{hub.endpoint}/{repository.name}"
    error: ModelError
    if head.status == 403:
        error = ModelPermissionDeniedError(
            f"{page}: {said}. Its terms may have to be accepted there first, by the owner of "
            "HF_TOKEN"
        )
    elif head.status in {401, 404}:
        error = ModelNotFoundError(
            f"there is no repository {page} with revision {hub.revision!r} that you may see, and "
            f"no file {repository} here: {said}. Check the name; for private and gated models "
            "set HF_TOKEN"
        )
    else:
        report = ErrorReport(said, None, None, None, None)
        return from_reply(
            head.status, head.headers, report, provider=hub.endpoint, model=str(repository)
        )
    error.status_code = head.status
    return error
