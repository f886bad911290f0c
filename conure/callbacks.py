"""Handlers: objects that hear what happens in a run.

Pass them in `config={"callbacks": [...]}`, where runs below inherit them, or to a model's
constructor for that model alone. Subclass `BaseCallbackHandler` and write the methods for the
events of interest; plain or `async def` both work in sync and async calls. Every event comes
with `run_id`, `parent_run_id` and `tags`, start events with `name` and `metadata` as well: end the
parameters with `**kwargs`. What a handler raises is logged, unless it says `raise_error`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Self

from .errors import ConfigurationError
from .messages import AIMessage, BaseMessage, UsageMetadata, add_usage
from .runnables.config import (
    AMBIENT,
    Callbacks,
    RunnableConfig,
    ambient,
    merge_configs,
    resolve,
)
from .runnables.run import Job, open_run, unheard

if TYPE_CHECKING:
    from pathlib import Path

    from .outputs import LLMResult

__all__ = [
    "AsyncCallbackHandler",
    "BaseCallbackHandler",
    "CallbackManager",
    "FileCallbackHandler",
    "StdOutCallbackHandler",
    "StreamingStdOutCallbackHandler",
    "UsageMetadataCallbackHandler",
    "adispatch_custom_event",
    "dispatch_custom_event",
    "get_usage_metadata_callback",
]

CallbackManager = Callbacks


class BaseCallbackHandler:
    """Hears events; each method here does nothing until it is overridden.

    The switches below turn whole families of events off. In async calls the methods run in
    threads; with `run_inline` they run in the event loop, which they must not block.
    """

    raise_error = False
    run_inline = False
    ignore_llm = False
    ignore_chat_model = False
    ignore_chain = False
    ignore_agent = False
    ignore_retriever = False
    ignore_retry = False
    ignore_custom_event = False

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        **kwargs: Any,
    ) -> Any:
        """Hear that a model is about to be asked; goes to `on_llm_start` unless overridden."""
        if getattr(self.on_llm_start, "unheard", False):
            return None
        return self.on_llm_start(serialized, [_as_text(batch) for batch in messages], **kwargs)

    @unheard
    def on_llm_start(self, serialized: dict[str, Any], prompts: list[str], **kwargs: Any) -> Any:
        """Hear that a text model is about to be asked."""

    @unheard
    def on_llm_new_token(self, token: str | list[Any], **kwargs: Any) -> Any:
        """Hear a streamed piece; `chunk` has it as a `ChatGenerationChunk`."""

    @unheard
    def on_stream_event(self, event: Any, **kwargs: Any) -> Any:
        """Hear an event of a streamed reply."""

    @unheard
    def on_llm_end(self, response: LLMResult, **kwargs: Any) -> Any:
        """Hear a model's whole reply."""

    @unheard
    def on_llm_error(self, error: BaseException, **kwargs: Any) -> Any:
        """Hear that a model's run failed; `response` has what came before, if anything."""

    @unheard
    def on_chain_start(self, serialized: dict[str, Any], inputs: Any, **kwargs: Any) -> Any:
        """Hear that a runnable which is no model begins."""

    @unheard
    def on_chain_end(self, outputs: Any, **kwargs: Any) -> Any:
        """Hear what it answered."""

    @unheard
    def on_chain_error(self, error: BaseException, **kwargs: Any) -> Any:
        """Hear that it failed."""

    @unheard
    def on_tool_start(self, serialized: dict[str, Any], input_str: str, **kwargs: Any) -> Any:
        """Hear that a tool begins; `inputs` has its arguments."""

    @unheard
    def on_tool_end(self, output: Any, **kwargs: Any) -> Any:
        """Hear what it answered."""

    @unheard
    def on_tool_error(self, error: BaseException, **kwargs: Any) -> Any:
        """Hear that it failed."""

    @unheard
    def on_retriever_start(self, serialized: dict[str, Any], query: str, **kwargs: Any) -> Any:
        """Hear that a search begins."""

    @unheard
    def on_retriever_end(self, documents: Sequence[Any], **kwargs: Any) -> Any:
        """Hear what it found."""

    @unheard
    def on_retriever_error(self, error: BaseException, **kwargs: Any) -> Any:
        """Hear that it failed."""

    @unheard
    def on_text(self, text: str, **kwargs: Any) -> Any:
        """Hear some text."""

    @unheard
    def on_retry(self, retry_state: Any, **kwargs: Any) -> Any:
        """Hear that a call failed and will be made again."""

    @unheard
    def on_agent_action(self, action: Any, **kwargs: Any) -> Any:
        """Hear what an agent decided to do."""

    @unheard
    def on_agent_finish(self, finish: Any, **kwargs: Any) -> Any:
        """Hear that an agent is done."""

    @unheard
    def on_custom_event(self, name: str, data: Any, **kwargs: Any) -> Any:
        """Hear an event that user code dispatched."""


@unheard
async def _hear_nothing(self: Any, *args: Any, **kwargs: Any) -> None:
    del self, args, kwargs


class AsyncCallbackHandler(BaseCallbackHandler):
    """Hears events in `async def` methods; in sync calls each runs in a loop of its own."""

    on_llm_start = on_llm_new_token = on_llm_end = on_llm_error = _hear_nothing
    on_chain_start = on_chain_end = on_chain_error = _hear_nothing
    on_tool_start = on_tool_end = on_tool_error = _hear_nothing
    on_retriever_start = on_retriever_end = on_retriever_error = _hear_nothing
    on_agent_action = on_agent_finish = on_stream_event = _hear_nothing
    on_text = on_retry = on_custom_event = _hear_nothing


