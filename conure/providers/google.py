"""Google's two doors to Gemini, the Gemini API and Vertex AI, and what families of models accept.

https://ai.google.dev/api/generate-content
https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..protocols.gemini.dialect import Dialect, Facts
from .profile import Profile
from .vertex import PLACE, google_tokens, vertex_address

__all__ = ["GOOGLE", "facts", "gemini_address"]

# The first name found within the model's counts, so that dated names are known too.
FAMILIES = (
    ("gemini-1", Facts(thinking="none")),
    ("gemini-2.0", Facts(thinking="none")),
    ("gemini-2.5", Facts(thinking="budget")),
    ("gemini-3", Facts(combines_tools=True, pictures_in_results=True, signed_calls=True)),
    ("gemma", Facts(thinking="none")),
)
UNKNOWN = Facts()

SPELLINGS = {
    "additional_headers": "default_headers",
    "candidate_count": "n",
    "gemini_api_key": "api_key",
    "google_api_key": "api_key",
    "max_output_tokens": "max_tokens",
    "retries": "max_retries",
}


def facts(model: str) -> Facts:
    """Tell what models of this name accept.

    >>> facts("gemini-2.5-flash").thinking, facts("models/gemini-3-pro-preview").thinking
    ('budget', 'level')
    """
    name = model.lower()
    return next((known for family, known in FAMILIES if family in name), UNKNOWN)


def gemini_address(client: Mapping[str, Any]) -> str:
    """Give the Gemini API's address, in another version where one is asked for."""
    return f"https://generativelanguage.googleapis.com/{client.get('api_version') or 'v1beta'}"


GOOGLE = (
    Profile(
        "google_genai",
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta",
        ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
        Dialect(facts=facts, says_tools_combine=True),
        base_url_env=("GOOGLE_GEMINI_BASE_URL",),
        auth="x-goog-api-key",
        json_schema=True,
        client={"api_version": (), "vertexai": ()},
        address=gemini_address,
        default_model="gemini-2.5-flash",
        spellings=SPELLINGS,
        doc="https://ai.google.dev/api/generate-content",
    ),
    Profile(
        "google_vertexai",
        "gemini",
        None,
        (),
        Dialect(facts=facts, counts_in_parts=True),
        base_url_env=("GOOGLE_VERTEX_BASE_URL",),
        auth="x-goog-api-key",
        json_schema=True,
        client=PLACE,
        address=vertex_address,
        tokens=google_tokens,
        spellings=SPELLINGS,
        doc="https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference",
    ),
)
