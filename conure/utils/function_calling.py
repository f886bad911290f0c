"""Tools as dicts: a door to `conure.tools`."""

from __future__ import annotations

from ..tools.definitions import (
    convert_to_json_schema,
    convert_to_openai_function,
    convert_to_openai_tool,
)

__all__ = ["convert_to_json_schema", "convert_to_openai_function", "convert_to_openai_tool"]
