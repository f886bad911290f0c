"""Models on AWS Bedrock, under the names that code for `langchain_aws` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .anthropic import ChatAnthropicBedrock
from .chat_models.remote import RemoteChatModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypedDict, Unpack

    class BedrockParameters(TypedDict, total=False):
        """What `ChatBedrockConverse` takes; left out means: the model's default."""

        model: str
        model_name: str
        model_id: str
        base_model_id: str
        base_model: str
        provider: str
        api_key: str | Callable[[], Any] | Any
        bedrock_api_key: str | Callable[[], Any] | Any
        aws_access_key_id: str | Any
        aws_secret_access_key: str | Any
        aws_session_token: str | Any
        credentials_profile_name: str
        region_name: str
        base_url: str
        endpoint_url: str
        max_tokens: int | None
        temperature: float | None
        top_p: float | None
        top_k: int | None
        stop: str | Sequence[str] | None
        stop_sequences: Sequence[str] | None
        system: str | Sequence[str | Mapping[str, Any]] | None
        thinking: Mapping[str, Any] | None
        reasoning_effort: str | None
        betas: Sequence[str] | None
        guardrail_config: Mapping[str, Any] | None
        guardrails: Mapping[str, Any] | None
        guard_last_turn_only: bool | None
        performance_config: Mapping[str, Any] | None
        service_tier: str | Mapping[str, Any] | None
        request_metadata: Mapping[str, str] | None
        prompt_variables: Mapping[str, Any] | None
        output_config: Mapping[str, Any] | None
        additional_model_request_fields: Mapping[str, Any] | None
        additional_model_response_field_paths: Sequence[str] | None
        supports_tool_choice_values: Sequence[str] | None
        raw_blocks: Sequence[Mapping[str, Any]] | None
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
        output_version: str
        name: str
        callbacks: Any
        tags: Sequence[str]
        metadata: Mapping[str, Any]
        rate_limiter: Any
        verbose: bool


__all__ = ["ChatAnthropicBedrock", "ChatBedrock", "ChatBedrockConverse"]


class ChatBedrockConverse(RemoteChatModel):
    """Talk to the models of many makers on AWS Bedrock, in the one language of its Converse API.

    The key comes from `api_key` or `AWS_BEARER_TOKEN_BEDROCK`. Without one, requests are signed
    with the credentials given, or those that AWS's own tools find; that needs `conure[aws]`. The
    region comes from `region_name`, `AWS_REGION`, `AWS_DEFAULT_REGION` or the settings of AWS.

    >>> model = ChatBedrockConverse(model="amazon.nova-x", api_key="k", region_name="us-east-1")
    >>> model.model_id, model.region_name
    ('amazon.nova-x', 'us-east-1')
    """

    vendor = "bedrock_converse"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[BedrockParameters]) -> None: ...

    @classmethod
    def create_cache_point(
        cls, cache_type: str = "default", *, ttl: str | None = None
    ) -> dict[str, Any]:
        """Make a block that ends what is to be cached, for messages, instructions and tools.

        >>> ChatBedrockConverse.create_cache_point()
        {'cachePoint': {'type': 'default'}}
        """
        return {"cachePoint": {"type": cache_type} | ({"ttl": ttl} if ttl else {})}


ChatBedrock = ChatBedrockConverse
"""The older name: whatever the model, it is asked by the Converse API."""
