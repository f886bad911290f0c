"""What images cost: the examples of the makers' own pages."""

from __future__ import annotations

import pytest

from conure.providers.images import UNKNOWN, image_tokens


@pytest.mark.parametrize(
    "model,size,detail,tokens",
    [
        # https://platform.openai.com/docs/guides/images-vision#calculating-costs
        ("gpt-4o", (1024, 1024), "high", 765),
        ("gpt-4o", (2048, 4096), "high", 1105),
        ("gpt-4o", (4096, 8192), "low", 85),
        ("gpt-4.1", (512, 512), None, 255),
        ("gpt-4o-mini", (512, 512), None, 2833 + 5667),
        ("gpt-5", (1024, 1024), None, 70 + 4 * 140),
        ("gpt-5.1", (1024, 1024), None, 70 + 4 * 140),
        ("o3", (1024, 1024), "low", 75),
        ("computer-use-preview", (1024, 1024), "low", 65),
        ("o4-mini", (1024, 1024), None, 1762),
        ("o4-mini", (1800, 2400), None, 2498),
        ("gpt-5-mini", (1024, 1024), None, 1659),
        ("gpt-5.4-nano", (32, 32), None, 3),
        ("gpt-5.2", (1800, 2400), "high", 1452),
        ("gpt-5.4", (1600, 1600), None, 2500),
        ("gpt-5.4", (3200, 1600), "original", 5000),
        ("gpt-5.4", (3200, 1600), "auto", 2048),
        ("gpt-5.5", (3200, 1600), "auto", 5000),
        ("gpt-5.6", (32_000, 3200), "auto", 100_000),
        ("gpt-5.6", (2000, 2000), "low", 256),
        ("ft:gpt-4o:acme", (1024, 1024), None, 765),
        ("some-other-model", (1024, 1024), None, 765),
        # https://docs.anthropic.com/en/docs/build-with-claude/vision
        ("claude-sonnet-4-5", (200, 200), None, 54),
        ("claude-sonnet-4-5", (1000, 1000), None, 1334),
        ("claude-sonnet-4-5", (8000, 8000), None, 1600),
    ],
)
def test_by_size_and_detail(model, size, detail, tokens):
    assert image_tokens(model, size, detail) == tokens


@pytest.mark.parametrize("model", ["gpt-4o", "o4-mini", "gpt-5.6", "claude-opus-4-1"])
def test_an_image_of_unknown_size_counts_as_one_of_a_usual_size(model):
    assert image_tokens(model, None) == image_tokens(model, UNKNOWN)


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5-mini", "gpt-5.4", "gpt-5.5"])
def test_no_size_costs_more_than_the_limit(model):
    most = {"gpt-4o": 1445, "gpt-5-mini": 2489, "gpt-5.4": 2500, "gpt-5.5": 10_000}[model]
    for width in (1, 31, 33, 700, 769, 3000, 40_000):
        for height in (1, 511, 1025, 5000, 90_000):
            assert 0 < image_tokens(model, (width, height)) <= most
