"""From a model's reply to plain values: the last step of a chain.

`langchain_core.output_parsers` by the same names. Both let a stream through: text piece by piece,
JSON as it grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
        while (piece := (yield from Next(source))) is not END:
            if text := _text_of(piece):
                yield from scope.emit(self.parse(text))


class JsonOutputParser(Told[Any, Any]):
    """The JSON value in a message, in a code fence or not; a stream yields it as it grows.

    >>> JsonOutputParser().invoke('```json\\n{"a": 1}\\n```')
    {'a': 1}
    """

    def parse(self, text: str) -> Any:
        """Read the JSON value in a text."""
        from msgspec import DecodeError, json

        try:
            return json.decode(_unfenced(text))
        except DecodeError as error:
            raise OutputParserException(f"not JSON: {error}", llm_output=text) from error

    def _answer(self, input: Any, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        del scope, kwargs
        yield from ()
        return self.parse(_text_of(input))


def _text_of(said: Any) -> str:
    if isinstance(said, str):
        return said
    text = getattr(said, "text", None)
    if not isinstance(text, str):
        raise TypeError(f"a parser takes a message or a str, not {type(said).__name__}")
    return str(text)


def _unfenced(text: str) -> str:
    """Take what stands in the first code fence, or all of it when there is none."""
    _, fence, rest = text.partition("```")
    if not fence:
        return text.strip()
    _, _, body = rest.partition("\n")
    return body.rpartition("```")[0] if "```" in body else body
