"""Ollama: models on the user's own machine, or on its maker's.

https://docs.ollama.com/api/introduction
"""

from __future__ import annotations

from .profile import Profile

__all__ = ["OLLAMA", "read_address"]

PORT = 11434


def read_address(host: str) -> str:
    """Make a URL of an address as `OLLAMA_HOST` may say it.

    >>> read_address("0.0.0.0"), read_address("pc:8000"), read_address("https://ollama.com")
    ('http://127.0.0.1:11434', 'http://pc:8000', 'https://ollama.com')
    """
    scheme, found, rest = host.strip().rpartition("://")
    place, slash, path = rest.partition("/")
    user, at, place = place.rpartition("@")
    name, port = place, ""
    if not place.endswith("]"):
        before, colon, after = place.rpartition(":")
        if colon:
            name, port = before, after
    if not port and not found:
        port = str(PORT)
    # A server listens at 0.0.0.0; nobody can be called there.
    name = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(name, name)  # noqa: S104 - an address that is read
    # The address of the compatible API is this one's with a version.
    path = (slash + path).rstrip("/").removesuffix("/v1")
    return f"{scheme or 'http'}://{user}{at}{name}{f':{port}' if port else ''}{path}"


OLLAMA = Profile(
    "ollama",
    "ollama",
    f"http://localhost:{PORT}",
    ("OLLAMA_API_KEY",),
    base_url_env=("OLLAMA_BASE_URL", "OLLAMA_HOST"),
    read_address=read_address,
    json_schema=True,
    local=True,
    lists_at="/v1",
    start="ollama serve",
    doc="https://docs.ollama.com/api/chat",
)
