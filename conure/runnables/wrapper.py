"""What wrappers share: attributes and methods of what they wrap show through.

Methods that bind something to a model are applied inside, and the result is wrapped again: no
bound argument, retry or fallback gets lost on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .stream_event import Voice

__all__ = ["Wrapper"]

BINDING = ("bind_tools", "with_structured_output")


class Wrapper:
    """Shows what it wraps; `_inner` names the attribute that holds it."""

    _inner = "bound"

    def _rewrap(self, change: Callable[[Any], Any]) -> Any:
        """Wrap what `change` makes of each runnable inside as this wraps it."""
        raise NotImplementedError

    def voice(self) -> Voice:
        """Wrap what speaks for each runnable inside."""
        first = getattr(self, self._inner).voice()
        spoken = self._rewrap(lambda inner: inner.voice().runnable)
        return Voice(spoken, first.stream, first.astream)

    def __getattr__(self, name: str) -> Any:
        if name == self._inner or name.startswith("__"):  # not yet made, copied or unpickled
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        found = getattr(getattr(self, self._inner), name)
        if name not in BINDING:
            return found

        def bind(*args: Any, **kwargs: Any) -> Any:
            return self._rewrap(lambda inner: getattr(inner, name)(*args, **kwargs))

        return bind
