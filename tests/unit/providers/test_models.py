"""What families of models accept."""

from __future__ import annotations

import pytest

from conure.providers.models import facts, is_responses_only


@pytest.mark.parametrize(
    "model, temperature, role",
    [
        ("gpt-4.1", True, None),
        ("gpt-4o-mini", True, None),
        ("gpt-5", False, None),
        ("gpt-5.5-mini", False, None),
        ("gpt-5-chat-latest", True, None),
        ("o1", False, "developer"),
        ("o4-mini-2025-04-16", False, "developer"),
        ("ft:o4-mini:acme::1", False, "developer"),
        ("ft:gpt-4o:acme::1", True, None),
        ("openai/o3", False, "developer"),
        ("omni-1", True, None),
        ("o", True, None),
    ],
)
def test_facts(model: str, temperature: bool, role: str | None) -> None:
    found = facts(model)
    assert (found.temperature, found.system_role) == (temperature, role)


@pytest.mark.parametrize(
    "model, only",
    [
        ("o3-pro", True),
        ("o1-pro-2025-03-19", True),
        ("o3-deep-research", True),
        ("computer-use-preview", True),
        ("gpt-5.3-codex", True),
        ("gpt-5-pro", True),
        ("gpt-5.5", False),
        ("o3", False),
    ],
)
def test_models_of_the_responses_api(model: str, only: bool) -> None:
    assert is_responses_only(model) == only
