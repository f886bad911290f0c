"""Tools made of functions: with named arguments, or with one text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Literal, ParamSpec, TypeVar, cast

from ..errors import ConfigurationError
from .arguments import Arguments, OneText, arguments_of_function
from .base import BaseTool

__all__ = ["StructuredTool", "Tool", "describe", "documented", "named"]

P = ParamSpec("P")
R = TypeVar("R", covariant=True)  # noqa: PLC0105 - short, as P is


class StructuredTool(BaseTool, Generic[P, R]):
    """A tool made of a function; calling it calls the function."""

    func: Callable[..., Any] | None = None
    coroutine: Callable[..., Any] | None = None

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        function = self.func or self.coroutine
        if function is None:
            raise ConfigurationError(f"{self.name} needs a function: func, coroutine or both")
        self.__wrapped__ = function
        self.__name__ = self.name
        self.__doc__ = self.description

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function itself."""
        function = cast("Callable[..., R]", self.func or self.coroutine)
        return function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, description={self.description!r})"

    @classmethod
    def from_function(  # noqa: PLR0917 - the field's signature
        cls,
        func: Callable[..., Any] | None = None,
        coroutine: Callable[..., Any] | None = None,
        name: str | None = None,
        description: str | None = None,
        return_direct: bool = False,
        args_schema: Any = None,
        infer_schema: bool = True,
        *,
        response_format: Literal["content", "content_and_artifact"] = "content",
        parse_docstring: bool = False,
        error_on_invalid_docstring: bool = False,
        **fields: Any,
    ) -> StructuredTool[..., Any]:
        """Make a tool of a function, an async one, or the same in both colours."""
        function = func or coroutine
        if function is None:
            raise ConfigurationError("a tool needs a function: func, coroutine or both")
        described = describe(
            function,
            args_schema,
            infer_schema=infer_schema,
            parse_docstring=parse_docstring,
            strict_docstring=parse_docstring and error_on_invalid_docstring,
        )
        text = description or described.description or documented(function, described)
        if not text:
            raise ConfigurationError(
                f"{name or named(function)} needs a description: a docstring, or description="
            )
        tool = cls(
            func=func,
            coroutine=coroutine,
            name=name or named(function),
            description=text,
            args_schema=args_schema,
            return_direct=return_direct,
            response_format=response_format,
            **fields,
        )
        tool.__dict__["_arguments"] = described
        return cast("StructuredTool[..., Any]", tool)

    def _functions(self) -> tuple[Callable[..., Any] | None, Callable[..., Any] | None]:
        return self.func, self.coroutine


class Tool(StructuredTool[..., Any]):
    """A tool that takes one text.

    >>> Tool("shout", str.upper, "Say it louder.").invoke("hi")
    'HI'
    """

    def __init__(
        self,
        name: str,
        func: Callable[..., Any] | None = None,
        description: str = "",
        **fields: Any,
    ) -> None:
        super().__init__(name=name, func=func, description=description, **fields)

    def _described(self) -> Any:
        if self.args_schema is not None:
            return Arguments(self.args_schema, self.func or self.coroutine)
        return OneText(self.func or self.coroutine)

    @property
    def args(self) -> dict[str, Any]:
        """The text, under the name that programs know it by."""
        return super().args if self.args_schema is not None else {"tool_input": {"type": "string"}}


def describe(
    function: Callable[..., Any],
    args_schema: Any,
    *,
    infer_schema: bool,
    parse_docstring: bool,
    strict_docstring: bool,
) -> Any:
    """Decide what describes the arguments of a function."""
    if args_schema is not None:
        return Arguments(args_schema, function)
    if not infer_schema:
        return OneText(function)
    return arguments_of_function(
        function, parse_docstring=parse_docstring, strict_docstring=strict_docstring
    )


def documented(function: Callable[..., Any], described: Any) -> str:
    """Answer the docstring of a function whose arguments something else describes."""
    from ..schema.docstrings import cleaned

    text = cleaned(function.__doc__) if hasattr(function, "__name__") else ""
    return text or described.description


def named(function: Callable[..., Any]) -> str:
    """Answer what a tool is called if nobody says."""
    from ..schema.of_function import function_name

    name = function_name(function)
    if name == "_lambda_":
        raise ConfigurationError("a tool made of a lambda needs a name")
    return name
