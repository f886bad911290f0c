"""Keys and tokens -> headers. A key is shown to nobody and travels in a header, never in a URL.

A fixed key becomes its header once. A function, or a credential object with `get_token`, is
user code: it is asked for each attempt, through the plan, and may be async. So is what signs
requests, which needs the whole of each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Self, TypeAlias, cast

from ..errors import ConfigurationError
from ..wire.http import Request
from ..wire.private import is_private
from .entra import CredentialTokens

__all__ = ["Auth", "Secret", "SecretValues", "Signer", "authorize", "hidden", "is_secret", "reveal"]

MASK = "**********"
# How the names of parameters end whose values are nobody's business.
SECRET = ("access_key_id", "ad_token", "api_key", "secret_access_key", "session_token")

Signer: TypeAlias = Callable[[Request], Mapping[str, str]]
"""answers the headers that sign a request"""


class Secret:
    """A text that shows itself only when asked: `Secret("k").reveal()`.

    >>> Secret("sk-123")
    Secret('**********')
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    get_secret_value = reveal

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a Secret is not pickled: give it again, or set it in the environment")


class SecretValues(dict[str, Any]):
    """A dict that shows its keys only: users put keys into headers.

    It is pickled only where no name among them sounds private.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(dict.fromkeys(self, MASK))

    def __deepcopy__(self, memo: dict[int, Any]) -> SecretValues:
        return SecretValues(self)

    def __reduce__(self) -> tuple[Any, ...]:
        if private := sorted(filter(is_private, self)):
            raise TypeError(
                f"{private[0]!r} sounds secret and is not pickled: make the model anew where it is "
                "loaded"
            )
        return SecretValues, (dict(self),)


def hidden(given: Mapping[str, Any]) -> dict[str, Any]:
    """Wrap keys, proxies with a password and headers, so that nothing that shows them does."""
    return {name: _hidden(name, value) for name, value in given.items()}


def _hidden(name: str, value: object) -> object:
    if isinstance(value, str):
        secret = is_secret(name) or (name.endswith("proxy") and "@" in value)
        return Secret(value) if secret else value
    if name in {"credentials", "default_headers", "extra_headers"} and isinstance(value, Mapping):
        return SecretValues(cast("Mapping[str, Any]", value))
    return value


def is_secret(name: str) -> bool:
    """Tell whether the value of a parameter of this name is nobody's business."""
    return name.endswith(SECRET)


def reveal(value: Any) -> Any:
    """Give what a secret hides; anything else is itself."""
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value


class Auth:
    """How a call proves who it is: a fixed header, a token to ask for, or a signature.

    `fixed` holds the headers of a key that never changes, `token` the function to ask, `sign` the
    one that signs a request; one that says so by `is_fresh` may have to wait for a network first.
    `async_token` is asked in place of `token` where a call may await.
    """

    __slots__ = ("_header", "async_token", "fixed", "sign", "token")

    def __init__(
        self,
        header: str,
        *,
        key: Secret | None = None,
        token: Callable[[], Any] | None = None,
        async_token: Callable[[], Any] | None = None,
        sign: Signer | None = None,
    ) -> None:
        self._header = header
        self.token = token
        self.async_token = async_token
        self.sign = sign
        self.fixed = None if key is None else self.headers(key.reveal())

    def question(self, request: Request) -> Callable[[], Any]:
        """Give what is to be asked before an attempt: for a token, or to sign this request."""
        if self.sign is not None:
            return partial(self.sign, request)
        assert self.token is not None, "with a fixed key nothing is asked"
        return self.token

    def headers(self, token: object) -> SecretValues:
        """Make the headers of one attempt; `token` is what the question was answered."""
        if self.sign is not None:
            return SecretValues(cast("Mapping[str, str]", token))
        key = _text(token)
        if self._header == "bearer":
            return SecretValues(authorization=f"Bearer {key}")
        return SecretValues({self._header: key})

    def blocks(self) -> bool:
        """Tell whether asking for a token now would wait for a network."""
        is_fresh = getattr(self.sign or self.token, "is_fresh", None)
        return is_fresh is not None and not is_fresh()

    def __repr__(self) -> str:
        return f"Auth({self._header!r})"


def authorize(key: Any, style: str, *, where: str) -> Auth:
    """Read what was given as `api_key`: a str, a secret, a function or a credential object.

    `style` is "bearer" or the name of the header that takes the bare key.
    """
    key = reveal(key)
    if isinstance(key, str):
        if not key.isascii() or not key.isprintable():
            raise ConfigurationError(
                f"{where}: the API key contains a line break or another character that no header "
                "can carry: was it copied with something around it?"
            )
        return Auth(style, key=Secret(key))
    if hasattr(key, "get_token"):
        return Auth("bearer", token=CredentialTokens(key))
    if callable(key):
        return Auth("bearer" if style == "api-key" else style, token=key)
    raise ConfigurationError(
        f"{where}: api_key must be a str, a function that returns one or a credential with "
        f"get_token, not {type(key).__name__}"
    )


def _text(token: object) -> str:
    text = getattr(token, "token", token)
    if not isinstance(text, str) or not text:
        raise ConfigurationError(
            f"the api_key function answered {type(token).__name__} where a token (str) is needed"
        )
    return text
