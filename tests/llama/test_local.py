"""Models in this process: loaded once, shared, left at any time, freed when asked; clear errors."""

from __future__ import annotations

import asyncio
import copy
import pickle
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from conure import init_chat_model
from conure.callbacks import get_usage_metadata_callback
from conure.errors import (
    ConfigurationError,
    ContextOverflowError,
    ModelNotFoundError,
    ModelTimeoutError,
)
from conure.local import ChatLocal
from conure.transport import engines
from tests.live.hub import serving
from tests.llama.asking import Async, Sync
from tests.llama.conftest import wait_until

pytestmark = pytest.mark.xdist_group("local")

QUESTION = "Why do parrots talk?"
ENDLESS = {"extra_body": {"ignore_eos": True}}
WITHOUT_END = {"llama_params": {"ctx_shift": True}, "n_ctx": 1024}


@pytest.fixture(params=[Sync, Async])
def ask(request: pytest.FixtureRequest) -> Any:
    return request.param()


@pytest.fixture(autouse=True)
def loads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Note every load, and free what a test loaded."""
    seen: list[Any] = []
    load = engines.load

    def noting(file: str, options: Any) -> Any:
        seen.append(options)
        return load(file, options)

    engines.free()
    monkeypatch.setattr(engines, "load", noting)
    yield seen
    wait_until(lambda: not any(engine._writers for engine in running()), "nobody writes")
    engines.free()


def running() -> list[Any]:
    return list(engines._SHELF.engines.values())


def busy() -> int:
    """How many replies are being written right now."""
    return sum(engine._writers for engine in running())


@pytest.fixture
def local(tiny: Path) -> Any:
    def make(**parameters: Any) -> ChatLocal:
        return ChatLocal(model=str(tiny), max_retries=0, **({"n_ctx": 1024} | parameters))

    return make


# -- one model for all ------------------------------------------------------------------------


def test_it_is_loaded_at_the_first_call_and_once(ask, local, loads):
    models = [local() for _ in range(4)]
    assert not loads
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda model: ask.invoke(model, QUESTION, max_tokens=3), models))
    assert len(loads) == 1
    ask.invoke(local(n_ctx=512), QUESTION, max_tokens=3)
    assert [options.n_ctx for options in loads] == [1024, 512]


def test_it_is_freed_when_asked_and_loaded_again(ask, local, loads):
    with local() as model:
        ask.invoke(model, QUESTION, max_tokens=3)
        (engine,) = running()
        wait_until(lambda: not engine._writers, "the writer is gone")
    assert engine._server is None
    assert not running()
    ask.invoke(model, QUESTION, max_tokens=3)
    assert len(loads) == 2


def test_what_is_being_written_is_written_to_its_end(local):
    model = local()
    stream = model.stream(QUESTION, max_tokens=200, **ENDLESS)
    next(stream)
    (engine,) = running()
    model.close()
    assert engine._server is not None
    *_, last = stream
    assert last.usage_metadata["output_tokens"] == 200
    wait_until(lambda: engine._server is None, "the model is freed")


def test_a_seed_fixes_the_text_whatever_was_asked_before(ask, local):
    model = local(seed=11, max_tokens=30)
    texts = {ask.invoke(model, QUESTION).text}
    for other in ("x" * 100, QUESTION + " And sing?", "Why"):
        ask.invoke(model, other)
        texts.add(ask.invoke(model, QUESTION).text)
    assert len(texts) == 1
    assert ask.invoke(model, QUESTION, seed=12).text not in texts


def test_one_call_ends_while_another_goes_on(local):
    async def both() -> None:
        model = local(**WITHOUT_END)
        endless = asyncio.create_task(model.ainvoke(QUESTION, **ENDLESS))
        for _ in range(3):
            reply = await model.ainvoke(QUESTION, max_tokens=5, **ENDLESS)
            assert reply.usage_metadata["output_tokens"] == 5
        assert not endless.done()
        endless.cancel()
        with pytest.raises(asyncio.CancelledError):
            await endless

    asyncio.run(both())
    wait_until(lambda: not busy(), "the endless reply is left")


# -- leaving ----------------------------------------------------------------------------------


def test_leaving_a_stream_stops_the_writing(local):
    for seen, _ in enumerate(local(**WITHOUT_END).stream(QUESTION, **ENDLESS)):
        if seen == 3:
            assert busy() == 1
            break
    wait_until(lambda: not busy(), "the writing stopped")


def test_leaving_an_async_stream_stops_the_writing(local):
    async def leave() -> None:
        chunks = local(**WITHOUT_END).astream(QUESTION, **ENDLESS)
        async for _ in chunks:
            break
        assert busy() == 1
        await chunks.aclose()

    asyncio.run(leave())
    wait_until(lambda: not busy(), "the writing stopped")


@pytest.mark.parametrize("verb", ["ainvoke", "astream"])
def test_cancelling_a_task_stops_the_writing(local, verb):
    async def cancel() -> None:
        model = local(**WITHOUT_END)

        async def listen() -> None:
            if verb == "ainvoke":
                await model.ainvoke(QUESTION, **ENDLESS)
            async for _ in model.astream(QUESTION, **ENDLESS):
                pass

        task = asyncio.create_task(listen())
        await asyncio.to_thread(wait_until, lambda: busy() == 1, "it writes")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    wait_until(lambda: not busy(), "the writing stopped")


def test_whoever_waits_for_a_turn_may_leave_too(local):
    async def wait() -> None:
        model = local(n_parallel=1, **WITHOUT_END)
        first = model.astream(QUESTION, **ENDLESS)
        await anext(first)
        second = asyncio.create_task(model.ainvoke(QUESTION, **ENDLESS))
        third = asyncio.create_task(model.ainvoke(QUESTION, max_tokens=3, **ENDLESS))
        (engine,) = running()
        await asyncio.to_thread(wait_until, lambda: len(engine._waiting) == 2, "two wait")
        second.cancel()
        await asyncio.wait([second])
        await first.aclose()
        assert (await third).usage_metadata["output_tokens"] == 3

    asyncio.run(wait())


def test_waiting_for_a_turn_has_its_limit(ask, local):
    model = local(n_parallel=1, **WITHOUT_END)
    stream = model.stream(QUESTION, **ENDLESS)
    next(stream)
    with pytest.raises(ModelTimeoutError, match="within"):
        ask.invoke(model, QUESTION, timeout=0.05)
    stream.close()


SCRIPT = """
import os, signal, sys, threading
from conure import init_chat_model
from conure.transport import engines
model = init_chat_model(
    "local:" + sys.argv[1], n_ctx=1024, llama_params={"ctx_shift": True}, max_retries=0
)
endless = {"extra_body": {"ignore_eos": True}}
"""


def script(tiny: Path, code: str) -> str:
    """Run code in a process of its own, which must end well and in time."""
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT + code, str(tiny)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert not ran.stderr
    return ran.stdout


def test_ctrl_c_ends_a_call(tiny):
    code = """
