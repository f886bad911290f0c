"""Models behind OpenRouter, under the name that code for `langchain_openrouter` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chat_models.remote import RemoteChatModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack

    from .chat_models.typed import CompatibleParameters

    class OpenRouterParameters(CompatibleParameters, total=False):
        """What `ChatOpenRouter` takes; left out means: the provider's default."""

        openrouter_api_key: Any
        openrouter_api_base: str
        app_url: str | None
        app_title: str | None
        app_categories: Sequence[str] | None
        reasoning: Mapping[str, Any] | None
        include_reasoning: bool | None
        openrouter_provider: Mapping[str, Any] | None
        provider: Mapping[str, Any] | None
        models: Sequence[str] | None
        route: str | None
        plugins: Sequence[Mapping[str, Any]] | None
        transforms: Sequence[str] | None
        usage: Mapping[str, Any] | None
        session_id: str | None
        trace: Mapping[str, Any] | None
        top_k: int | None
        min_p: float | None
        top_a: float | None
        repetition_penalty: float | None


__all__ = ["ChatOpenRouter"]


class ChatOpenRouter(RemoteChatModel):
    """Talk to models of any maker by way of OpenRouter.

    The key comes from `api_key` or `OPENROUTER_API_KEY`, the address from `base_url` or
    `OPENROUTER_API_BASE`. What a reply cost is `response_metadata["cost"]`.

    >>> ChatOpenRouter(model="openai/gpt-5-mini", api_key="...", temperature=0)
    ChatOpenRouter(model='openai/gpt-5-mini', api_key=Secret('**********'), temperature=0)
    """

    vendor = "openrouter"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[OpenRouterParameters]) -> None: ...
