"""Open models behind Hugging Face, by the name that code for `langchain_huggingface` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chat_models.remote import RemoteChatModel

if TYPE_CHECKING:
    from typing import Unpack

    from .chat_models.typed import CompatibleParameters

    class HuggingFaceParameters(CompatibleParameters, total=False):
        """What `ChatHuggingFace` takes; left out means: the provider's default."""

        model_id: str
        huggingfacehub_api_token: Any
        top_k: int | None
        min_p: float | None
        repetition_penalty: float | None


__all__ = ["ChatHuggingFace"]


class ChatHuggingFace(RemoteChatModel):
    """Talk to open models by way of Hugging Face's router.

    The key comes from `api_key`, `HF_TOKEN` or `HUGGINGFACEHUB_API_TOKEN`. Who serves the model may
    be said after a colon: `Qwen/Qwen3-32B:groq`.

    >>> ChatHuggingFace(model="Qwen/Qwen3-32B", api_key="...", temperature=0)
    ChatHuggingFace(model='Qwen/Qwen3-32B', api_key=Secret('**********'), temperature=0)
    """

    vendor = "huggingface"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[HuggingFaceParameters]) -> None: ...
