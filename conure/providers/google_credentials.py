"""Google's own credentials -> access tokens: the only file that touches `google-auth`.

That package finds credentials (Application Default Credentials, a service account's file, the
metadata server, workload identity) and renews their tokens; its clients are not used. A token is
asked for at each attempt and renewed when it is about to expire.

https://cloud.google.com/docs/authentication/application-default-credentials
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from ..errors import (
    ConfigurationError,
    MissingKeyError,
    ModelAuthenticationError,
    ModelConnectionError,
    ProtocolError,
)
from ..wire import json

__all__ = ["GoogleTokens"]

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
MISSING = (
    "Google's credentials need the google-auth package: pip install 'conure[google-vertexai]'. "
    "Without it give api_key=… (express mode), or api_key=a function that returns an access token"
)
NOT_FOUND = (
    "no Google credentials were found: run `gcloud auth application-default login`, set "
    "GOOGLE_APPLICATION_CREDENTIALS to a service account's file, or give credentials=…"
)
# Kinds that can do nothing but sign in; others may run programs or call any address, and are
# taken from the machine's own settings only.
KINDS: dict[Any, tuple[str, str]] = {
    "authorized_user": ("google.oauth2.credentials", "from_authorized_user_info"),
    "service_account": ("google.oauth2.service_account", "from_service_account_info"),
}


class GoogleTokens:
    """Answers an access token at each call, renewed when it is about to expire.

    `credentials` is an object of google-auth, the path of a credentials file, what such a file
    holds, or None for what the machine has. Nothing is looked for before the first call.
    """

    __slots__ = ("_credentials", "_request")

    def __init__(self, credentials: Any = None) -> None:
        # A missing package is told of when the model is made, not at its first call.
        _auth()
        self._credentials: Any = None if credentials is None else _loaded(credentials)
        self._request: Callable[..., Any] | None = None

    def is_fresh(self) -> bool:
        """Tell whether a call answers at once, without a network."""
        return self._credentials is not None and bool(self._credentials.valid)

    def __call__(self) -> str:
        auth = _auth()
        if self._credentials is None:
            try:
                self._credentials, _ = auth.default(scopes=SCOPES)
            except auth.exceptions.DefaultCredentialsError as error:
                raise MissingKeyError(f"{NOT_FOUND}. {error}") from error
        credentials = self._credentials
        if not credentials.valid:
            self._renew(auth)
        token: str = credentials.token
        return token

    def _renew(self, auth: Any) -> None:
        if self._request is None:
            from urllib3 import PoolManager  # noqa: TID251 - what google-auth renews tokens with

            transport = import_module("google.auth.transport.urllib3")
            self._request = transport.Request(PoolManager())
        try:
            self._credentials.refresh(self._request)
        except auth.exceptions.TransportError as error:
            raise ModelConnectionError(f"Google's token server: {error}") from error
        except auth.exceptions.GoogleAuthError as error:
            raise ModelAuthenticationError(
                f"Google's credentials were refused: {error}. Sign in anew, or check what the "
                "service account may do"
            ) from error

    def __repr__(self) -> str:
        return "GoogleTokens()"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("Google credentials are not pickled: give them again where it is loaded")


def _auth() -> Any:
    try:
        return import_module("google.auth")
    except ImportError as error:
        raise ConfigurationError(MISSING) from error


def _loaded(credentials: Any) -> Any:
    """Make credentials of whatever was given."""
    if isinstance(credentials, str) or hasattr(credentials, "__fspath__"):
        return _read(Path(credentials))
    if isinstance(credentials, Mapping):
        return _of_info({**cast("Mapping[str, Any]", credentials)}, "credentials")
    if not hasattr(credentials, "refresh") or not hasattr(credentials, "valid"):
        raise ConfigurationError(
            "credentials must be an object of google-auth, the path of a credentials file or what "
            f"it holds, not {type(credentials).__name__}"
        )
    module = import_module("google.auth.credentials")
    return module.with_scopes_if_required(credentials, SCOPES)


def _read(path: Path) -> Any:
    try:
        info = json.decode(path.read_bytes())
    except (OSError, ProtocolError) as error:
        raise ConfigurationError(f"credentials={str(path)!r} cannot be read: {error}") from error
    return _of_info(info, str(path))


def _of_info(info: Any, where: str) -> Any:
    kind = cast("Mapping[str, Any]", info).get("type") if isinstance(info, Mapping) else None
    if (found := KINDS.get(kind)) is None:
        known = " or ".join(KINDS)
        raise ConfigurationError(
            f"{where} holds credentials of type {kind!r}; known: {known}. Others are found where "
            "GOOGLE_APPLICATION_CREDENTIALS names their file"
        )
    module, maker = found
    try:
        return getattr(import_module(module).Credentials, maker)(info, scopes=SCOPES)
    except ValueError as error:
        raise ConfigurationError(f"{where}: {error}") from None
