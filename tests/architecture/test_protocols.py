"""Protocols are pure, alike, and know no vendor."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from conure import providers
from tests.architecture.house import PACKAGE, Module, modules

FILES = {"__init__.py", "wire.py", "request.py", "response.py"}
EXPORTS = {
    "": {"PROTOCOL"},
    "request": {"encode"},
    "response": {"StreamDecoder", "decode"},
}
# Who made a protocol gave it its name.
MAKERS = {"openai", "anthropic", "google", "gemini", "bedrock", "ollama", "cohere"}
# Vendors named after ordinary words: these count only where they stand alone as a string.
WORDS = {"together", "writer"}
PROTOCOLS = sorted(path.parent.name for path in PACKAGE.glob("protocols/*/__init__.py"))


def protocol_modules() -> list[Module]:
    return [module for module in modules() if module.layer == "protocols"]


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_protocol_has_the_same_files(name: str) -> None:
    found = {path.name for path in (PACKAGE / "protocols" / name).glob("*.py")}
    assert found >= FILES


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_protocol_exports_the_same(name: str) -> None:
    offered = {module.name: set(module.public or ()) for module in modules()}
    for file, expected in EXPORTS.items():
        path = f"protocols.{name}" + (f".{file}" if file else "")
        assert offered[path] >= expected, path


def test_no_vendor_is_named_in_a_protocol() -> None:
    own = {name.replace("_", "") for name in PROTOCOLS}
    vendors = {re.sub(r"[-_ ]", "", name).lower() for name in providers.names()} - MAKERS - own
    named = [
        f"{module.path}:{line}: {word}"
        for module in protocol_modules()
        for word, line, is_string in _words(module.tree)
        if (plain := re.sub(r"[-_ ]", "", word).lower()) in vendors
        and (is_string or plain not in WORDS)
    ]
    assert not named, "\n".join(named)


def _words(tree: ast.Module) -> Iterator[tuple[str, int, bool]]:
    """List identifiers, their parts, and strings that are one word; docstrings may explain."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                words = [name, *name.split("_")]
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                words = [name, *name.split("_")]
            case ast.Constant(value=str(name)):
                words = [name]
            case _:
                continue
        for word in words:
            yield word, node.lineno, isinstance(node, ast.Constant)


def test_protocols_read_nothing_that_is_kept_for_compatibility() -> None:
    read = [
        f"{module.path}:{line}: {word}"
        for module in protocol_modules()
        for word, line, _ in _words(module.tree)
        if word in ("additional_kwargs", "response_metadata")
    ]
    assert not read, "\n".join(read)
