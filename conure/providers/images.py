"""How many tokens an image costs, by its size and the family of the model that looks at it.

OpenAI's models count tiles of 512 pixels or patches of 32:
https://platform.openai.com/docs/guides/images-vision#calculating-costs
Anthropic's count pixels: https://docs.anthropic.com/en/docs/build-with-claude/vision
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import ceil, floor, sqrt
from typing import TypeAlias

from .models import family

__all__ = ["UNKNOWN", "image_tokens"]

Size: TypeAlias = tuple[float, float]
Rule: TypeAlias = Callable[[Size, str], int]
# How many patches an image may have at most, and how long it may be, by how closely it is seen.
Limits: TypeAlias = dict[str, tuple[float, float]]

# Where an image is given by its address or id, nobody knows its size without fetching it.
UNKNOWN = (1024, 1024)

PATCH, TILE = 32, 512
NO_LIMIT = float("inf")


def image_tokens(model: str, size: tuple[int, int] | None, detail: str | None = None) -> int:
    """Count an image of a size; one of an unknown size is taken for UNKNOWN.

    >>> image_tokens("gpt-4o", (1024, 1024)), image_tokens("gpt-4o", (2048, 4096))
    (765, 1105)
    >>> image_tokens("gpt-4o", (4096, 8192), "low"), image_tokens("o4-mini", (1800, 2400))
    (85, 2498)
    """
    name = family(model)
    rule = next((rule for start, rule in RULES if name.startswith(start)), TILES)
    return rule(size or UNKNOWN, detail or "auto")


def _tiles(base: int, tile: int, size: Size, detail: str) -> int:
    if detail == "low":
        return base
    width, height = _within(size, 2048)
    if (shorter := min(width, height)) > 768:
        width, height = width * 768 / shorter, height * 768 / shorter
    return base + tile * ceil(width / TILE) * ceil(height / TILE)


def _patches(factor: float, limits: Limits, size: Size, detail: str) -> int:
    most, longest = limits.get(detail) or limits["auto"]
    width, height = _within(size, longest)
    if _count(width, height) > most:
        shrunk = sqrt(most * PATCH**2 / (width * height))
        across, down = width * shrunk / PATCH, height * shrunk / PATCH
        # Whole patches in the tighter direction, so that none is cut off.
        shrunk *= min(floor(across) / across, floor(down) / down)
        width, height = width * shrunk, height * shrunk
    return ceil(_count(width, height) * factor)


def _count(width: float, height: float) -> int:
    # What multiplying and dividing left over is no patch.
    return ceil(round(width / PATCH, 6)) * ceil(round(height / PATCH, 6))


def _pixels(size: Size, _detail: str) -> int:
    width, height = _within(size, 1568)
    return min(1600, ceil(width * height / 750))


def _within(size: Size, longest: float) -> Size:
    shrunk = min(1.0, longest / max(size))
    return size[0] * shrunk, size[1] * shrunk


LOW = (256, 512)
HIGH, ORIGINAL = (2500, 2048), (10_000, 6000)
OLDER: Limits = {"low": LOW, "auto": (1536, 2048)}
NEWER: Limits = {"low": LOW, "high": HIGH, "original": ORIGINAL, "auto": HIGH}
CLOSER: Limits = {**NEWER, "auto": ORIGINAL}
WHOLE: Limits = {**NEWER, "original": (NO_LIMIT, NO_LIMIT), "auto": (NO_LIMIT, NO_LIMIT)}

TILES: Rule = partial(_tiles, 85, 170)

# The first beginning of a name that fits counts; names unknown are counted as GPT-4o counts.
RULES: tuple[tuple[str, Rule], ...] = (
    ("gpt-4o-mini", partial(_tiles, 2833, 5667)),
    ("gpt-4.1-mini", partial(_patches, 1.62, OLDER)),
    ("gpt-4.1-nano", partial(_patches, 2.46, OLDER)),
    ("o4-mini", partial(_patches, 1.72, OLDER)),
    ("gpt-5-mini", partial(_patches, 1.62, OLDER)),
    ("gpt-5-nano", partial(_patches, 2.46, OLDER)),
    ("gpt-5-codex-mini", partial(_patches, 1.62, OLDER)),
    ("gpt-5.4-mini", partial(_patches, 1.62, OLDER)),
    ("gpt-5.4-nano", partial(_patches, 2.46, OLDER)),
    ("gpt-5.1", partial(_tiles, 70, 140)),
    ("gpt-5.2", partial(_patches, 1.0, OLDER)),
    ("gpt-5.3", partial(_patches, 1.0, OLDER)),
    ("gpt-5.4", partial(_patches, 1.0, NEWER)),
    ("gpt-5.5", partial(_patches, 1.0, CLOSER)),
    ("gpt-5.", partial(_patches, 1.0, WHOLE)),
    ("gpt-5", partial(_tiles, 70, 140)),
    ("o1", partial(_tiles, 75, 150)),
    ("o3", partial(_tiles, 75, 150)),
    ("computer-use-preview", partial(_tiles, 65, 129)),
    ("claude", _pixels),
)
