"""Azure OpenAI and Azure AI Foundry: the address is the user's own.

Azure OpenAI has two kinds of address. `…/openai/v1/` is OpenAI's own, where the deployment is the
model. Behind a dated `api_version` the deployment is part of the URL, and so is the version.

https://learn.microsoft.com/azure/ai-foundry/openai/reference
https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from ..errors import ConfigurationError
from .auth import Auth, authorize
from .models import takes_json_schema
from .openai import DIALECT as OPENAI_DIALECT, OWN_ENV
from .profile import Fit, Profile

__all__ = ["AZURE"]

# Models of other makers think in the open: what they thought goes back in the field it came in.
# https://learn.microsoft.com/azure/ai-foundry/foundry-models/how-to/use-chat-reasoning
DIALECT = replace(OPENAI_DIALECT, replays=None)
DEPLOYMENTS = "/deployments/"
# `parallel_tool_calls` is answered with an error before: https://learn.microsoft.com/azure/ai-foundry/openai/whats-new
PARALLEL_CHOICE_SINCE = "2024-08-01"
# https://learn.microsoft.com/rest/api/aifoundry/model-inference/get-chat-completions
FOUNDRY_VERSION = "2024-05-01-preview"

CLIENT: Mapping[str, tuple[str, ...]] = {
    "api_version": ("OPENAI_API_VERSION",),
    "azure_ad_async_token_provider": (),
    "azure_ad_token": ("AZURE_OPENAI_AD_TOKEN",),
    "azure_ad_token_provider": (),
    "azure_deployment": (),
    "azure_endpoint": ("AZURE_OPENAI_ENDPOINT",),
    "model_version": (),
    "openai_api_type": (),
    "validate_base_url": (),
}


def _address(client: Mapping[str, Any]) -> str:
    """Make the address of a resource.

    >>> _address({"azure_endpoint": "https://me.openai.azure.com/"})
    'https://me.openai.azure.com/openai/v1'
    >>> _address({"azure_endpoint": "https://me.openai.azure.com", "api_version": "2024-10-21"})
    'https://me.openai.azure.com/openai'
    """
    endpoint = client.get("azure_endpoint")
    if not isinstance(endpoint, str) or not endpoint:
        raise ConfigurationError(
            "which Azure resource? Give azure_endpoint='https://<resource>.openai.azure.com' or "
            "set AZURE_OPENAI_ENDPOINT"
        )
    plain = endpoint.rstrip("/")
    if plain.endswith("/openai/v1"):
        return plain
    if "/openai/" in plain:
        raise ConfigurationError(
            f"azure_endpoint={endpoint!r}: give the resource alone, "
            f"{plain.partition('/openai/')[0]!r}, and azure_deployment and api_version besides"
        )
    return f"{plain}/openai" if _is_dated(client.get("api_version")) else f"{plain}/openai/v1"


def _fit(client: Mapping[str, Any], base_url: str) -> Fit:
    """Tell where the deployment and the version stand in a request."""
    given = client.get("base_url")
    if isinstance(given, str):
        _check_base_url(given, client)
    version = client.get("api_version")
    query = {} if version is None else {"api-version": version}
    deployment = client.get("azure_deployment") or _deployment_in(given)
    named = {"deployment": deployment}
    if version is None or not _is_dated(version) or base_url.rstrip("/").endswith("/v1"):
        return Fit(query, named, named)
    older: dict[str, Any] = {"path": _path_of(deployment)}
    if version < PARALLEL_CHOICE_SINCE:
        older["drops"] = DIALECT.drops | {"parallel_tool_calls"}
    return Fit(query, older, named)


def _check_base_url(given: str, client: Mapping[str, Any]) -> None:
    if client.get("azure_endpoint"):
        raise ConfigurationError(
            "base_url and azure_endpoint both say where the resource is: leave one out, also of "
            "the environment (AZURE_OPENAI_ENDPOINT)"
        )
    if client.get("validate_base_url") is False:
        return
    # What a gateway's addresses look like, only its owner knows.
    if ".azure.com" in given and "/openai" not in given:
        raise ConfigurationError(
            f"base_url={given!r} has no /openai in it: give the resource as azure_endpoint, or "
            "validate_base_url=False"
        )
    if client.get("azure_deployment") and DEPLOYMENTS in given:
        raise ConfigurationError(
            f"azure_deployment={client['azure_deployment']!r} and base_url={given!r} both name a "
            "deployment: give azure_endpoint in place of base_url"
        )


def _without_deployment(url: str) -> str:
    """Take the deployment off an address: it is added to the calls that need it.

    >>> _without_deployment("https://me.openai.azure.com/openai/deployments/mine")
    'https://me.openai.azure.com/openai'
    """
    return url.partition(DEPLOYMENTS)[0]


def _deployment_in(url: object) -> str | None:
    if not isinstance(url, str):
        return None
    return url.partition(DEPLOYMENTS)[2].partition("/")[0].partition("?")[0] or None


def _path_of(deployment: str | None) -> Callable[[str], str]:
    def path(model: str) -> str:
        from urllib.parse import quote

        return f"{DEPLOYMENTS}{quote(deployment or model, safe='')}/chat/completions"

    return path


def _is_dated(version: object) -> bool:
    """Tell a version such as 2024-10-21 from those of the newer address: preview, latest."""
    return isinstance(version, str) and version[:4].isdecimal()


def _sign_in(client: Mapping[str, Any], where: str) -> Auth | None:
    """Read what proves who one is in Entra ID; None means: a key does."""
    if (token := client.get("azure_ad_token")) is not None:
        return authorize(token, "bearer", where=where)
    provider = client.get("azure_ad_token_provider")
    awaited = client.get("azure_ad_async_token_provider")
    for name, function in (
        ("azure_ad_token_provider", provider),
        ("azure_ad_async_token_provider", awaited),
    ):
        if function is not None and not callable(function):
            raise ConfigurationError(
                f"{where}: {name} must be a function that returns a token, "
                f"not {type(function).__name__}"
            )
    if provider is None and awaited is None:
        return None
    return Auth("bearer", token=provider or awaited, async_token=awaited)


def _foundry_address(url: str) -> str:
    """Give the address of all models of a Foundry resource, where the resource is given.

    >>> _foundry_address("https://me.services.ai.azure.com/")
    'https://me.services.ai.azure.com/models'
    """
    plain = url.rstrip("/")
    return f"{plain}/models" if plain.endswith(".services.ai.azure.com") else url


def _fit_foundry(client: Mapping[str, Any], base_url: str) -> Fit:
    """Tell the version, which every address wants but the newer one."""
    version = client.get("api_version")
    if version is None and not base_url.rstrip("/").endswith("/v1"):
        version = FOUNDRY_VERSION
    return Fit({} if version is None else {"api-version": version})


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
        header_env={"openai-organization": ("OPENAI_ORG_ID", "OPENAI_ORGANIZATION")},
        proxy_env=("OPENAI_PROXY",),
        own_env=OWN_ENV,
        key_name="openai_api_key",
        json_schema=takes_json_schema,
        is_maker=True,
        traced_as="azure",
        read_address=_without_deployment,
        spellings={"deployment_name": "azure_deployment", "openai_api_version": "api_version"},
        client=CLIENT,
        address=_address,
        fit=_fit,
        sign_in=_sign_in,
        model_from="azure_deployment",
        doc="https://learn.microsoft.com/azure/ai-foundry/openai/reference",
    ),
    Profile(
        "azure_ai",
        "openai_chat",
        None,
        ("AZURE_AI_API_KEY", "AZURE_INFERENCE_CREDENTIAL"),
        base_url_env=("AZURE_AI_ENDPOINT", "AZURE_INFERENCE_ENDPOINT"),
        auth="api-key",
        own_names=True,
        read_address=_foundry_address,
        spellings={"credential": "api_key", "endpoint": "base_url"},
        client={"api_version": ()},
        fit=_fit_foundry,
        doc="https://learn.microsoft.com/azure/ai-foundry/model-inference/reference",
    ),
)
