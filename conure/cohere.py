"""Cohere's models, under the names that code for `langchain_cohere` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chat_models.remote import RemoteChatModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack

    from .chat_models.typed import CommonParameters

    class CohereParameters(CommonParameters, total=False):
        """What `ChatCohere` takes; left out means: the provider's default."""

        cohere_api_key: Any
        timeout_seconds: float | None
        top_p: float | None
        p: float | None
        top_k: int | None
        k: int | None
        seed: int | None
        frequency_penalty: float | None
        presence_penalty: float | None
        logprobs: bool | None
        thinking: Mapping[str, Any] | None
        reasoning_effort: str | None
        documents: Sequence[str | Mapping[str, Any]] | None
        citation_options: Mapping[str, Any] | None
        safety_mode: str | None
        strict_tools: bool | None
        priority: int | None
        response_format: Mapping[str, Any] | None


__all__ = ["ChatCohere"]


class ChatCohere(RemoteChatModel):
    """Talk to Cohere's models, by version 2 of its API.

    The key comes from `api_key`, `COHERE_API_KEY` or `CO_API_KEY`, in this order. `documents`
    are what the answer may cite; its citations are annotations of the text.

    >>> ChatCohere(model="command-a-03-2025", api_key="...", temperature=0)
    ChatCohere(model='command-a-03-2025', api_key=Secret('**********'), temperature=0)
    """

    vendor = "cohere"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[CohereParameters]) -> None: ...
