"""What a tool answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal, cast

from ..errors import ConfigurationError
from .field import Content
from .message import BaseMessage

__all__ = ["ToolMessage"]


class ToolMessage(BaseMessage):
    """What a tool answered to the call with this id.

    Content that is no text becomes one: values of JSON's kinds as JSON. `artifact` is for the
    program and never sent to a model.

    >>> ToolMessage({"celsius": 21}, tool_call_id="call_1").content
    '{"celsius": 21}'
    """

    type: str = "tool"
    tool_call_id: str
    artifact: Any = None
    status: Literal["success", "error"] = "success"

    _fields: ClassVar[tuple[str, ...]] = (
        *BaseMessage._fields,
        "tool_call_id",
        "artifact",
        "status",
    )

    def __init__(
        self,
        content: Any = None,
        tool_call_id: object = None,
        *,
        artifact: Any = None,
        status: Literal["success", "error"] = "success",
        **fields: Any,
    ) -> None:
        if tool_call_id is None:
            raise ConfigurationError(
                f"{type(self).__name__} needs tool_call_id: the id of the call it answers, "
                "tool_call['id']"
            )
        super().__init__(content, **fields)
        self.tool_call_id = str(tool_call_id)
        if artifact is not None:
            self.artifact = artifact
        if status != "success":
            if status != "error":
                raise ConfigurationError(
                    f"{type(self).__name__} status must be 'success' or 'error', not {status!r}"
                )
            self.status = status

    def _checked(self, content: Any) -> Content:
        if isinstance(content, str):
            return content
        if isinstance(content, (list, tuple)):
            elements = cast("Iterable[Any]", content)
            return [e if isinstance(e, (str, dict)) else _as_text(e) for e in elements]
        if content is None:
            return super()._checked(content)
        return _as_text(content)

    def _shown_fields(self) -> list[str]:
        fields = self._public()
        shown = {k: v for k, v in fields.items() if v or k not in _SELDOM}
        if self.status == "success":
            del shown["status"]
        return [f"{k}={v!r}" for k, v in shown.items()]


_SELDOM = frozenset({"additional_kwargs", "response_metadata", "name", "id", "artifact"})


def _as_text(value: Any) -> str:
    if hasattr(value, "model_dump_json"):
        return value.model_dump_json()
    if isinstance(value, Mapping):
        import json

        try:
            return json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError):
            return str(cast("object", value))
    return str(value)
