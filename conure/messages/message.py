"""What is said: the messages of a conversation, as plain mutable values.

Content is a text or a list of blocks, checked when a message is made. Keyword arguments that a
class does not know are kept as attributes. Fields that are seldom looked at come into being
when they are (`first_look`). Attributes with an underscore are the message's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias, cast

from ..errors import ConfigurationError
from .blocks import ContentBlock

if TYPE_CHECKING:
    from .reply import Block

__all__ = [
    "BaseMessage",
    "ChatMessage",
    "Content",
    "FunctionMessage",
    "HumanMessage",
    "RemoveMessage",
    "SystemMessage",
    "Text",
    "blocks_of",
    "first_look",
    "given_of",
]

Content: TypeAlias = str | list[str | dict[str, Any]]


class _FirstLook:
    """An attribute made when it is first looked at; setting it needs no detour."""

    __slots__ = ("_name",)

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, message: BaseMessage | None, owner: type) -> Any:
        if message is None:
            return self
        value = message._first_look(self._name)  # pyright: ignore[reportPrivateUsage]
        message.__dict__[self._name] = value
        return value


def first_look() -> Any:
    return _FirstLook()


class Text(str):
    """A text that may also be called, as it could be when it was a method."""

    __slots__ = ()

    def __call__(self) -> str:
        import warnings  # noqa: PLC0415 - seldom needed

        warnings.warn(
            "message.text is a property: leave the parentheses away",
            DeprecationWarning,
            stacklevel=2,
        )
        return str(self)


class BaseMessage:
    """What every message has."""

    type: str = "base"
    content: Content
    additional_kwargs: dict[str, Any] = first_look()
    response_metadata: dict[str, Any] = first_look()
    name: str | None = None
    id: str | None = None

    _fields: ClassVar[tuple[str, ...]] = (
        "content",
        "additional_kwargs",
        "response_metadata",
        "name",
        "id",
    )

    def __init__(
        self,
        content: str | Iterable[str | dict[str, Any]] | None = None,
        *,
        content_blocks: Sequence[ContentBlock] | None = None,
        additional_kwargs: dict[str, Any] | None = None,
        response_metadata: dict[str, Any] | None = None,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - the field's name
        **extra: Any,
    ) -> None:
        if content_blocks is not None:
            content = cast("list[str | dict[str, Any]]", list(content_blocks))
        self.content = content if type(content) is str else self._checked(content)
        if additional_kwargs:
            self.additional_kwargs = _dict_of("additional_kwargs", additional_kwargs)
        if response_metadata:
            self.response_metadata = _dict_of("response_metadata", response_metadata)
        if name is not None:
            self.name = str(name)
        if id is not None:
            self.id = str(id)
        if extra:
            self._keep(extra)

    @property
    def text(self) -> Text:
        """The text in `content`, without anything else.

        >>> HumanMessage(["a", {"type": "text", "text": "b"}]).text
        'ab'
        """
        content = self.content
        if isinstance(content, str):
            return Text(content)
        return Text("".join([_text_in(element) for element in content]))

    @property
    def content_blocks(self) -> list[ContentBlock]:
        """The content as standard blocks: copies, the same for every provider."""
        from .reply import clone  # noqa: PLC0415 - seldom needed for messages that are sent

        return clone(self._shown_blocks())

    def model_dump(
        self,
        *,
        mode: str = "python",
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        exclude_none: bool = False,
        exclude_defaults: bool = False,
        **_options: Any,
    ) -> dict[str, Any]:
        """The fields as a dict; making the class with them gives an equal message."""
        from .serialize import dump  # noqa: PLC0415 - seldom needed

        return dump(
            self,
            mode=mode,
            include=include,
            exclude=exclude,
            exclude_none=exclude_none,
            exclude_defaults=exclude_defaults,
        )

    def model_dump_json(self, *, indent: int | None = None, **options: Any) -> str:
        """The fields as a JSON text."""
        import json  # noqa: PLC0415 - seldom needed

        fields = self.model_dump(mode="json", **options)
        separators = None if indent else (",", ":")
        return json.dumps(fields, ensure_ascii=False, indent=indent, separators=separators)

    def model_copy(self, *, update: dict[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy, with the fields in `update` replaced."""
        import copy  # noqa: PLC0415 - seldom needed

        made = copy.deepcopy(self) if deep else copy.copy(self)
        for field, value in (update or {}).items():
            setattr(made, field, value)
        return made

    @classmethod
    def model_validate(cls, value: Any, **_options: Any) -> Self:
        """Make a message of this class from its fields, or take one as it is."""
        from .serialize import validated  # noqa: PLC0415 - seldom needed

        return validated(cls, value)

    @classmethod
    def model_validate_json(cls, text: str | bytes, **_options: Any) -> Self:
        """Make a message of this class from the JSON text of its fields."""
        import msgspec  # noqa: PLC0415 - seldom needed

        return cls.model_validate(msgspec.json.decode(text))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from .pydantic import schema_of  # noqa: PLC0415 - only pydantic asks

        return schema_of(cls)

    def pretty_repr(self, html: bool = False) -> str:  # noqa: FBT001, FBT002 - the field's API
        """The message under a headline, for reading; `html=True` makes the headline bold."""
        from .pretty import pretty  # noqa: PLC0415 - seldom needed

        return pretty(self, bold=html)

    def pretty_print(self) -> None:
        """Print `pretty_repr()`."""
        from .pretty import is_interactive  # noqa: PLC0415 - seldom needed

        print(self.pretty_repr(html=is_interactive()))  # noqa: T201 - it is for this

    def __add__(self, other: BaseMessage | Iterable[BaseMessage]) -> list[BaseMessage]:
        """Begin a conversation: this message and those after it."""
        return [self, other] if isinstance(other, BaseMessage) else [self, *other]

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self._public() == cast("BaseMessage", other)._public()

    __hash__ = None  # pyright: ignore[reportAssignmentType] - messages are mutable

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._shown_fields())})"

    def __str__(self) -> str:
        return " ".join(self._shown_fields())

    def __copy__(self) -> Self:
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        return made

    def _first_look(self, name: str) -> Any:
        return {}

    def _public(self) -> dict[str, Any]:
        """Every field, and the attributes this message was given beyond them."""
        fields = {name: getattr(self, name) for name in self._fields}
        for name, value in self.__dict__.items():
            if name not in fields and not name.startswith("_") and name != "type":
                fields[name] = value
        return fields

    def _shown_fields(self) -> list[str]:
        hidden = {name for name in ("name", "id") if getattr(self, name) is None}
        return [f"{k}={v!r}" for k, v in self._public().items() if k not in hidden]

    def _checked(self, content: Any) -> Content:
        return check_content(type(self).__name__, content)

    def _keep(self, extra: dict[str, Any]) -> None:
        if (kind := extra.pop("type", self.type)) != self.type:
            raise ConfigurationError(
                f"{type(self).__name__}(type={kind!r}): its type is {self.type!r}; leave it away"
            )
        for name, value in extra.items():
            if name.startswith("_") or callable(getattr(type(self), name, None)) or name in _MADE:
                raise ConfigurationError(
                    f"{type(self).__name__}({name}=...): {name!r} cannot be set"
                )
            setattr(self, name, value)

    def _shown_blocks(self) -> list[Block]:
        return self._blocks()

    def _blocks(self) -> list[Block]:
        from .standard import standard_blocks  # noqa: PLC0415 - keeps import fast

        return standard_blocks(self.content)


