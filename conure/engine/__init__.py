"""How a call goes: decisions, and no I/O."""

from __future__ import annotations

__all__: list[str] = []
