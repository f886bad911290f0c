"""Ollama's models, under the names that code for `langchain_ollama` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chat_models.remote import RemoteChatModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypedDict, Unpack

    class OllamaParameters(TypedDict, total=False):
        """What `ChatOllama` takes; left out means: the model's default."""

        model: str
        model_name: str
        api_key: str | Callable[[], Any] | Any
        base_url: str
        temperature: float | None
        max_tokens: int | None
        num_predict: int | None
        num_ctx: int | None
        top_p: float | None
        top_k: int | None
        min_p: float | None
        seed: int | None
        stop: str | Sequence[str] | None
        stop_sequences: Sequence[str] | None
        repeat_penalty: float | None
        repeat_last_n: int | None
        frequency_penalty: float | None
        presence_penalty: float | None
        mirostat: int | None
        mirostat_eta: float | None
        mirostat_tau: float | None
        num_batch: int | None
        num_gpu: int | None
        num_keep: int | None
        num_thread: int | None
        tfs_z: float | None
        typical_p: float | None
        use_mmap: bool | None
        options: Mapping[str, Any] | None
        format: str | Mapping[str, Any] | None
        keep_alive: str | float | None
        reasoning: bool | str | None
        think: bool | str | None
        reasoning_effort: str | None
        logprobs: bool | None
        top_logprobs: int | None
        shift: bool | None
        truncate: bool | None
        stream_usage: bool | None
        streaming: bool | None
        disable_streaming: bool | str
        model_kwargs: Mapping[str, Any]
        extra_body: Mapping[str, Any]
        extra_headers: Mapping[str, str]
        extra_query: Mapping[str, str]
        default_headers: Mapping[str, str]
        default_query: Mapping[str, str]
        timeout: float | tuple[float | None, float | None] | None
        max_retries: int
        first_event_timeout: float
        stream_chunk_timeout: float
        deadline: float
        proxy: str | None
        verify: Any
        http_client: Any
        http_async_client: Any
        http_socket_options: Sequence[Any]
        transport: Any
        include_response_headers: bool
        name: str
        callbacks: Any
        tags: Sequence[str]
        metadata: Mapping[str, Any]
        rate_limiter: Any
        verbose: bool


__all__ = ["ChatOllama"]


class ChatOllama(RemoteChatModel):
    """Talk to an Ollama on this machine or elsewhere.

    The address comes from `base_url`, `OLLAMA_BASE_URL` or `OLLAMA_HOST`, in this order, with or
    without a port. `num_ctx` is how much the model sees at once: the server cuts off what is
    beyond it without a word, and its default is small.

    >>> ChatOllama(model="qwen3", num_ctx=16384, temperature=0)
    ChatOllama(model='qwen3', num_ctx=16384, temperature=0)
    """

    vendor = "ollama"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[OllamaParameters]) -> None: ...
