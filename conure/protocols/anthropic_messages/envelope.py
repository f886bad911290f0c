"""Anthropic Messages: what stands around the words of a request, where each host wants it.

The maker takes the model and its version's name in the body and in a header; hosts take the one
from the path and the other from the body, and know previews by a header or by a field.

https://docs.anthropic.com/en/api/claude-on-vertex-ai
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .content import mark
from .dialect import Dialect

__all__ = ["address"]

Headers = dict[str, str | tuple[str, ...]]


def address(
    body: dict[str, Any], previews: Iterable[str], dialect: Dialect, *, streaming: bool
) -> tuple[str, Headers]:
    """Give the path and headers of a request, and change the body to what its host takes."""
    headers: Headers = {}
    if dialect.version is not None:
        headers["anthropic-version"] = dialect.version
    if dialect.body_version is not None:
        body.setdefault("anthropic_version", dialect.body_version)
    if names := dict.fromkeys(previews):
        if dialect.body_betas:
            body["anthropic_beta"] = [*names]
        else:
            headers["anthropic-beta"] = tuple(names)
    if not dialect.says_stream:
        body.pop("stream", None)
    if not dialect.caches_turns and "cache_control" in body:
        turn = body["messages"][-1]
        turn["content"] = mark(turn["content"], body.pop("cache_control"))
    path = dialect.stream_path or dialect.path if streaming else dialect.path
    if "{model}" in path:
        from urllib.parse import quote

        path = path.replace("{model}", quote(body.pop("model"), safe="@"))
    return path, headers
