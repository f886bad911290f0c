"""The form of one of some values: `Literal` and `Enum`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .form import Definitions, Form, json_of
from .problems import Wrong, shown

__all__ = ["ChoiceForm"]


class ChoiceForm(Form):
    """One of some values: `Literal` and `Enum`."""

    def __init__(self, values: Sequence[Any], names: Iterable[str] = (), doc: str = "") -> None:
        self.values = values
        self.doc = doc
        self.json = [json_of(value) for value in values]
        self.names = dict(zip(names, values, strict=False))
        self.nullable = None in self.json

    def schema(self, defs: Definitions) -> dict[str, Any]:
        del defs
        kinds = list(dict.fromkeys(_KINDS[type(value)] for value in self.json))
        said: dict[str, Any] = {"description": self.doc} if self.doc else {}
        if len(self.json) == 1:
            said["const"] = self.json[0]
        else:
            said["enum"] = list(self.json)
        if len(kinds) == 1:
            said["type"] = kinds[0]
        return said

    def read(self, value: Any, lax: bool) -> Any:
        for choice, wire in zip(self.values, self.json, strict=True):
            if value is choice or (value == wire and type(value) is type(wire)):
                return choice
        if lax and (near := self._near(value)):
            return near[0]
        choices = ", ".join(shown(wire) for wire in self.json)
        raise Wrong.kind(choices if len(self.json) == 1 else f"one of {choices}", value)

    def _near(self, value: Any) -> list[Any]:
        # Providers do not promise the case of a choice, even in strict mode:
        # https://platform.claude.com/docs/en/build-with-claude/structured-outputs
        text = str(value).casefold()
        pairs = zip(self.values, self.json, strict=True)
        near = [choice for choice, wire in pairs if str(wire).casefold() == text]
        if not near:
            near = [choice for name, choice in self.names.items() if name.casefold() == text]
        return near if len(near) == 1 else []


_KINDS: dict[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}
