"""Vertex AI's address and tokens, the same for all makers whose models are behind it.

A row takes `client=PLACE, address=partial(vertex_address, publisher=…), tokens=google_tokens`.
The project and the place where a model runs are part of its address.

https://cloud.google.com/vertex-ai/generative-ai/docs/start/api-keys
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ConfigurationError

__all__ = ["PLACE", "google_tokens", "vertex_address"]

VERSION = "v1beta1"
HOST = "https://aiplatform.googleapis.com"
# https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations: models that are new are
# to be had there first, and some nowhere else.
EVERYWHERE = "global"
# Those of several countries have another host.
REGIONS = ("us", "eu")

PLACE: Mapping[str, tuple[str, ...]] = {
    "api_version": (),
    "credentials": (),
    "location": ("GOOGLE_CLOUD_LOCATION", "GOOGLE_CLOUD_REGION"),
    "project": ("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"),
    "vertexai": (),
}
"""what tells where on Vertex AI a model is, and where else it is looked for"""


def google_tokens(credentials: Any = None) -> Callable[[], Any]:
    """Make what is asked for an access token, of the credentials given or of the machine's own."""
    from .google_credentials import GoogleTokens

    return GoogleTokens(credentials)


def vertex_address(place: Mapping[str, Any], publisher: str = "google") -> str:
    """Give the address of a publisher's models on Vertex AI.

    >>> vertex_address({"project": "p", "location": "europe-west4"})
    'https://europe-west4-aiplatform.googleapis.com/v1beta1/projects/p/locations/europe-west4/publishers/google'
    >>> vertex_address({"project": "p"}, "anthropic")
    'https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global/publishers/anthropic'
    """
    version = place.get("api_version") or VERSION
    project = place.get("project") or getattr(place.get("credentials"), "project_id", None)
    if not project:
        if isinstance(place.get("api_key"), str) or hasattr(place.get("api_key"), "reveal"):
            # Express mode: the key tells the project.
            return f"{HOST}/{version}/publishers/{publisher}"
        raise ConfigurationError(
            "which Google Cloud project? Give project=… or set GOOGLE_CLOUD_PROJECT; with a key "
            "of Vertex AI's express mode give api_key=… alone"
        )
    location = place.get("location") or EVERYWHERE
    if location == EVERYWHERE:
        host = HOST
    elif location in REGIONS:
        host = f"https://aiplatform.{location}.rep.googleapis.com"
    else:
        host = f"https://{location}-aiplatform.googleapis.com"
    return f"{host}/{version}/projects/{project}/locations/{location}/publishers/{publisher}"
