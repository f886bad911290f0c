"""Handlers and runnables that the tests of composition share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from conure.runnables import Runnable


class Heard(NamedTuple):
    """One event as a handler was told of it."""

    event: str
    args: tuple[Any, ...]
    facts: dict[str, Any]


class Recorder:
    """Hears everything; knows no base class."""

    run_inline = True

    def __init__(self) -> None:
        self.heard: list[Heard] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        if not name.startswith("on_"):
            raise AttributeError(name)

        def hear(*args: Any, **facts: Any) -> None:
            self.heard.append(Heard(name, args, facts))

        return hear

    @property
    def events(self) -> list[str]:
        return [heard.event for heard in self.heard]

    def of(self, event: str) -> list[Heard]:
        return [heard for heard in self.heard if heard.event == event]


class Words(Runnable[str, str]):
    """Streams a text word by word, and notes what was asked and whether its streams were closed."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, Any, dict[str, Any]]] = []
        self.closed = threading.Event()

    def invoke(self, input: str, config: Any = None, **kwargs: Any) -> str:
        self.asked.append((input, config, kwargs))
        return input

    def stream(self, input: str, config: Any = None, **kwargs: Any) -> Iterator[str]:
        self.asked.append((input, config, kwargs))
        try:
            yield from input.split()
        finally:
            self.closed.set()

    async def astream(self, input: str, config: Any = None, **kwargs: Any) -> Any:
        for word in self.stream(input, config, **kwargs):
            yield word

    def bind_tools(self, tools: list[Any], **kwargs: Any) -> Runnable[str, str]:
        return self.bind(tools=tools, **kwargs)


class Broken(Runnable[Any, Any]):
    """Fails with the given errors, one after the other, then answers its input."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.calls = 0

    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return input
