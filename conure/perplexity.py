"""Perplexity's models, under the name that code for `langchain_perplexity` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chat_models.remote import RemoteChatModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack

    from .chat_models.typed import CompatibleParameters

    class PerplexityParameters(CompatibleParameters, total=False):
        """What `ChatPerplexity` takes; left out means: the provider's default."""

        pplx_api_key: Any
        search_mode: str | None
        search_domain_filter: Sequence[str] | None
        search_recency_filter: str | None
        search_after_date_filter: str | None
        search_before_date_filter: str | None
        last_updated_after_filter: str | None
        last_updated_before_filter: str | None
        return_images: bool | None
        return_related_questions: bool | None
        disable_search: bool | None
        enable_search_classifier: bool | None
        web_search_options: Mapping[str, Any] | None
        media_response: Mapping[str, Any] | None
        language_preference: str | None
        top_k: int | None


__all__ = ["ChatPerplexity"]


class ChatPerplexity(RemoteChatModel):
    """Talk to Perplexity's models, which search the web before they answer.

    The key comes from `api_key`, `PPLX_API_KEY` or `PERPLEXITY_API_KEY`. What the answer rests on
    is annotations of its text, and `search_results` in `response_metadata`.

    >>> ChatPerplexity(model="sonar", api_key="...", temperature=0)
    ChatPerplexity(model='sonar', api_key=Secret('**********'), temperature=0)
    """

    vendor = "perplexity"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[PerplexityParameters]) -> None: ...
