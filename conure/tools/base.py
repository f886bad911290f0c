"""A tool: something a model may ask to be called, and that a program can call as it is.

`invoke` takes the arguments and gives what the function gives; it takes a tool call of a message
and gives the `ToolMessage` that answers it. One story serves both colours.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, TypeAlias, cast, overload

from ..errors import ConfigurationError
from ..messages import ToolCall, ToolMessage
from ..runnables import RunnableConfig, ensure_config
from ..runnables.config import resolve
from ..runnables.run import open_run
from ..runnables.steps import Call, Emit, Source, Story
from ..runnables.told import Scope, Told
from .answers import message_of, split
from .arguments import ArgsSchema, Arguments, arguments_of_function, untitled
from .calls import Asked, ask
from .errors import InvalidToolArguments, ToolException
from .markers import InjectedState, InjectedStore, InjectedToolCallId, ToolRuntime

__all__ = ["BaseTool", "ErrorHandling", "ValidationHandling"]

ErrorHandling: TypeAlias = (
    bool
    | str
    | type[Exception]
    | tuple[type[Exception], ...]
    | Callable[[ToolException], str]
    | Callable[[Exception], str]
)
ValidationHandling: TypeAlias = bool | str | Callable[[InvalidToolArguments], str]


class BaseTool(Told[Any, Any]):
    """A tool; subclasses write `_run`, `_arun` or both.

    >>> class Double(BaseTool):
    ...     name: str = "double"
    ...     description: str = "Double a number."
    ...
    ...     def _run(self, number: int) -> int:
    ...         return 2 * number
    >>> Double().invoke({"number": 4})
    8
    """

    name: str  # pyright: ignore[reportIncompatibleVariableOverride] - tools always have one
    description: str
    args_schema: Any = None
    """what describes the arguments, where it is not the signature of `_run`"""
    return_direct: bool = False
    """whether an agent ends with what this answers"""
    response_format: Literal["content", "content_and_artifact"] = "content"
    extras: dict[str, Any] | None = None
    """further keys for providers that know them, such as `cache_control`"""
    tags: list[str] | None = None
    metadata: dict[str, Any] | None = None
    callbacks: Any = None
    verbose: bool = False
    handle_tool_error: ErrorHandling = False
    """False raises; True answers a `ToolException` with its text; a text or function answers it
    so; exception types are answered with their text, `Exception` for all"""
    handle_validation_error: ValidationHandling = False

    def __init__(self, **fields: Any) -> None:
        known = {
            name for cls in type(self).__mro__ for name in vars(cls).get("__annotations__", {})
        }
        for field, value in fields.items():
            if field not in known or field.startswith("_"):
                raise ConfigurationError(f"{type(self).__name__} has no field {field!r}")
            setattr(self, field, value)
        missing = [field for field in ("name", "description") if getattr(self, field, None) is None]
        if missing:
            raise ConfigurationError(f"{type(self).__name__} needs {' and '.join(missing)}")

    def _run(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{self.name} is async: call it with ainvoke")

    async def _arun(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{self.name} has no _arun")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function itself."""
        return self._run(*args, **kwargs)

    @property
    def args(self) -> dict[str, Any]:
        """The arguments that the model supplies, by name, as JSON Schemas."""
        parts: dict[str, Any] = untitled(self.arguments.json_schema)["properties"]
        return {name: {"title": _title(name), **part} for name, part in parts.items()}

    @property
    def tool_call_schema(self) -> ArgsSchema:
        """The JSON Schema of what the model supplies."""
        return ArgsSchema(self.arguments.json_schema)

    @property
    def arguments(self) -> Any:
        """How the arguments are described and read; made when first needed."""
        made = self.__dict__.get("_arguments")
        if made is None:
            made = self.__dict__["_arguments"] = self._described()
        return made

    @property
    def only_async(self) -> bool:
        """Whether it can only be awaited."""
        sync, deferred = self._functions()
        return sync is None and deferred is not None

    def get_input_schema(self, config: RunnableConfig | None = None) -> Any:
        """Answer what describes the arguments."""
        del config
        return self.args_schema or self.tool_call_schema

    @overload
    def invoke(
        self, input: ToolCall, config: RunnableConfig | None = None, **kwargs: Any
    ) -> ToolMessage: ...
    @overload
    def invoke(
        self,
        input: str | dict[str, Any],
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Any: ...
    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        """Call the tool with arguments, or answer a tool call with a `ToolMessage`."""
        return super().invoke(input, config, **kwargs)

    @overload
    async def ainvoke(
        self, input: ToolCall, config: RunnableConfig | None = None, **kwargs: Any
    ) -> ToolMessage: ...
    @overload
    async def ainvoke(
        self,
        input: str | dict[str, Any],
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Any: ...
    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        """Call the tool with arguments, or answer a tool call with a `ToolMessage`."""
        return await super().ainvoke(input, config, **kwargs)

    def run(self, tool_input: Any, config: RunnableConfig | None = None) -> Any:
        """Do what `invoke` does."""
        return self.invoke(tool_input, config)

    async def arun(self, tool_input: Any, config: RunnableConfig | None = None) -> Any:
        """Do what `ainvoke` does."""
        return await self.ainvoke(tool_input, config)

    def _described(self) -> Any:
        sync = self._functions()[0]
        function = sync or self._functions()[1]
        if self.args_schema is not None:
            return Arguments(self.args_schema, function)
        return arguments_of_function(cast("Callable[..., Any]", function))

    def _functions(self) -> tuple[Callable[..., Any] | None, Callable[..., Any] | None]:
        """Answer the function in each colour, None where it was not written."""
        written = [_is_written(type(self), name) for name in ("_run", "_arun")]
        return self._run if written[0] else None, self._arun if written[1] else None

    def _asked(
        self,
        input: Any,
        config: RunnableConfig | None,
        kwargs: dict[str, Any],
        *,
        is_async: bool,
    ) -> Story[Any]:
        asked = ask(self.name, self.arguments, input)
        scope = self._opened(config, is_async=is_async)
        if scope.run is not None:
            seen = {k: v for k, v in asked.arguments.items() if k not in self.arguments.injected}
            said = {"name": self.name, "description": self.description}
            yield from scope.tell(
                "on_tool_start", said, str(seen), inputs=seen, tool_call_id=asked.call_id
            )
        try:
            answer = yield from self._answered(asked, scope, kwargs)
        except GeneratorExit:
            raise
        except BaseException as error:
            yield from scope.tell("on_tool_error", error, tool_call_id=asked.call_id)
            raise
        yield from scope.tell("on_tool_end", answer)
        return answer

    def _streamed(
        self,
        source: Source,
        config: RunnableConfig | None,
        kwargs: dict[str, Any],
        input: Any,
        *,
        is_async: bool,
    ) -> Story[Any]:
        del input
        for piece in (yield from self._gather(source)):
            yield Emit((yield from self._asked(piece, config, kwargs, is_async=is_async)))

    def _opened(self, config: RunnableConfig | None, *, is_async: bool) -> Scope:
        run = open_run(
            config := resolve(config),
            name=self.name,
            tags=self.tags or (),
            metadata=self.metadata,
            callbacks=self.callbacks,
            is_async=is_async,
        )
        return Scope(config, run)

    def _answered(self, asked: Asked, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        status: Literal["success", "error"] = "success"
        artifact: Any = None
        try:
            config = scope.child()
            arguments = self._complete(asked, config) | kwargs
            answer = yield from self._call(arguments, config)
            content, artifact = split(answer, self.response_format, self.name)
        except InvalidToolArguments as error:
            content, status = self._excuse(error, self.handle_validation_error), "error"
        except Exception as error:  # noqa: BLE001 - raised again unless it is to be answered
            content, status = self._excuse(error, self.handle_tool_error), "error"
        if asked.call_id is None:
            return content
        return message_of(
            content, name=self.name, call_id=asked.call_id, artifact=artifact, status=status
        )

    def _call(self, arguments: dict[str, Any], config: RunnableConfig | None) -> Call:
        call = self.arguments.call
        sync, deferred = (
            None if function is None else partial(call, function, arguments)
            for function in self._functions()
        )
        return Call(sync or self._run, config, afunction=deferred, blocking=True)

    def _complete(self, asked: Asked, config: RunnableConfig | None) -> dict[str, Any]:
        """Read what the model said, and add what it does not supply."""
        described = self.arguments
        supplied: dict[str, Any] = {}
        for name, supplier in described.injected.items():
            value = self._supplied(name, supplier, asked, config)
            if value is not LEFT_OUT:
                supplied[name] = value
        told = {k: v for k, v in asked.arguments.items() if k not in described.injected}
        told |= {k: v for k, v in supplied.items() if described.takes(k)}
        return {**described.read(self.name, told), **supplied}

    def _supplied(
        self, name: str, supplier: Any, asked: Asked, config: RunnableConfig | None
    ) -> Any:
        if name in asked.arguments:
            return asked.arguments[name]
        if supplier == "config":
            return ensure_config(config)
        if supplier == "runtime":
            return ToolRuntime[Any, Any](config=ensure_config(config), tool_call_id=asked.call_id)
        if isinstance(supplier, InjectedToolCallId):
            if asked.call_id is None:
                raise ConfigurationError(
                    f"{self.name} wants the id of its call in {name!r}: invoke it with a tool call"
                )
            return asked.call_id
        if isinstance(supplier, (InjectedState, InjectedStore)):
            raise ConfigurationError(
                f"{self.name} wants {name!r} from an agent: give it among the arguments"
            )
        return LEFT_OUT

    def _excuse(self, error: Exception, handling: Any) -> Any:
        """Tell the model what went wrong, or raise it."""
        kinds = cast("tuple[Any, ...]", handling if isinstance(handling, tuple) else (handling,))
        types = tuple(kind for kind in kinds if isinstance(kind, type))
        handled = isinstance(error, types or (ToolException, InvalidToolArguments))
        if handling is False or not handled:
            raise error
        if handling is True or types:
            return str(error) or type(error).__name__
        return handling if isinstance(handling, str) else cast("Any", handling)(error)


def _is_written(cls: type, name: str) -> bool:
    return getattr(cls, name) is not getattr(BaseTool, name)


class _LeftOut:
    """In place of a value that nobody supplied: the function's default stands, or it complains."""


LEFT_OUT: Any = _LeftOut()


def _title(name: str) -> str:
    return name.replace("_", " ").title()
