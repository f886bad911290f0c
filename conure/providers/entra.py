"""Credential objects of Azure's own library -> tokens, kept until shortly before they expire.

Anything with `get_token(scope)`, sync or async, is one: the library itself is the user's and is
never imported.

https://learn.microsoft.com/python/api/azure-core/azure.core.credentials.tokencredential
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from typing import Any

__all__ = ["AZURE_SCOPE", "CredentialTokens"]

# https://learn.microsoft.com/azure/ai-services/authentication
AZURE_SCOPE = "https://cognitiveservices.azure.com/.default"
# A token is renewed before it expires, so that none does so on its way.
MARGIN = 300.0


def _wall_clock() -> float:
    return datetime.now(UTC).timestamp()


class CredentialTokens:
    """Answers a credential's token at each call; it is awaited where the credential is async."""

    __slots__ = ("_clock", "_credential", "_is_async", "_kept")

    def __init__(self, credential: Any, clock: Callable[[], float] = _wall_clock) -> None:
        self._credential = credential
        self._clock = clock
        self._is_async = iscoroutinefunction(credential.get_token)
        self._kept: Any = None

    def is_fresh(self) -> bool:
        """Tell whether a call answers at once, or can be awaited."""
        return self._is_async or self._is_valid()

    def __call__(self) -> Any:
        # An async credential is awaited even for a token that is here, so that a sync call is
        # refused always, and not only when the token happens to have expired.
        return self._awaited() if self._is_async else self._asked()

    def _asked(self) -> Any:
        if not self._is_valid():
            self._kept = self._credential.get_token(AZURE_SCOPE)
        return self._kept

    async def _awaited(self) -> Any:
        if not self._is_valid():
            self._kept = await self._credential.get_token(AZURE_SCOPE)
        return self._kept

    def _is_valid(self) -> bool:
        expiry = getattr(self._kept, "expires_on", None)
        return isinstance(expiry, int | float) and self._clock() < expiry - MARGIN

    def __repr__(self) -> str:
        return "CredentialTokens()"
