"""Sizes of images by their headers, in every shape a message may hold them."""

from __future__ import annotations

import base64
import struct

import pytest

from conure.messages.image_size import image_size, size_in, wanted_detail

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 640, 480)
SOF = b"\xff\xc2" + struct.pack(">HBHH", 17, 8, 480, 640)
APP = b"\xff\xe1" + struct.pack(">H", 10) + b"Exif" + b"\xff\xc0" + bytes(2)
JPEG = b"\xff\xd8" + APP + b"\xff" + SOF
LOSSY = b"RIFF....WEBPVP8 ....\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 640, 480)
LOSSLESS = b"RIFF....WEBPVP8L....\x2f" + struct.pack("<I", 639 | 479 << 14) + bytes(8)
EXTENDED = b"RIFF....WEBPVP8X....\x00\x00\x00\x00" + b"\x7f\x02\x00" + b"\xdf\x01\x00"
KINDS = {
    "png": PNG,
    "gif": GIF,
    "jpeg": JPEG,
    "webp lossy": LOSSY,
    "webp lossless": LOSSLESS,
    "webp extended": EXTENDED,
}


@pytest.mark.parametrize("data", KINDS.values(), ids=KINDS)
def test_the_header_says_the_size(data):
    assert image_size(data) == (640, 480)
    assert image_size(data + bytes(1000)) == (640, 480)


@pytest.mark.parametrize("data", KINDS.values(), ids=KINDS)
def test_what_is_cut_or_empty_has_no_size(data):
    for end in range(len(data)):
        assert image_size(data[:end]) in (None, (640, 480))
    assert image_size(data[:9]) is None


@pytest.mark.parametrize(
    "data", [b"", b"BM", b"\xff\xd8\x00", PNG[:16] + bytes(8), b"RIFF....WAVE" + bytes(30)]
)
def test_what_is_no_image_we_know_has_no_size(data):
    assert image_size(data) is None


TEXT = base64.b64encode(JPEG).decode()
URL = f"data:image/jpeg;base64,{TEXT}"


@pytest.mark.parametrize(
    "block",
    [
        {"type": "image", "base64": TEXT, "mime_type": "image/jpeg"},
        {"type": "image", "source_type": "base64", "data": TEXT, "mime_type": "image/jpeg"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": TEXT}},
        {"type": "image_url", "image_url": {"url": URL}},
        {"type": "image_url", "image_url": URL},
        {"type": "input_image", "image_url": URL},
    ],
)
def test_every_shape_of_a_block_is_read(block):
    assert size_in(block) == (640, 480)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "image", "url": "https://example.com/cat.png"},
        {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}},
        {"type": "image", "file_id": "file-1"},
        {"type": "image", "base64": "no base64 at all", "mime_type": "image/png"},
        {"type": "image", "base64": 5},
    ],
)
def test_an_image_that_is_not_here_has_no_size(block):
    assert size_in(block) is None


def test_a_size_behind_much_metadata_is_found():
    segment = b"\xff\xe2" + struct.pack(">H", 0xFFFF) + bytes(0xFFFF - 2)
    data = b"\xff\xd8" + segment * 5 + SOF
    block = {"type": "image", "base64": base64.b64encode(data).decode(), "mime_type": "image/jpeg"}
    assert size_in(block) == (640, 480)


def test_the_wanted_detail_stands_in_one_of_three_places():
    assert wanted_detail({"type": "image_url", "image_url": {"url": "u", "detail": "low"}}) == "low"
    assert wanted_detail({"type": "input_image", "image_url": "u", "detail": "high"}) == "high"
    assert wanted_detail({"type": "image", "extras": {"detail": "original"}}) == "original"
    assert wanted_detail({"type": "image", "url": "u"}) is None
