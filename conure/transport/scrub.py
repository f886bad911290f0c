"""What of an exchange must never be written down, and how it is taken out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ..wire.http import Request
from ..wire.private import is_private

__all__ = ["SCRUBBED", "scrub_headers", "scrub_text", "scrub_url", "secrets_of"]

SCRUBBED = "scrubbed"
# Providers quote keys in their errors, partly starred out. A key has digits, a word has none.
KEYS = re.compile(r"\b(?:sk|pk|rk|gsk|xai)[-_](?=[\w.-]*[\d*])[\w*.-]{8,}|\bAIza[\w*-]{20,}")


def scrub_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Blank the private headers."""
    return {
        name: SCRUBBED if is_private(name) else KEYS.sub(SCRUBBED, value)
        for name, value in headers.items()
    }


def scrub_url(url: str) -> str:
    """Blank the private query parameters, and a name and password before the host."""
    parts = urlsplit(url)
    if "@" in parts.netloc:
        parts = parts._replace(netloc=f"{SCRUBBED}@{parts.netloc.rpartition('@')[2]}")
    if not parts.query:
        return urlunsplit(parts)
    query = [
        (name, SCRUBBED if is_private(name) else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    return urlunsplit(parts._replace(query=urlencode(query)))


def secrets_of(request: Request) -> list[str]:
    """List the private values of a request, so that they can be found wherever else they are."""
    values = [value for name, value in request.headers.items() if is_private(name)]
    query = parse_qsl(urlsplit(request.url).query)
    values += [value for name, value in query if is_private(name)]
    words = [word for value in values for word in (value, *value.split())]
    # Short ones are no secrets, and would be found everywhere.
    return sorted({word for word in words if len(word) >= 8}, key=len, reverse=True)


def scrub_text(text: str, secrets: list[str]) -> str:
    """Blank the secrets, and all that looks like a key."""
    for secret in secrets:
        text = text.replace(secret, SCRUBBED)
    return KEYS.sub(SCRUBBED, text)
