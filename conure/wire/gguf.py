"""GGUF, the file format of llama.cpp's models: what a file says about itself before its weights.

Scalars and texts are kept, long lists (the vocabulary) are stepped over. A file that is no GGUF,
or ends before its own header says it may, is refused with a reason; nothing in it is trusted.

https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import struct
from typing import Any, Protocol

from msgspec import Struct

__all__ = ["Buffer", "Facts", "NotGGUF", "read_facts"]

MAGIC = b"GGUF"
VERSIONS = (2, 3)
TEXT, LIST = 8, 9
SCALARS = {
    kind: struct.Struct("<" + code)
    for kind, code in enumerate(("B", "b", "H", "h", "I", "i", "f", "?", "", "", "Q", "q", "d"))
    if code
}
COUNT, LENGTH, KIND = struct.Struct("<IQQ"), SCALARS[10], SCALARS[4]
LONGEST_TEXT = 1 << 24


class NotGGUF(ValueError):  # noqa: N818 - says what the file is not
    """Report a file that is no model, or not all of one."""


class Buffer(Protocol):
    """Bytes, or a mapped file."""

    def __len__(self) -> int: ...

    def __getitem__(self, key: slice, /) -> bytes: ...


class Facts(Struct, frozen=True):
    """What a model file says about itself; `metadata` holds all its scalars and texts."""

    architecture: str
    metadata: dict[str, Any]
    size: int
    """bytes of the file"""

    @property
    def name(self) -> str | None:
        return self.metadata.get("general.name")

    @property
    def context_length(self) -> int | None:
        """How many tokens the model was trained to read."""
        length = self.metadata.get(f"{self.architecture}.context_length")
        return length if isinstance(length, int) and length > 0 else None

    @property
    def chat_template(self) -> str | None:
        return self.metadata.get("tokenizer.chat_template")

    @property
    def split_count(self) -> int:
        """How many files the model lies in."""
        return self.metadata.get("split.count") or 1


def read_facts(data: Buffer) -> Facts:
    """Read the head of a model file; raise `NotGGUF` with what is wrong with it."""
    if data[:4] != MAGIC:
        raise NotGGUF(f"it does not begin with {MAGIC.decode()!r}, but with {data[:8]!r}")
    reader = _Reader(data, 4)
    try:
        version, tensors, entries = reader.take(COUNT)
        if version not in VERSIONS:
            raise NotGGUF(f"its version is {version}, and {VERSIONS[-1]} is the newest known")
        metadata = dict(reader.entry() for _ in range(entries))
        offset = max((reader.tensor() for _ in range(tensors)), default=0)
    except (struct.error, UnicodeDecodeError):
        raise NotGGUF("its head is cut off or damaged") from None
    if reader.at + offset > len(data):
        raise NotGGUF(f"it is cut off: only {len(data):,} bytes are there")
    architecture = metadata.get("general.architecture")
    if not isinstance(architecture, str):
        raise NotGGUF("it does not say which architecture it has")
    return Facts(architecture, {k: v for k, v in metadata.items() if v is not None}, len(data))


class _Reader:
    """Where we are in the file."""

    def __init__(self, data: Buffer, at: int) -> None:
        self.data = data
        self.at = at

    def take(self, layout: struct.Struct) -> tuple[Any, ...]:
        end = self.at + layout.size
        values = layout.unpack(self.data[self.at : end])
        self.at = end
        return values

    def text(self) -> str:
        (length,) = self.take(LENGTH)
        if length > LONGEST_TEXT or self.at + length > len(self.data):
            raise struct.error
        self.at += length
        return self.data[self.at - length : self.at].decode()

    def entry(self) -> tuple[str, Any]:
        name = self.text()
        (kind,) = self.take(KIND)
        return name, self._value(kind)

    def tensor(self) -> int:
        """Step over one tensor's description and answer where its weights begin."""
        self._skip_texts(1)
        (dimensions,) = self.take(KIND)
        self._skip(LENGTH.size * dimensions + KIND.size)
        return int(self.take(LENGTH)[0])

    def _value(self, kind: int) -> Any:
        if kind == TEXT:
            return self.text()
        if kind == LIST:
            self._skip_list()
            return None
        if kind not in SCALARS:
            raise struct.error
        return self.take(SCALARS[kind])[0]

    def _skip_list(self) -> None:
        (kind,) = self.take(KIND)
        (length,) = self.take(LENGTH)
        if kind in SCALARS:
            self._skip(SCALARS[kind].size * length)
        elif kind == TEXT:
            self._skip_texts(length)
        else:
            raise struct.error

    def _skip_texts(self, count: int) -> None:
        # The vocabulary has 100,000 of them and more.
        at, data, unpack = self.at, self.data, LENGTH.unpack
        for _ in range(count):
            at += 8 + unpack(data[at : at + 8])[0]
        self._skip(at - self.at)

    def _skip(self, size: int) -> None:
        self.at += size
        if self.at > len(self.data):
            raise struct.error
