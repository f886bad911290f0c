"""What the fields of messages hold, and how they come into being."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, cast

from ..errors import ConfigurationError

__all__ = [
    "DEFAULTS",
    "Content",
    "FirstLook",
    "Text",
    "check_content",
    "dict_of",
    "first_look",
    "text_in",
    "text_of",
]

Content: TypeAlias = str | list[str | dict[str, Any]]

DEFAULTS: dict[str, Callable[[], Any]] = {
    "content": str,
    "additional_kwargs": dict,
    "response_metadata": dict,
    "tool_calls": list,
    "invalid_tool_calls": list,
    "tool_call_chunks": list,
}


class FirstLook:
    """An attribute made when it is first looked at; setting it needs no detour."""

    __slots__ = ("_name",)

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, message: Any, owner: type) -> Any:
        if message is None:
            return self
        value = message.first_look(self._name)
        message.__dict__[self._name] = value
        return value


def first_look() -> Any:
    """Declare a field that the message's `first_look` makes when it is first looked at."""
    return FirstLook()


class Text(str):
    """A text that may also be called, as it could be when it was a method."""

    __slots__ = ()

    def __call__(self) -> str:
        import warnings

        warnings.warn(
            "message.text is a property: leave the parentheses away",
            DeprecationWarning,
            stacklevel=2,
        )
        return str(self)


def check_content(owner: str, content: Any) -> Content:
    """Answer content that is a text or a list of texts and blocks; raise on all else."""
    if isinstance(content, str):
        return content
    if isinstance(content, (list, tuple)):
        elements = cast("Sequence[Any]", content)
        for position, element in enumerate(elements):
            if not isinstance(element, (str, dict)):
                raise ConfigurationError(
                    f"{owner} content[{position}] must be a str or a block (a dict with a "
                    f"'type'), not {_kind_of(element)}: {element!r:.80}"
                )
        return list(elements)
    if content is None:
        raise ConfigurationError(f"{owner} needs content: a str or a list of blocks")
    hint = "; put it into a list" if _kind_of(content) == "dict" else ""
    raise ConfigurationError(
        f"{owner} content must be a str or a list of blocks, not "
        f"{_kind_of(content)}{hint}: {content!r:.80}"
    )


def _kind_of(value: object) -> str:
    return type(value).__name__


def dict_of(name: str, value: Any) -> dict[str, Any]:
    """Copy a dict; raise on anything else."""
    if not isinstance(value, dict):
        raise ConfigurationError(f"{name} must be a dict, not {type(value).__name__}")
    return dict(cast("dict[str, Any]", value))


def text_of(content: list[str | dict[str, Any]]) -> str:
    """Give the text in content."""
    if len(content) == 1:
        return text_in(content[0])
    return "".join([text_in(element) for element in content])


def text_in(element: str | dict[str, Any]) -> str:
    """Give the text in one element of content."""
    if isinstance(element, str):
        return element
    return str(element.get("text") or "") if element.get("type") == "text" else ""
