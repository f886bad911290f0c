"""What a tool raises, and what is raised when it is called wrongly."""

from __future__ import annotations

from ..errors import ConureError
from ..schema.problems import InvalidValue, Problem

__all__ = ["InvalidToolArguments", "ToolException"]


class ToolException(ConureError):  # noqa: N818 - the field's name for it
    """Raise this in a tool to tell the model what went wrong: see `handle_tool_error`."""


class InvalidToolArguments(InvalidValue):
    """Report arguments that a tool cannot be called with, in words for the model."""

    def __init__(self, tool: str, errors: list[Problem]) -> None:
        super().__init__(errors, name=f"call of {tool}")
        self.tool = tool
        lines = [f"- {path.removeprefix('$.')}: {message}" for path, message in errors]
        self.args = ("\n".join([f"The arguments of {tool} are not valid:", *lines]),)
