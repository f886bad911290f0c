"""What a model's constructor accepts, and what it becomes: the one door to the environment.

Every name is looked up in tables: other spellings in `ALIASES`, what shapes the client, its
limits and its runs in the sets below; all else is a setting that the protocol must know.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, cast

from msgspec import Struct

from ..engine.pairs import POLICIES
from ..engine.request import (
    EXCHANGE_SETTINGS,
    Target,
    check_settings,
    header_fields,
    with_timeout,
)
from ..engine.retry import Limits, Retry
from ..errors import ConfigurationError, MissingKeyError
from ..providers import Profile, fitted, is_home
from ..providers.auth import Auth, SecretValues, authorize, hidden, reveal
from ..providers.knobs import turned
from ..transport.options import Options, proxy_for, read_socket_options, read_verify

__all__ = [
    "ALIASES",
    "CLIENT",
    "ENVIRONMENT",
    "LIMITS",
    "RUN",
    "Parts",
    "canonical",
    "resolve",
    "spellings",
]

ALIASES = {
    "anthropic_api_url": "base_url",
    "anthropic_proxy": "proxy",
    "default_request_timeout": "timeout",
    "max_completion_tokens": "max_tokens",
    "max_tokens_to_sample": "max_tokens",
    "modelName": "model",
    "model_name": "model",
    "openai_api_base": "base_url",
    "openai_api_key": "api_key",
    "openai_organization": "organization",
    "openai_proxy": "proxy",
    "request_timeout": "timeout",
    "stop_sequences": "stop",
}

CLIENT = frozenset({
    "api_key", "base_url", "default_headers", "default_query", "dialect", "http_async_client",
    "http_client", "http_socket_options", "organization", "proxy", "transport", "verify",
})  # fmt: skip

LIMITS = frozenset({
    "deadline", "first_event_timeout", "max_retries", "stream_chunk_timeout", "timeout",
})  # fmt: skip

# Settings of the newer of OpenAI's APIs alone that `model_kwargs` may hold.
NEWER = frozenset({"include", "reasoning", "text", "truncation"})

RUN = frozenset({
    "cache", "callbacks", "custom_get_token_ids", "disable_streaming",
    "include_response_headers", "metadata", "name", "orphans", "output_version", "profile",
    "rate_limiter",
    "streaming", "tags", "tiktoken_model_name", "verbose",
})  # fmt: skip


OUTPUT_VERSIONS = ("v0", "v1", "responses/v1")


class _Environment(Mapping[str, str]):
    """The environment, of which tracebacks that list variables show nothing."""

    def __getitem__(self, name: str) -> str:
        return os.environ[name]

    def __iter__(self) -> Iterator[str]:
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)


ENVIRONMENT = _Environment()


class Parts(Struct):
    """What a constructor's parameters become."""

    model: str
    target: Target
    limits: Limits
    retry: Retry
    options: Options
    settings: dict[str, Any]
    run: dict[str, Any]
    transport: Any
    async_transport: Any


def spellings(profile: Profile) -> dict[str, str]:
    """List other names of parameters, and the one name that each has here."""
    return {
        **ALIASES,
        f"{profile.name}_api_key": "api_key",
        f"{profile.name}_api_base": "base_url",
        **profile.spellings,
    }


def canonical(profile: Profile, given: Mapping[str, Any]) -> dict[str, Any]:
    """Spell every parameter the one way and hide what is secret; None means: not given."""
    given = hidden(given)
    names = spellings(profile)
    plain = {
        name: value for name, value in given.items() if value is not None and name not in names
    }
    for name, value in given.items():
        if value is not None and name in names:
            own = names[name]
            if own in plain and name != "max_completion_tokens" and plain[own] != value:
                raise ConfigurationError(f"{own} is given twice, also as {name}, and they differ")
            plain[own] = value
    return plain


