"""What people call: invoke, stream, batch and their a-twins, on an agent.

A call is decided here: what it begins with, where it is kept, who listens. `loop.py` tells the
rest, the same story in both colours, streamed or not.
"""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Generator,
    Iterator,
    Mapping,
    Sequence,
)
from functools import partial
from typing import Any, Generic, Self, TypeAlias, TypeVar, cast

from ..checkpoint import Checkpointer
from ..errors import ConfigurationError
from ..runnables import Runnable
from ..runnables.config import DEFAULT_RECURSION_LIMIT, RunnableConfig, merge_configs, resolve
from ..runnables.drive import Left, arun, run as drive
from ..runnables.kept import AsyncKept, handed
from ..runnables.run import open_run
from ..runnables.steps import Story
from ..runnables.told import Scope
from ..runtime import CURRENT, Runtime
from ..types import StateSnapshot
from .begin import begin
from .loop import Program, lead
from .outlet import MODES, Outlet
from .running import Kept, Running
from .threads import Thread
from .written import Writer

__all__ = ["Agent"]

StateT = TypeVar("StateT")
Stops: TypeAlias = tuple[Sequence[str] | None, Sequence[str] | None]
STEPS = 9_999
"""how many steps a run may take, unless its config says"""


class Agent(Runnable[Any, StateT], Generic[StateT]):
    """A model and its tools, in a loop. Made by `create_agent`."""

    def __init__(
        self,
        program: Program,
        *,
        response: Any,
        checkpointer: Checkpointer | None,
        store: Any,
        interrupt_before: Sequence[str],
        interrupt_after: Sequence[str],
        name: str | None,
    ) -> None:
        self._program = program
        self._writer = Writer(program.keys, response)
        self.checkpointer = checkpointer
        self.store = store
        self._before = self._places(interrupt_before)
        self._after = self._places(interrupt_after)
        self.name = name
        self._config: RunnableConfig | None = None

    def get_name(self) -> str:
        return self.name or "agent"

    def with_config(self, config: RunnableConfig | None = None, **entries: Any) -> Self:
        """Return this agent with run config merged into every call's."""
        more = cast("RunnableConfig | None", entries or None)
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._config = merge_configs(self._config, config, more)
        return twin

    # -- one run ----------------------------------------------------------------------------

    def invoke(
        self,
        input: Any,
        config: RunnableConfig | None = None,
        *,
        context: Any = None,
        interrupt_before: Sequence[str] | None = None,
        interrupt_after: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> StateT:
        """Run to the end and return the state: the messages, and what else is in it.

        The input is a dict with `messages`; None goes on with a run that was broken off, and
        `Command(resume=...)` answers what it waits for, which stands under `"__interrupt__"`.
        """
        _refuse(kwargs)
        stops = (interrupt_before, interrupt_after)
        return drive(self._told(input, config, context, stops, None, is_async=False))

    async def ainvoke(
        self,
        input: Any,
        config: RunnableConfig | None = None,
        *,
        context: Any = None,
        interrupt_before: Sequence[str] | None = None,
        interrupt_after: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> StateT:
        """Run to the end and return the state, without blocking the event loop."""
        _refuse(kwargs)
        stops = (interrupt_before, interrupt_after)
        return await arun(self._told(input, config, context, stops, None, is_async=True))

    def stream(
        self,
        input: Any,
        config: RunnableConfig | None = None,
        *,
        context: Any = None,
        stream_mode: str | Sequence[str] = "updates",
        version: str = "v1",
        interrupt_before: Sequence[str] | None = None,
        interrupt_after: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> Iterator[Any]:
        """Yield what happens while the agent runs.

        Modes: "updates" gives `{step: what it changed}`, "values" the whole state after each
        step, "messages" `(chunk, metadata)` as models write, "custom" what tools and hooks write,
        "tools" how calls go. A list of modes gives (mode, item) pairs; with version "v2" items
        are dicts of `type`, `ns` and `data`. Leaving the loop ends the run.
        """
        _refuse(kwargs)
        modes, shape = _modes(stream_mode, version)
        items = self._items(input, config, context, (interrupt_before, interrupt_after), modes)
        try:
            for mode, item in items:
                yield shape(mode, item)
        finally:
            items.close()

    async def astream(
        self,
        input: Any,
        config: RunnableConfig | None = None,
        *,
        context: Any = None,
        stream_mode: str | Sequence[str] = "updates",
        version: str = "v1",
        interrupt_before: Sequence[str] | None = None,
        interrupt_after: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[Any]:
        """Yield what happens while the agent runs, without blocking the event loop."""
        _refuse(kwargs)
        modes, shape = _modes(stream_mode, version)
        items = self._aitems(input, config, context, (interrupt_before, interrupt_after), modes)
        try:
            async for mode, item in items:
                yield shape(mode, item)
        finally:
            await items.aclose()

    def stream_events(
        self,
        input: Any,
        config: RunnableConfig | None = None,
        *,
        version: str = "v2",
        **kwargs: Any,
    ) -> Any:
        """Yield what happens in this run and in all runs below it, as event dicts.

        With version "v3" the answer is an `AgentStream`: its `values`, `messages`, `tool_calls`
        and `output` can be read while the agent runs.
        """
        if version != "v3":
            return super().stream_events(input, config, version=cast("Any", version), **kwargs)
        from .events import STREAMED, AgentStream, enveloped

        put = enveloped()
        items = self._items(input, config, *_stops(kwargs), STREAMED)
        return AgentStream(put(mode, item) for mode, item in items)

    def astream_events(
        self,
        input: Any,
        config: RunnableConfig | None = None,
        *,
        version: str = "v2",
        **kwargs: Any,
    ) -> Any:
        """Yield what happens in this run and in all runs below it, as event dicts.

        With version "v3" the answer is an `AsyncAgentStream`, which may be awaited or not.
        """
        if version != "v3":
            return super().astream_events(input, config, version=cast("Any", version), **kwargs)
        from .events import STREAMED, AsyncAgentStream, enveloped

        put = enveloped()
        items = self._aitems(input, config, *_stops(kwargs), STREAMED)
        return AsyncAgentStream(put(mode, item) async for mode, item in items)

    def _items(
        self, input: Any, config: Any, context: Any, stops: Stops, modes: Sequence[str]
    ) -> Generator[tuple[str, Any], None, None]:
        """Run in a thread, step by step, and yield (mode, item) as it happens."""

        def work(hand_over: Callable[[Any], bool]) -> None:
            outlet = Outlet(modes, hand_over)
            try:
                drive(self._told(input, config, context, stops, outlet, is_async=False))
            except Left:
                return

        return handed(work)

    async def _aitems(
        self, input: Any, config: Any, context: Any, stops: Stops, modes: Sequence[str]
    ) -> AsyncGenerator[tuple[str, Any], None]:
        """Run in a task and yield (mode, item) as it happens."""

        def put(item: Any) -> bool:
            return items.put(item)

        async def work() -> AsyncGenerator[None, None]:
            outlet = Outlet(modes, put)
            try:
                await arun(self._told(input, config, context, stops, outlet, is_async=True))
            except Left:
                return
            yield None  # makes this a stream, whose own items nobody reads

        items = AsyncKept(work())
        try:
            async for item in items:
                yield item
        finally:
            await items.aclose()

    # -- the story --------------------------------------------------------------------------

    def _told(
        self,
        input: Any,
        config: RunnableConfig | None,
        context: Any,
        stops: Stops,
        outlet: Outlet | None,
        *,
        is_async: bool,
    ) -> Story[Any]:
        """Tell a run from its input to the state it ends with."""
        config = self._resolved(config, outlet)
        opened = open_run(config, name=self.get_name(), is_async=is_async)
        scope = Scope(config, opened)
        run = self._running(scope, context, outlet, is_async=is_async)
        before = self._before if stops[0] is None else self._places(stops[0])
        after = self._after if stops[1] is None else self._places(stops[1])
        yield from scope.tell("on_chain_start", {"name": self.get_name()}, input)
        try:
            yield from begin(self._program, run, input)
            yield from lead(self._program, run, before, after)
        except GeneratorExit:
            raise
        except BaseException as error:
            yield from scope.tell("on_chain_error", error)
            raise
        answer = self._shown(run)
        yield from scope.tell("on_chain_end", answer)
        return answer

    def _resolved(
        self, config: RunnableConfig | None, outlet: Outlet | None
    ) -> RunnableConfig | None:
        if self._config is not None:
            config = merge_configs(self._config, config)
        if outlet is not None and (listeners := outlet.listeners()):
            config = merge_configs(config, {"callbacks": listeners})
        return resolve(config)

    def _running(
        self, scope: Scope, context: Any, outlet: Outlet | None, *, is_async: bool
    ) -> Running:
        config = scope.config
        limit = (config or {}).get("recursion_limit", DEFAULT_RECURSION_LIMIT)
        if limit is not DEFAULT_RECURSION_LIMIT and limit < 1:
            raise ConfigurationError(f"recursion_limit={limit}: give 1 or more")
        around = CURRENT.get()
        if context is None and around is not None:
            context = around.runtime.context
        more: dict[str, Any] = {}
        if outlet is not None:
            more["stream_writer"] = partial(outlet.tell, "custom")
        return Running(
            {},
            scope,
            Runtime(context=context, store=self.store, config=config or {}, **more),
            outlet=outlet,
            kept=self._kept(config),
            limit=STEPS if type(limit) is type(DEFAULT_RECURSION_LIMIT) else limit,
            is_async=is_async,
        )

    def _kept(self, config: RunnableConfig | None) -> Kept | None:
        if self.checkpointer is None:
            return None
        thread_id = (config or {}).get("configurable", {}).get("thread_id")
        if thread_id is None:
            raise ConfigurationError(
                "an agent with a checkpointer needs to know the conversation: pass "
                'config={"configurable": {"thread_id": "..."}}'
            )
        around = CURRENT.get()
        # Inside a tool of another agent the thread is that one's: this run is nested in it.
        within = "" if around is None else f"|{around.task.partition(':')[2]}"
        return Kept(self.checkpointer, f"{thread_id}{within}", self._writer)

    def _shown(self, run: Running) -> Any:
        shown = self._program.keys.shown(run.state)
        if run.interrupts:
            shown["__interrupt__"] = list(run.interrupts)
            run.tell("values", shown)
        return shown

    def _places(self, names: str | Sequence[str]) -> frozenset[str]:
        wanted = frozenset([names] if isinstance(names, str) else names)
        if strange := wanted - {*self._program.nodes, "*"}:
            raise ConfigurationError(
                f"there is no step {min(strange)!r}; there are: {', '.join(self._program.nodes)}"
            )
        return wanted

    # -- where a thread stands ----------------------------------------------------------------

    def get_state(self, config: RunnableConfig) -> StateSnapshot:
        """Give where a thread stands: its state, what is next, what it waits for."""
        return drive(self._thread(config).snapshot())

    async def aget_state(self, config: RunnableConfig) -> StateSnapshot:
        """Give where a thread stands."""
        return await arun(self._thread(config).snapshot())

    def get_state_history(
        self, config: RunnableConfig, *, limit: int | None = None
    ) -> Iterator[StateSnapshot]:
        """Give where a thread has stood, the latest first."""
        yield from drive(self._thread(config).history(limit))

    async def aget_state_history(
        self, config: RunnableConfig, *, limit: int | None = None
    ) -> AsyncIterator[StateSnapshot]:
        """Give where a thread has stood, the latest first."""
        for snapshot in await arun(self._thread(config).history(limit)):
            yield snapshot

    def update_state(
        self, config: RunnableConfig, values: Mapping[str, Any] | None, as_node: str | None = None
    ) -> RunnableConfig:
        """Change the state of a thread, as if a step had; give the config that names it now.

        What is next stays as it was, unless `as_node` names the step that this comes from.
        """
        return drive(self._thread(config).update(values, as_node))

    async def aupdate_state(
        self, config: RunnableConfig, values: Mapping[str, Any] | None, as_node: str | None = None
    ) -> RunnableConfig:
        """Change the state of a thread, as if a step had; give the config that names it now."""
        return await arun(self._thread(config).update(values, as_node))

    def _thread(self, config: RunnableConfig | None) -> Thread:
        full = self._resolved(config, None)
        kept = self._kept(full)
        if kept is None:
            raise ConfigurationError(
                "this agent keeps no state: create_agent(..., checkpointer=InMemorySaver())"
            )
        return Thread(self._program, kept, full)


def _modes(given: str | Sequence[str], version: str) -> tuple[list[str], Callable[[str, Any], Any]]:
    modes = [given] if isinstance(given, str) else list(given)
    for mode in modes:
        if mode not in MODES:
            raise ConfigurationError(
                f"stream_mode={mode!r}: choose of {', '.join(map(repr, MODES))}, or a list of them"
            )
    if version == "v2":
        return modes, _dict_of
    if version != "v1":
        raise ConfigurationError(f'version={version!r}: choose "v1" or "v2"')
    if isinstance(given, str):
        return modes, lambda _, item: item
    return modes, lambda mode, item: (mode, item)


def _dict_of(mode: str, item: Any) -> dict[str, Any]:
    made = {"type": mode, "ns": (), "data": item}
    if mode == "values":
        made["interrupts"] = tuple(item.get("__interrupt__", ()))
        made["data"] = {key: value for key, value in item.items() if key != "__interrupt__"}
    return made


def _refuse(kwargs: Mapping[str, Any]) -> None:
    if kwargs:
        raise ConfigurationError(
            f"an agent's call has no {', '.join(kwargs)}: settings of the model belong to the model"
        )


def _stops(kwargs: dict[str, Any]) -> tuple[Any, Stops]:
    """Take out of the arguments what a run knows beside its input and its config."""
    context = kwargs.pop("context", None)
    stops = (kwargs.pop("interrupt_before", None), kwargs.pop("interrupt_after", None))
    _refuse(kwargs)
    return context, stops
