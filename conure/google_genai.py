"""Google's Gemini models, under the names that code for `langchain_google_genai` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chat_models.parameters import ENVIRONMENT
from .chat_models.remote import RemoteChatModel
from .protocols.gemini.safety import HarmBlockThreshold, HarmCategory, MediaResolution, Modality

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from .chat_models.typed_gemini import GeminiParameters

__all__ = [
    "ChatGoogleGenerativeAI",
    "HarmBlockThreshold",
    "HarmCategory",
    "MediaResolution",
    "Modality",
]


class ChatGoogleGenerativeAI(RemoteChatModel):
    """Talk to Gemini, through the Gemini API or through Vertex AI.

    The Gemini API's key comes from `api_key`, `GOOGLE_API_KEY` or `GEMINI_API_KEY`, in this
    order. With `vertexai=True`, a `project` or `credentials` it is Vertex AI instead, which
    `ChatVertexAI` describes.

    >>> ChatGoogleGenerativeAI(model="gemini-2.5-flash", api_key="...", temperature=0)
    ChatGoogleGenerativeAI(model='gemini-2.5-flash', api_key=Secret('**********'), temperature=0)
    """

    vendor = "google_genai"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[GeminiParameters]) -> None: ...

    else:

        def __init__(self, *, vendor: str | None = None, **parameters: Any) -> None:
            if vendor is None and _is_vertex(parameters):
                vendor = "google_vertexai"
            super().__init__(vendor=vendor, **parameters)


def _is_vertex(parameters: Mapping[str, Any]) -> bool:
    """Tell which of the two doors is meant."""
    wanted = parameters.get("vertexai")
    if wanted is not None:
        return bool(wanted)
    if parameters.get("project") or parameters.get("credentials"):
        return True
    return ENVIRONMENT.get("GOOGLE_GENAI_USE_VERTEXAI", "").lower() in {"1", "true"}
