"""Every public name with its signature, as text: `python -m tests.architecture.public_api`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.architecture.house import names_of

__all__ = ["SNAPSHOT", "public_api"]

SNAPSHOT = Path(__file__).with_name("public_api.txt")

# What users import from. Everything else is public to the rooms of this house only.
DOORS = (
    *("", "agents", "anthropic", "aws", "callbacks", "chat_models", "cohere", "deepseek"),
    *("errors", "fireworks", "google_genai", "groq", "huggingface", "load", "local", "messages"),
    *("mistralai", "ollama", "openai", "openrouter", "outputs", "perplexity", "rate_limiters"),
    *("runnables", "testing", "together", "tools", "utils", "utils.function_calling", "xai"),
    *("agents.middleware", "agents.structured_output", "anthropic.middleware", "checkpoint"),
    *("mcp", "runtime", "types"),
)


def public_api() -> str:
    """List what the doors offer."""
    doors = [door for door in DOORS if door in names_of()]
    return "".join(f"{line}\n" for door in doors for line in _door(door))


def _door(name: str) -> Iterator[str]:
    path = f"conure.{name}" if name else "conure"
    module = import_module(path)
    for public in module.__all__:
        yield from _thing(f"{path}.{public}", getattr(module, public))


def _thing(path: str, value: Any) -> Iterator[str]:
    if inspect.isclass(value):
        yield f"{path}{_bases(value)}"
        # Told where it is defined first, not again at each door that names it.
        for name in sorted(vars(value)):
            member = inspect.getattr_static(value, name)
            if not name.startswith("_"):
                yield f"    {name}{_signature(getattr(member, '__func__', member))}"
    else:
        yield f"{path}{_signature(value)}"


def _bases(kind: type) -> str:
    names = [base.__name__ for base in kind.__bases__ if base is not object]
    return f"({', '.join(names)})" if names else ""


def _signature(value: Any) -> str:
    if not (inspect.isfunction(value) or inspect.ismethod(value)):
        return ""
    parameters = [
        parameter.replace(annotation=parameter.empty)
        for parameter in inspect.signature(value).parameters.values()
    ]
    return str(inspect.Signature(parameters))


if __name__ == "__main__":
    SNAPSHOT.write_text(public_api(), encoding="utf-8")
