"""Middleware for agents that goes with Anthropic's models."""

from __future__ import annotations

from .prompt_caching import AnthropicPromptCachingMiddleware

__all__ = ["AnthropicPromptCachingMiddleware"]