_MADE = frozenset({"text", "content_blocks"})


class HumanMessage(BaseMessage):
    """What the user says.

    >>> HumanMessage("hello").content
    'hello'
    """

    type: str = "human"


class SystemMessage(BaseMessage):
    """How the model shall behave."""

    type: str = "system"


class ChatMessage(BaseMessage):
    """What someone with a role of their own says."""

    type: str = "chat"
    role: str
    _fields: ClassVar[tuple[str, ...]] = (*BaseMessage._fields, "role")

    def __init__(
        self,
        content: str | Iterable[str | dict[str, Any]] | None = None,
        role: str | None = None,
        **fields: Any,
    ) -> None:
        if role is None:
            raise ConfigurationError(f"{type(self).__name__} needs a role, such as role='critic'")
        super().__init__(content, **fields)
        self.role = role


class FunctionMessage(BaseMessage):
    """What a function answered, from the time before tools; use `ToolMessage`."""

    type: str = "function"

    def __init__(
        self,
        content: str | Iterable[str | dict[str, Any]] | None = None,
        name: str | None = None,
        **fields: Any,
    ) -> None:
        if name is None:
            raise ConfigurationError(f"{type(self).__name__} needs the name of the function")
        super().__init__(content, name=name, **fields)


class RemoveMessage(BaseMessage):
    """An instruction to take the message with this id out of a history."""

    type: str = "remove"

    def __init__(self, id: str | float | None = None, **fields: Any) -> None:  # noqa: A002
        if fields.pop("content", ""):
            raise ConfigurationError("RemoveMessage takes the id of a message and no content")
        if id is None:
            raise ConfigurationError("RemoveMessage needs the id of the message to remove")
        super().__init__("", id=str(id), **fields)


def blocks_of(message: BaseMessage) -> list[Block]:
    """The message's standard blocks with nothing lost, for sending; not copies: look only."""
    return message._blocks()  # pyright: ignore[reportPrivateUsage]


def given_of(message: BaseMessage) -> dict[str, Any]:
    """What a dict message said that only its protocol understands; not a copy: look only.

    Instructions that were given as `developer` say so in `role`.
    """
    given: dict[str, Any] = message.__dict__.get("_given") or {}
    kwargs: dict[str, Any] = message.__dict__.get("additional_kwargs") or {}
    role = kwargs.get("__openai_role__")
    return {**given, "role": role} if role else given


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
                    f"'type'), not {type(element).__name__}: {element!r:.80}"
                )
        return list(elements)
    if content is None:
        raise ConfigurationError(f"{owner} needs content: a str or a list of blocks")
    hint = "; put it into a list" if isinstance(content, dict) else ""
    raise ConfigurationError(
        f"{owner} content must be a str or a list of blocks, not "
        f"{type(content).__name__}{hint}: {content!r:.80}"
    )


def _dict_of(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigurationError(f"{name} must be a dict, not {type(value).__name__}")
    return dict(cast("dict[str, Any]", value))


def _text_in(element: str | dict[str, Any]) -> str:
    if isinstance(element, str):
        return element
    return str(element.get("text") or "") if element.get("type") == "text" else ""


DEFAULTS: dict[str, Callable[[], Any]] = {
    "content": str,
    "additional_kwargs": dict,
    "response_metadata": dict,
    "tool_calls": list,
    "invalid_tool_calls": list,
    "tool_call_chunks": list,
}
