"""Which model to talk to, when nobody said.

The first of: `--model`, `CONURE_MODEL`, the first provider whose key is set, an Ollama on this
machine, the built-in parrot.
"""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..providers.profile import Profile

__all__ = [
    "ORDER",
    "PARROT",
    "Choice",
    "Opened",
    "address_of",
    "choose",
    "key_of",
    "list_of",
    "local_models",
    "open_model",
    "rows",
]

PARROT = "test:parrot"

# Whose key is looked for first; after these come the other rows, in the order of the table.
ORDER = (
    "openai",
    "anthropic",
    "google_genai",
    "mistralai",
    "groq",
    "deepseek",
    "xai",
    "openrouter",
)


class Choice(NamedTuple):
    """A model, and why this one."""

    name: str
    why: str


class Opened(NamedTuple):
    """A model to talk to, and how it was chosen."""

    model: Any
    choice: Choice


def choose(wanted: str | None, environment: Mapping[str, str] = os.environ) -> Choice:
    """Choose a model by name, environment or what runs on this machine."""
    if wanted:
        return Choice(wanted, "asked for")
    if named := environment.get("CONURE_MODEL"):
        return Choice(named, "CONURE_MODEL says so")
    for row in rows():
        if row.default_model and (variable := key_of(row, environment)):
            return Choice(f"{row.name}:{row.default_model}", f"{variable} is set")
    for row in rows():
        if row.name == "ollama" and (models := local_models(list_of(row, environment))):
            return Choice(f"ollama:{models[0]}", "an Ollama runs on this machine")
    return Choice(PARROT, "no provider's key is set and no Ollama runs here")


def rows() -> list[Profile]:
    """List the providers, those of `ORDER` first."""
    from ..providers import find, names

    known = names()
    first = [name for name in ORDER if name in known]
    return [find(name) for name in [*first, *(name for name in known if name not in first)]]


def key_of(row: Profile, environment: Mapping[str, str]) -> str | None:
    """Name the variable that holds the provider's key."""
    return next((name for name in row.key_env if environment.get(name)), None)


def address_of(row: Profile, environment: Mapping[str, str]) -> str | None:
    """Give the address where the provider is looked for."""
    given = (environment.get(name) for name in row.base_url_env)
    address = next(filter(None, given), row.base_url)
    return row.read_address(address) if row.read_address and address else address


def list_of(row: Profile, environment: Mapping[str, str]) -> str | None:
    """Give the address below which the provider lists its models."""
    address = address_of(row, environment)
    return address and address + row.lists_at


def local_models(base_url: str | None) -> list[str] | None:
    """List the models of a server on this machine; None when none answers."""
    if not base_url:
        return None
    from ..errors import ConureError
    from ..transport.options import Options
    from ..transport.shared import sync_transport
    from ..wire import json
    from ..wire.http import Request, Timeouts

    exchange = sync_transport(Options()).exchange()
    try:
        # A server on this machine answers at once or is not there.
        head = exchange.send(
            Request("GET", f"{base_url}/models", {"accept": "application/json"}, None),
            Timeouts(connect=0.3, read=1.0),
        )
        body = b"".join(iter(lambda: exchange.read(1.0), b""))
        models = json.decode(body)["data"] if head.status == 200 else None
        return None if models is None else [str(model["id"]) for model in models]
    except (ConureError, OSError, LookupError, TypeError, ValueError):
        return None
    finally:
        exchange.close()


def open_model(options: Namespace) -> Opened:
    """Open the model that the options, the environment or this machine name."""
    from ..chat_models import init_chat_model

    settings = {
        "temperature": options.temperature,
        "max_tokens": options.max_tokens,
        "timeout": options.timeout,
        "base_url": options.base_url,
    }
    given = {name: value for name, value in settings.items() if value is not None}
    choice = choose(options.model)
    return Opened(init_chat_model(choice.name, **given), choice)
