"""What happens in a run, as a stream of event dicts: `stream_events` and `astream_events`.

A handler collects the events while the runnable runs: in async in a task, in sync in a thread
that goes on only when an event was taken. Leaving the stream ends the run. Version "v1" has no
`parent_ids` and no `ls_` facts in its metadata. Version "v3" is told by the models themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ..errors import ConfigurationError
from .config import RunnableConfig, merge_configs
from .drive import Left
from .kept import AsyncKept, handed
from .stream_event import StreamEvent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Mapping
    from uuid import UUID

    from .base import Runnable

__all__ = ["EventCollector", "EventFilter", "aevents_of", "events_of"]


class EventFilter(Struct, frozen=True):
    """Which events to give: any that is included, when something is; none that is excluded."""

    include_names: Collection[str] | None = None
    include_types: Collection[str] | None = None
    include_tags: Collection[str] | None = None
    exclude_names: Collection[str] | None = None
    exclude_types: Collection[str] | None = None
    exclude_tags: Collection[str] | None = None

    def admits(self, name: str, kind: str, tags: Collection[str]) -> bool:
        """Tell whether events of such a run are wanted."""
        included = (self.include_names, self.include_types, self.include_tags)
        excluded = (self.exclude_names, self.exclude_types, self.exclude_tags)
        return (
            all(wanted is None for wanted in included) or _matches(included, name, kind, tags)
        ) and not _matches(excluded, name, kind, tags)


def _matches(
    lists: tuple[Collection[str] | None, ...], name: str, kind: str, tags: Collection[str]
) -> bool:
    names, kinds, labels = lists
    return (
        name in (names or ())
        or kind in (kinds or ())
        or any(label in tags for label in labels or ())
    )


def events_of(
    runnable: Runnable[Any, Any],
    input: Any,
    config: RunnableConfig | None,
    version: str,
    kwargs: dict[str, Any],
) -> Generator[StreamEvent, None, None]:
    """Run it in a thread, step by step, and yield what happens."""
    wanted = _checked(version, kwargs)

    def work(hand_over: Callable[[Any], bool]) -> None:
        collector = EventCollector(input, hand_over, version=version, wanted=wanted)
        try:
            for _ in runnable.stream(input, _heard_by(collector, config), **kwargs):
                pass
        except Left:
            pass

    return handed(work)


def aevents_of(
    runnable: Runnable[Any, Any],
    input: Any,
    config: RunnableConfig | None,
    version: str,
    kwargs: dict[str, Any],
) -> AsyncGenerator[StreamEvent, None]:
    """Run it in a task and yield what happens."""
    wanted = _checked(version, kwargs)

    def send(event: Any) -> bool:
        return events.put(event)

    collector = EventCollector(input, send, version=version, wanted=wanted)
    events = AsyncKept(runnable.astream(input, _heard_by(collector, config), **kwargs))
    return _read(events)


async def _read(events: AsyncKept) -> AsyncGenerator[StreamEvent, None]:
    try:
        async for event in events:
            yield event
    finally:
        await events.aclose()


def _checked(version: str, kwargs: dict[str, Any]) -> EventFilter:
    """Take the filters out of the arguments."""
    if version not in ("v1", "v2"):
        raise ConfigurationError(f'version={version!r}: choose one of "v1", "v2", "v3"')
    names = [name for name in EventFilter.__struct_fields__ if name in kwargs]
    return EventFilter(**{name: kwargs.pop(name) for name in names})


def _heard_by(collector: EventCollector, config: RunnableConfig | None) -> RunnableConfig:
    return merge_configs(config, {"callbacks": [collector]})


UNKNOWN: Any = object()


class _Begun(Struct):
    """A run that has begun."""

    kind: str
    name: str
    tags: list[str]
    metadata: dict[str, Any]
    parent_ids: list[str]
    input: Any
    wanted: bool
    is_root: bool


class EventCollector:
    """Hears a run and all runs below it, and sends an event dict for what it hears."""

    run_inline = True
    raise_error = True
    streams_models = True
    """asked for answers, models write them piece by piece, so that there is something to hear"""

    def __init__(
        self,
        input: Any,
        send: Callable[[StreamEvent], bool],
        *,
        version: str,
        wanted: EventFilter,
    ) -> None:
        self._input = input
        self._send = send
        self._version = version
        self._wanted = wanted
        self._begun: dict[UUID, _Begun] = {}
        self._has_root = False

    def on_chain_start(self, serialized: Any, inputs: Any, **facts: Any) -> None:
        del serialized
        # What is fed by a stream does not know its input yet.
        self._begin("chain", UNKNOWN if isinstance(inputs, str) and not inputs else inputs, facts)

    def on_chat_model_start(self, serialized: Any, messages: Any, **facts: Any) -> None:
        del serialized
        self._begin("chat_model", {"messages": [list(batch) for batch in messages]}, facts)

    def on_tool_start(self, serialized: Any, input_str: str, **facts: Any) -> None:
        del serialized
        inputs = facts.get("inputs")
        self._begin("tool", input_str if inputs is None else inputs, facts)

    def on_chain_end(self, outputs: Any, **facts: Any) -> None:
        self._end(facts, output=outputs)

    def on_llm_end(self, response: Any, **facts: Any) -> None:
        self._end(facts, output=response.generations[0][0].message)

    def on_tool_end(self, output: Any, **facts: Any) -> None:
        self._end(facts, output=output)

    def on_chain_error(self, error: BaseException, **facts: Any) -> None:
        del error
        self._begun.pop(facts["run_id"], None)

    on_llm_error = on_chain_error

    def on_tool_error(self, error: BaseException, **facts: Any) -> None:
        self._end(facts, "error", error=error)

    def on_llm_new_token(self, token: Any, *, chunk: Any, **facts: Any) -> None:
        del token
        message = chunk.message
        # The last chunk has facts about the reply and no content: they are told with its end.
        if message.chunk_position != "last":
            self._say("stream", facts["run_id"], {"chunk": message})

    def follow(self, run_id: UUID, piece: Any) -> None:
        """Hear a piece of what a chain streams."""
        self._say("stream", run_id, {"chunk": piece})

    def on_custom_event(self, name: str, data: Any, **facts: Any) -> None:
        begun = self._begun.get(facts["run_id"])
        tags: list[str] = facts.get("tags") or []
        metadata: dict[str, Any] = facts.get("metadata") or {}
        if self._wanted.admits(name, "custom", tags):
            parent_ids = begun.parent_ids if begun is not None else []
            self._tell(
                "on_custom_event", facts["run_id"],
                _Begun("custom", name, tags, metadata, parent_ids, None, True, False), data,
            )  # fmt: skip

    def _begin(self, kind: str, input: Any, facts: Mapping[str, Any]) -> None:
        run_id, parent_id = facts["run_id"], facts.get("parent_run_id")
        name: str = facts.get("name") or kind
        tags: list[str] = facts.get("tags") or []
        is_root = not self._has_root
        self._has_root = True
        parent = self._begun.get(parent_id) if parent_id is not None else None
        self._begun[run_id] = _Begun(
            kind,
            name,
            tags,
            self._metadata(facts.get("metadata") or {}),
            [*parent.parent_ids, str(parent_id)] if parent is not None else [],
            input,
            self._wanted.admits(name, kind, tags),
            is_root,
        )
        if is_root:
            input = self._input
        self._say("start", run_id, {} if input is UNKNOWN else {"input": input})

    def _end(self, facts: Mapping[str, Any], how: str = "end", **data: Any) -> None:
        run_id = facts["run_id"]
        begun = self._begun.get(run_id)
        if begun is not None and not begun.is_root:
            known = begun.input if begun.input is not UNKNOWN else facts.get("inputs", UNKNOWN)
            if known is not UNKNOWN:
                data["input"] = known
        self._say(how, run_id, data)
        self._begun.pop(run_id, None)

    def _say(self, what: str, run_id: UUID, data: Any) -> None:
        begun = self._begun.get(run_id)
        if begun is not None and begun.wanted:
            self._tell(f"on_{begun.kind}_{what}", run_id, begun, data)

    def _tell(self, event: str, run_id: UUID, begun: _Begun, data: Any) -> None:
        told: StreamEvent = {
            "event": event,
            "name": begun.name,
            "run_id": str(run_id),
            "parent_ids": [] if self._version == "v1" else [*begun.parent_ids],
            "tags": begun.tags,
            "metadata": begun.metadata,
            "data": data,
        }
        if not self._send(told):
            # Nobody reads any more: what still runs in a thread ends here.
            raise Left

    def _metadata(self, metadata: dict[str, Any]) -> dict[str, Any]:
        if self._version != "v1":
            return metadata
        return {key: value for key, value in metadata.items() if not key.startswith("ls_")}
