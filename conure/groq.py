"""Groq's models, under the name that code for `langchain_groq` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chat_models.remote import RemoteChatModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack

    from .chat_models.typed import CompatibleParameters

    class GroqParameters(CompatibleParameters, total=False):
        """What `ChatGroq` takes; left out means: the provider's default."""

        groq_api_key: Any
        groq_api_base: str
        groq_proxy: str | None
        reasoning_format: str | None
        include_reasoning: bool | None
        search_settings: Mapping[str, Any] | None
        documents: Sequence[Mapping[str, Any]] | None


__all__ = ["ChatGroq"]


class ChatGroq(RemoteChatModel):
    """Talk to the models that Groq serves.

    The key comes from `api_key` or `GROQ_API_KEY`, the address from `base_url` or
    `GROQ_API_BASE`. `reasoning_format="parsed"` parts what a model thought from what it says.

    >>> ChatGroq(model="openai/gpt-oss-20b", api_key="...", temperature=0)
    ChatGroq(model='openai/gpt-oss-20b', api_key=Secret('**********'), temperature=0)
    """

    vendor = "groq"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[GroqParameters]) -> None: ...
