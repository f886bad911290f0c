"""The paths that code written for others imports from."""

from __future__ import annotations

import pytest

import conure.messages
import conure.messages.content
import conure.messages.utils


@pytest.mark.parametrize(
    "module", [conure.messages, conure.messages.content, conure.messages.utils]
)
def test_all_names_are_there(module):
    for name in module.__all__:
        assert getattr(module, name) is not None
    assert set(module.__all__) <= set(dir(module))


def test_other_names_are_not():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = conure.messages.nothing
