"""Tokens of Google's credentials: found, renewed when they are old, and told of when missing."""

from __future__ import annotations

import asyncio
import json
import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from conure.chat_models.parameters import resolve
from conure.engine.effects import Call
from conure.errors import (
    ConfigurationError,
    MissingKeyError,
    ModelAuthenticationError,
    ModelConnectionError,
)
from conure.providers.auth import Auth
from conure.providers.google_credentials import GoogleTokens
from conure.providers.profile import Profile
from conure.providers.vertex import PLACE, google_tokens, vertex_address
from conure.transport.drive import arun, run
from tests.live.server import Connection, FaultServer, head


class GoogleAuthError(Exception):
    pass


class TransportError(GoogleAuthError):
    pass


class DefaultCredentialsError(GoogleAuthError):
    pass


class Credentials:
    """Like those of google-auth: valid until told otherwise."""

    project_id = "of-the-credentials"

    def __init__(self, error: Exception | None = None) -> None:
        self.valid = False
        self.token: str | None = None
        self.renewed = 0
        self.error = error

    def refresh(self, request: Any) -> None:
        assert request is not None
        if self.error is not None:
            raise self.error
        self.renewed += 1
        self.token = f"token-{self.renewed}"
        self.valid = True


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Put a google-auth of our own in place; what the machine has is in the dict."""
    has: dict[str, Any] = {}

    def default(scopes: Any) -> Any:
        assert scopes == ("https://www.googleapis.com/auth/cloud-platform",)
        if "credentials" not in has:
            raise DefaultCredentialsError("looked everywhere")
        return has["credentials"], "project"

    names = ("google.auth", "google.auth.credentials", "google.auth.transport.urllib3")
    auth, credentials, transport = (ModuleType(name) for name in names)
    auth.default = default  # type: ignore[attr-defined]
    auth.exceptions = sys.modules[__name__]  # type: ignore[attr-defined]
    credentials.with_scopes_if_required = lambda found, scopes: found  # type: ignore[attr-defined]
    transport.Request = lambda pool: pool  # type: ignore[attr-defined]
    for name, module in zip(names, (auth, credentials, transport), strict=True):
        monkeypatch.setitem(sys.modules, name, module)
    return has


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.auth", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'conure\[google-vertexai\]'"):
        GoogleTokens()


def test_what_the_machine_has_is_looked_for_at_the_first_call(machine: dict[str, Any]) -> None:
    tokens = GoogleTokens()
    machine["credentials"] = Credentials()
    assert not tokens.is_fresh()
    assert tokens() == "token-1"
    assert tokens.is_fresh()
    assert tokens() == "token-1"


def test_an_old_token_is_renewed(machine: dict[str, Any]) -> None:
    machine["credentials"] = credentials = Credentials()
    tokens = GoogleTokens()
    assert tokens() == "token-1"
    credentials.valid = False
    assert tokens() == "token-2"
    assert credentials.renewed == 2


def test_credentials_that_are_none(machine: dict[str, Any], tmp_path: Path) -> None:
    assert not machine
    with pytest.raises(ConfigurationError, match="not int"):
        GoogleTokens(7)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        GoogleTokens(tmp_path / "nowhere.json")
    (tmp_path / "some.json").write_text('{"type": "external_account"}')
    with pytest.raises(ConfigurationError, match=r"'external_account'.*service_account"):
        GoogleTokens(str(tmp_path / "some.json"))


def test_no_credentials_say_how_to_get_some(machine: dict[str, Any]) -> None:
    assert not machine
    with pytest.raises(MissingKeyError, match="gcloud auth application-default login"):
        GoogleTokens()()


def test_a_refusal_and_a_broken_line_are_told_apart(machine: dict[str, Any]) -> None:
    assert not machine
    with pytest.raises(ModelAuthenticationError, match="invalid_grant"):
        GoogleTokens(Credentials(GoogleAuthError("invalid_grant")))()
    with pytest.raises(ModelConnectionError) as raised:
        GoogleTokens(Credentials(TransportError("no route")))()
    assert raised.value.retryable


def test_tokens_show_nothing_and_are_not_pickled(machine: dict[str, Any]) -> None:
    assert not machine
    tokens = GoogleTokens(Credentials())
    tokens()
    assert "token-1" not in repr(tokens)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(tokens)


def test_only_a_token_that_must_be_fetched_blocks(machine: dict[str, Any]) -> None:
    assert not machine
    auth = Auth("bearer", token=GoogleTokens(Credentials()))
    assert auth.blocks()
    assert auth.token is not None
    auth.token()
    assert not auth.blocks()
    assert not Auth("bearer", token=lambda: "t").blocks()


def test_what_blocks_leaves_the_event_loop() -> None:
    import threading

    def plan(blocking: bool) -> Any:
        return (yield Call(threading.get_ident, blocking=blocking))

    here = threading.get_ident()
    assert run(plan(True), None) == here
    assert asyncio.run(arun(plan(False), None)) == here
    assert asyncio.run(arun(plan(True), None)) != here


@pytest.mark.parametrize(
    "place, address",
    [
        ({"project": "p"}, "aiplatform.googleapis.com/v1beta1/projects/p/locations/global"),
        (
            {"project": "p", "location": "us-central1", "api_version": "v1"},
            "us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1",
        ),
        (
            {"project": "p", "location": "eu"},
            "aiplatform.eu.rep.googleapis.com/v1beta1/projects/p/locations/eu",
        ),
        (
            {"credentials": Credentials()},
            "aiplatform.googleapis.com/v1beta1/projects/of-the-credentials/locations/global",
        ),
        ({"api_key": "k"}, "aiplatform.googleapis.com/v1beta1"),
    ],
)
def test_the_address(place: dict[str, Any], address: str) -> None:
    assert vertex_address(place, "anthropic") == f"https://{address}/publishers/anthropic"


def test_the_address_needs_a_project() -> None:
    with pytest.raises(ConfigurationError, match="GOOGLE_CLOUD_PROJECT"):
        vertex_address({})


VERTEX = Profile(
    "some_vertex",
    "openai_chat",
    None,
    auth="x-goog-api-key",
    client=PLACE,
    address=vertex_address,
    tokens=google_tokens,
)


def headers_of(given: dict[str, Any], environ: dict[str, str]) -> tuple[str, Any]:
    target = resolve(VERTEX, {"model": "m", **given}, where="here", environ=environ).target
    auth = target.auth
    assert auth is not None
    return target.base_url, auth.fixed if auth.token is None else auth.headers(auth.token())


def test_a_row_behind_vertex(machine: dict[str, Any]) -> None:
    machine["credentials"] = Credentials()
    environ = {"GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "europe-west1"}
    url, headers = headers_of({}, environ)
    assert url.endswith("/projects/p/locations/europe-west1/publishers/google")
    assert headers == {"authorization": "Bearer token-1"}
    url, headers = headers_of({"location": "global", "credentials": Credentials()}, environ)
    assert url.endswith("/projects/p/locations/global/publishers/google")
    assert headers == {"authorization": "Bearer token-1"}
    url, headers = headers_of({"api_key": "k"}, {})
    assert url == "https://aiplatform.googleapis.com/v1beta1/publishers/google"
    assert headers == {"x-goog-api-key": "k"}
    _, headers = headers_of({"api_key": lambda: "t", "project": "p"}, {})
    assert headers == {"authorization": "Bearer t"}


def test_a_service_account_of_the_real_package(tmp_path: Path) -> None:
    pytest.importorskip("google.auth")
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    from cryptography.hazmat.primitives import serialization

    asked: list[bytes] = []

    def answer(connection: Connection) -> None:
        assert connection.request is not None
        asked.append(connection.request.body)
        said = {"access_token": f"t{len(asked)}", "expires_in": 3600, "token_type": "Bearer"}
        data = json.dumps(said).encode()
        lines = {"content-type": "application/json", "content-length": str(len(data))}
        connection.send(head(200, lines) + data)

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with FaultServer(answer) as server:
        account = {
            "type": "service_account",
            "project_id": "p",
            "private_key_id": "1",
            "private_key": pem.decode(),
            "client_email": "a@p.iam.gserviceaccount.com",
            "token_uri": server.url,
        }
        (tmp_path / "account.json").write_text(json.dumps(account))
        tokens = GoogleTokens(account)
        assert [tokens(), tokens()] == ["t1", "t1"]
        assert GoogleTokens(tmp_path / "account.json")() == "t2"
        account["private_key"] = "none"
        with pytest.raises(ConfigurationError, match="credentials: "):
            GoogleTokens(account)
    assert len(asked) == 2
