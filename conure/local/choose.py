"""Which file of a repository is meant: names only, no I/O.

`owner/name` takes the usual quantization, `owner/name:Q8_0` that one, `owner/name:file.gguf`
that file. A model in several parts is all of them; projectors are no models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from ..errors import ModelNotFoundError

__all__ = ["Repository", "choose", "read_name"]

NAME = re.compile(r"([\w-][\w.-]*/[\w-][\w.-]*?)(?::([\w./-]+))?", re.ASCII)
PART = re.compile(r"(.*-)(\d{5})(-of-(\d{5})\.gguf)")
# Small enough for most machines and hardly worse; else the one that loses nearly nothing.
USUAL = ("Q4_K_M", "Q8_0")


class Repository(Struct, frozen=True):
    """A repository of the hub, and which of its models."""

    name: str
    wanted: str | None = None

    def __str__(self) -> str:
        return self.name + (f":{self.wanted}" if self.wanted else "")


def read_name(model: str) -> Repository | None:
    """Read a model's name as that of a repository, where it can be one.

    >>> read_name("unsloth/Qwen3-4B-GGUF:Q8_0")
    Repository(name='unsloth/Qwen3-4B-GGUF', wanted='Q8_0')
    >>> read_name("models/qwen3.gguf"), read_name("./models/qwen3")
    (None, None)
    """
    found = NAME.fullmatch(model)
    if found is None or (found[2] is None and model.lower().endswith(".gguf")):
        return None
    return Repository(found[1], found[2])


def choose(names: Iterable[str], repository: Repository) -> list[str]:
    """Choose the file, or all of its parts; raise `ModelNotFoundError` with what there is."""
    every = sorted(names, key=lambda name: (len(name), name))
    models = [name for name in every if _is_model(name)]
    for wanted in (repository.wanted,) if repository.wanted else (*USUAL, ""):
        for name in models:
            if _is_meant(name, wanted):
                return _parts(name, set(every), repository)
    there = ", ".join(models) or "no .gguf file at all"
    raise ModelNotFoundError(f"{repository}: there is no such model; the repository has {there}")


def _is_model(name: str) -> bool:
    part = PART.fullmatch(name)
    file = name.rpartition("/")[2].lower()
    return file.endswith(".gguf") and "mmproj" not in file and (part is None or part[2] == "00001")


def _is_meant(name: str, wanted: str) -> bool:
    if not wanted:
        return True
    if wanted.lower().endswith(".gguf"):
        return name == wanted
    return bool(re.search(rf"(?<![a-z0-9]){re.escape(wanted)}(?![a-z0-9_])", name, re.IGNORECASE))


def _parts(name: str, every: set[str], repository: Repository) -> list[str]:
    part = PART.fullmatch(name)
    if part is None:
        return [name]
    parts = [f"{part[1]}{number:05}{part[3]}" for number in range(1, int(part[4]) + 1)]
    if missing := [part for part in parts if part not in every]:
        raise ModelNotFoundError(f"{repository}: of {name} the part {missing[0]} is missing")
    return parts
