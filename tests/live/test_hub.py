"""Downloading models from a hub: fresh, gone on with, checked, chosen, refused; sync and async."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest

from conure.errors import (
    ConfigurationError,
    ModelAPIError,
    ModelConnectionError,
    ModelNotFoundError,
    ModelPermissionDeniedError,
    ProtocolError,
)
from conure.local import ChatLocal
from tests.live.hub import COMMIT, LoopbackHub, serving

NAME = "acme/parrot-GGUF"
FILE = "parrot-Q4_K_M.gguf"
MODEL = Random(4).randbytes(3_000_000)
HALF = 1_500_000


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "hub"


@pytest.fixture
def hub(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    with serving() as hub:
        hub.files[NAME] = {FILE: MODEL, "parrot-Q8_0.gguf": MODEL[:1000]}
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


@pytest.fixture(params=["sync", "async"])
def download(request: pytest.FixtureRequest) -> Any:
    def ask(name: str = NAME, progress: Any = None, **parameters: Any) -> Path:
        model = ChatLocal(model=name, **{"max_retries": 0, **parameters})
        if request.param == "sync":
            return model.download(progress)
        return asyncio.run(model.adownload(progress))

    return ask


def incomplete(cache: Path) -> list[int]:
    return [path.stat().st_size for path in cache.rglob("*.incomplete")]


def test_a_fresh_download(download, hub, cache):
    told: list[tuple[int, int]] = []
    path = download(progress=lambda *sizes: told.append(sizes))
    assert path == cache / "models--acme--parrot-GGUF" / "snapshots" / COMMIT / FILE
    assert path.read_bytes() == MODEL
    assert path.resolve().name == hub.digest(NAME, FILE)
    assert not incomplete(cache)
    assert told == sorted(told)
    assert told[-1] == (len(MODEL), len(MODEL))


def test_what_is_there_is_used_and_nobody_asked(download, hub, monkeypatch):
    path = download()
    hub.asked.clear()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert download() == path
    assert download(f"{NAME}:Q4_K_M") == path
    assert not hub.asked
    with pytest.raises(ModelNotFoundError, match=r"Q8_0 is not in .* HF_HUB_OFFLINE forbids"):
        download(f"{NAME}:Q8_0")
    assert not hub.asked


def test_the_token_goes_to_the_hub_alone(download, hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    download()
    tokens = {asked.path.startswith("/blobs/"): asked.token for asked in hub.asked}
    assert tokens == {False: "Bearer hf_secret", True: None}


def test_a_cut_download_goes_on_in_the_same_call(download, hub):
    hub.cuts = [HALF, 1000]
    assert download(max_retries=2).read_bytes() == MODEL
    starts = [asked.range for asked in hub.downloads()]
    assert starts == [None, f"bytes={HALF}-", f"bytes={HALF + 1000}-"]


def test_a_cut_download_says_so_and_goes_on_in_the_next_call(download, hub, cache):
    hub.cuts = [HALF]
    words = r"broke off at 1,500,000 of 3,000,000 bytes.*the next call goes on"
    with pytest.raises(ModelConnectionError, match=words):
        download()
    assert incomplete(cache) == [HALF]
    assert not list(cache.rglob("*.gguf"))
    assert download().read_bytes() == MODEL
    assert hub.downloads()[-1].range == f"bytes={HALF}-"


def test_a_store_that_takes_no_ranges_is_asked_for_all(download, hub):
    hub.takes_ranges = False
    hub.cuts = [HALF]
    assert download(max_retries=1).read_bytes() == MODEL
    assert len(hub.downloads()) == 2


def test_a_wrong_checksum_is_an_error_and_nothing_is_kept(download, hub, cache):
    hub.damages = True
    with pytest.raises(ProtocolError, match=r"parrot-Q4_K_M\.gguf is not what the hub announced"):
        download()
    assert not list(cache.rglob("*.gguf"))
    assert incomplete(cache) == [0]
    hub.damages = False
    assert download().read_bytes() == MODEL
    assert hub.downloads()[-1].range is None


def test_a_damaged_first_half_is_noticed_too(download, hub, cache):
    hub.cuts = [HALF]
    with pytest.raises(ModelConnectionError):
        download()
    (part,) = cache.rglob("*.incomplete")
    part.write_bytes(b"x" * HALF)
    with pytest.raises(ProtocolError, match="checksum"):
        download()
    assert download().read_bytes() == MODEL


def test_more_than_was_announced_is_refused(download, hub, cache):
    listing = hub.list_of(NAME)
    listing["siblings"][1]["lfs"]["size"] -= 1
    hub.listing = json.dumps(listing).encode()
    with pytest.raises(ProtocolError, match=r"more came .* than its 2,999,999 bytes"):
        download()
    assert not list(cache.rglob("*.gguf"))


def test_quantizations_and_files_by_name(download, hub):
    assert download().name == FILE
    assert download(f"{NAME}:q8_0").name == "parrot-Q8_0.gguf"
    assert download(f"{NAME}:parrot-Q8_0.gguf").name == "parrot-Q8_0.gguf"
    words = "there is no such model; the repository has parrot-Q8_0.gguf, parrot-Q4_K_M.gguf"
    with pytest.raises(ModelNotFoundError, match=words):
        download(f"{NAME}:Q5_K_M")


def test_all_parts_of_a_model_come(download, hub):
    names = [f"big/big-Q4_K_M-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    hub.files["acme/big"] = {name: name.encode() * 99 for name in names}
    told: list[tuple[int, int]] = []
    path = download("acme/big", progress=lambda *sizes: told.append(sizes))
    assert path.name == "big-Q4_K_M-00001-of-00003.gguf"
    folder = path.parents[1]
    assert [(folder / name).read_bytes() for name in names] == list(hub.files["acme/big"].values())
    assert told[-1] == (told[-1][1], told[-1][1])


def test_another_revision(download, hub, cache):
    path = download(revision="v2")
    assert path.parent.name == COMMIT
    assert (cache / "models--acme--parrot-GGUF" / "refs" / "v2").read_text() == COMMIT


def test_downloads_side_by_side_are_one(hub):
    hub.pause.clear()
    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(ChatLocal(model=NAME).download) for _ in range(3)]
        hub.pause.set()
        paths = {future.result() for future in waiting}
    assert len(paths) == 1
    assert len(hub.downloads()) == 1


def test_a_cancelled_download_keeps_what_came(hub, cache):
    hub.pause.clear()

    async def cancel() -> None:
        begun = asyncio.Event()
        task = asyncio.create_task(ChatLocal(model=NAME).adownload(lambda done, total: begun.set()))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    hub.pause.set()
    assert incomplete(cache)[0] > 0
    assert ChatLocal(model=NAME).download().read_bytes() == MODEL


@pytest.mark.parametrize(
    "status, kind, words",
    [
        (401, ModelNotFoundError, "set HF_TOKEN"),
        (403, ModelPermissionDeniedError, "terms may have to be accepted"),
        (404, ModelNotFoundError, "no repository .*acme/parrot-GGUF with revision 'main'"),
        (500, ModelAPIError, "HTTP 500: no"),
    ],
)
def test_refusals_say_what_to_do(download, hub, status, kind, words):
    hub.refuse = [(status, {})]
    with pytest.raises(kind, match=words) as caught:
        download()
    assert caught.value.status_code == status


def test_a_hub_that_is_busy_is_asked_again(download, hub):
    hub.refuse = [(503, {}), (429, {"retry-after": "0"})]
    assert download(max_retries=2).read_bytes() == MODEL


def test_an_unknown_repository_gets_the_hubs_own_words(download, hub):
    with pytest.raises(ModelNotFoundError, match=r"acme/nothing .*Invalid username or password"):
        download("acme/nothing")


@pytest.mark.parametrize(
    "listing",
    [
        b"<html>",
        b"[]",
        b'{"sha": "../..", "siblings": []}',
        b'{"sha": "%s", "siblings": [{"rfilename": "../x.gguf", "lfs": {"sha256": "%s", '
        b'"size": 3}}]}' % (COMMIT.encode(), b"0" * 64),
        b'{"sha": "%s", "siblings": [{"rfilename": "x.gguf", "lfs": {"sha256": "../y", '
        b'"size": 3}}]}' % COMMIT.encode(),
    ],
)
def test_a_listing_that_cannot_be_is_refused(download, hub, cache, listing):
    hub.listing = listing
    with pytest.raises(ProtocolError):
        download()
    assert not cache.exists() or not [path for path in cache.rglob("*") if path.is_file()]


def test_a_model_that_does_not_fit_is_refused_before_it_comes(download, hub):
    listing = hub.list_of(NAME)
    listing["siblings"][1]["lfs"]["size"] = 1 << 60
    hub.listing = json.dumps(listing).encode()
    with pytest.raises(ConfigurationError, match=r"has room for .* HF_HUB_CACHE"):
        download()
    assert not hub.downloads()


def test_nobody_listens(download, cache, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelConnectionError, match="refuses connections"):
        download()
    monkeypatch.setenv("HF_ENDPOINT", "nowhere")
    with pytest.raises(ConfigurationError, match="HF_ENDPOINT='nowhere'"):
        download()


def test_where_the_cache_is(hub, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "other"))
    assert ChatLocal(model=NAME).download().is_relative_to(tmp_path / "other")
    monkeypatch.delenv("HF_HUB_CACHE")
    monkeypatch.delenv("HF_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    path = ChatLocal(model=NAME).download()
    assert path.is_relative_to(tmp_path / "xdg" / "huggingface" / "hub")
    assert not path.readlink().is_absolute()
