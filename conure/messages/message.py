"""What is said: the messages of a conversation, as plain mutable values.

Content is a text or a list of blocks, checked when a message is made. Keyword arguments that a
class does not know are kept as attributes. Fields that are seldom looked at come into being
when they are (`first_look`). Attributes with an underscore are the message's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from ..errors import ConfigurationError
from .field import DEFAULTS, Content, Text, check_content, dict_of, first_look, text_of
from .standard import standard_blocks

if TYPE_CHECKING:
    from .blocks import ContentBlock
    from .reply import Block

__all__ = [
    "KINDS",
    "BaseMessage",
    "BaseMessageChunk",
    "ChatMessage",
    "FunctionMessage",
    "HumanMessage",
    "RemoveMessage",
    "SystemMessage",
    "blocks_of",
    "fact_of",
    "given_of",
]


KINDS: dict[str, type[BaseMessage]] = {}
"""what may be read back, by `type`; the first class of a type is the one that is made"""


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

    def __init_subclass__(cls) -> None:
        if cls.type != BaseMessage.type:
            KINDS.setdefault(cls.type, cls)

    def __init__(
        self,
        content: str | Iterable[str | dict[str, Any]] | None = None,
        *,
        content_blocks: Sequence[ContentBlock] | None = None,
        additional_kwargs: dict[str, Any] | None = None,
        response_metadata: dict[str, Any] | None = None,
        name: str | None = None,
        id: str | None = None,
        **extra: Any,
    ) -> None:
        if content_blocks is not None:
            content = cast("list[str | dict[str, Any]]", list(content_blocks))
        self.content = content if type(content) is str else self._checked(content)
        if additional_kwargs:
            self.additional_kwargs = dict_of("additional_kwargs", additional_kwargs)
        if response_metadata:
            self.response_metadata = dict_of("response_metadata", response_metadata)
        if name is not None:
            self.name = str(name)
        if id is not None:
            self.id = str(id)
        if extra:
            self._keep_more(extra)

    @property
    def text(self) -> Text:
        """The text in `content`, without anything else.

        >>> HumanMessage(["a", {"type": "text", "text": "b"}]).text
        'ab'
        """
        content = self.content
        if isinstance(content, str):
            return Text(content)
        return Text(text_of(content))

    @property
    def content_blocks(self) -> list[ContentBlock]:
        """The content as standard blocks: copies, the same for every provider."""
        from .reply import clone

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
        """Give the fields as a dict; making the class with them gives an equal message.

        `decoded` is in it for what a provider sent and no field has a place for.
        """
        from .dump import dump, write_decoded

        fields = self._public(kind=True)
        if (blocks := self.hidden_blocks()) is not None:
            fields["decoded"] = write_decoded(blocks, self.content)
        return dump(
            fields,
            mode=mode,
            include=include,
            exclude=exclude,
            exclude_none=exclude_none,
            exclude_defaults=exclude_defaults,
        )

    def model_dump_json(self, *, indent: int | None = None, **options: Any) -> str:
        """Give the fields as JSON text."""
        from .dump import text_of

        return text_of(self.model_dump(**options), indent)

    def model_copy(self, *, update: dict[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy the message, with the fields in `update` replaced."""
        import copy

        made = copy.deepcopy(self) if deep else copy.copy(self)
        for field, value in (update or {}).items():
            setattr(made, field, value)
        return made

    @classmethod
    def model_validate(cls, value: Any, **_options: Any) -> Self:
        """Take a message of this class, or make one of the dict that describes it."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise ConfigurationError(
                f"expected {cls.__name__} or a dict of its fields, not {type(value).__name__}"
            )
        fields = cast("Mapping[str, Any]", value)
        kind = fields.get("type", None if "role" in fields else cls.type)
        if "data" not in fields and kind == cls.type and cls.type in KINDS:
            return cls(**fields)
        from .reading import read_dict

        made = read_dict(fields, "value", KINDS)
        if not isinstance(made, cls):
            found = fields.get("role") or kind
            raise ConfigurationError(f"expected {cls.__name__}, but this is of type {found!r}")
        return made

    @classmethod
    def model_validate_json(cls, text: str | bytes, **_options: Any) -> Self:
        """Make a message of this class from the JSON text of its fields."""
        from .dump import value_of

        return cls.model_validate(value_of(text))

    @classmethod
    def model_json_schema(cls, **_options: Any) -> dict[str, Any]:
        """Give the JSON schema of the class."""
        from .pydantic import json_schema_of

        return json_schema_of(cls.__name__, cls.type, cls._fields)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from .pydantic import schema_of

        return schema_of(cls.model_validate)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return cls.model_json_schema()

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """Name the fields, without attributes given beyond them."""
        return cls._fields

    def hidden_blocks(self) -> list[Block] | None:
        """Give the blocks the message came from, where its fields do not say all that they say."""
        return None

    def pretty_repr(self, html: bool = False) -> str:
        """Show the message under a headline, for reading; `html=True` makes the headline bold."""
        from .pretty import pretty

        return pretty(self, bold=html)

    def pretty_print(self) -> None:
        """Print `pretty_repr()`."""
        from .pretty import is_interactive

        print(self.pretty_repr(html=is_interactive()))  # noqa: T201 - it is for this

    def __add__(self, other: BaseMessage | Iterable[BaseMessage]) -> list[BaseMessage]:
        """Begin a conversation: this message and those after it."""
        return [self, other] if isinstance(other, BaseMessage) else [self, *other]

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self._public() == cast("BaseMessage", other)._public()

    __hash__ = None  # type: ignore[assignment]  # messages are mutable

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._shown_fields())})"

    def __str__(self) -> str:
        return " ".join(self._shown_fields())

    def __copy__(self) -> Self:
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        return made

    def first_look(self, name: str) -> Any:
        """Make a field that nobody has looked at or set."""
        return DEFAULTS[name]()

    def _public(self, *, kind: bool = False) -> dict[str, Any]:
        """Give every field, and the attributes this message was given beyond them."""
        found: dict[str, Any] = {}
        for name in self._fields:
            found[name] = getattr(self, name)
            if kind and name == "response_metadata":
                found["type"] = self.type
        for name, value in self.__dict__.items():
            if name not in found and not name.startswith("_") and name != "type":
                found[name] = value
        return found

    def _shown_fields(self) -> list[str]:
        hidden = {name for name in ("name", "id") if getattr(self, name) is None}
        return [f"{k}={v!r}" for k, v in self._public().items() if k not in hidden]

    def _checked(self, content: Any) -> Content:
        return check_content(type(self).__name__, content)

    def _keep_more(self, extra: dict[str, Any]) -> None:
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
        return standard_blocks(self.content)


_MADE = frozenset({"text", "content_blocks"})


class BaseMessageChunk(BaseMessage):
    """What every piece of a message has."""


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

    def __init__(self, id: str | float | None = None, **fields: Any) -> None:
        if fields.pop("content", ""):
            raise ConfigurationError("RemoveMessage takes the id of a message and no content")
        if id is None:
            raise ConfigurationError("RemoveMessage needs the id of the message to remove")
        super().__init__("", id=str(id), **fields)


def blocks_of(message: BaseMessage) -> list[Block]:
    """Give the message's standard blocks, with nothing lost; not copies: look only."""
    return message._blocks()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


def given_of(message: BaseMessage) -> dict[str, Any]:
    """Give what a dict message said that only its protocol understands; not a copy: look only.

    Instructions that were given as `developer` say so in `role`; a tool's answer that is for a
    call of another kind than a function's says so in `type`.
    """
    given: dict[str, Any] = message.__dict__.get("_given") or {}
    kwargs: dict[str, Any] = message.__dict__.get("additional_kwargs") or {}
    if str(kwargs.get("type")).endswith("_output"):
        given = {**kwargs, **given}
    role = kwargs.get("__openai_role__")
    return {**given, "role": role} if role else given


def fact_of(message: BaseMessage, name: str) -> Any:
    """Give a fact that the provider told of its reply, such as the container it ran in."""
    facts: dict[str, Any] = message.__dict__.get("response_metadata") or {}
    return facts.get(name)
