"""Models in this process: llama.cpp without a server, from a file or from Hugging Face's hub."""

from __future__ import annotations

from .chat import ChatLocal

__all__ = ["ChatLocal"]