def resolve(
    profile: Profile,
    given: Mapping[str, Any],
    *,
    where: str,
    environ: Mapping[str, str] = ENVIRONMENT,
) -> Parts:
    """Turn a constructor's parameters and the environment into the parts of a model.

    Raises `ConfigurationError` for a name or value that makes no sense, `MissingKeyError` where
    the provider needs a key and has none.
    """
    parameters = canonical(profile, given)
    model = parameters.pop("model", None) or parameters.get(profile.model_from)
    model = model or profile.default_model
    if not isinstance(model, str) or not model.strip():
        raise ConfigurationError(
            f'{where}: say which model, e.g. model="{profile.default_model or "…"}"'
        )
    parameters = {**_from_environment(profile, environ, where), **parameters}
    client, limits, run, settings = _sorted(parameters, profile)
    _check_run(run, where)
    client |= _found(profile, client, environ)
    base_url = _base_url(profile, {**client, "model": model}, environ, where)
    target = _target(profile, client, base_url, environ, where)
    settings = _with_model_kwargs(settings, target, where)
    names = frozenset({"model", *CLIENT, *profile.client, *LIMITS, *RUN})
    check_settings(settings, target, where=where, also=names)
    retries = limits.get("max_retries", 2)
    if not isinstance(retries, int) or isinstance(retries, bool) or retries < 0:
        raise ConfigurationError(
            f"{where}: max_retries={retries!r}: give 0 or a positive whole number"
        )
    return Parts(
        model,
        target,
        _limits(limits),
        Retry(max_retries=retries),
        _options(profile, client, base_url, environ, where),
        settings,
        run,
        _transport(client, "http_client", "exchange", where),
        _transport(client, "http_async_client", "aexchange", where),
    )


def _from_environment(profile: Profile, environ: Mapping[str, str], where: str) -> dict[str, Any]:
    """Read the parameters that the environment may give besides addresses and keys."""
    found: dict[str, Any] = {}
    if version := environ.get("LC_OUTPUT_VERSION", "").strip():
        found["output_version"] = version
    for name, variable in profile.own_env.items():
        if text := environ.get(variable, "").strip():
            try:
                found[name] = float(text)
            except ValueError:
                raise ConfigurationError(
                    f"{where}: {variable}={text!r}: give a number of seconds"
                ) from None
    return found


def _transport(client: Mapping[str, Any], name: str, verb: str, where: str) -> Any:
    """Take the transport that is given for one of the two colours."""
    given = client.get(name, client.get("transport"))
    if name in client and not hasattr(given, verb):
        raise ConfigurationError(
            f"{where}: {name} must be a transport of conure's kind, not {type(given).__name__}: "
            "for a proxy or certificates give proxy=… or verify=…, for headers default_headers=…"
        )
    return given


def _sorted(parameters: dict[str, Any], profile: Profile) -> tuple[dict[str, Any], ...]:
    """Sort parameters into those of the client, its limits and its runs, and settings."""
    kinds: tuple[dict[str, Any], ...] = ({}, {}, {}, {})
    tables = (CLIENT | profile.client.keys(), LIMITS, RUN)
    for name, value in parameters.items():
        place = next((n for n, names in enumerate(tables) if name in names), -1)
        kinds[place][name] = value
    return kinds


def _found(
    profile: Profile, client: Mapping[str, Any], environ: Mapping[str, str]
) -> dict[str, str]:
    """Look for the vendor's own parameters where they may also be said."""
    return {
        name: value
        for name, places in profile.client.items()
        if client.get(name) is None and (value := _first(places, environ))
    }


