"""Keys and tokens become headers, and show nowhere."""

from __future__ import annotations

import pickle
from typing import Any, NamedTuple

import pytest

from conure.errors import ConfigurationError
from conure.providers.auth import Secret, authorize
from conure.providers.entra import AZURE_SCOPE


class Token(NamedTuple):
    token: str
    expires_on: int


class Credential:
    """Like a credential of Azure's library."""

    def get_token(self, scope: str) -> Token:
        return Token(f"for {scope}", 0)


def headers(key: Any, style: str = "bearer") -> dict[str, str]:
    auth = authorize(key, style, where="here")
    return auth.fixed if auth.fixed is not None else auth.headers(auth.token())


def test_a_fixed_key() -> None:
    assert headers("k") == {"authorization": "Bearer k"}
    assert headers("k", "api-key") == {"api-key": "k"}
    assert headers(Secret("k")) == {"authorization": "Bearer k"}


def test_a_function() -> None:
    assert headers(lambda: "t") == {"authorization": "Bearer t"}
    assert headers(lambda: "t", "api-key") == {"authorization": "Bearer t"}
    assert headers(lambda: "t", "x-other") == {"x-other": "t"}


def test_a_credential() -> None:
    assert headers(Credential(), "api-key") == {"authorization": f"Bearer for {AZURE_SCOPE}"}


@pytest.mark.parametrize("key", ["a\nb", "schlüssel", 7, b"bytes"])
def test_keys_that_are_none(key: Any) -> None:
    with pytest.raises(ConfigurationError, match="here: "):
        authorize(key, "bearer", where="here")


@pytest.mark.parametrize("answer", [None, "", 7])
def test_functions_that_answer_no_token(answer: Any) -> None:
    with pytest.raises(ConfigurationError, match="api_key function"):
        headers(lambda: answer)


def test_secrets_show_nowhere() -> None:
    secret = Secret("sk-123")
    auth = authorize(secret, "bearer", where="here")
    assert "sk-123" not in f"{secret} {secret!r} {auth!r} {auth.fixed!r}"
    assert secret == Secret("sk-123") != Secret("other")
    assert hash(secret) == hash(Secret("sk-123"))
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)
