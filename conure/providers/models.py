"""What families of models accept, where a request depends on it: by their names, a few rows.

Not a catalogue: what a model costs or how much it reads is not needed to call it.

https://platform.openai.com/docs/guides/reasoning
"""

from __future__ import annotations

from functools import lru_cache

from ..protocols.openai_chat.dialect import Facts

__all__ = ["facts", "family", "is_responses_only", "takes_json_schema"]

PLAIN = Facts()
THINKS = Facts(temperature=False)
THINKS_AND_IS_TOLD = Facts(temperature=False, system_role="developer")

RESPONSES_ONLY = ("o1-pro", "o3-pro", "computer-use-preview")


def facts(model: str) -> Facts:
    """Tell what OpenAI's models of this name accept.

    >>> facts("o4-mini").system_role, facts("gpt-5.5").temperature, facts("gpt-4.1").temperature
    ('developer', False, True)
    """
    name = family(model)
    if name[:1] == "o" and name[1:2].isdecimal():
        return THINKS_AND_IS_TOLD
    if name.startswith("gpt-5") and not name.startswith("gpt-5-chat"):
        return THINKS
    return PLAIN


@lru_cache(maxsize=256)
def is_responses_only(model: str) -> bool:
    """Tell whether a model answers on the Responses API alone.

    >>> is_responses_only("gpt-5.2-pro"), is_responses_only("gpt-5.2")
    (True, False)
    """
    name = family(model)
    if name.startswith(RESPONSES_ONLY) or "codex" in name or "deep-research" in name:
        return True
    return name.startswith("gpt-5") and "-pro" in name


def takes_json_schema(model: str) -> bool:
    """Tell whether OpenAI's models of this name can be held to a JSON Schema.

    https://platform.openai.com/docs/guides/structured-outputs

    >>> takes_json_schema("gpt-4.1"), takes_json_schema("gpt-4-turbo"), takes_json_schema("gpt-4")
    (True, False, False)
    """
    name = family(model)
    return not (name.startswith(("gpt-3.5", "gpt-4-", "gpt-4o-2024-05-13")) or name == "gpt-4")


def family(model: str) -> str:
    """Take a gateway's prefix, and what fine-tuning puts around it, off a name."""
    name = model.lower().rpartition("/")[2]
    return name.split(":")[1] if name.startswith("ft:") else name
