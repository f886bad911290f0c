"""How much an agent may do: within one run, and within all runs of a thread together."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from ...errors import ConfigurationError

__all__ = ["Limits", "one_of"]


class Limits(Struct, frozen=True):
    """Two limits, of which at least one is given."""

    thread: int | None
    run: int | None

    def checked(self, where: str) -> Limits:
        """Refuse what makes no sense."""
        if self.thread is None and self.run is None:
            raise ConfigurationError(
                f"{where} limits nothing: give thread_limit, run_limit or both"
            )
        for name, limit in (("thread_limit", self.thread), ("run_limit", self.run)):
            given: Any = limit
            if given is not None and (type(given) is not int or given < 0):
                raise ConfigurationError(f"{where}: {name}={given!r} is no number of calls")
        if self.thread is not None and self.run is not None and self.run > self.thread:
            raise ConfigurationError(
                f"{where}: a run is part of its thread, so run_limit={self.run} cannot exceed "
                f"thread_limit={self.thread}"
            )
        return self

    def allow(self, thread: int, run: int) -> bool:
        """Say whether as many calls may be made, counted with the next one."""
        return not self.exceeded(thread, run)

    def exceeded(self, thread: int, run: int) -> str:
        """Say which limits so many calls exceed; nothing when none."""
        pairs = (("thread", thread, self.thread), ("run", run, self.run))
        return " and ".join(
            f"{name} limit ({count}/{limit})"
            for name, count, limit in pairs
            if limit is not None and count > limit
        )


def one_of(where: str, name: str, value: Any, *choices: str) -> Any:
    """Refuse what is none of the choices."""
    if value not in choices:
        words = ", ".join(map(repr, choices))
        raise ConfigurationError(f"{where}: {name}={value!r} is none of {words}")
    return value
