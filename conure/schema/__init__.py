"""What an answer must look like: JSON Schema, pure."""

from __future__ import annotations

__all__: list[str] = []
