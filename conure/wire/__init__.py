"""Framing: bytes in, values out; knows the shape of HTTP, nothing of chat."""

from __future__ import annotations

__all__: list[str] = []
