"""Which header fields and query parameters hold what is nobody's business, by their names."""

from __future__ import annotations

__all__ = ["is_private"]

WORDS = (
    "account", "auth", "cookie", "credential", "key", "organisation", "organization", "project",
    "secret", "signature", "token",
)  # fmt: skip
# Limits are counted in tokens, and tests may want to see them.
PUBLIC = "ratelimit"


def is_private(name: str) -> bool:
    """Tell whether a field's value must not be shown or written down.

    >>> is_private("X-Api-Key"), is_private("x-ratelimit-remaining-tokens"), is_private("X-Title")
    (True, False, False)
    """
    name = name.lower()
    return name == "sig" or (PUBLIC not in name and any(word in name for word in WORDS))