def _check_run(run: Mapping[str, Any], where: str) -> None:
    if run.get("disable_streaming", False) not in (True, False, "tool_calling"):
        raise ConfigurationError(
            f"{where}: disable_streaming={run['disable_streaming']!r}: give True, False or "
            '"tool_calling"'
        )
    if run.get("output_version", "v0") not in OUTPUT_VERSIONS:
        raise ConfigurationError(
            f"{where}: output_version={run['output_version']!r}: give one of "
            + ", ".join(map(repr, OUTPUT_VERSIONS))
        )
    if run.get("cache", False) is not False:
        raise ConfigurationError(f"{where}: replies cannot be cached yet: leave out cache=…")
    if not isinstance(run.get("tags", []), (list, tuple)):
        raise ConfigurationError(f"{where}: tags={run['tags']!r}: give a list of str")
    if not callable(run.get("custom_get_token_ids", len)):
        raise ConfigurationError(f"{where}: custom_get_token_ids: give a function of a str")
    if run.get("orphans", "send") not in POLICIES:
        raise ConfigurationError(
            f"{where}: orphans={run['orphans']!r}: give one of {', '.join(map(repr, POLICIES))}"
        )
    if not isinstance(run.get("profile", {}), Mapping):
        raise ConfigurationError(
            f"{where}: profile={run['profile']!r}: give a dict such as {{'image_inputs': True}}"
        )
    if not isinstance(run.get("metadata", {}), Mapping):
        raise ConfigurationError(f"{where}: metadata={run['metadata']!r}: give a dict")


def _with_model_kwargs(settings: dict[str, Any], target: Target, where: str) -> dict[str, Any]:
    """Move `model_kwargs` that are settings to their place; the rest goes into the body as is."""
    given = settings.get("model_kwargs")
    if not given:
        return settings
    if not isinstance(given, Mapping):
        raise ConfigurationError(
            f"{where}: model_kwargs must be a dict, not {type(given).__name__}"
        )
    loose = cast("Mapping[str, Any]", given)
    if twice := sorted(set(loose) & set(settings)):
        raise ConfigurationError(f"{where}: {twice[0]} is given twice, also in model_kwargs")
    own = target.protocol.settings
    known = {name: value for name, value in loose.items() if name in own or name in NEWER}
    rest = {name: value for name, value in loose.items() if name not in known}
    settings = {**settings, **known}
    del settings["model_kwargs"]
    return {**settings, "model_kwargs": rest} if rest else settings


def _base_url(
    profile: Profile, client: Mapping[str, Any], environ: Mapping[str, str], where: str
) -> str:
    url = client.get("base_url") or _first(profile.base_url_env, environ)
    if not url:
        url = profile.base_url if profile.address is None else profile.address(client)
    if profile.read_address is not None and isinstance(url, str):
        url = profile.read_address(url)
    if profile.in_process:
        if "base_url" in client:
            raise ConfigurationError(
                f"{where}: base_url={url!r}: there is no server, models run in this process"
            )
        return profile.base_url or ""
    if not isinstance(url, str) or not url:
        raise ConfigurationError(f"{where}: {profile.name} has no fixed address: give base_url=…")
    if not url.startswith(("http://", "https://")):
        raise ConfigurationError(
            f"{where}: base_url={url!r} does not begin with http:// or https://"
        )
    if url.rstrip("/").endswith("/chat/completions"):
        raise ConfigurationError(
            f"{where}: base_url={url!r}: leave out /chat/completions, it is added to each call"
        )
    return url


def _target(
    profile: Profile, client: dict[str, Any], base_url: str, environ: Mapping[str, str], where: str
) -> Target:
    key = _key(profile, client, environ, where)
    at_home = profile.is_maker and is_home(base_url)
    auth = _auth(profile, client, key, base_url, where)
    own_address = _host(base_url) != _host(profile.base_url) and not at_home
    if auth is None and profile.key_env and not own_address and not profile.local:
        raise MissingKeyError(
            f"{where}: no API key for {profile.name}. Set {profile.key_env[0]} or give api_key=…"
        )
    headers = SecretValues({"content-type": "application/json", "user-agent": "conure"})
    for header, names in profile.header_env.items():
        if value := _first(names, environ):
            headers[header] = value
    for name, header in profile.client_headers.items():
        if value := client.get(name):
            headers[header] = value if isinstance(value, str) else ", ".join(value)
    if organization := client.get("organization"):
        headers["openai-organization"] = organization
    headers.update(header_fields(_fields(client, "default_headers", "extra_headers", where)))
    dialect, newer, query = fitted(profile, client, base_url)
    return Target(
        provider=profile.provider,
        protocol=profile.protocol,
        dialect=turned(dialect, client.get("dialect") or {}, where=where),
        base_url=base_url if "?" in base_url else base_url.rstrip("/"),
        headers=headers,
        query={**query, **_fields(client, "default_query", "extra_query", where)},
        extra=profile.extra,
        responses=newer,
        is_maker=profile.is_maker,
        is_home=at_home,
        auth=auth,
        start=profile.start,
    )


