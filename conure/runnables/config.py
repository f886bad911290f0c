"""The config of a call: who listens, how runs are labelled, how wide a batch may go.

A config is a plain dict. What an enclosing run passes on travels in a context variable
(`AMBIENT`), so `model.invoke(x)` inside a function of a chain needs no config of its own.
Layers merge from outside in: ambient, then `with_config`, then the call's own; later wins, but
tags, metadata and handlers add up and no handler is heard twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypedDict, cast

from ..errors import ConfigurationError
from .checks import check, warn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

__all__ = [
    "AMBIENT",
    "DEFAULT_RECURSION_LIMIT",
    "Callbacks",
    "RunnableConfig",
    "ambient",
    "ensure_config",
    "get_config_list",
    "merge_configs",
    "patch_config",
    "resolve",
]


class _Default(int):
    """A number nobody asked for: an explicit one equal to it still wins in a merge."""

    __slots__ = ()


DEFAULT_RECURSION_LIMIT: int = _Default(25)


class Callbacks:
    """Handlers together with the run they report to: what `config["callbacks"]` holds in a child.

    `tags` label only the very next run. Lists of handlers and foreign callback managers are
    accepted wherever this is.
    """

    __slots__ = ("handlers", "inheritable_handlers", "parent_run_id", "tags")

    def __init__(
        self,
        handlers: Iterable[Any] = (),
        parent_run_id: UUID | None = None,
        *,
        inheritable_handlers: Iterable[Any] | None = None,
        tags: Iterable[str] = (),
    ) -> None:
        self.handlers = _once(handlers)
        self.inheritable_handlers = (
            self.handlers if inheritable_handlers is None else _once(inheritable_handlers)
        )
        self.parent_run_id = parent_run_id
        self.tags = tuple(tags)

    def __add__(self, other: Callbacks) -> Callbacks:
        return Callbacks(
            (*self.handlers, *other.handlers),
            other.parent_run_id or self.parent_run_id,
            inheritable_handlers=(*self.inheritable_handlers, *other.inheritable_handlers),
            tags=other.tags if other.parent_run_id else (*self.tags, *other.tags),
        )

    def __repr__(self) -> str:
        return f"Callbacks({list(self.handlers)!r}, parent_run_id={self.parent_run_id!r})"

    @classmethod
    def of(cls, value: Any) -> Callbacks:
        """Read handlers from a list, from another `Callbacks` or from a foreign manager."""
        if isinstance(value, Callbacks):
            return value
        if value is None:
            return cls()
        if isinstance(value, (list, tuple)):
            return cls(cast("Sequence[Any]", value))
        if not hasattr(value, "handlers"):
            raise ConfigurationError(
                f"callbacks must be a list of handlers, not {type(value).__name__}: [handler]"
            )
        return cls(
            (*value.handlers, *getattr(value, "inheritable_handlers", ())),
            getattr(value, "parent_run_id", None),
            inheritable_handlers=getattr(value, "inheritable_handlers", None),
            tags=getattr(value, "tags", None) or (),
        )


def _once(handlers: Iterable[Any]) -> tuple[Any, ...]:
    return tuple({id(handler): handler for handler in handlers}.values())


class RunnableConfig(TypedDict, total=False):
    """How to run one call; every key may be left out."""

    tags: list[str]
    """labels handed to every handler, here and in child runs"""
    metadata: dict[str, Any]
    """facts handed to the start handlers, here and in child runs; JSON values"""
    callbacks: Any
    """a list of handlers, or the `Callbacks` of an enclosing run"""
    run_name: str
    """the name of this run alone"""
    run_id: UUID
    """the id of this run alone"""
    max_concurrency: int | None
    """how many calls of a batch or a parallel step may run at once"""
    recursion_limit: int
    """how deep functions that return runnables may go"""
    configurable: dict[str, Any]
    """values for what was declared configurable"""


AMBIENT: ContextVar[RunnableConfig | None] = ContextVar("conure_config", default=None)


class ambient:  # noqa: N801 - reads as a verb: `with ambient(config):`
    """Let the calls inside the block inherit `config`."""

    __slots__ = ("config", "token")

    def __init__(self, config: RunnableConfig | None) -> None:
        self.config = config

    def __enter__(self) -> None:
        self.token = AMBIENT.set(self.config)

    def __exit__(self, *_: object) -> None:
        AMBIENT.reset(self.token)


def resolve(config: RunnableConfig | None) -> RunnableConfig | None:
    """Lay a call's config over the ambient one; None when nothing was said anywhere."""
    around = AMBIENT.get()
    if config is None or config is around:
        return around
    config = _checked(config)
    return config if around is None else _merged((around, config))


