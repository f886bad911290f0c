"""`@tool`: a function becomes a tool and can still be called as before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, Literal, ParamSpec, TypeVar, cast, overload

from ..errors import ConfigurationError
from ..runnables import Runnable, RunnableConfig
from .function_tools import StructuredTool, Tool, describe, documented, named

__all__ = ["tool"]

P = ParamSpec("P")
R = TypeVar("R")


@overload
def tool(
    name_or_callable: Callable[P, R],
    runnable: None = None,
    *,
    description: str | None = None,
    return_direct: bool = False,
    args_schema: Any = None,
    infer_schema: bool = True,
    response_format: Literal["content", "content_and_artifact"] = "content",
    parse_docstring: bool = False,
    error_on_invalid_docstring: bool = True,
    extras: dict[str, Any] | None = None,
) -> StructuredTool[P, R]: ...
@overload
def tool(
    name_or_callable: str,
    runnable: Runnable[Any, Any],
    *,
    description: str | None = None,
    return_direct: bool = False,
    args_schema: Any = None,
    response_format: Literal["content", "content_and_artifact"] = "content",
    extras: dict[str, Any] | None = None,
) -> StructuredTool[..., Any]: ...
@overload
def tool(
    name_or_callable: str | None = None,
    runnable: None = None,
    *,
    description: str | None = None,
    return_direct: bool = False,
    args_schema: Any = None,
    infer_schema: bool = True,
    response_format: Literal["content", "content_and_artifact"] = "content",
    parse_docstring: bool = False,
    error_on_invalid_docstring: bool = True,
    extras: dict[str, Any] | None = None,
) -> Callable[[Callable[P, R]], StructuredTool[P, R]]: ...
def tool(
    name_or_callable: Any = None,
    runnable: Any = None,
    *,
    description: str | None = None,
    return_direct: bool = False,
    args_schema: Any = None,
    infer_schema: bool = True,
    response_format: Literal["content", "content_and_artifact"] = "content",
    parse_docstring: bool = False,
    error_on_invalid_docstring: bool = True,
    extras: dict[str, Any] | None = None,
) -> Any:
    """Make a tool of a function: `@tool`, `@tool("name")`, `@tool(parse_docstring=True)`.

    The signature, the type hints and the docstring say what the model is told. The function must
    have a docstring, or `description=` says what it does.

    >>> @tool
    ... def add(a: int, b: int) -> int:
    ...     '''Add two numbers.'''
    ...     return a + b
    >>> add(1, 2), add.invoke({"a": "1", "b": 2})
    (3, 3)
    """

    def made(function: Callable[..., Any], name: str | None = None) -> StructuredTool[..., Any]:
        described = describe(
            function,
            args_schema,
            infer_schema=infer_schema,
            parse_docstring=parse_docstring,
            strict_docstring=parse_docstring and error_on_invalid_docstring,
        )
        return _assembled(
            function,
            described,
            name=name or named(function),
            description=description,
            args_schema=args_schema,
            return_direct=return_direct,
            response_format=response_format,
            extras=extras,
        )

    if runnable is not None:
        if not isinstance(name_or_callable, str):
            raise ConfigurationError('a runnable needs a name: tool("name", runnable)')
        function, text = _of_runnable(runnable, name_or_callable, one=args_schema is None)
        infer_schema = infer_schema and args_schema is not None
        description = description or text
        return made(function, name_or_callable)
    if name_or_callable is None or isinstance(name_or_callable, str):
        return partial(made, name=name_or_callable)
    if not callable(name_or_callable):
        raise ConfigurationError(f"a tool is made of a function, not {name_or_callable!r}")
    return made(cast("Callable[..., Any]", name_or_callable))


def _assembled(
    function: Callable[..., Any],
    described: Any,
    *,
    description: str | None,
    name: str,
    **fields: Any,
) -> StructuredTool[..., Any]:
    # With infer_schema=False the function is given one text, whatever it is called.
    own = documented(function, described)
    text = description or (own if described.given is not None else described.description or own)
    if not text:
        raise ConfigurationError(f"{name} needs a description: a docstring, or description=")
    is_async = iscoroutinefunction(function) or iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - its colour is wanted
    )
    functions: dict[str, Any] = {"coroutine": function} if is_async else {"func": function}
    if hasattr(function, "afunction"):
        functions["coroutine"] = getattr(function, "afunction")  # noqa: B009 - see _of_runnable
    made: type[StructuredTool[..., Any]] = StructuredTool
    fields = {**fields, **functions, "description": text}
    if type(described).__name__ == "OneText":
        made = Tool
    instance = made(name=name, **fields)
    instance.__dict__["_arguments"] = described
    return instance


def _of_runnable(
    runnable: Runnable[Any, Any], name: str, *, one: bool
) -> tuple[Callable[..., Any], str]:
    """Make functions of a runnable: it is given the one text, or the dict of arguments."""

    def function(*args: Any, config: RunnableConfig, **kwargs: Any) -> Any:
        return runnable.invoke(args[0] if one else kwargs, config)

    async def afunction(*args: Any, config: RunnableConfig, **kwargs: Any) -> Any:
        return await runnable.ainvoke(args[0] if one else kwargs, config)

    function.afunction = afunction  # type: ignore[attr-defined]
    return function, f"Ask {name}."
