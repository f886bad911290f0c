"""A door for code that was written with `langchain_core.utils`: see `function_calling`."""

from __future__ import annotations

__all__: list[str] = []
