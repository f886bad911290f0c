"""OpenAI's models, under the names that code for `langchain_openai` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors
from .chat_models.remote import RemoteChatModel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from typing import TypedDict, Unpack

    from .tools.custom import custom_tool

    class OpenAIParameters(TypedDict, total=False):
        """What `ChatOpenAI` takes; left out means: the provider's default."""

        model: str
        model_name: str
        api_key: str | Callable[[], Any] | Any
        openai_api_key: str | Callable[[], Any] | Any
        base_url: str
        openai_api_base: str
        organization: str
        openai_organization: str
        temperature: float | None
        max_tokens: int | None
        max_completion_tokens: int | None
        top_p: float | None
        presence_penalty: float | None
        frequency_penalty: float | None
        seed: int | None
        n: int | None
        logprobs: bool | None
        top_logprobs: int | None
        logit_bias: Mapping[int | str, float] | None
        stop: str | Sequence[str] | None
        stop_sequences: Sequence[str] | None
        reasoning_effort: str | None
        verbosity: str | None
        use_responses_api: bool | None
        reasoning: Mapping[str, Any] | None
        include: Sequence[str] | None
        truncation: str | None
        context_management: Sequence[Mapping[str, Any]] | None
        previous_response_id: str | None
        use_previous_response_id: bool
        conversation: str | Mapping[str, Any] | None
        background: bool | None
        instructions: str | None
        max_tool_calls: int | None
        text: Mapping[str, Any] | None
        output_version: str | None
        service_tier: str | None
        store: bool | None
        user: str | None
        safety_identifier: str | None
        prompt_cache_key: str | None
        prompt_cache_options: Mapping[str, Any] | None
        prompt_cache_retention: str | None
        disabled_params: Mapping[str, Sequence[Any] | None] | None
        parallel_tool_calls: bool | None
        response_format: Any
        modalities: Sequence[str] | None
        audio: Mapping[str, Any] | None
        prediction: Mapping[str, Any] | None
        stream_options: Mapping[str, Any] | None
        stream_usage: bool | None
        streaming: bool | None
        disable_streaming: bool | str
        model_kwargs: Mapping[str, Any]
        dialect: Mapping[str, Any]
        extra_body: Mapping[str, Any]
        extra_headers: Mapping[str, str]
        extra_query: Mapping[str, str]
        default_headers: Mapping[str, str]
        default_query: Mapping[str, str]
        timeout: float | tuple[float | None, float | None] | Any | None
        request_timeout: float | tuple[float | None, float | None] | Any | None
        max_retries: int
        first_event_timeout: float
        stream_chunk_timeout: float
        deadline: float
        openai_proxy: str | None
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
        tiktoken_model_name: str | None
        custom_get_token_ids: Callable[[str], list[int]] | None
        profile: Mapping[str, Any] | None
        cache: bool | None
        verbose: bool

    class AzureParameters(OpenAIParameters, total=False):
        """What `AzureChatOpenAI` takes besides."""

        azure_endpoint: str | None
        azure_deployment: str | None
        deployment_name: str | None
        api_version: str | None
        openai_api_version: str | None
        azure_ad_token: str | Any | None
        azure_ad_token_provider: Callable[[], str] | None
        azure_ad_async_token_provider: Callable[[], Awaitable[str]] | None
        model_version: str | None
        openai_api_type: str | None
        validate_base_url: bool


__all__ = [
    "AzureChatOpenAI",
    "ChatOpenAI",
    "OpenAIAPIError",
    "OpenAIAuthenticationError",
    "OpenAIConnectionError",
    "OpenAIContextOverflowError",
    "OpenAIInvalidRequestError",
    "OpenAIModelNotFoundError",
    "OpenAIPermissionDeniedError",
    "OpenAIRateLimitError",
    "OpenAIRefusalError",
    "OpenAITimeoutError",
    "StreamChunkTimeoutError",
    "custom_tool",
]

# Under the names that code for `langchain_openai` catches: the same for every provider.
OpenAIAPIError = errors.ModelAPIError
OpenAIAuthenticationError = errors.ModelAuthenticationError
OpenAIConnectionError = errors.ModelConnectionError
OpenAIContextOverflowError = errors.ContextOverflowError
OpenAIInvalidRequestError = errors.ModelInvalidRequestError
OpenAIModelNotFoundError = errors.ModelNotFoundError
OpenAIPermissionDeniedError = errors.ModelPermissionDeniedError
OpenAIRateLimitError = errors.ModelRateLimitError
OpenAIRefusalError = errors.ModelRefusalError
OpenAITimeoutError = errors.ModelTimeoutError
StreamChunkTimeoutError = errors.StreamChunkTimeoutError


def __getattr__(name: str) -> Any:
    if name == "custom_tool":
        from .tools.custom import custom_tool

        return custom_tool
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class ChatOpenAI(RemoteChatModel):
    """Talk to OpenAI, or to any endpoint that speaks its protocol.

    The key comes from `api_key` or `OPENAI_API_KEY`; the address from `base_url`,
    `OPENAI_API_BASE` or `OPENAI_BASE_URL`, in this order. `api_key` may be a function, asked
    before each request.

    Calls go to Chat Completions unless they need the Responses API: a model, tool, setting or
    earlier reply that only it takes. `use_responses_api` decides instead.

    >>> ChatOpenAI(model="gpt-5.5", api_key="sk-...", temperature=0)
    ChatOpenAI(model='gpt-5.5', api_key=Secret('**********'), temperature=0)
    """

    vendor = "openai"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[OpenAIParameters]) -> None: ...


class AzureChatOpenAI(RemoteChatModel):
    """Talk to OpenAI's models in a resource of Azure.

    The resource comes from `azure_endpoint` or `AZURE_OPENAI_ENDPOINT`, the version of its API
    from `api_version` or `OPENAI_API_VERSION`; without a dated one its v1 API is used. Calls go to
    `azure_deployment`, or to the deployment that is called like the model.

    The key comes from `api_key` or `AZURE_OPENAI_API_KEY`. In its place Entra ID may sign in: a
    token (`azure_ad_token`, `AZURE_OPENAI_AD_TOKEN`), a function that returns one, asked before
    each request (`azure_ad_token_provider`, for async calls `azure_ad_async_token_provider`), or a
    credential object as `api_key`.

    >>> AzureChatOpenAI(
    ...     azure_endpoint="https://me.openai.azure.com", azure_deployment="mine", api_key="..."
    ... )
    AzureChatOpenAI(model='mine', azure_endpoint='https://me.openai.azure.com', \
azure_deployment='mine', api_key=Secret('**********'))
    """

    vendor = "azure_openai"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[AzureParameters]) -> None: ...
