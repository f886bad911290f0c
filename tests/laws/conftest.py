"""How long laws are looked for: as many examples on a slow machine as on a fast one."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("laws", deadline=None, max_examples=150)
settings.load_profile("laws")
