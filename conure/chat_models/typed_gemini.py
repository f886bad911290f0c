"""What the classes of Gemini's two doors take, for type checkers: not imported by what runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..protocols.gemini.safety import MediaResolution, Modality
from .typed import CommonParameters

__all__ = ["GeminiParameters"]


class GeminiParameters(CommonParameters, total=False):
    """What Gemini's classes take; left out means: the provider's default."""

    google_api_key: Any
    gemini_api_key: Any
    vertexai: bool | None
    project: str | None
    location: str | None
    credentials: Any
    api_version: str | None
    max_output_tokens: int | None
    top_p: float | None
    top_k: float | None
    n: int | None
    candidate_count: int | None
    seed: int | None
    frequency_penalty: float | None
    presence_penalty: float | None
    logprobs: bool | int | None
    top_logprobs: int | None
    reasoning_effort: str | None
    thinking_level: str | None
    thinking_budget: int | None
    include_thoughts: bool | None
    thinking_config: Mapping[str, Any] | None
    response_mime_type: str | None
    response_schema: Mapping[str, Any] | None
    response_json_schema: Mapping[str, Any] | None
    response_modalities: Sequence[str | Modality] | None
    media_resolution: str | MediaResolution | None
    image_config: Mapping[str, Any] | None
    speech_config: Mapping[str, Any] | None
    safety_settings: Mapping[Any, Any] | Sequence[Mapping[str, Any]] | None
    cached_content: str | None
    labels: Mapping[str, str] | None
    service_tier: str | None
    tool_config: Mapping[str, Any] | None
    generation_config: Mapping[str, Any] | None
    convert_system_message_to_human: bool
    additional_headers: Mapping[str, str]
