"""Downloading a model from Hugging Face's hub, told as a plan like any call.

Rule 1: what is in the cache is used, and nobody is asked.
Rule 2: what breaks off is kept and gone on with, in this call and in the next. A file gets its
        name only when it is whole and its checksum is the one that the hub announced.

https://huggingface.co/docs/hub/api
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from random import random
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from ..engine.effects import Plan, Read, Sleep
from ..errors import (
    ConfigurationError,
    ModelConnectionError,
    ModelError,
    ModelNotFoundError,
    ProtocolError,
)
from ..wire import json
from ..wire.http import Head
from .asking import TIMEOUTS, Hub, ask, read_body
from .cache import Shelf
from .choose import Repository, choose

__all__ = ["Progress", "downloaded", "in_cache"]

SLICE = 1 << 22
# What came before is read again for its checksum; others get their turn in between.
PAUSE = 0.0
TURN = 0.2

Progress = Callable[[int, int], None]


class _File(Struct, frozen=True):
    """One file of a commit, as the hub announced it."""

    repository: str
    commit: str
    name: str
    size: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.repository}/{self.name}"


def in_cache(repository: Repository, hub: Hub) -> Path | None:
    """Find a model among what was downloaded."""
    files = _shelf(repository, hub).files()
    try:
        return files[choose(files, repository)[0]]
    except ModelNotFoundError:
        return None


def downloaded(repository: Repository, hub: Hub, progress: Progress | None = None) -> Plan[Path]:
    """Download a model, all its parts, and answer the path of the first."""
    if hub.offline:
        raise ModelNotFoundError(
            f"{repository} is not in {hub.cache}, and HF_HUB_OFFLINE forbids to ask for it"
        )
    commit, files = yield from _listed(repository, hub)
    parts = [files[name] for name in choose(files, repository)]
    shelf = _shelf(repository, hub)
    _check_space(shelf, parts)
    done = 0
    paths: list[Path] = []
    for file in parts:
        tell = _teller(progress, done, sum(part.size for part in parts))
        blob = yield from _in_turn(file, hub, shelf, tell)
        paths.append(shelf.place(blob, commit, file.name))
        done += file.size
    shelf.point_to(commit)
    return paths[0]


def _shelf(repository: Repository, hub: Hub) -> Shelf:
    return Shelf(hub.cache, repository.name, hub.revision)


def _teller(progress: Progress | None, before: int, total: int) -> Callable[[int], None]:
    return lambda size: None if progress is None else progress(before + size, total)


def _listed(repository: Repository, hub: Hub) -> Plan[tuple[str, dict[str, _File]]]:
    """Ask which commit a revision is and what files it has."""
    url = f"{hub.endpoint}/api/models/{repository.name}/revision/{quote(hub.revision, safe='')}"
    body = yield from _patiently(hub, lambda: _document(f"{url}?blobs=true", hub, repository))
    try:
        said = json.decode(body)
        commit = str(said["sha"])
        files = [_file(repository.name, commit, entry) for entry in said["siblings"]]
    except (LookupError, TypeError, ValueError) as error:
        raise ProtocolError(f"{hub.endpoint} does not answer like a hub: {error!r}") from None
    if not re.fullmatch("[0-9a-f]{40}", commit):
        raise ProtocolError(f"{hub.endpoint}: {commit!r} is no commit")
    return commit, {file.name: file for file in files if file is not None}


def _document(url: str, hub: Hub, repository: Repository) -> Plan[bytes]:
    yield from ask(url, hub, repository)
    return (yield from read_body())


def _file(repository: str, commit: str, entry: Mapping[str, Any]) -> _File | None:
    """Read one entry of a listing; only whole files with a checksum are models."""
    name, lfs = entry["rfilename"], entry.get("lfs")
    if not name.endswith(".gguf") or not lfs:
        return None
    sha256, size = lfs["sha256"], lfs["size"]
    parts = PurePosixPath(name).parts
    if not re.fullmatch("[0-9a-f]{64}", sha256) or ".." in parts or parts[0] == "/":
        raise ValueError(f"{name!r} with checksum {sha256!r}")
    return _File(repository, commit, name, int(size), sha256)


def _check_space(shelf: Shelf, files: list[_File]) -> None:
    folder = shelf.blob("").parent
    there = sum(path.stat().st_size for path in folder.glob("*.incomplete"))
    missing = [file.size for file in files if not shelf.blob(file.sha256).exists()]
    free = shutil.disk_usage(folder).free
    if sum(missing) > free + there:
        raise ConfigurationError(
            f"{files[0]} has {sum(missing):,} bytes, and {folder} has room for {free:,}: choose a "
            "smaller quantization, or name another folder by HF_HUB_CACHE"
        )


def _in_turn(file: _File, hub: Hub, shelf: Shelf, tell: Callable[[int], None]) -> Plan[Path]:
    """Download a file unless it is there, or somebody else is doing just that."""
    blob = shelf.blob(file.sha256)
    lock = shelf.lock(file.sha256)
    while not lock.take():
        yield from Sleep(TURN)
    try:
        if not blob.exists():
            part = _Part(blob.with_name(f"{blob.name}.incomplete"), file)
            try:
                yield from part.read_again()
                yield from _patiently(hub, lambda: _received(part, hub, tell), part)
                part.check()
            finally:
                part.close()
            part.path.replace(blob)
    finally:
        lock.release()
    return blob


class _Part:
    """What has come of a file, and its checksum so far."""

    def __init__(self, path: Path, file: _File) -> None:
        self.path = path
        self.file = file
        self.size = 0
        self._stream = path.open("ab+")
        self._hash = hashlib.sha256()

    def read_again(self) -> Plan[None]:
        self._stream.seek(0)
        while data := self._stream.read(SLICE):
            self._hash.update(data)
            self.size += len(data)
            yield from Sleep(PAUSE)
        if self.size > self.file.size:
            self.begin_anew()

    def begin_anew(self) -> None:
        self._stream.truncate(0)
        self.size, self._hash = 0, hashlib.sha256()

    def add(self, data: bytes) -> None:
        self._stream.write(data)
        self._hash.update(data)
        self.size += len(data)

    def check(self) -> None:
        if self._hash.hexdigest() != self.file.sha256:
            self.begin_anew()
            raise ProtocolError(
                f"what came for {self.file} is not what the hub announced: its checksum is another "
                f"than sha256 {self.file.sha256}. It was thrown away; is a proxy between?"
            )

    def close(self) -> None:
        self._stream.close()


def _received(part: _Part, hub: Hub, tell: Callable[[int], None]) -> Plan[None]:
    """Take the rest of a file, or as much as comes of it."""
    file = part.file
    if part.size == file.size:
        return
    url = f"{hub.endpoint}/{file.repository}/resolve/{file.commit}/{quote(file.name)}"
    asked = {"range": f"bytes={part.size}-"} if part.size else {}
    head = yield from ask(url, hub, Repository(file.repository), asked)
    if part.size and not _goes_on(head, part.size):
        part.begin_anew()
    while True:
        data, _ = yield from Read(TIMEOUTS.read)
        if not data:
            break
        part.add(data)
        if part.size > file.size:
            part.begin_anew()
            raise ProtocolError(f"more came for {file} than its {file.size:,} bytes")
        tell(part.size)
    if part.size < file.size:
        failure = ModelConnectionError(f"the answer ended {file.size - part.size:,} bytes early")
        failure.retryable = True
        raise failure


def _goes_on(head: Head, size: int) -> bool:
    """Tell whether an answer begins where it was asked to."""
    return head.status == 206 and head.headers.get("content-range", "").startswith(f"bytes {size}-")


def _patiently(hub: Hub, story: Callable[[], Plan[Any]], part: _Part | None = None) -> Plan[Any]:
    """Tell a story again while that can help; say what is kept where it cannot."""
    attempt = 0
    while True:
        attempt += 1
        try:
            return (yield from story())
        except ModelError as error:
            wait = hub.retry.wait(attempt, error, float("inf"), random)
            if wait is None and part is not None and isinstance(error, ModelConnectionError):
                raise ModelConnectionError(
                    f"the download of {part.file} broke off at {part.size:,} of "
                    f"{part.file.size:,} bytes: {error}. What came is kept, and the next call goes "
                    "on from there"
                ) from error
            if wait is None:
                raise
        yield from Sleep(wait)
