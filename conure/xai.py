"""xAI's models, under the name that code for `langchain_xai` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chat_models.remote import RemoteChatModel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from .chat_models.typed import CompatibleParameters

    class XAIParameters(CompatibleParameters, total=False):
        """What `ChatXAI` takes; left out means: the provider's default."""

        xai_api_key: Any
        xai_api_base: str
        search_parameters: Mapping[str, Any] | None
        deferred: bool | None


__all__ = ["ChatXAI"]


class ChatXAI(RemoteChatModel):
    """Talk to xAI's models.

    The key comes from `api_key` or `XAI_API_KEY`, the address from `base_url` or `XAI_API_BASE`.
    Searching needs their newer API: `use_responses_api=True` and a tool such as
    `{"type": "web_search"}`.

    >>> ChatXAI(model="grok-4", api_key="...", temperature=0)
    ChatXAI(model='grok-4', api_key=Secret('**********'), temperature=0)
    """

    vendor = "xai"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[XAIParameters]) -> None: ...