def ensure_config(config: RunnableConfig | None = None) -> RunnableConfig:
    """Fill what a config leaves open: from the enclosing run, then with defaults.

    >>> ensure_config({"tags": ["draft"]})["tags"]
    ['draft']
    """
    full: RunnableConfig = {
        "tags": [],
        "metadata": {},
        "callbacks": None,
        "recursion_limit": DEFAULT_RECURSION_LIMIT,
        "configurable": {},
    }
    if given := resolve(config):
        full.update(given)
    full["tags"] = list(full.get("tags", ()))
    full["metadata"] = metadata = dict(full.get("metadata", {}))
    full["configurable"] = configurable = dict(full.get("configurable", {}))
    if isinstance(model := configurable.get("model"), str):
        metadata.setdefault("model", model)
    return full


def merge_configs(*configs: RunnableConfig | None) -> RunnableConfig:
    """Merge configs; later wins, while tags, metadata, configurable and handlers add up."""
    return _merged([_checked(config) for config in configs if config])


def patch_config(
    config: RunnableConfig | None,
    *,
    callbacks: Any = None,
    recursion_limit: int | None = None,
    max_concurrency: int | None = None,
    run_name: str | None = None,
    configurable: Mapping[str, Any] | None = None,
) -> RunnableConfig:
    """Replace parts of a config; new callbacks mean a new run, so `run_name` and `run_id` go."""
    patched = ensure_config(config)
    if callbacks is not None:
        patched["callbacks"] = callbacks
        patched.pop("run_name", None)
        patched.pop("run_id", None)
    if recursion_limit is not None:
        patched["recursion_limit"] = recursion_limit
    if max_concurrency is not None:
        patched["max_concurrency"] = max_concurrency
    if run_name is not None:
        patched["run_name"] = run_name
    if configurable is not None:
        patched["configurable"] = {**patched.get("configurable", {}), **configurable}
    return _checked(patched)


def get_config_list(
    config: RunnableConfig | Sequence[RunnableConfig] | None, length: int
) -> list[RunnableConfig]:
    """Give each of `length` inputs its config; a single `run_id` names the first run only."""
    if length < 0:
        raise ConfigurationError(f"length must be 0 or more, not {length}")
    if config is not None and not isinstance(config, Mapping):
        if len(config) != length:
            raise ConfigurationError(
                f"{len(config)} configs for {length} inputs: give one for all, or one for each"
            )
        return [ensure_config(one) for one in config]
    configs = [ensure_config(config) for _ in range(length)]
    if length > 1 and configs[0].get("run_id"):
        warn("run_id names one run: only the first input of the batch uses it")
        for later in configs[1:]:
            later.pop("run_id", None)
    return configs


def _merged(configs: Sequence[RunnableConfig]) -> RunnableConfig:
    merged: dict[str, Any] = {}
    for config in configs:
        for key, value in config.items():
            if value is None:
                continue
            before = merged.get(key)
            if before is None:
                merged[key] = value
            elif rule := _RULES.get(key):
                merged[key] = rule(before, value)
            elif type(value) is not _Default:
                merged[key] = value
    return cast("RunnableConfig", merged)


def _union(before: list[str], after: list[str]) -> list[str]:
    return sorted({*before, *after})


def _overlay(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {**before, **after}


def _hear(before: Any, after: Any) -> Any:
    if isinstance(before, list) and isinstance(after, list):
        return list(_once([*cast("list[Any]", before), *cast("list[Any]", after)]))
    return Callbacks.of(before) + Callbacks.of(after)


_RULES: dict[str, Any] = {
    "tags": _union,
    "metadata": _overlay,
    "configurable": _overlay,
    "callbacks": _hear,
}


def _checked(config: RunnableConfig) -> RunnableConfig:
    """Check a config, move strange keys under `configurable`, read a manager's own labels."""
    strays = check(config)
    manager: Any = config.get("callbacks")
    tags = getattr(manager, "inheritable_tags", None)
    metadata = getattr(manager, "inheritable_metadata", None)
    if not (strays or tags or metadata):
        return config
    plain = dict(config)
    moved = {key: plain.pop(key) for key in strays}
    extra: RunnableConfig = {"tags": tags or [], "metadata": metadata or {}, "configurable": moved}
    return _merged((extra, cast("RunnableConfig", plain)))
