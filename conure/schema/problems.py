"""What can be wrong: with a schema, before anything is sent, or with a value, once it is read.

Paths are JSON paths from the root: `$.actors[0].name`. Messages say what must be there and what
was found, so that a model that reads them can do better.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from ..errors import ConfigurationError, OutputParserException

__all__ = ["InvalidValue", "Path", "Problem", "SchemaError", "Wrong", "path_of", "shown"]

Path: TypeAlias = tuple[str | int, ...]
Problem: TypeAlias = tuple[str, str]
"""(JSON path, what is wrong there)"""

LONGEST = 60
"""characters of a wrong value that a message repeats"""


class SchemaError(ConfigurationError):
    """Report a type or schema that cannot be used; `path` is the JSON path of the trouble."""

    def __init__(self, message: str, *, path: str = "$") -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message

    def under(self, key: str | int) -> SchemaError:
        """Say the same trouble as seen from the object or array around it."""
        return SchemaError(self.message, path=path_of([key]) + self.path[1:])


class InvalidValue(OutputParserException):
    """Report a value that is not of the shape asked for; `errors` are (path, message) pairs."""

    def __init__(
        self, errors: Iterable[Problem], *, name: str = "value", llm_output: str | None = None
    ) -> None:
        self.errors = list(errors)
        self.name = name
        lines = [f"- {path}: {message}" for path, message in self.errors]
        super().__init__("\n".join([f"not a valid {name}:", *lines]), llm_output=llm_output)


class Wrong(Exception):  # noqa: N818 - inside the room only; users see InvalidValue
    """Carry the problems of a value up to its root, each level adding its key."""

    def __init__(self, problems: str | list[tuple[Path, str]]) -> None:
        super().__init__(problems)
        self.problems: list[tuple[Path, str]] = (
            [((), problems)] if isinstance(problems, str) else problems
        )

    @classmethod
    def kind(cls, wanted: str, value: object) -> Wrong:
        """Say what must be there instead of `value`."""
        return cls(f"must be {wanted}, not {shown(value)}")

    def under(self, key: str | int) -> list[tuple[Path, str]]:
        """Answer the problems as seen from the object or array around the value."""
        return [((key, *path), message) for path, message in self.problems]

    def listed(self) -> list[Problem]:
        """Answer the problems with their paths written out."""
        return [(path_of(path), message) for path, message in self.problems]


def path_of(path: Iterable[str | int]) -> str:
    """Write a path out.

    >>> path_of(("actors", 0, "first name"))
    '$.actors[0]["first name"]'
    """
    written = "$"
    for step in path:
        if isinstance(step, int):
            written += f"[{step}]"
        else:
            written += f".{step}" if step.isidentifier() or step == "[]" else f'["{step}"]'
    return written.replace(".[]", "[]")


def shown(value: Any) -> str:
    """Repeat a value in a message: as JSON where it can be, and not all of a long one."""
    import json

    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
