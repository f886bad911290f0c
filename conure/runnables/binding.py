"""A runnable with arguments and config fixed beforehand. It makes no run of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, TypeVar

from .base import Runnable
from .config import RunnableConfig, merge_configs
from .wrapper import Wrapper

__all__ = ["RunnableBinding"]

Input = TypeVar("Input", contravariant=True)  # noqa: PLC0105 - as in base
Output = TypeVar("Output", covariant=True)  # noqa: PLC0105 - the same


class RunnableBinding(Wrapper, Runnable[Input, Output]):
    """Asks `bound` with fixed arguments; those of a call win, key by key.

    `layer` makes one more config for every call.
    """

    def __init__(
        self,
        bound: Runnable[Input, Output],
        *,
        kwargs: Mapping[str, Any] | None = None,
        config: RunnableConfig | None = None,
        layer: Callable[[RunnableConfig | None], RunnableConfig] | None = None,
    ) -> None:
        self.bound = bound
        self.kwargs = dict(kwargs or {})
        self._config = config
        self.layer = layer

    def get_name(self) -> str:
        return self.name or self.bound.get_name()

    def bind(self, **kwargs: Any) -> RunnableBinding[Input, Output]:
        """Fix more keyword arguments; later ones win."""
        merged = {**self.kwargs, **kwargs}
        return RunnableBinding(self.bound, kwargs=merged, config=self._config, layer=self.layer)

    def _rewrap(self, change: Callable[[Any], Any]) -> RunnableBinding[Any, Any]:
        return RunnableBinding(
            change(self.bound), kwargs=self.kwargs, config=self._config, layer=self.layer
        )

    def invoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Output:
        """Answer one input."""
        return self.bound.invoke(input, self._over(config), **{**self.kwargs, **kwargs})

    async def ainvoke(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Output:
        """Answer one input."""
        return await self.bound.ainvoke(input, self._over(config), **{**self.kwargs, **kwargs})

    def stream(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Output]:
        """Yield the answer in pieces that add up to it."""
        return self.bound.stream(input, self._over(config), **{**self.kwargs, **kwargs})

    def astream(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Output]:
        """Yield the answer in pieces that add up to it."""
        return self.bound.astream(input, self._over(config), **{**self.kwargs, **kwargs})

    def transform(
        self, input: Iterator[Input], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Output]:
        """Turn a stream into a stream."""
        return self.bound.transform(input, self._over(config), **{**self.kwargs, **kwargs})

    def atransform(
        self, input: AsyncIterator[Input], config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Output]:
        """Turn a stream into a stream."""
        return self.bound.atransform(input, self._over(config), **{**self.kwargs, **kwargs})

    def _over(self, config: RunnableConfig | None) -> RunnableConfig | None:
        layer = self.layer(config) if self.layer is not None else None
        if self._config is None and layer is None:
            return config
        return merge_configs(self._config, layer, config)
