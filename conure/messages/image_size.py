"""How large an image is, by the header of its own bytes: nothing is decoded, nothing fetched.

https://www.w3.org/TR/png/#11IHDR, https://www.w3.org/Graphics/JPEG/itu-t81.pdf (B.2.2),
https://www.w3.org/Graphics/GIF/spec-gif89a.txt (18),
https://developers.google.com/speed/webp/docs/riff_container
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, TypeAlias, cast

from .standard import standard_blocks

__all__ = ["image_size", "size_in", "wanted_detail"]

Size: TypeAlias = tuple[int, int]

# Metadata may stand before the size; few images have more of it than this.
MOST = 1 << 18
# Segments of a JPEG that begin a frame and tell its size; the rest have other meanings.
FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})


def size_in(block: dict[str, Any]) -> Size | None:
    """Give the width and height of an image in a message, in any shape; None where unknown."""
    found = standard_blocks([block])[0]
    data = found.get("base64")
    if not isinstance(data, str):
        return None
    start = data[:MOST]
    return _size_of_base64(start) or (_size_of_base64(data) if len(data) > len(start) else None)


def wanted_detail(block: dict[str, Any]) -> str | None:
    """Give how closely the user wants an image to be looked at, where that is said."""
    places: tuple[Any, ...] = (block, block.get("image_url"), block.get("extras"))
    for place in places:
        if isinstance(place, dict):
            said = cast("dict[str, Any]", place).get("detail")
            if isinstance(said, str):
                return said
    return None


def _size_of_base64(text: str) -> Size | None:
    try:
        return image_size(base64.b64decode(text[: len(text) // 4 * 4]))
    except (binascii.Error, ValueError):
        return None


def image_size(data: bytes) -> Size | None:
    """Read width and height from the beginning of a PNG, JPEG, GIF or WebP.

    >>> image_size(b"GIF89a" + (640).to_bytes(2, "little") + (480).to_bytes(2, "little"))
    (640, 480)
    """
    for magic, read in READERS:
        if data.startswith(magic):
            size = read(data)
            return size if size and min(size) > 0 else None
    return None


def _png(data: bytes) -> Size | None:
    if data[12:16] != b"IHDR" or len(data) < 24:
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _gif(data: bytes) -> Size | None:
    if len(data) < 10:
        return None
    return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")


def _jpeg(data: bytes) -> Size | None:
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in FRAMES:
            height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _webp(data: bytes) -> Size | None:
    if data[8:12] != b"WEBP" or len(data) < 30:
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L" and data[20] == 0x2F:
        packed = int.from_bytes(data[21:25], "little")
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width = int.from_bytes(data[26:28], "little")
        return width & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return None


READERS: tuple[tuple[bytes, Callable[[bytes], Size | None]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8", _jpeg),
    (b"GIF8", _gif),
    (b"RIFF", _webp),
)