class StdOutCallbackHandler(BaseCallbackHandler):
    """Prints where chains begin and end, and what tools answer."""

    run_inline = True

    def __init__(self, color: str | None = None) -> None:
        self.color = color

    def _write(self, text: str) -> None:
        from sys import stdout

        stdout.write(text)

    def on_chain_start(self, serialized: dict[str, Any], inputs: Any, **kwargs: Any) -> None:
        self._write(f"\n\n> Entering new {kwargs.get('name') or 'chain'} chain...\n")

    def on_chain_end(self, outputs: Any, **kwargs: Any) -> None:
        self._write("\n> Finished chain.\n")

    def on_tool_end(self, output: Any, **kwargs: Any) -> None:
        self._write(f"{output}\n")

    def on_text(self, text: str, **kwargs: Any) -> None:
        self._write(text)


class FileCallbackHandler(StdOutCallbackHandler):
    """Writes the same to a file; `with` closes it.

    A file that cannot be opened raises at once, not in the middle of a run.
    """

    def __init__(self, filename: str | Path, mode: str = "a", color: str | None = None) -> None:
        super().__init__(color)
        from pathlib import Path

        self.file: IO[str] = Path(filename).open(mode, encoding="utf-8")  # noqa: SIM115 - closed by close

    def _write(self, text: str) -> None:
        self.file.write(text)
        self.file.flush()

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class StreamingStdOutCallbackHandler(BaseCallbackHandler):
    """Prints a reply as it is written."""

    run_inline = True

    def on_llm_new_token(self, token: str | list[Any], **kwargs: Any) -> None:
        from sys import stdout

        chunk = kwargs.get("chunk")
        stdout.write(token if isinstance(token, str) else getattr(chunk, "text", ""))
        stdout.flush()


class UsageMetadataCallbackHandler(BaseCallbackHandler):
    """Adds up the tokens of all replies, by the name of the model that answered.

    Replies that came from a cache, or without usage or a model name, do not count. One handler may
    listen to many threads.
    """

    run_inline = True

    def __init__(self) -> None:
        from _thread import allocate_lock

        self.usage_metadata: dict[str, UsageMetadata] = {}
        self._lock = allocate_lock()

    def __repr__(self) -> str:
        return repr(self.usage_metadata)

    def on_llm_end(self, response: LLMResult, **kwargs: Any) -> None:
        for candidates in response.generations:
            message = getattr(candidates[0], "message", None) if candidates else None
            if isinstance(message, AIMessage) and (usage := message.usage_metadata):
                self._add(message.response_metadata, usage)

    def _add(self, facts: dict[str, Any], usage: UsageMetadata) -> None:
        name = facts.get("model_name")
        if not name or facts.get("cached"):
            return
        with self._lock:
            self.usage_metadata[name] = add_usage(self.usage_metadata.get(name), usage)


@contextmanager
def get_usage_metadata_callback(
    name: str = "usage_metadata_callback",
) -> Generator[UsageMetadataCallbackHandler]:
    """Add up the tokens of every model call in the block, tasks and batches included.

    `name` is accepted for old code and means nothing. Threads started by hand inside the block
    are not seen.
    """
    del name
    handler = UsageMetadataCallbackHandler()
    with ambient(merge_configs(AMBIENT.get(), {"callbacks": [handler]})):
        yield handler


def dispatch_custom_event(name: str, data: Any, *, config: RunnableConfig | None = None) -> None:
    """Tell the handlers of the enclosing run of an event of your own.

    They hear it in `on_custom_event`, and event streams show it. Where nobody listens nothing
    happens.
    """
    from .runnables.steps import Tell

    for job in _announced(name, data, config, is_async=False):
        Tell(job).run()


async def adispatch_custom_event(
    name: str, data: Any, *, config: RunnableConfig | None = None
) -> None:
    """Do the same in an event loop: async handlers are awaited."""
    from .runnables.steps import Tell

    for job in _announced(name, data, config, is_async=True):
        await Tell(job).arun()


def _announced(name: str, data: Any, config: RunnableConfig | None, *, is_async: bool) -> list[Job]:
    config = resolve(config) or {}
    heard = Callbacks.of(config.get("callbacks"))
    if heard.handlers and heard.parent_run_id is None:
        raise ConfigurationError(
            f"the event {name!r} belongs to no run: dispatch it inside of one, "
            "and pass the config that the function was given"
        )
    around: RunnableConfig = {**config, "callbacks": heard}
    if heard.parent_run_id is not None:
        around["run_id"] = heard.parent_run_id
    run = open_run(around, name=name, is_async=is_async)
    return [] if run is None else run.notify("on_custom_event", name, data, metadata=run.metadata)


def _as_text(messages: Sequence[BaseMessage]) -> str:
    return "\n".join(f"{_speaker(message)}: {message.text}" for message in messages)


def _speaker(message: BaseMessage) -> str:
    names = {"human": "Human", "ai": "AI", "AIMessageChunk": "AI", "system": "System"}
    return names.get(message.type, message.type.capitalize())
