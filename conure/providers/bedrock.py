"""AWS Bedrock: where it is, how a call proves who it is, and what families of models accept.

A bearer key needs nothing else; without one requests are signed. The region is part of the
address: it is given, said by the environment or the settings of AWS, or part of a model's ARN.

https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ConfigurationError
from ..protocols.anthropic_messages.dialect import Dialect as MessagesDialect
from ..protocols.bedrock_converse.dialect import Dialect, Facts
from ..wire.http import Request
from .anthropic import facts as claude_facts
from .auth import reveal
from .profile import Profile

__all__ = ["BEDROCK", "address", "counted_as", "facts", "signer"]

SERVICE = "bedrock"
NOVA = Facts(top_k=("inferenceConfig", "topK"))

# The first part of a name that is found within the model's counts.
# https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html
FAMILIES = (
    ("nova-2", Facts(effort="config", top_k=NOVA.top_k)),
    ("nova", NOVA),
    ("deepseek.r1", Facts(tool_choices=(), thoughts="none")),
    ("deepseek", Facts(tool_choices=("auto", "any"))),
    ("llama", Facts(tool_choices=("auto",))),
    ("mistral-large", Facts(tool_choices=("auto", "any"))),
    ("command-r", Facts(tool_choices=("auto",))),
    ("jamba", Facts(tool_choices=("auto",))),
)
UNKNOWN = Facts()
# https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
REGIONS = ("apac.", "au.", "ca.", "eu.", "global.", "jp.", "sa.", "us-gov.", "us.")


def facts(model: str) -> Facts:
    """Tell what models of this name accept.

    >>> facts("us.amazon.nova-2-lite-v1:0").effort, facts("meta.llama3-1-8b").tool_choices
    ('config', ('auto',))
    >>> facts("anthropic.claude-sonnet-4-6").effort, facts("anthropic.claude-3-7-sonnet").effort
    ('adaptive', 'budget')
    """
    name = model.lower()
    if "claude" in name:
        known = claude_facts(name)
        effort = "adaptive" if known.adaptive else "budget"
        return Facts(
            effort=effort, thinks_unforced=True, sampling=known.sampling, thoughts="signed"
        )
    return next((known for family, known in FAMILIES if family in name), UNKNOWN)


def counted_as(model: str) -> str:
    """Give the name of the model for which an inference profile stands: profiles do not count.

    >>> counted_as("us.anthropic.claude-sonnet-4-6"), counted_as("amazon.nova-lite-v1:0")
    ('anthropic.claude-sonnet-4-6', 'amazon.nova-lite-v1:0')
    """
    name = model.rpartition("/")[2] if model.startswith("arn:") else model
    region = next((found for found in REGIONS if name.startswith(found)), "")
    return name.removeprefix(region)


def address(place: Mapping[str, Any]) -> str:
    """Give the address of Bedrock in the region where the model is to run.

    >>> address({"region_name": "eu-central-1"})
    'https://bedrock-runtime.eu-central-1.amazonaws.com'
    """
    region = place.get("region_name") or _region_of_arn(place) or _region_of_settings(place)
    if not region:
        raise ConfigurationError(
            "which AWS region? Give region_name=…, or set AWS_REGION, e.g. to us-east-1"
        )
    end = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://bedrock-runtime.{region}.{end}"


def signer(place: Mapping[str, Any], base_url: str) -> Callable[[Request], Mapping[str, str]]:
    """Make what signs each attempt, with the credentials given or those that AWS's tools find."""
    from .aws_signing import AwsSigner

    key, secret, token = (reveal(place.get(name)) for name in KEYS)
    if bool(key) != bool(secret) or (token and not key):
        raise ConfigurationError(
            "aws_access_key_id and aws_secret_access_key belong together; aws_session_token goes "
            "with both"
        )
    region = place.get("region_name") or _region_of_host(base_url) or _region_of_settings(place)
    if not region:
        raise ConfigurationError(
            f"requests to {base_url} are signed for a region: give region_name=…, or set AWS_REGION"
        )
    profile = place.get("credentials_profile_name")
    return AwsSigner(SERVICE, region, profile, (key, secret, token) if key else None)


def _region_of_arn(place: Mapping[str, Any]) -> str | None:
    """Give the region in which an inference profile or a model of the user's own is."""
    parts = str(place.get("model") or "").split(":")
    return parts[3] if len(parts) > 5 and parts[0] == "arn" else None


def _region_of_host(base_url: str) -> str | None:
    host = base_url.partition("://")[2].partition("/")[0].partition(":")[0]
    name, _, rest = host.partition("bedrock-runtime")
    region = rest.removeprefix("-fips").removeprefix(".").partition(".")[0]
    return region if rest and "-" in region and (not name or name.endswith(".")) else None


def _region_of_settings(place: Mapping[str, Any]) -> str | None:
    """Look where AWS's own tools keep the region, where their library is installed."""
    from .aws_signing import configured_region

    return configured_region(place.get("credentials_profile_name"))


KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
PLACE: Mapping[str, tuple[str, ...]] = {
    "region_name": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    "credentials_profile_name": (),
    **dict.fromkeys(KEYS, ()),
}
CREDENTIALS = frozenset({"credentials_profile_name", *KEYS})

# Names that code for boto3 and for `langchain_aws` knows.
SPELLINGS = {"bedrock_api_key": "api_key", "endpoint_url": "base_url", "model_id": "model"}
CONVERSE_SPELLINGS = {
    **SPELLINGS,
    "base_model": "base_model_id",
    "guardrails": "guardrail_config",
}


def _row(name: str, speaks: str, dialect: Any, spellings: Mapping[str, str], doc: str) -> Profile:
    return Profile(
        name,
        speaks,
        None,
        ("AWS_BEARER_TOKEN_BEDROCK",),
        dialect,
        base_url_env=("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"),
        json_mode=False,
        spellings=spellings,
        client=PLACE,
        address=address,
        signer=signer,
        credentials=CREDENTIALS,
        doc=doc,
    )


DOCS = "https://docs.aws.amazon.com/bedrock/latest"
BEDROCK = (
    _row(
        "bedrock_converse",
        "bedrock_converse",
        Dialect(facts=facts, counted_as=counted_as),
        CONVERSE_SPELLINGS,
        f"{DOCS}/APIReference/API_runtime_Converse.html",
    ),
    _row(
        "anthropic_bedrock",
        "anthropic_messages",
        MessagesDialect(
            path="/model/{model}/invoke",
            stream_path="/model/{model}/invoke-with-response-stream",
            says_stream=False,
            count_path="/model/{model}/count-tokens",
            counted_as=counted_as,
            version=None,
            body_version="bedrock-2023-05-31",
            body_betas=True,
            framed=True,
            caches_turns=False,
            facts=claude_facts,
        ),
        SPELLINGS,
        f"{DOCS}/userguide/model-parameters-anthropic-claude-messages.html",
    ),
)