next(model.stream("Hi", **endless))
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    model.invoke("Hi", **endless)
except KeyboardInterrupt:
    print("interrupted")
"""
    assert script(tiny, code) == "interrupted\n"


def test_a_program_may_end_in_the_middle_of_a_stream(tiny):
    assert (
        script(tiny, 'stream = model.stream("Hi", **endless)\nprint(len([next(stream)]))') == "1\n"
    )


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="no fork on this system")
def test_a_forked_process_loads_its_own(tiny):
    code = """
first = model.invoke("Hi", seed=3, max_tokens=20).text
child = os.fork()
if not child:
    second = model.invoke("Hi", seed=3, max_tokens=20).text
    model.close()
    sys.exit(7 if first == second else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(model.invoke("Hi", seed=3, max_tokens=20).text == first)
"""
    assert script(tiny, code) == "7\nTrue\n"


# -- errors -----------------------------------------------------------------------------------


def test_a_prompt_longer_than_the_context_is_refused_before_it_runs(ask, local):
    for call in (ask.invoke, ask.stream):
        with pytest.raises(ContextOverflowError, match=r"\(1024 tokens\): make n_ctx larger"):
            call(local(), "x" * 2000)


def test_a_file_that_is_not_there(ask):
    model = init_chat_model("local:models/nowhere.gguf")
    with pytest.raises(ModelNotFoundError, match=r"there is no file .*models/nowhere\.gguf"):
        ask.invoke(model, QUESTION)
    assert model.profile is None


@pytest.mark.parametrize(
    "change, words",
    [
        (
            lambda data: b"<html>not found</html>",
            "does not begin with 'GGUF', but with b'<html>no'",
        ),
        (lambda data: b"", "it is empty"),
        (lambda data: data[: len(data) // 2], "it is cut off"),
        (lambda data: data[:200], "its head is cut off or damaged"),
        (lambda data: data.replace(b"llama", b"lxama"), "architecture lxama.*verbose=True"),
    ],
)
def test_a_file_that_is_no_model(ask, tiny, tmp_path, change, words):
    file = tmp_path / "file.gguf"
    file.write_bytes(change(tiny.read_bytes()))
    with pytest.raises(ConfigurationError, match=words):
        ask.invoke(ChatLocal(model=str(file)), QUESTION)


def test_without_the_extra(ask, local, monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'conure\[local\]'"):
        ask.invoke(local(), QUESTION)


@pytest.mark.parametrize(
    "parameters, words",
    [
        ({"n_ctx": 0}, "n_ctx=0: give a whole number"),
        ({"n_parallel": True}, "n_parallel=True"),
        ({"llama_params": 3}, "llama_params=3: give a dict"),
        ({"llama_params": {3: 3}}, "llama_params={3: 3}: give a dict"),
        ({"base_url": "http://localhost"}, "there is no server"),
        ({"n_ctxx": 3}, "does not know 'n_ctxx'"),
    ],
)
def test_options_that_cannot_be_meant(local, parameters, words):
    with pytest.raises(ConfigurationError, match=words):
        local(**parameters)


@pytest.mark.parametrize(
    "params, words",
    [
        ({"n_batchh": 3}, "no parameter 'n_batchh'. Did you mean 'n_batch'"),
        ({"cpuparams.n_thread": 3}, "Did you mean 'n_threads'"),
        ({"n_ubatch": "many"}, "n_ubatch='many'"),
    ],
)
def test_parameters_that_llama_cpp_does_not_have(ask, local, params, words):
    with pytest.raises(ConfigurationError, match=words):
        ask.invoke(local(llama_params=params), QUESTION)


def test_what_llama_cpp_cannot_take_is_an_error_with_its_words(ask, local):
    with pytest.raises(Exception, match="failed to parse grammar"):
        ask.invoke(local(), QUESTION, extra_body={"grammar": "nonsense ::="})


# -- from a hub -------------------------------------------------------------------------------


def test_a_model_of_the_hub_is_downloaded_at_the_first_call(ask, tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with serving() as hub:
        hub.files["acme/tiny-GGUF"] = {"tiny-F32.gguf": tiny.read_bytes()}
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        model = init_chat_model("local:acme/tiny-GGUF", n_ctx=1024, max_retries=0)
        assert model.profile is None
        reply = ask.invoke(model, QUESTION, max_tokens=3, **ENDLESS)
    assert reply.usage_metadata["output_tokens"] == 3
    assert reply.response_metadata["model_name"] == "tiny-F32.gguf"
    assert model.profile["name"] == "tiny"
    assert ask.invoke(model, QUESTION, max_tokens=3, **ENDLESS).usage_metadata
    assert len(hub.downloads()) == 1


# -- a model like any other -------------------------------------------------------------------


def test_a_tool_that_must_be_called_is_called(ask, local):
    def find_bird(name: str, count: int) -> str:
        """Find a bird."""
        return name * count

    def sing() -> str:
        """Sing."""
        return "la"

    model = local(seed=5, max_tokens=900).bind_tools([sing, find_bird], tool_choice="find_bird")
    call = ask.invoke(model, QUESTION).tool_calls[0]
    assert call["name"] == "find_bird"
    assert isinstance(call["args"]["name"], str)
    assert isinstance(call["args"]["count"], int)


def test_its_profile_is_what_the_file_says(local):
    profile = local().profile
    assert profile["name"] == "tiny"
    assert profile["architecture"] == "llama"
    assert profile["context_length"] == 4096
    assert profile["max_input_tokens"] == 1024
    assert profile["tool_calling"]
    assert profile["chat_template"]
    assert not profile["image_inputs"]
    assert local(n_ctx=None).profile["max_input_tokens"] == 4096
    assert local(profile={"tool_calling": False}).profile == {"tool_calling": False}


def test_it_is_copied_pickled_and_shown(ask, local):
    model = local(temperature=0).bind(max_tokens=4)
    text = ask.invoke(model, QUESTION).text
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert ask.invoke(twin, QUESTION).text == text
        assert twin.n_ctx == 1024
        assert twin.n_parallel is None
    assert repr(model).endswith("n_ctx=1024, temperature=0)")


def test_another_model_for_one_call(ask, local, tiny, tmp_path):
    other = tmp_path / "other?#.gguf"
    other.write_bytes(tiny.read_bytes())
    reply = ask.invoke(local().bind(model=str(other)), QUESTION, max_tokens=3)
    assert reply.response_metadata["model_name"] == other.name
    assert [Path(engine.file).name for engine in running()] == ["other?#.gguf"]


def test_usage_is_counted_under_its_name(ask, local, tiny):
    with get_usage_metadata_callback() as seen:
        ask.invoke(local(), QUESTION, max_tokens=3, **ENDLESS)
    assert seen.usage_metadata[tiny.name]["output_tokens"] == 3


def test_nobody_else_gets_anything_from_its_port(local):
    local().invoke(QUESTION, max_tokens=1)
    (engine,) = running()
    address = engine._server.listening_address
    assert address.startswith("http://127.0.0.1:")
    for path in ("/v1/models", "/props", "/slots"):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(address + path, timeout=10)
