"""What everything that can be called has in common: the outer face, in two colours.

A subclass writes `invoke`, and `ainvoke`, `stream` and `astream` where it can do better than
the ones here. Everything else follows from those. Nothing here knows a model.
"""

from __future__ import annotations

from sys import modules
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, overload

from .config import RunnableConfig, merge_configs
from .pieces import total

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Collection,
        Coroutine,
        Generator,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )

    from .stream_event import StreamEvent, Version, Voice

__all__ = ["Runnable"]

Input = TypeVar("Input", contravariant=True)  # noqa: PLC0105 - users read these names
Output = TypeVar("Output", covariant=True)  # noqa: PLC0105 - the same
Other = TypeVar("Other")


class Runnable(Generic[Input, Output]):
    """Something that turns an input into an output: once, as a stream, or many at once."""

    name: str | None = None
    _config: RunnableConfig | None = None
    """config fixed beforehand; the width of a batch may stand there"""

    def invoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Output:
        """Answer one input."""
        msg = f"{type(self).__name__} has no invoke"
        raise NotImplementedError(msg)

    async def ainvoke(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Output:
        """Answer one input; here, in a thread."""
        from .waiting import in_thread

        return await in_thread(lambda: self.invoke(input, config, **kwargs))

    def stream(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Output]:
        """Yield the answer in pieces that add up to it; here, in one piece."""
        yield self.invoke(input, config, **kwargs)

    async def astream(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Output]:
        """Yield the answer in pieces that add up to it; here, in one piece."""
        yield await self.ainvoke(input, config, **kwargs)

    def transform(
        self, input: Iterator[Input], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Output]:
        """Turn a stream into a stream; here, the input is added up first."""
        pieces = list(input)
        if pieces:
            yield from self.stream(total(pieces), config, **kwargs)

    async def atransform(
        self, input: AsyncIterator[Input], config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Output]:
        """Turn a stream into a stream; here, the input is added up first."""
        pieces = [piece async for piece in input]
        if pieces:
            async for chunk in self.astream(total(pieces), config, **kwargs):
                yield chunk

    @overload
    def stream_events(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        *,
        version: Literal["v3"],
        **kwargs: Any,
    ) -> Any: ...
    @overload
    def stream_events(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        *,
        version: Version = "v2",
        include_names: Collection[str] | None = None,
        include_types: Collection[str] | None = None,
        include_tags: Collection[str] | None = None,
        exclude_names: Collection[str] | None = None,
        exclude_types: Collection[str] | None = None,
        exclude_tags: Collection[str] | None = None,
        **kwargs: Any,
    ) -> Generator[StreamEvent, None, None]: ...
    def stream_events(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        *,
        version: str = "v2",
        **kwargs: Any,
    ) -> Any:
        """Yield what happens in this run and in all runs below it, as event dicts.

        With version "v3", which models and what ends in one have, this is an object to read the
        reply from while it is written.
        """
        if version == "v3":
            voice = self.voice()
            return voice.stream(voice.runnable.stream(input, config, **kwargs))
        return _combinator("events_of")(self, input, config, version, kwargs)

    @overload
    def astream_events(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        *,
        version: Literal["v3"],
        **kwargs: Any,
    ) -> Any: ...
    @overload
    def astream_events(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        *,
        version: Version = "v2",
        include_names: Collection[str] | None = None,
        include_types: Collection[str] | None = None,
        include_tags: Collection[str] | None = None,
        exclude_names: Collection[str] | None = None,
        exclude_types: Collection[str] | None = None,
        exclude_tags: Collection[str] | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[StreamEvent, None]: ...
    def astream_events(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        *,
        version: str = "v2",
        **kwargs: Any,
    ) -> Any:
        """Yield what happens in this run and in all runs below it, as event dicts.

        With version "v3", which models and what ends in one have, this is an object to read the
        reply from while it is written.
        """
        if version == "v3":
            voice = self.voice()
            return voice.astream(voice.runnable.astream(input, config, **kwargs))
        return _combinator("aevents_of")(self, input, config, version, kwargs)

    def voice(self) -> Voice:
        """Tell how this speaks version "v3" of events: models do, and what ends in one."""
        msg = f'{self.get_name()} has no events of version "v3": it does not end in a chat model'
        raise NotImplementedError(msg)

    def batch(
        self,
        inputs: Iterable[Input],
        config: RunnableConfig | Sequence[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[Output]:
        """Answer many inputs in threads, `config["max_concurrency"]` at once, in input order.

        The first failure is raised once running calls have ended; with `return_exceptions` it
        stands in its place in the list.
        """
        from .many import batch

        call = self._caller(kwargs)
        return batch(call, inputs, config, self._config, return_exceptions=return_exceptions)

    async def abatch(
        self,
        inputs: Iterable[Input],
        config: RunnableConfig | Sequence[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[Output]:
        """Answer many inputs at once, in input order; a failure cancels the others."""
        from .many import abatch

        call = self._acaller(kwargs)
        return await abatch(call, inputs, config, self._config, return_exceptions=return_exceptions)

    def batch_as_completed(
        self,
        inputs: Iterable[Input],
        config: RunnableConfig | Sequence[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> Generator[tuple[int, Output], None, None]:
        """Yield (index, answer) in the order the answers come."""
        from .many import batch_as_completed

        call = self._caller(kwargs)
        return batch_as_completed(
            call, inputs, config, self._config, return_exceptions=return_exceptions
        )

    def abatch_as_completed(
        self,
        inputs: Iterable[Input],
        config: RunnableConfig | Sequence[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> AsyncGenerator[tuple[int, Output], None]:
        """Yield (index, answer) in the order the answers come."""
        from .many import abatch_as_completed

        call = self._acaller(kwargs)
        return abatch_as_completed(
            call, inputs, config, self._config, return_exceptions=return_exceptions
        )

    def _caller(self, kwargs: dict[str, Any]) -> Callable[[Input, RunnableConfig | None], Output]:
        if not kwargs:
            return self.invoke
        return lambda item, config: self.invoke(item, config, **kwargs)

    def _acaller(
        self, kwargs: dict[str, Any]
    ) -> Callable[[Input, RunnableConfig | None], Coroutine[Any, Any, Output]]:
        if not kwargs:
            return self.ainvoke
        return lambda item, config: self.ainvoke(item, config, **kwargs)

    def get_name(self) -> str:
        """Answer the name that runs of this go by."""
        return self.name or type(self).__name__

    @overload
    def __or__(self, other: Runnable[Output, Other]) -> Runnable[Input, Other]: ...
    @overload
    def __or__(self, other: Callable[[Output], Awaitable[Other]]) -> Runnable[Input, Other]: ...
    @overload
    def __or__(self, other: Callable[[Output], Other]) -> Runnable[Input, Other]: ...
    @overload
    def __or__(
        self, other: Callable[[Iterator[Any]], Iterator[Other]]
    ) -> Runnable[Input, Other]: ...
    @overload
    def __or__(
        self, other: Callable[[AsyncIterator[Any]], AsyncIterator[Other]]
    ) -> Runnable[Input, Other]: ...
    @overload
    def __or__(self, other: Mapping[str, Any]) -> Runnable[Input, dict[str, Any]]: ...
    def __or__(self, other: Any) -> Runnable[Input, Any]:
        """Hand what this answers to `other`: a runnable, a function, or a dict of either."""
        return self.pipe(other)

    def __ror__(self, other: Any) -> Runnable[Any, Output]:
        """Hand what `other` answers to this."""
        return _combinator("RunnableSequence")(other, self)

    @overload
    def pipe(
        self, other: Runnable[Output, Other], /, *, name: str | None = None
    ) -> Runnable[Input, Other]: ...
    @overload
    def pipe(
        self, other: Callable[[Output], Awaitable[Other]], /, *, name: str | None = None
    ) -> Runnable[Input, Other]: ...
    @overload
    def pipe(
        self, other: Callable[[Output], Other], /, *, name: str | None = None
    ) -> Runnable[Input, Other]: ...
    @overload
    def pipe(self, *others: Any, name: str | None = None) -> Runnable[Input, Any]: ...
    def pipe(self, *others: Any, name: str | None = None) -> Runnable[Input, Any]:
        """Chain several at once, like `|`."""
        return _combinator("RunnableSequence")(self, *others, name=name)

    def assign(self, **steps: Any) -> Runnable[Input, dict[str, Any]]:
        """Add keys to the dict this answers; each step is given the whole dict."""
        return self.pipe(_combinator("RunnableAssign")(steps))

    def pick(self, keys: str | list[str]) -> Runnable[Input, Any]:
        """Keep one value, or a dict of some keys, of the dict this answers."""
        return self.pipe(_combinator("RunnablePick")(keys))

    def map(self) -> Runnable[list[Any], list[Output]]:
        """Make a runnable from lists to lists."""
        return _combinator("RunnableEach")(self)

    def bind(self, **kwargs: Any) -> Runnable[Input, Output]:
        """Fix keyword arguments of later calls; those of a call win."""
        return _combinator("RunnableBinding")(self, kwargs=kwargs)

    def with_config(
        self, config: RunnableConfig | None = None, **keys: Any
    ) -> Runnable[Input, Output]:
        """Fix config for later calls; that of a call is laid over it."""
        merged = merge_configs(config, cast("RunnableConfig", keys))
        return _combinator("RunnableBinding")(self, config=merged)

    def with_listeners(
        self,
        *,
        on_start: Callable[..., Any] | None = None,
        on_end: Callable[..., Any] | None = None,
        on_error: Callable[..., Any] | None = None,
    ) -> Runnable[Input, Output]:
        """Call functions with the `RunRecord` of each run; they may take its config too."""
        layer = _combinator("listening")(on_start, on_end, on_error)
        return _combinator("RunnableBinding")(self, layer=layer)

    def with_types(
        self, *, input_type: type[Any] | None = None, output_type: type[Any] | None = None
    ) -> Runnable[Any, Any]:
        """Answer this runnable; the types are for the reader, nothing is checked."""
        del input_type, output_type
        return self

    def with_retry(
        self,
        *,
        retry_if_exception_type: tuple[type[BaseException], ...] = (Exception,),
        wait_exponential_jitter: bool = True,
        exponential_jitter_params: Mapping[str, float] | None = None,
        stop_after_attempt: int = 3,
    ) -> Runnable[Input, Output]:
        """Call again when a call fails, on top of what a model retries itself.

        Waits min(initial * exp_base**n + up to jitter, max) seconds, or as long as the error's
        `retry_after` says; `exponential_jitter_params` sets those four. A stream is not retried.
        """
        return _combinator("RunnableRetry")(
            self,
            retry_if_exception_type=retry_if_exception_type,
            wait_exponential_jitter=wait_exponential_jitter,
            exponential_jitter_params=exponential_jitter_params,
            stop_after_attempt=stop_after_attempt,
        )

    def with_fallbacks(
        self,
        fallbacks: Sequence[Runnable[Any, Any]],
        *,
        exceptions_to_handle: tuple[type[BaseException], ...] = (Exception,),
        exception_key: str | None = None,
    ) -> Runnable[Input, Output]:
        """Ask others, in order, when this fails; the first error is raised when all do.

        With `exception_key` the inputs are dicts and each fallback finds the error before it there.
        """
        return _combinator("RunnableWithFallbacks")(
            self,
            fallbacks,
            exceptions_to_handle=exceptions_to_handle,
            exception_key=exception_key,
        )


def _combinator(name: str) -> Any:
    """Find what is built on this file through the package's door: this file must not know it."""
    return getattr(modules[__package__ or ""], name)
