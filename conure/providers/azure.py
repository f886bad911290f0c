"""Azure OpenAI and Azure AI Foundry, at their v1 endpoints: the address is the user's own.

`base_url="https://<resource>.openai.azure.com/openai/v1/"`, the deployment's name is the model.
The key goes into a header of its own; a credential object or function gives a bearer token.

https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
"""

from __future__ import annotations

from .models import takes_json_schema
from .openai import DIALECT
from .profile import Profile

__all__ = ["AZURE"]

AZURE = (
    Profile(
        "azure_openai",
        "openai_chat",
        None,
        ("AZURE_OPENAI_API_KEY",),
        DIALECT,
        base_url_env=("AZURE_OPENAI_BASE_URL",),
        auth="api-key",
        own_names=True,
        json_schema=takes_json_schema,
        is_maker=True,
        doc="https://learn.microsoft.com/azure/ai-foundry/openai/reference",
    ),
    Profile(
        "azure_ai",
        "openai_chat",
        None,
        ("AZURE_AI_API_KEY", "AZURE_INFERENCE_CREDENTIAL"),
        base_url_env=("AZURE_AI_ENDPOINT",),
        auth="api-key",
        own_names=True,
        doc="https://learn.microsoft.com/azure/ai-foundry/model-inference/reference",
    ),
)
