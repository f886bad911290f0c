"""One run of one runnable, and whom it tells about itself.

`open_run` answers None when nobody listens, so that a call without callbacks pays next to
nothing. `Run.notify` gives jobs instead of calling: the sync and async worlds each run them in
their own way, a plan as `Call` effects. A handler that fails is logged and never breaks the
call, unless it says `raise_error`.
"""

from __future__ import annotations

from functools import partial
from time import time_ns
from typing import TYPE_CHECKING, Any, TypeAlias

from .config import Callbacks, RunnableConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from uuid import UUID

__all__ = ["Job", "Run", "inherit", "open_run", "unheard", "uuid7"]

Job: TypeAlias = "Callable[[], Any]"

SWITCHES = {
    "on_llm": "ignore_llm",
    "on_stream": "ignore_llm",
    "on_chat": "ignore_chat_model",
    "on_chain": "ignore_chain",
    "on_text": "ignore_chain",
    "on_tool": "ignore_agent",
    "on_agent": "ignore_agent",
    "on_retriever": "ignore_retriever",
    "on_retry": "ignore_retry",
    "on_custom": "ignore_custom_event",
}
"""the first two words of an event -> the attribute by which a handler declines it"""


class Run:
    """One run: its identity, its labels, its audience."""

    __slots__ = (
        "_config",
        "_followers",
        "_inheritable",
        "_is_async",
        "_listeners",
        "handlers",
        "id",
        "metadata",
        "name",
        "parent_run_id",
        "tags",
    )

    def __init__(
        self,
        config: RunnableConfig,
        heard: Callbacks,
        *,
        name: str,
        tags: Iterable[str],
        metadata: Mapping[str, Any] | None,
        handlers: tuple[Any, ...],
        is_async: bool,
    ) -> None:
        self.id: UUID = config.get("run_id") or uuid7()
        self.parent_run_id = heard.parent_run_id
        self.name = config.get("run_name") or name
        self.tags = [*dict.fromkeys([*config.get("tags", ()), *tags, *heard.tags])]
        self.metadata = {**(metadata or {}), **config.get("metadata", {})}
        self.handlers = handlers
        self._inheritable = heard.inheritable_handlers
        self._config = config
        self._is_async = is_async
        self._listeners: dict[str, list[Callable[..., Any]]] = {}
        self._followers: list[Callable[[UUID, Any], None]] | None = None

    def wants(self, event: str) -> bool:
        """Say whether anyone listens to this event, before building what it would carry."""
        return bool(self._listeners_to(event))

    def notify(self, event: str, *args: Any, **facts: Any) -> list[Job]:
        """Give one job per listener, to be run in order; an async handler's gives an awaitable."""
        listeners = self._listeners_to(event)
        if not listeners:
            return []
        if event.endswith("_start"):
            facts = {"metadata": self.metadata, "name": self.name, **facts}
        facts.update(run_id=self.id, parent_run_id=self.parent_run_id, tags=self.tags)
        return [partial(listener, *args, **facts) for listener in listeners]

    @property
    def followers(self) -> list[Callable[[UUID, Any], None]]:
        """The handlers' `follow` methods: told in place of each piece that a stream hands on."""
        if self._followers is None:
            found = [getattr(handler, "follow", None) for handler in self.handlers]
            self._followers = [follow for follow in found if follow is not None]
        return self._followers

    def child(self, tag: str | None = None) -> RunnableConfig:
        """Make the config of a run below this one; `tag` labels that run only."""
        config = self._config.copy()
        config.pop("run_name", None)
        config.pop("run_id", None)
        config["callbacks"] = Callbacks(
            self._inheritable, self.id, tags=(tag,) if tag is not None else ()
        )
        return config

    def _listeners_to(self, event: str) -> list[Callable[..., Any]]:
        try:
            return self._listeners[event]
        except KeyError:
            switch = SWITCHES.get("_".join(event.split("_", 2)[:2]), "")
            listeners = [
                _teller(handler, method, is_async=self._is_async)
                for handler in self.handlers
                if (method := getattr(handler, event, None))
                and not getattr(method, "unheard", False)
                and not getattr(handler, switch, False)
            ]
            return self._listeners.setdefault(event, listeners)


