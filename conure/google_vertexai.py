"""Models on Vertex AI, under the names that code for `langchain_google_vertexai` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .anthropic import ChatAnthropicVertex
from .chat_models.remote import RemoteChatModel
from .protocols.gemini.safety import HarmBlockThreshold, HarmCategory, MediaResolution, Modality

if TYPE_CHECKING:
    from typing import Unpack

    from .chat_models.typed_gemini import GeminiParameters

__all__ = [
    "ChatAnthropicVertex",
    "ChatVertexAI",
    "HarmBlockThreshold",
    "HarmCategory",
    "MediaResolution",
    "Modality",
]


class ChatVertexAI(RemoteChatModel):
    """Talk to Gemini on Vertex AI.

    `project` and `location` come from here, `GOOGLE_CLOUD_PROJECT` and `GOOGLE_CLOUD_LOCATION`;
    without a location it is `global`. Who asks is told by `credentials` or what the machine has
    (`pip install 'conure[google-vertexai]'`), by an `api_key` of express mode, or by a function
    as `api_key` that returns an access token.

    >>> model = ChatVertexAI(model="gemini-2.5-flash", project="p", api_key=lambda: "ya29...")
    >>> model.project
    'p'
    """

    vendor = "google_vertexai"

    if TYPE_CHECKING:

        def __init__(self, **parameters: Unpack[GeminiParameters]) -> None: ...
