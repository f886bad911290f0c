"""Gemini: a schema of the answer, narrowed to what the API takes.

https://ai.google.dev/gemini-api/docs/structured-output#json_schema_support
"""

from __future__ import annotations

from typing import Any

from ..shape import is_object

__all__ = ["narrowed"]

_known: dict[int, tuple[Any, Any]] = {}
KEPT = 64
"""how many narrowed schemas are remembered: binding gives the same object at every call"""


def narrowed(schema: Any) -> Any:
    """Narrow a schema to what the API takes; as it is, where that cannot be done."""
    if not is_object(schema):
        return schema
    known = _known.get(id(schema))
    if known is not None and known[0] is schema:
        return known[1]
    from ...schema.problems import SchemaError
    from ...schema.rules import GEMINI
    from ...schema.subset import narrow

    try:
        found = narrow(schema, GEMINI)
    except SchemaError:
        # The API says better than we could what it takes these days.
        found = schema
    if (order := schema.get("propertyOrdering")) is not None:
        # The API's own keyword, for those who want to be sure.
        found = {**found, "propertyOrdering": order}
    if len(_known) >= KEPT:
        _known.clear()
    _known[id(schema)] = (schema, found)
    return found
