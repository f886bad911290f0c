"""Credential objects: asked for one scope, their tokens kept until shortly before they expire."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import pytest

from conure.errors import ConfigurationError
from conure.openai import ChatOpenAI
from conure.providers.entra import AZURE_SCOPE, CredentialTokens
from tests.unit.providers.test_azure import HOME, Azure


class Token(NamedTuple):
    token: str
    expires_on: int


class Credential:
    """Answers another token each time, good for an hour."""

    def __init__(self):
        self.now = 1_000_000.0
        self.scopes = []

    def get_token(self, *scopes):
        self.scopes += scopes
        return Token(f"t{len(self.scopes)}", int(self.now) + 3600)


class AsyncCredential(Credential):
    async def get_token(self, *scopes):
        return Credential.get_token(self, *scopes)


def test_a_token_is_kept_until_shortly_before_it_expires():
    credential = Credential()
    tokens = CredentialTokens(credential, lambda: credential.now)
    assert not tokens.is_fresh()
    assert [tokens().token, tokens().token] == ["t1", "t1"]
    assert tokens.is_fresh()
    credential.now += 3299
    assert tokens().token == "t1"
    credential.now += 1
    assert not tokens.is_fresh()
    assert tokens().token == "t2"
    assert credential.scopes == [AZURE_SCOPE] * 2


def test_an_async_credential_is_awaited_and_kept_too():
    credential = AsyncCredential()
    tokens = CredentialTokens(credential, lambda: credential.now)

    async def twice():
        return [(await tokens()).token, (await tokens()).token]

    assert asyncio.run(twice()) == ["t1", "t1"]
    credential.now += 3300
    assert asyncio.run(twice()) == ["t2", "t2"]


def test_a_token_that_does_not_say_when_it_expires_is_not_kept():
    class Nameless(Credential):
        def get_token(self, *scopes):
            return Credential.get_token(self, *scopes).token

    tokens = CredentialTokens(Nameless())
    assert [tokens(), tokens()] == ["t1", "t2"]


def test_a_credential_signs_in_wherever_a_key_does():
    credential, azure = Credential(), Azure()
    credential.now = 10_000_000_000.0
    model = ChatOpenAI(
        model="gpt-5-mini", base_url=f"{HOME}/openai/v1/", api_key=credential, transport=azure
    )
    model.invoke("hi")
    asyncio.run(model.ainvoke("hi"))
    asked = [request.headers["authorization"] for request in azure.requests]
    assert asked == ["Bearer t1", "Bearer t1"]
    assert "t1" not in repr(model)


def test_an_async_credential_is_for_async_calls_even_once_its_token_is_here():
    credential, azure = AsyncCredential(), Azure()
    credential.now = 10_000_000_000.0
    model = ChatOpenAI(
        model="gpt-5-mini", base_url=f"{HOME}/openai/v1/", api_key=credential, transport=azure
    )
    asyncio.run(model.ainvoke("hi"))
    with pytest.raises(ConfigurationError, match="is async: call ainvoke"):
        model.invoke("hi")
    asyncio.run(model.ainvoke("hi"))
    assert len(credential.scopes) == 1
