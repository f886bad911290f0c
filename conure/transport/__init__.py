"""The only I/O: HTTP over sockets, the clock, and the two drivers that run plans."""

from __future__ import annotations

__all__: list[str] = []