def _key(
    profile: Profile, client: Mapping[str, Any], environ: Mapping[str, str], where: str
) -> Any:
    """Give the key that is given or in the environment, where no other credentials are given."""
    key = reveal(client.get("api_key"))
    others = sorted(profile.credentials & client.keys())
    if key and others:
        raise ConfigurationError(f"{where}: api_key and {others[0]} are both given: give one")
    return key or (None if others else _first(profile.key_env, environ))


def _auth(
    profile: Profile, client: Mapping[str, Any], key: Any, base_url: str, where: str
) -> Auth | None:
    if profile.sign_in is not None and (auth := profile.sign_in(client, where)) is not None:
        return auth
    if profile.signer is not None and not key:
        return Auth("signature", sign=profile.signer(client, base_url))
    if profile.tokens is None:
        return authorize(key, profile.auth, where=where) if key else None
    if not key:
        return Auth("bearer", token=profile.tokens(client.get("credentials")))
    # A key says who pays, a function gives the token of somebody who signed in.
    return authorize(key, profile.auth if isinstance(key, str) else "bearer", where=where)


def _limits(given: Mapping[str, Any]) -> Limits:
    limits = with_timeout(Limits(), given.get("timeout"))
    return Limits(
        connect=limits.connect,
        read=limits.read,
        first_event=_seconds(given, "first_event_timeout", limits.first_event),
        idle=_seconds(given, "stream_chunk_timeout", limits.idle),
        deadline=_seconds(given, "deadline", limits.deadline),
    )


def _seconds(given: Mapping[str, Any], name: str, default: float | None) -> float | None:
    """Read a limit; 0 switches it off."""
    if name not in given:
        return default
    value = given[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise ConfigurationError(f"{name}={value!r}: give seconds, or 0 for no limit")
    return None if value in {0, float("inf")} else float(value)


def _options(
    profile: Profile, client: dict[str, Any], base_url: str, environ: Mapping[str, str], where: str
) -> Options:
    proxy = (
        reveal(client.get("proxy"))
        or _first(profile.proxy_env, environ)
        or proxy_for(base_url, environ)
    )
    if client.get("proxy") and client.get("http_client"):
        raise ConfigurationError(f"{where}: give either a proxy or an http_client, not both")
    options: dict[str, Any] = {"proxy": proxy}
    if "verify" in client:
        options["verify"] = read_verify(client["verify"])
    elif bundle := _first(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), environ):
        options["verify"] = bundle
    if "http_socket_options" in client:
        options["socket_options"] = read_socket_options(client["http_socket_options"])
    return Options(**options)


def _fields(client: Mapping[str, Any], name: str, like: str, where: str) -> dict[str, Any]:
    given: Any = client.get(name) or {}
    if wrong := EXCHANGE_SETTINGS[like](given):
        raise ConfigurationError(f"{where}: {name}: {wrong}")
    return dict(given)


def _first(names: tuple[str, ...], environ: Mapping[str, str]) -> str | None:
    for name in names:
        if value := environ.get(name, "").strip():
            return value
    return None


def _host(url: str | None) -> str:
    return (url or "").partition("://")[2].partition("/")[0].lower()
