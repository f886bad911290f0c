"""How many tokens a model would read, by its provider's own count.

The question is prepared like any call, by another encoder of the same protocol, and sent with the
same key, limits and retries.
"""

from __future__ import annotations

from msgspec.structs import replace

from ..errors import ConfigurationError, ModelError
from .effects import Plan
from .plan import fetch
from .request import ModelCall, Target

__all__ = ["asking_to_count", "count"]


def asking_to_count(target: Target) -> Target:
    """Give the target whose encoder asks for a count instead of a reply.

    Raises `ConfigurationError` where the provider does not count.
    """
    protocol, dialect = target.protocol, target.dialect
    if protocol.counting is None and target.is_maker and target.responses is not None:
        # Of the maker's two APIs the newer one counts, whichever will be asked for the reply.
        protocol, dialect = target.responses()
    if protocol.counting is None:
        raise ConfigurationError(
            f"{target.provider} has no endpoint that counts tokens: "
            "get_num_tokens_from_messages estimates them, and opens no connection"
        )
    protocol = replace(protocol, encode=protocol.counting.encode)
    return replace(target, protocol=protocol, dialect=dialect)


def count(call: ModelCall) -> Plan[int]:
    """Ask for the count, and read it."""
    counting = call.target.protocol.counting
    assert counting is not None, "prepared for a target that asks to count"
    body = yield from fetch(call)
    try:
        return counting.decode(body)
    except ModelError as error:
        error.provider, error.model = call.target.provider, call.model
        raise
