"""Replies that a provider keeps: looked at, waited for, gone on with, left.

    watch    look, wait, look again, until the reply is over

What is asked is the protocol's (`Protocol.stored`); the key, the limits and the retries are those
of any call.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from ..errors import ConfigurationError, DeadlineExceeded
from ..messages.events import Event, Finish
from ..protocols import Stored
from ..protocols.counting import Encode
from .effects import Now, Plan, Sleep
from .plan import complete
from .request import ModelCall, Target

__all__ = ["about", "watch"]


def about(target: Target, encode: Callable[[Stored], Encode], *, resumed: bool = False) -> Target:
    """Give the target whose encoder writes a request about what the provider keeps.

    Raises `ConfigurationError` where the provider keeps nothing. Where a stream is `resumed`, its
    beginning was seen before.
    """
    protocol, dialect = target.protocol, target.dialect
    if protocol.stored is None and target.responses is not None:
        protocol, dialect = target.responses()
    if (stored := protocol.stored) is None:
        raise ConfigurationError(
            f"{target.provider} keeps no replies that could be asked for again: "
            "send the messages of the conversation with each call"
        )
    decoder = stored.decoder if resumed else protocol.decoder
    protocol = replace(protocol, encode=encode(stored), decoder=decoder)
    return replace(target, protocol=protocol, dialect=dialect)


def watch(call: ModelCall, every: float, timeout: float | None) -> Plan[list[Event]]:
    """Look at a reply until it is over; answer its events."""
    began: float = yield Now()
    while True:
        events, _ = yield from complete(call)
        if any(type(event) is Finish for event in events):
            return events
        now: float = yield Now()
        if timeout is not None and now + every > began + timeout:
            raise DeadlineExceeded(
                f"{call.target.provider}, {call.model}: the reply was not over within "
                f"{timeout:g} s; it goes on, and can be waited for again"
            )
        yield from Sleep(every)