def open_run(
    config: RunnableConfig | None,
    *,
    name: str,
    tags: Iterable[str] = (),
    metadata: Mapping[str, Any] | None = None,
    callbacks: Any = None,
    is_async: bool = False,
) -> Run | None:
    """Begin a run for a resolved config; None when nobody listens.

    With `is_async`, sync handlers are called in threads unless they say `run_inline`.
    `tags`, `metadata` and `callbacks` are the runnable's own: they count for this run and are
    not inherited by the runs below it.
    """
    heard = config.get("callbacks") if config is not None else None
    if heard is None and not callbacks:
        return None
    heard = Callbacks.of(heard)
    handlers = (heard + Callbacks.of(callbacks)).handlers if callbacks else heard.handlers
    if not handlers:
        return None
    return Run(
        config or {},
        heard,
        name=name,
        tags=tags,
        metadata=metadata,
        handlers=handlers,
        is_async=is_async,
    )


def inherit(
    config: RunnableConfig | None, run: Run | None, tag: str | None = None
) -> RunnableConfig | None:
    """Give the config for a call below this one, whether or not anybody listens."""
    if run is not None:
        return run.child(tag)
    if config is None or not ("run_name" in config or "run_id" in config):
        return config
    config = config.copy()
    config.pop("run_name", None)
    config.pop("run_id", None)
    return config


def unheard(method: Any) -> Any:
    """Mark a handler's method as doing nothing, so that runs need not call it."""
    method.unheard = True
    return method


def uuid7() -> UUID:
    """Make an id that sorts by the time it was made.

    https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7, with the 12 bits after the
    milliseconds used as a finer clock.
    """
    from random import getrandbits
    from uuid import UUID

    milliseconds, rest = divmod(time_ns(), 1_000_000)
    fine = (rest << 12) // 1_000_000
    # Names a run and guards nothing: no system call for it.
    tail = getrandbits(62)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fine << 64 | 0b10 << 62 | tail)


def _teller(handler: Any, method: Callable[..., Any], *, is_async: bool) -> Callable[..., Any]:
    """Pick how a handler's method is called: in place, or beside the event loop if it may block."""
    flags = getattr(getattr(method, "__code__", None), "co_flags", 0)
    if is_async and not (flags & _CO_COROUTINE or getattr(handler, "run_inline", False)):
        return partial(_tell_in_thread, handler, method)
    return partial(_tell, handler, method)


_CO_COROUTINE = 0x80  # inspect.CO_COROUTINE; importing inspect costs 10 ms


def _tell(handler: Any, method: Callable[..., Any], /, *args: Any, **facts: Any) -> Any:
    try:
        answer = method(*args, **facts)
    except Exception as error:
        return _complain(handler, method, error)
    return _heard(handler, method, answer) if hasattr(answer, "__await__") else None


async def _heard(handler: Any, method: Callable[..., Any], answer: Any) -> None:
    try:
        await answer
    except Exception as error:
        _complain(handler, method, error)


async def _tell_in_thread(
    handler: Any, method: Callable[..., Any], /, *args: Any, **facts: Any
) -> None:
    from .waiting import in_thread

    answer = await in_thread(partial(_tell, handler, method, *args, **facts))
    if answer is not None:
        await answer


def _complain(handler: Any, method: Callable[..., Any], error: Exception) -> None:
    if getattr(handler, "raise_error", False):
        raise error
    from logging import getLogger

    name = getattr(method, "__name__", "handler")
    getLogger("conure.callbacks").warning(
        "%s.%s failed: %r", type(handler).__name__, name, error, exc_info=error
    )
