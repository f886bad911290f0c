"""What every named class takes, for type checkers: not imported by what runs.

A class adds what its provider knows besides. What each may be is checked by its protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

__all__ = ["CommonParameters", "CompatibleParameters"]


class CommonParameters(TypedDict, total=False):
    """Parameters that mean the same for every provider; left out means: its default."""

    model: str
    model_name: str
    api_key: str | Callable[[], Any] | Any
    base_url: str
    temperature: float | None
    max_tokens: int | None
    stop: str | Sequence[str] | None
    stop_sequences: Sequence[str] | None
    streaming: bool | None
    stream_usage: bool | None
    disable_streaming: bool | str
    model_kwargs: Mapping[str, Any]
    extra_body: Mapping[str, Any]
    extra_headers: Mapping[str, str]
    extra_query: Mapping[str, str]
    default_headers: Mapping[str, str]
    default_query: Mapping[str, str]
    timeout: float | tuple[float | None, float | None] | None
    request_timeout: float | tuple[float | None, float | None] | None
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
    output_version: str | None
    name: str
    callbacks: Any
    tags: Sequence[str]
    metadata: Mapping[str, Any]
    rate_limiter: Any
    verbose: bool


class CompatibleParameters(CommonParameters, total=False):
    """Parameters of every vendor that speaks OpenAI's Chat Completions."""

    top_p: float | None
    presence_penalty: float | None
    frequency_penalty: float | None
    seed: int | None
    n: int | None
    logprobs: bool | None
    top_logprobs: int | None
    logit_bias: Mapping[int | str, float] | None
    reasoning_effort: str | None
    response_format: Mapping[str, Any] | None
    service_tier: str | None
    user: str | None
    stream_options: Mapping[str, Any] | None
    use_responses_api: bool | None
    dialect: Mapping[str, Any]
