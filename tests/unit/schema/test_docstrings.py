"""Docstrings: taken apart, and found below fields."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from conure.schema import shape_of
from conure.schema.docstrings import Doc, cleaned, doc_of, field_docs, read_google


def test_indentation_goes() -> None:
    assert cleaned("\n    One.\n\n        Two.\n    ") == "One.\n\n    Two."
    assert cleaned(None) == ""


def test_all_sections_end_the_summary() -> None:
    doc = read_google("One\ntwo.\n\nThree.\n\nNote:\n    Not this.\n\nArgs:\n    a: A.\n")
    assert doc == Doc("One two.\n\nThree.", {"a": "A."}, has_parts=True)


def test_entries_of_every_form() -> None:
    doc = read_google(
        """Do.

        Args:
            plain: One.
            typed (int, optional): Two.
            *args: Three.
            long: Four
                goes on: here

                and here.
            empty:
        Raises:
            ValueError: Never.
        """
    )
    assert doc.parts == {
        "plain": "One.",
        "typed": "Two.",
        "args": "Three.",
        "long": "Four goes on: here and here.",
        "empty": "",
    }


def test_a_section_that_is_not_set_off_is_read_but_not_counted() -> None:
    doc = read_google("Do.\nArgs:\n    a: A.")
    assert doc.parts == {"a": "A."}
    assert not doc.has_parts


def test_words_that_end_in_a_colon_are_no_sections() -> None:
    assert read_google("Mind this:\n  a: b").summary == "Mind this: a: b"


class Base(TypedDict):
    """A base."""

    one: int
    """The one."""


class Derived(Base):
    # Not this.
    two: int
    """The two,
    on two lines.
    """
    three: int


@dataclass
class Both:
    """Something.

    Attributes:
        a: From above.

    """

    a: int
    """From below."""
    b: int = 1
    """Only below."""


class Named(NamedTuple):
    x: int
    """The x."""


class Choice(enum.Enum):
    """Which."""

    A = 1


class Silent(TypedDict):
    x: int


class Inner(TypedDict):
    silent: Silent


def words(tp: object) -> dict[str, str | None]:
    parts = shape_of(tp).json_schema["properties"]
    return {name: part.get("description") for name, part in parts.items()}


def test_strings_below_fields_are_found() -> None:
    assert words(Derived) == {"one": "The one.", "two": "The two, on two lines.", "three": None}
    assert words(Both) == {"a": "From above.", "b": "Only below."}
    assert words(Named) == {"x": "The x."}
    assert field_docs(int) == {}


def test_texts_made_by_machines_are_none() -> None:
    assert doc_of(Silent) == Doc()
    assert "description" not in shape_of(Named).json_schema
    assert "description" not in shape_of(Silent).json_schema
    inner = shape_of(Inner).json_schema
    assert "description" not in inner["$defs"]["Silent"]
    assert shape_of(Choice).description == "Which."


def test_a_class_of_a_function_is_found_in_the_source() -> None:
    @dataclass
    class Local:
        a: int
        """Here."""

    assert words(Local) == {"a": "Here."}


def test_classes_of_one_name_are_told_apart_by_their_fields() -> None:
    def first() -> type:
        @dataclass
        class Twin:
            a: int
            """First."""

        return Twin

    def second() -> type:
        @dataclass
        class Twin:
            b: int
            """Second."""

        return Twin

    assert words(first()) == {"a": "First."}
    assert words(second()) == {"b": "Second."}


def test_classes_without_source() -> None:
    made: type = dataclass(type("Made", (), {"__annotations__": {"a": int}}))
    assert words(made) == {"a": None}
