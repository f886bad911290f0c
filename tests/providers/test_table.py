"""The table of provider classes is whole: a class that is shipped is tested."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

import conure
from conure.chat_models import RemoteChatModel
from tests.providers.table import PROVIDERS

MODULES = sorted(path.stem for path in Path(conure.__file__).parent.glob("[a-z]*.py"))


def classes_of(name: str) -> set[type]:
    """List the provider classes that a module of the top offers."""
    module = import_module(f"conure.{name}")
    offered = [getattr(module, found) for found in getattr(module, "__all__", ())]
    return {
        found
        for found in offered
        if isinstance(found, type)
        and issubclass(found, RemoteChatModel)
        and found is not RemoteChatModel
    }


@pytest.mark.parametrize("name", MODULES)
def test_every_provider_class_has_a_row(name: str) -> None:
    tested = {provider.kind for provider in PROVIDERS}
    assert not classes_of(name) - tested, "give it a row in tests/providers/table.py"
