"""What a call would send, to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ..engine.request import ModelCall
from ..protocols import Loss
from ..wire import json
from ..wire.private import is_private

__all__ = ["Preview", "preview_of"]

MASK = "**********"


class Preview(Struct, frozen=True):
    """A request before it is sent.

    `headers` and `url` show no keys. `warnings` says what was left out of the settings or mended
    in the history; `losses` says what of the messages cannot be said to this provider.
    """

    url: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    warnings: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()


def preview_of(call: ModelCall) -> Preview:
    """Show a call that was prepared."""
    from ..transport.scrub import scrub_url

    auth = call.target.auth
    headers = {**((auth and auth.fixed) or {}), **call.headers}
    return Preview(
        scrub_url(call.url),
        {name: MASK if is_private(name) else value for name, value in headers.items()},
        {} if call.body is None else json.decode(call.body),
        tuple(told for told in call.warnings if not isinstance(told, Loss)),
        tuple(told for told in call.warnings if isinstance(told, Loss)),
    )
