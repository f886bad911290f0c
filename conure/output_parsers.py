"""From a model's reply to plain values: the last step of a chain.

`langchain_core.output_parsers` by the same names. Both let a stream through: text piece by piece,
JSON as it grows.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, cast

from .errors import OutputParserException
from .runnables.steps import END, Next
from .runnables.told import Told

if TYPE_CHECKING:
    from .runnables.steps import Source, Story
    from .runnables.told import Scope

__all__ = ["JsonOutputParser", "StrOutputParser"]


class StrOutputParser(Told[Any, str]):
    """The text of a message.

    >>> from conure.messages import AIMessage
    >>> StrOutputParser().invoke(AIMessage("hello"))
    'hello'
    """

    def parse(self, text: str) -> str:
        """Answer what the text stands for; here, itself."""
        return text

    def _answer(self, input: Any, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        del scope, kwargs
        yield from ()
        return self.parse(_text_of(input))

    def _flow(self, source: Source, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        del kwargs
        take = Next(source)
        while (piece := (yield take)) is not END:
            if text := _text_of(piece):
                yield scope.emit(self.parse(text))


class JsonOutputParser(Told[Any, Any]):
    """The JSON value in a message, in a code fence or not.

    A stream yields the whole value so far whenever it has grown.

    >>> JsonOutputParser().invoke('Here: {"a": 1}')
    {'a': 1}
    >>> list(JsonOutputParser().transform(iter(['{"a": [1', ", 2]}"])))
    [{'a': [1]}, {'a': [1, 2]}]
    """

    def parse(self, text: str) -> Any:
        """Read the JSON value in a text."""
        from msgspec import DecodeError, json

        from .schema import PartialJSON

        try:
            return json.decode(text)
        except DecodeError as error:
            partial = PartialJSON(in_text=True)
            partial.feed(text)
            if partial.is_done and not partial.is_broken:
                return partial.value
            raise OutputParserException(f"not JSON: {error}", llm_output=text) from error

    def _answer(self, input: Any, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        del scope, kwargs
        yield from ()
        return self.parse(_text_of(input))

    def _flow(self, source: Source, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        del kwargs
        from .schema import PartialJSON

        partial = PartialJSON(in_text=True)
        texts: list[str] = []
        shown: Any = None
        take = Next(source)
        while (piece := (yield take)) is not END:
            texts.append(_text_of(piece))
            partial.feed(texts[-1])
            if partial.value != shown:
                shown = deepcopy(partial.value)
                yield scope.emit(_snapshot(shown))
        if (whole := self.parse("".join(texts))) != shown:
            yield scope.emit(whole)


class _Snapshot(list[Any]):
    """A whole list so far: the next one replaces it where other lists would be joined."""

    def __add__(self, other: Any) -> Any:
        return other


def _snapshot(value: Any) -> Any:
    return _Snapshot(cast("list[Any]", value)) if isinstance(value, list) else value


def _text_of(said: Any) -> str:
    if isinstance(said, str):
        return said
    text = getattr(said, "text", None)
    if not isinstance(text, str):
        raise TypeError(f"a parser takes a message or a str, not {type(said).__name__}")
    return str(text)
