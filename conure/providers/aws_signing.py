"""AWS's credentials and signatures: the only file that touches `botocore`.

That package finds credentials (environment, profiles, SSO, roles, the metadata servers of
containers and machines), renews them and signs; its clients are not used. Each attempt is signed
anew, because a signature is good for minutes.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias, TypeVar

from ..errors import (
    ConfigurationError,
    MissingKeyError,
    ModelAuthenticationError,
    ModelConnectionError,
)
from ..wire.http import Request

__all__ = ["AwsSigner", "Keys", "configured_region"]

Answer = TypeVar("Answer")
Keys: TypeAlias = tuple[str, str, str | None]
"""an access key's id, its secret, and the token of its session, if it has one"""

MISSING = (
    "signing requests with AWS credentials needs the botocore package: pip install 'conure[aws]'. "
    "Without it set AWS_BEARER_TOKEN_BEDROCK to an API key of Bedrock, or give api_key=…"
)
NOT_FOUND = (
    "no AWS credentials were found: set AWS_BEARER_TOKEN_BEDROCK or give api_key=…, sign in with "
    "the AWS CLI, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give "
    "credentials_profile_name=…"
)


class AwsSigner:
    """Answers the headers that sign a request.

    `keys` are those of the user's own; without them they are looked for as AWS's tools do, in
    `profile` where one is named. Nothing is looked for before the first call.
    """

    __slots__ = ("_credentials", "_profile", "_region", "_service")

    def __init__(self, service: str, region: str, profile: str | None, keys: Keys | None) -> None:
        # A missing package is told of when the model is made, not at its first call.
        library = _library("credentials")
        self._service = service
        self._region = region
        self._profile = profile
        self._credentials: Any = library.Credentials(*keys) if keys else None

    def is_fresh(self) -> bool:
        """Tell whether a call answers at once, without looking anywhere."""
        credentials = self._credentials
        if credentials is None:
            return False
        needed = getattr(credentials, "refresh_needed", None)
        return needed is None or not needed()

    def __call__(self, request: Request) -> dict[str, str]:
        frozen = _asked(self._frozen)
        signed = _library("awsrequest").AWSRequest(
            request.method, request.url, headers=dict(request.headers), data=request.body
        )
        _library("auth").SigV4Auth(frozen, self._service, self._region).add_auth(signed)
        given = request.headers.keys()
        return {name.lower(): value for name, value in signed.headers.items() if name not in given}

    def _frozen(self) -> Any:
        """Give the credentials of the moment, found or renewed if need be."""
        if self._credentials is None:
            self._credentials = _session(self._profile).get_credentials()
            if self._credentials is None:
                raise MissingKeyError(NOT_FOUND)
        return self._credentials.get_frozen_credentials()

    def __repr__(self) -> str:
        return f"AwsSigner({self._service!r}, {self._region!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("AWS credentials are not pickled: give them again where it is loaded")


def configured_region(profile: str | None) -> str | None:
    """Give the region that the settings of AWS's tools name; None where botocore is missing."""
    try:
        session = _session(profile)
    except ConfigurationError:
        return None
    return _asked(lambda: session.get_config_variable("region"))


def _session(profile: str | None) -> Any:
    return _library("session").Session(profile=profile)


def _library(name: str) -> Any:
    try:
        return import_module(f"botocore.{name}")
    except ImportError as error:
        raise ConfigurationError(MISSING) from error


def _asked(question: Callable[[], Answer]) -> Answer:
    """Ask botocore, whose exceptions become ours."""
    library = _library("exceptions")
    try:
        return question()
    except library.ProfileNotFound as error:
        raise ConfigurationError(f"{error}: see credentials_profile_name and AWS_PROFILE") from None
    except library.HTTPClientError as error:
        raise ModelConnectionError(f"where AWS keeps credentials: {error}") from error
    except (library.BotoCoreError, library.ClientError) as error:
        raise ModelAuthenticationError(
            f"AWS credentials could not be had: {error}. Sign in anew, or check the profile"
        ) from error
