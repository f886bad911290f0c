"""The models that Together serves, under the name that code for `langchain_together` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chat_models.remote import RemoteChatModel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from .chat_models.typed import CompatibleParameters

    class TogetherParameters(CompatibleParameters, total=False):
        """What `ChatTogether` takes; left out means: the provider's default."""

        together_api_key: Any
        together_api_base: str
        reasoning: Mapping[str, Any] | None
        top_k: int | None
        min_p: float | None
        repetition_penalty: float | None
        safety_model: str | None


__all__ = ["ChatTogether"]


class ChatTogether(RemoteChatModel):
    """Talk to the open models that Together serves.

    The key comes from `api_key` or `TOGETHER_API_KEY`, the address from `base_url` or
    `TOGETHER_API_BASE`.

    >>> ChatTogether(model="Qwen/Qwen3-32B", api_key="...", temperature=0)
    ChatTogether(model='Qwen/Qwen3-32B', api_key=Secret('**********'), temperature=0)
    """

    vendor = "together"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[TogetherParameters]) -> None: ...
