"""The models that Fireworks serves, under the name that code for `langchain_fireworks` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chat_models.remote import RemoteChatModel

if TYPE_CHECKING:
    from typing import Unpack

    from .chat_models.typed import CompatibleParameters

    class FireworksParameters(CompatibleParameters, total=False):
        """What `ChatFireworks` takes; left out means: the provider's default."""

        fireworks_api_key: Any
        fireworks_api_base: str
        top_k: int | None
        min_p: float | None
        repetition_penalty: float | None
        prompt_truncate_len: int | None
        context_length_exceeded_behavior: str | None


__all__ = ["ChatFireworks"]


class ChatFireworks(RemoteChatModel):
    """Talk to the open models that Fireworks serves.

    The key comes from `api_key` or `FIREWORKS_API_KEY`, the address from `base_url` or
    `FIREWORKS_API_BASE`.

    >>> ChatFireworks(model="accounts/fireworks/models/m", api_key="...", temperature=0)
    ChatFireworks(model='accounts/fireworks/models/m', api_key=Secret('**********'), temperature=0)
    """

    vendor = "fireworks"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[FireworksParameters]) -> None: ...
