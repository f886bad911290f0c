"""DeepSeek's models, under the name that code for `langchain_deepseek` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chat_models.remote import RemoteChatModel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from .chat_models.typed import CompatibleParameters

    class DeepSeekParameters(CompatibleParameters, total=False):
        """What `ChatDeepSeek` takes; left out means: the provider's default."""

        api_base: str
        thinking: Mapping[str, Any] | None


__all__ = ["ChatDeepSeek"]


class ChatDeepSeek(RemoteChatModel):
    """Talk to DeepSeek's models; what they thought is sent back, as their tools need it.

    The key comes from `api_key` or `DEEPSEEK_API_KEY`, the address from `base_url` or
    `DEEPSEEK_API_BASE`.

    >>> ChatDeepSeek(model="deepseek-chat", api_key="...", temperature=0)
    ChatDeepSeek(model='deepseek-chat', api_key=Secret('**********'), temperature=0)
    """

    vendor = "deepseek"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[DeepSeekParameters]) -> None: ...
