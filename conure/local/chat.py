"""`ChatLocal`: a model file, run by llama.cpp in this very process.

A chat model like any other: the protocol is Chat Completions, as llama.cpp's own server speaks
it, and only the transport differs. The wire always streams, so that every call can be left.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from msgspec.structs import replace

from ..chat_models.parameters import ENVIRONMENT, Parts
from ..chat_models.remote import RemoteChatModel
from ..chat_models.telling import Emitter, ModelRequest
from ..engine.effects import Plan
from ..errors import ConfigurationError
from ..providers import Profile
from ..providers.catalogue import ModelProfile
from ..transport.drive import arun, run
from ..transport.llama import SCHEME, LlamaTransport
from ..transport.loading import EngineOptions, check_installed, context_of, facts_of
from ..transport.options import proxy_for
from ..transport.shared import async_transport, sync_transport
from ..wire.gguf import Facts
from .asking import ENDPOINT, Hub
from .cache import cache_folder
from .choose import read_name
from .hub import Progress, downloaded, in_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypedDict, Unpack

    class LocalParameters(TypedDict, total=False):
        """What `ChatLocal` takes; left out means: the model's or llama.cpp's default."""

        model: str
        revision: str
        api_key: str | Callable[[], Any] | Any
        n_ctx: int
        n_parallel: int
        n_gpu_layers: int
        n_threads: int
        n_batch: int
        mmproj: str
        chat_template: str
        llama_params: Mapping[str, Any]
        temperature: float | None
        max_tokens: int | None
        top_p: float | None
        top_k: int | None
        min_p: float | None
        seed: int | None
        stop: str | Sequence[str] | None
        frequency_penalty: float | None
        presence_penalty: float | None
        repeat_penalty: float | None
        repeat_last_n: int | None
        logit_bias: Mapping[Any, float] | None
        logprobs: bool | None
        top_logprobs: int | None
        grammar: str | None
        json_schema: Mapping[str, Any] | None
        reasoning_format: str | None
        chat_template_kwargs: Mapping[str, Any] | None
        cache_prompt: bool | None
        model_kwargs: Mapping[str, Any]
        extra_body: Mapping[str, Any]
        timeout: float | tuple[float | None, float | None] | None
        max_retries: int
        first_event_timeout: float
        stream_chunk_timeout: float
        deadline: float
        streaming: bool | None
        disable_streaming: bool | str
        transport: Any
        name: str
        callbacks: Any
        tags: Sequence[str]
        metadata: Mapping[str, Any]
        rate_limiter: Any
        verbose: bool


__all__ = ["ChatLocal", "LocalProfile"]

LARGEST_MODEL = 1 << 50
COUNTS = ("n_ctx", "n_parallel", "n_gpu_layers", "n_threads", "n_batch")
TEXTS = ("mmproj", "chat_template")
LOADING = frozenset({*COUNTS, *TEXTS, "llama_params"})


class LocalProfile(ModelProfile, total=False):
    """What a model file says about itself."""

    architecture: str
    size_label: str
    context_length: int
    """how many tokens the model was trained to read; `max_input_tokens` is what it may here"""
    chat_template: bool
    """whether the file has one of its own"""


class ChatLocal(RemoteChatModel):
    """Run a model file in this process, by llama.cpp: `pip install 'conure[local]'`.

    `model` is a path to a `.gguf` file, or a repository of Hugging Face's hub: `"owner/name"`,
    `"owner/name:Q8_0"` or `"owner/name:file.gguf"`. That is downloaded at the first call, or by
    `download`; `api_key` is the hub's token (`HF_TOKEN`), `revision` a branch or commit.

    A file is loaded at the first call, once for all models with the same file and options, and
    stays until `close`. `n_ctx` is how many tokens a conversation may have (8192, or what the
    model was trained for, if less), `n_parallel` how many replies are written at once (2; others
    wait), `n_gpu_layers` how much of it the graphics card takes, `mmproj` the file that lets it
    see images. `llama_params` are any others of llama.cpp's `common_params`. `verbose` shows
    what llama.cpp says.

    >>> ChatLocal(model="models/qwen3-4b-q4_k_m.gguf", n_ctx=16384, temperature=0)
    ChatLocal(model='models/qwen3-4b-q4_k_m.gguf', n_ctx=16384, temperature=0)
    """

    vendor = "local"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[LocalParameters]) -> None: ...

    def _set_up(self, profile: Profile, parameters: Mapping[str, Any]) -> None:
        super()._set_up(profile, parameters)
        parts = self._parts
        hub = _hub(self._given, parts, ENVIRONMENT)
        options = _engine_options(self._given)
        self.__dict__.update(_options=options, _hub=hub)
        if parts.transport is None:
            proxy = parts.options.proxy or proxy_for(hub.endpoint, ENVIRONMENT)
            http = replace(parts.options, proxy=proxy, max_body=LARGEST_MODEL)
            transport = LlamaTransport(options, sync_transport(http), async_transport(http))
            self.__dict__.update(sync_transport=transport, async_transport=transport)

    def reply(self, request: ModelRequest, emit: Emitter) -> Plan[None]:
        check_installed()
        file = yield from self._found(request.settings.get("model") or self.model)
        settings = {**request.settings, "return_progress": True}
        if settings.get("seed") is not None:
            # What is kept of an earlier prompt was computed in other steps, and rounds otherwise.
            settings = {"cache_prompt": False, **settings}
        parts = self._parts
        target = replace(parts.target, base_url=SCHEME + quote(str(file)), auth=None)
        twin = self._like(_parts=replace(parts, target=target))
        asked = replace(request, settings=settings, streaming=True)
        yield from RemoteChatModel.reply(twin, asked, emit)

    def _found(self, model: str, progress: Progress | None = None) -> Plan[Path]:
        """Find the file of a model, if need be by downloading it."""
        path = _path(model)
        repository = None if path.is_file() else read_name(model)
        if repository is None:
            return path
        file = in_cache(repository, self._hub)
        return file or (yield from downloaded(repository, self._hub, progress))

    def download(self, progress: Progress | None = None) -> Path:
        """Bring the model into the cache, unless it is there, and return its path.

        The first call does this too. `progress` is told the bytes that came and those there are.
        """
        return run(self._found(self.model, progress), self.sync_transport)

    async def adownload(self, progress: Progress | None = None) -> Path:
        """Bring the model into the cache without blocking the event loop."""
        return await arun(self._found(self.model, progress), self.async_transport)

    @property
    def profile(self) -> LocalProfile | None:
        """What the model file says about itself; None where it is not there, or not yet.

        Raises `ConfigurationError` where it is no model.
        """
        if (given := self._given.get("profile")) is not None:
            return given
        file = _path(self.model)
        if not file.is_file() and (repository := read_name(self.model)):
            file = in_cache(repository, self._hub) or file
        try:
            facts = _facts(file, file.stat().st_mtime_ns)
        except OSError:
            return None
        return _profile(facts, self._options)


@lru_cache(maxsize=32)
def _facts(file: Path, written: int) -> Facts:  # noqa: ARG001 - a file that changes is read again
    return facts_of(str(file))


def _profile(facts: Facts, options: EngineOptions) -> LocalProfile:
    template = facts.chat_template or ""
    known: dict[str, Any] = {
        "name": facts.name,
        "architecture": facts.architecture,
        "size_label": facts.metadata.get("general.size_label"),
        "context_length": facts.context_length,
        "max_input_tokens": context_of(facts, options),
        "chat_template": bool(template),
        "text_inputs": True,
        "image_inputs": options.mmproj is not None,
        "text_outputs": True,
        "tool_calling": "tools" in template,
        "reasoning_output": "<think>" in template or "reasoning" in template,
        "structured_output": True,
        "source": "the model file",
    }
    return cast("LocalProfile", {name: value for name, value in known.items() if value is not None})


def _path(name: str) -> Path:
    return Path(name).expanduser().absolute()


def _hub(given: Mapping[str, Any], parts: Parts, environ: Mapping[str, str]) -> Hub:
    endpoint = environ.get("HF_ENDPOINT") or ENDPOINT
    if not endpoint.startswith(("http://", "https://")):
        raise ConfigurationError(
            f"HF_ENDPOINT={endpoint!r} does not begin with http:// or https://"
        )
    offline = environ.get("HF_HUB_OFFLINE", "").strip().lower() in {"1", "true", "yes", "on"}
    return Hub(
        endpoint.rstrip("/"),
        cache_folder(environ),
        offline=offline,
        revision=str(given.get("revision", "main")),
        auth=parts.target.auth,
        retry=parts.retry,
    )


def _engine_options(given: Mapping[str, Any]) -> EngineOptions:
    options = {name: given[name] for name in LOADING.intersection(given)}
    for name, value in options.items():
        least = -1 if name == "n_gpu_layers" else 1
        if name in COUNTS and (type(value) is not int or value < least):
            raise ConfigurationError(f"ChatLocal: {name}={value!r}: give a whole number")
        if name in TEXTS:
            options[name] = str(value)
    params: Any = options.pop("llama_params", {})
    if not isinstance(params, Mapping) or not all(
        type(name) is str for name in cast("Any", params)
    ):
        raise ConfigurationError(f"ChatLocal: llama_params={params!r}: give a dict")
    more = tuple(sorted(cast("Mapping[str, Any]", params).items()))
    return EngineOptions(**options, params=more, verbose=bool(given.get("verbose")))
