"""The head of a GGUF file: what is kept, what is stepped over, what is refused."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from struct import pack

import pytest

from conure.wire.gguf import Facts, NotGGUF, read_facts

TEXT, LIST, UINT32, BOOL, FLOAT64 = 8, 9, 4, 7, 12


def text(said: str) -> bytes:
    return pack("<Q", len(said.encode())) + said.encode()


def entry(name: str, kind: int, value: bytes) -> bytes:
    return text(name) + pack("<I", kind) + value


ENTRIES = [
    entry("general.architecture", TEXT, text("llama")),
    entry("general.name", TEXT, text("Grüner Papagei")),
    entry("tokenizer.ggml.tokens", LIST, pack("<IQ", TEXT, 3) + text("a") + text("") + text("ß")),
    entry("tokenizer.ggml.scores", LIST, pack("<IQfff", 6, 3, 0, 1, 2)),
    entry("llama.context_length", UINT32, pack("<I", 4096)),
    entry("llama.rope.scale", FLOAT64, pack("<d", 0.5)),
    entry("tokenizer.ggml.add_bos_token", BOOL, b"\x01"),
    entry("tokenizer.chat_template", TEXT, text("{{ messages }}")),
]
TENSOR = text("output.weight") + pack("<IQQIQ", 2, 4, 2, 0, 0)


def file(
    entries: list[bytes] = ENTRIES, *, version: int = 3, tensors: int = 1, count: int | None = None
) -> bytes:
    counts = pack("<IQQ", version, tensors, len(entries) if count is None else count)
    return b"GGUF" + counts + b"".join(entries) + TENSOR + bytes(64)


def test_scalars_and_texts_are_kept_and_lists_stepped_over() -> None:
    facts = read_facts(file())
    assert facts == Facts(
        "llama",
        {
            "general.architecture": "llama",
            "general.name": "Grüner Papagei",
            "llama.context_length": 4096,
            "llama.rope.scale": 0.5,
            "tokenizer.ggml.add_bos_token": True,
            "tokenizer.chat_template": "{{ messages }}",
        },
        len(file()),
    )
    assert facts.name == "Grüner Papagei"
    assert facts.context_length == 4096
    assert facts.chat_template == "{{ messages }}"


def test_what_a_file_does_not_say_is_none() -> None:
    facts = read_facts(file(ENTRIES[:1]))
    assert (facts.name, facts.context_length, facts.chat_template) == (None, None, None)


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "begin with 'GGUF', but with b''"),
        (b"PK\x03\x04" + bytes(99), "begin with 'GGUF'"),
        (file(version=1), "version is 1, and 3 is the newest"),
        (file(version=9), "version is 9"),
        (file(ENTRIES[1:]), "which architecture"),
        (file(count=1 << 60), "cut off or damaged"),
        (file(tensors=1 << 60), "cut off or damaged"),
        (file([entry("a", TEXT, pack("<Q", 1 << 62))]), "cut off or damaged"),
        (file([entry("a", LIST, pack("<IQ", TEXT, 1 << 62))]), "cut off or damaged"),
        (file([entry("a", LIST, pack("<IQ", UINT32, 1 << 62))]), "cut off or damaged"),
        (file([entry("a", LIST, pack("<IQ", LIST, 1))]), "cut off or damaged"),
        (file([entry("a", 99, b"")]), "cut off or damaged"),
        (file([entry("a", TEXT, pack("<Q", 1) + b"\xff")]), "cut off or damaged"),
    ],
)
def test_what_is_no_model_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(NotGGUF, match=words):
        read_facts(data)


def test_weights_that_begin_beyond_the_end_are_missed() -> None:
    far = TENSOR[:-8] + pack("<Q", 1 << 30)
    with pytest.raises(NotGGUF, match="cut off: only"):
        read_facts(file()[: -64 - len(TENSOR)] + far)


def test_any_bytes_are_read_or_refused() -> None:
    random = Random(8)
    whole = file()
    for _ in range(3000):
        data = bytearray(whole[: random.randrange(1, len(whole))])
        for _ in range(random.randrange(4)):
            data[random.randrange(len(data))] = random.randrange(256)
        with suppress(NotGGUF):
            assert read_facts(bytes(data)).architecture
