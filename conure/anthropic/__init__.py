"""Anthropic's models, under the names that code for `langchain_anthropic` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..chat_models.remote import RemoteChatModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypedDict, Unpack

    class AnthropicParameters(TypedDict, total=False):
        """What `ChatAnthropic` takes; left out means: the provider's default."""

        model: str
        model_name: str
        api_key: str | Callable[[], Any] | Any
        anthropic_api_key: str | Callable[[], Any] | Any
        base_url: str
        anthropic_api_url: str
        max_tokens: int | None
        max_tokens_to_sample: int | None
        temperature: float | None
        top_p: float | None
        top_k: int | None
        stop: str | Sequence[str] | None
        stop_sequences: Sequence[str] | None
        thinking: Mapping[str, Any] | bool | None
        reasoning_effort: str | None
        effort: str | None
        output_config: Mapping[str, Any] | None
        cache_control: Mapping[str, Any] | None
        mcp_servers: Sequence[Mapping[str, Any]] | None
        context_management: Mapping[str, Any] | None
        container: str | Mapping[str, Any] | None
        reuse_last_container: bool | None
        inference_geo: str | None
        service_tier: str | None
        speed: str | None
        user_profile_id: str | None
        betas: Sequence[str] | None
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
        default_request_timeout: float | None
        max_retries: int
        first_event_timeout: float
        stream_chunk_timeout: float
        deadline: float
        anthropic_proxy: str | None
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

    class AnthropicBedrockParameters(AnthropicParameters, total=False):
        """What `ChatAnthropicBedrock` takes besides: where the model is, and who asks."""

        bedrock_api_key: str | Callable[[], Any] | Any
        aws_access_key_id: str | Any
        aws_secret_access_key: str | Any
        aws_session_token: str | Any
        credentials_profile_name: str
        region_name: str
        endpoint_url: str

    class AnthropicVertexParameters(AnthropicParameters, total=False):
        """What `ChatAnthropicVertex` takes besides: where the model is, and who asks."""

        project: str
        location: str
        credentials: Any
        access_token: str | Callable[[], Any] | Any
        api_version: str
        max_output_tokens: int | None
        additional_headers: Mapping[str, str]


__all__ = ["ChatAnthropic", "ChatAnthropicBedrock", "ChatAnthropicVertex"]


class ChatAnthropic(RemoteChatModel):
    """Talk to Anthropic, or to any endpoint that speaks its protocol.

    The key comes from `api_key` or `ANTHROPIC_API_KEY`; the address from `base_url`,
    `ANTHROPIC_API_URL` or `ANTHROPIC_BASE_URL`, in this order. What the model may write at most,
    which the API wants to be told, is what its family can.

    >>> ChatAnthropic(model="claude-sonnet-4-5", api_key="sk-ant-...", temperature=0)
    ChatAnthropic(model='claude-sonnet-4-5', api_key=Secret('**********'), temperature=0)
    """

    vendor = "anthropic"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[AnthropicParameters]) -> None: ...


class ChatAnthropicBedrock(RemoteChatModel):
    """Talk to Claude on AWS Bedrock in its maker's own language, with all that it knows.

    Key and region are found as by `ChatBedrockConverse`; all else is as with `ChatAnthropic`.

    >>> model = ChatAnthropicBedrock(
    ...     model="anthropic.claude-x", api_key="k", region_name="us-east-1"
    ... )
    >>> model.model, model.region_name
    ('anthropic.claude-x', 'us-east-1')
    """

    vendor = "anthropic_bedrock"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[AnthropicBedrockParameters]) -> None: ...


class ChatAnthropicVertex(RemoteChatModel):
    """Talk to Claude on Google's Vertex AI.

    The project comes from `project` or `GOOGLE_CLOUD_PROJECT`, the place where the model runs
    from `location` or `GOOGLE_CLOUD_LOCATION`, else anywhere. Who asks is what `google-auth`
    finds on the machine (`pip install 'conure[google-vertexai]'`), `credentials`, or an
    `access_token`, which may be a function. All else is as with `ChatAnthropic`.

    >>> model = ChatAnthropicVertex(
    ...     model="claude-sonnet-4-5", project="p", location="us-east5", access_token="ya29..."
    ... )
    >>> model.model, model.location
    ('claude-sonnet-4-5', 'us-east5')
    """

    vendor = "google_anthropic_vertex"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[AnthropicVertexParameters]) -> None: ...
