"""Servers that run on the user's own machine and speak OpenAI's Chat Completions.

They need no key and know more sampling settings than any cloud. Whatever is given is sent: what
such a server understands depends on the model it was started with.
"""

from __future__ import annotations

from ..protocols.openai_chat.dialect import ANY, Dialect
from .compatible import CHAT, COMPATIBLE, REASONING, REASONING_CONTENT, SAMPLING, fields
from .profile import Profile

__all__ = ["LOCAL"]

LLAMA_CPP = Dialect(
    max_tokens_field="max_tokens",
    named_choice=False,
    passes=ANY,
    tool_images=True,
    replays=("reasoning_content",),
)
LLAMA_CPP_FIELDS = SAMPLING | fields(
    "cache_prompt chat_template_kwargs dynatemp_range grammar id_slot json_schema mirostat "
    "mirostat_eta mirostat_tau n_probs reasoning_format repeat_last_n repeat_penalty samplers "
    "thinking_forced_open timings_per_token typical_p xtc_probability xtc_threshold"
)

LOCAL = (
    Profile(
        "litellm", CHAT, "http://localhost:4000", ("LITELLM_API_KEY", "LITELLM_PROXY_API_KEY"),
        Dialect(
            max_tokens_field="max_tokens",
            passes=ANY,
            call_fields=frozenset({"extra_content", "provider_specific_fields"}),
        ),
        base_url_env=("LITELLM_BASE_URL", "LITELLM_PROXY_API_BASE"),
        local=True,
        doc="https://docs.litellm.ai/docs/providers/litellm_proxy",
    ),
    Profile(
        "ollama_openai", CHAT, "http://localhost:11434/v1", (), REASONING,
        base_url_env=("OLLAMA_OPENAI_BASE_URL",),
        extra=fields("reasoning"),
        json_schema=True,
        local=True,
        start="ollama serve",
        doc="https://docs.ollama.com/openai",
    ),
    Profile(
        "vllm", CHAT, "http://localhost:8000/v1", (), COMPATIBLE,
        base_url_env=("VLLM_BASE_URL",),
        extra=SAMPLING | fields(
            "add_generation_prompt allowed_token_ids bad_words chat_template "
            "chat_template_kwargs continue_final_message ignore_eos include_reasoning "
            "include_stop_str_in_output length_penalty min_tokens priority prompt_logprobs "
            "return_tokens_as_token_ids skip_special_tokens stop_token_ids structured_outputs "
            "truncate_prompt_tokens use_beam_search"
        ),
        local=True,
        doc="https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
    ),
    Profile(
        "lmstudio", CHAT, "http://localhost:1234/v1", (), COMPATIBLE,
        base_url_env=("LMSTUDIO_BASE_URL",),
        extra=fields("repeat_penalty top_k ttl"),
        local=True,
        doc="https://lmstudio.ai/docs/developer/openai-compat",
    ),
    Profile(
        "llamacpp", CHAT, "http://localhost:8080/v1", (), LLAMA_CPP,
        base_url_env=("LLAMACPP_BASE_URL",),
        extra=LLAMA_CPP_FIELDS,
        local=True,
        doc="https://github.com/ggml-org/llama.cpp/tree/master/tools/server",
    ),
    Profile(
        # The key is for the hub that models come from.
        "local", CHAT, "local:", ("HF_TOKEN",), LLAMA_CPP,
        extra=LLAMA_CPP_FIELDS,
        json_schema=True,
        client=dict.fromkeys(
            ("n_ctx", "n_parallel", "n_gpu_layers", "n_threads", "n_batch", "mmproj",
             "chat_template", "llama_params", "revision"),
            (),
        ),
        local=True,
        in_process=True,
        doc="https://github.com/xorbitsai/xllamacpp",
    ),
    Profile(
        "mistralrs", CHAT, "http://localhost:1234/v1", (), REASONING_CONTENT,
        base_url_env=("MISTRALRS_BASE_URL",),
        extra=SAMPLING | fields("enable_thinking grammar"),
        local=True,
        doc="https://ericlbuehler.github.io/mistral.rs/",
    ),
    Profile(
        "gpustack", CHAT, "http://localhost/v1", ("GPUSTACK_API_KEY",),
        Dialect(
            max_tokens_field="max_tokens",
            passes=ANY,
            replays=("reasoning_content", "reasoning"),
        ),
        base_url_env=("GPUSTACK_BASE_URL",),
        extra=SAMPLING | fields("enable_thinking"),
        local=True,
        doc="https://docs.gpustack.ai/latest/user-guide/openai-compatible-apis/",
    ),
)  # fmt: skip
