"""Mistral's models, under the name that code for `langchain_mistralai` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chat_models.remote import RemoteChatModel

if TYPE_CHECKING:
    from typing import Unpack

    from .chat_models.typed import CompatibleParameters

    class MistralAIParameters(CompatibleParameters, total=False):
        """What `ChatMistralAI` takes; left out means: the provider's default."""

        mistral_api_key: Any
        endpoint: str
        random_seed: int | None
        safe_mode: bool | None
        safe_prompt: bool | None
        prompt_mode: str | None
        document_image_limit: int | None
        document_page_limit: int | None


__all__ = ["ChatMistralAI"]


class ChatMistralAI(RemoteChatModel):
    """Talk to Mistral's models.

    The key comes from `api_key` or `MISTRAL_API_KEY`, the address from `base_url` or
    `MISTRAL_BASE_URL`.

    >>> ChatMistralAI(model="mistral-small-latest", api_key="...", temperature=0)
    ChatMistralAI(model='mistral-small-latest', api_key=Secret('**********'), temperature=0)
    """

    vendor = "mistralai"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[MistralAIParameters]) -> None: ...
