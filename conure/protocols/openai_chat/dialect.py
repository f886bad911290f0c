"""How a vendor's Chat Completions differ from the maker's own: one knob for each difference.

A knob is added when the third vendor needs it; before that the vendor gets a function in its own
file. Every knob says why it exists and where that is written.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

__all__ = ["ANY", "Dialect", "Facts"]

ANY = frozenset({"*"})
"""every type of content part"""


class Facts(Struct, frozen=True):
    """What a family of models accepts of what the protocol can say."""

    temperature: bool = True
    """whether another temperature than 1 is accepted"""
    system_role: str | None = None
    """the role that instructions are given in, where it is not `system`"""


class Dialect(Struct, frozen=True):
    """What to say otherwise, leave out or read in addition. Unset means: as the maker does."""

    path: str | Callable[[str], str] = "/chat/completions"
    """Where models are asked, below the base URL; or each, by its name: https://learn.microsoft.com/azure/ai-foundry/openai/reference"""

    deployment: str | None = None
    """The name under which the model is known there, sent in place of its own: the same"""

    max_tokens_field: str = "max_completion_tokens"
    """`max_tokens` where the newer name is unknown: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html"""

    stream_usage: bool = True
    """Whether `stream_options.include_usage` may be asked for: https://docs.mistral.ai/api/"""

    drops: frozenset[str] = frozenset()
    """Settings answered with an error, left out with a warning: https://inference-docs.cerebras.ai/resources/openai"""

    renames: dict[str, str] = {}
    """Settings under another name (`seed` as `random_seed`): https://docs.mistral.ai/api/"""

    any_choice: str = "required"
    """How `tool_choice="any"` is said: https://docs.mistral.ai/capabilities/function_calling/"""

    named_choice: bool = True
    """Whether `tool_choice` may name a tool; else that one alone is offered, and must be called:
    https://github.com/ggml-org/llama.cpp/blob/master/docs/function-calling.md"""

    developer_role: bool = True
    """Whether `developer` is known; else it is sent as `system`: https://api-docs.deepseek.com/api/create-chat-completion"""

    names: bool = True
    """Whether messages may have a `name`: https://console.groq.com/docs/openai"""

    passes: frozenset[str] = frozenset()
    """Content parts sent as they are, besides the maker's own: https://docs.mistral.ai/capabilities/document_ai/"""

    strips: frozenset[str] = frozenset()
    """Fields of content parts that are refused; gateways know more of them, such as
    `cache_control`: https://openrouter.ai/docs/features/prompt-caching"""

    tool_images: bool = False
    """Whether a tool's answer may hold images; else they follow as a user's message: https://github.com/ggml-org/llama.cpp/tree/master/tools/server"""

    tool_text: bool = False
    """Whether a tool's answer must be one text: https://api-docs.deepseek.com/api/create-chat-completion"""

    replays: tuple[str, ...] | None = None
    """Fields that take earlier reasoning back, the first also that of other vendors; `content`
    means parts of it, None the field it came in, () that none does:
    https://api-docs.deepseek.com/guides/thinking_mode"""

    think_tags: bool = False
    """Take `<think>…</think>` out of the text: https://docs.vllm.ai/en/latest/features/reasoning_outputs.html"""

    citations: tuple[tuple[str, ...], ...] = (("search_results",), ("citations",))
    """Paths to sources outside the message, the first found counts: https://docs.perplexity.ai/api-reference/chat-completions-post"""

    call_fields: frozenset[str] = frozenset({"cache_control", "extra_content"})
    """Fields of a call that go back with it: https://ai.google.dev/gemini-api/docs/thought-signatures"""

    call_id: Callable[[str], str] | None = None
    """Makes the id of a call that came from elsewhere one that is taken: https://docs.mistral.ai/capabilities/function_calling/"""

    facts: Callable[[str], Facts] | None = None
    """What a model's family accepts, by the model's name: https://platform.openai.com/docs/guides/reasoning"""
