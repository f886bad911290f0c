"""Where downloaded models lie: the cache that Hugging Face's own tools use, in their layout.

    models--owner--name/refs/main                   the commit that was newest when last asked
                        blobs/<sha256>              what came, whole and checked
                        blobs/<sha256>.incomplete   what has come so far
                        snapshots/<commit>/<path>   links, by the names of the repository

https://huggingface.co/docs/huggingface_hub/guides/manage-cache
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

__all__ = ["Lock", "Shelf", "cache_folder"]


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Tell where the cache is: `HF_HUB_CACHE`, `HF_HOME`, or below the user's own."""
    if given := environ.get("HF_HUB_CACHE") or environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(given).expanduser()
    if home := environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    caches = environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(caches).expanduser() / "huggingface" / "hub"


class Shelf:
    """The place of one repository at one revision."""

    def __init__(self, cache: Path, repository: str, revision: str) -> None:
        folder = "models--" + repository.replace("/", "--")
        self._locks = cache / ".locks" / folder
        self._blobs = cache / folder / "blobs"
        self._snapshots = cache / folder / "snapshots"
        self._ref = cache / folder / "refs" / revision
        self._revision = revision

    def files(self) -> dict[str, Path]:
        """List what is there of the revision, by its names in the repository."""
        try:
            commit = self._ref.read_text("utf-8").strip()
        except OSError:
            commit = self._revision
        snapshot = self._snapshots / commit
        paths = (path for path in snapshot.rglob("*.gguf") if path.is_file())
        return {path.relative_to(snapshot).as_posix(): path for path in paths}

    def blob(self, digest: str) -> Path:
        self._blobs.mkdir(parents=True, exist_ok=True)
        return self._blobs / digest

    def lock(self, digest: str) -> Lock:
        self._locks.mkdir(parents=True, exist_ok=True)
        return Lock(self._locks / f"{digest}.lock")

    def place(self, blob: Path, commit: str, name: str) -> Path:
        """Give a blob its name in a commit."""
        path = self._snapshots / commit / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            try:
                path.symlink_to(os.path.relpath(blob, path.parent))
            except OSError:  # Windows allows links to few
                blob.replace(path)
        return path

    def point_to(self, commit: str) -> None:
        """Note which commit the revision is."""
        self._ref.parent.mkdir(parents=True, exist_ok=True)
        new = self._ref.with_name(f"{self._ref.name}.{os.urandom(8).hex()}")
        new.write_text(commit, "utf-8")
        new.replace(self._ref)


class Lock:
    """A lock among processes, gone with the one that holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[Any] | None = None

    def take(self) -> bool:
        """Take the lock if nobody has it."""
        file = self._path.open("ab")
        try:
            _lock(file)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _lock(file: IO[Any]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
