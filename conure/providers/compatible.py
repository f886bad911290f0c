"""Vendors that speak OpenAI's Chat Completions, one row each.

A row is all a vendor needs while it only differs by address, key and the knobs of `Dialect`.
When a vendor needs a function, give it its own file: docs/contribute/add-a-vendor.md.
"""

from __future__ import annotations

from ..protocols.openai_chat.dialect import ANY, Dialect
from .profile import Profile

__all__ = ["CHAT", "COMPATIBLE", "REASONING", "REASONING_CONTENT", "SAMPLING", "VENDORS", "fields"]

CHAT = "openai_chat"

COMPATIBLE = Dialect(max_tokens_field="max_tokens", passes=ANY)
"""an endpoint that nothing is known of but its address: everything given is sent"""

# Reasoning goes back under the vendor's own name for it.
REASONING = Dialect(max_tokens_field="max_tokens", passes=ANY, replays=("reasoning",))
REASONING_CONTENT = Dialect(
    max_tokens_field="max_tokens", passes=ANY, replays=("reasoning_content",)
)


def fields(names: str) -> frozenset[str]:
    """Read names of request fields, parted by spaces."""
    return frozenset(names.split())


SAMPLING = fields("min_p repetition_penalty top_k")
"""knobs of open models, known to the servers that run them"""

# Models of many makers behind one address: their signed reasoning comes and goes in details.
GATEWAY = Dialect(
    max_tokens_field="max_tokens",
    passes=ANY,
    replays=("reasoning", "reasoning_details", "reasoning_content"),
)
OPENROUTER = Dialect(
    max_tokens_field="max_tokens",
    passes=ANY,
    # What was read of files comes in annotations, and is not read again when it is sent back:
    # https://openrouter.ai/docs/features/multimodal/pdfs
    replays=("reasoning", "reasoning_details", "reasoning_content", "annotations"),
)
DEEPSEEK = Dialect(
    max_tokens_field="max_tokens",
    passes=ANY,
    developer_role=False,
    tool_text=True,
    replays=("reasoning_content",),
)
GROQ = Dialect(
    names=False,
    # Answered with a 400: https://console.groq.com/docs/openai
    drops=frozenset({"logit_bias", "logprobs", "top_logprobs"}),
    replays=("reasoning",),
)
CEREBRAS = Dialect(
    # Answered with a 400: https://inference-docs.cerebras.ai/resources/openai
    drops=frozenset({"frequency_penalty", "logit_bias", "presence_penalty"}),
    replays=("reasoning",),
)
PERPLEXITY = Dialect(
    max_tokens_field="max_tokens",
    stream_usage=False,
    developer_role=False,
    passes=frozenset({"file_url", "pdf_url", "video_url"}),
    replays=(),
)
VENICE = Dialect(
    max_tokens_field="max_tokens",
    passes=ANY,
    replays=("reasoning_content",),
    citations=(("venice_parameters", "web_search_citations"),),
)

VENDORS = (
    Profile(
        "groq", CHAT, "https://api.groq.com/openai/v1", ("GROQ_API_KEY",), GROQ,
        base_url_env=("GROQ_API_BASE", "GROQ_BASE_URL"),
        extra=fields(
            "citation_options compound_custom disable_tool_validation documents "
            "include_reasoning reasoning_format search_settings"
        ),
        default_model="openai/gpt-oss-20b",
        proxy_env=("GROQ_PROXY",),
        spellings={"groq_proxy": "proxy"},
        doc="https://console.groq.com/docs/openai",
    ),
    Profile(
        "deepseek", CHAT, "https://api.deepseek.com/v1", ("DEEPSEEK_API_KEY",), DEEPSEEK,
        base_url_env=("DEEPSEEK_API_BASE",),
        extra=fields("thinking"),
        default_model="deepseek-chat",
        spellings={"api_base": "base_url"},
        doc="https://api-docs.deepseek.com/api/create-chat-completion",
    ),
    Profile(
        "xai", CHAT, "https://api.x.ai/v1", ("XAI_API_KEY",), REASONING_CONTENT,
        base_url_env=("XAI_API_BASE",),
        extra=fields("deferred search_parameters"),
        default_model="grok-4-fast",
        doc="https://docs.x.ai/docs/api-reference",
    ),
    Profile(
        "openrouter", CHAT, "https://openrouter.ai/api/v1", ("OPENROUTER_API_KEY",), OPENROUTER,
        base_url_env=("OPENROUTER_API_BASE",),
        extra=SAMPLING | fields(
            "include_reasoning models plugins preset provider reasoning route session_id "
            "structured_outputs top_a trace transforms usage"
        ),
        default_model="openrouter/auto",
        spellings={"openrouter_provider": "provider"},
        client_headers={
            "app_categories": "x-openrouter-categories",
            "app_title": "x-title",
            "app_url": "http-referer",
        },
        client={
            "app_categories": (),
            "app_title": ("OPENROUTER_APP_TITLE",),
            "app_url": ("OPENROUTER_APP_URL",),
        },
        doc="https://openrouter.ai/docs/api-reference/parameters",
    ),
    Profile(
        "perplexity", CHAT, "https://api.perplexity.ai", ("PPLX_API_KEY", "PERPLEXITY_API_KEY"),
        PERPLEXITY,
        base_url_env=("PERPLEXITY_BASE_URL",),
        extra=fields(
            "disable_search enable_search_classifier image_domain_filter image_format_filter "
            "language_preference last_updated_after_filter last_updated_before_filter "
            "media_response return_images return_related_questions search_after_date_filter "
            "search_before_date_filter search_context_size search_domain_filter search_mode "
            "search_recency_filter stream_mode top_k"
        ),
        json_schema=True,
        spellings={"pplx_api_key": "api_key"},
        doc="https://docs.perplexity.ai/api-reference/chat-completions-post",
    ),
    Profile(
        "cerebras", CHAT, "https://api.cerebras.ai/v1", ("CEREBRAS_API_KEY",), CEREBRAS,
        extra=fields("clear_thinking disable_reasoning reasoning_format"),
        doc="https://inference-docs.cerebras.ai/resources/openai",
    ),
    Profile(
        "together", CHAT, "https://api.together.ai/v1", ("TOGETHER_API_KEY",), REASONING,
        base_url_env=("TOGETHER_API_BASE",),
        extra=SAMPLING | fields("context_length_exceeded_behavior echo reasoning safety_model"),
        doc="https://docs.together.ai/reference/chat-completions-1",
    ),
    Profile(
        "fireworks", CHAT, "https://api.fireworks.ai/inference/v1", ("FIREWORKS_API_KEY",),
        REASONING_CONTENT,
        base_url_env=("FIREWORKS_API_BASE",),
        extra=SAMPLING | fields(
            "context_length_exceeded_behavior perf_metrics_in_response prompt_truncate_len "
            "reasoning_history"
        ),
        doc="https://docs.fireworks.ai/api-reference/post-chatcompletions",
    ),
    Profile(
        "huggingface", CHAT, "https://router.huggingface.co/v1",
        ("HF_TOKEN", "HUGGINGFACEHUB_API_TOKEN"),
        COMPATIBLE,
        extra=SAMPLING,
        spellings={"huggingfacehub_api_token": "api_key", "model_id": "model"},
        doc="https://huggingface.co/docs/inference-providers",
    ),
    Profile(
        "deepinfra", CHAT, "https://api.deepinfra.com/v1/openai",
        ("DEEPINFRA_API_KEY", "DEEPINFRA_API_TOKEN", "DEEPINFRA_TOKEN"),
        REASONING_CONTENT,
        extra=SAMPLING,
        doc="https://deepinfra.com/docs/openai_api",
    ),
    Profile(
        "nvidia", CHAT, "https://integrate.api.nvidia.com/v1", ("NVIDIA_API_KEY",),
        REASONING_CONTENT,
        base_url_env=("NVIDIA_BASE_URL",),
        extra=fields("chat_template_kwargs nvext"),
        doc="https://docs.api.nvidia.com/nim/reference/llm-apis",
    ),
    Profile(
        "nebius", CHAT, "https://api.tokenfactory.nebius.com/v1", ("NEBIUS_API_KEY",),
        REASONING_CONTENT,
        extra=SAMPLING,
        doc="https://docs.tokenfactory.nebius.com/",
    ),
    Profile(
        "sambanova", CHAT, "https://api.sambanova.ai/v1", ("SAMBANOVA_API_KEY",), COMPATIBLE,
        extra=fields("chat_template_kwargs top_k"),
        doc="https://docs.sambanova.ai/cloud/api-reference",
    ),
    Profile(
        "hyperbolic", CHAT, "https://api.hyperbolic.xyz/v1", ("HYPERBOLIC_API_KEY",), COMPATIBLE,
        extra=SAMPLING,
        doc="https://docs.hyperbolic.xyz/docs/rest-api",
    ),
    Profile(
        "moonshot", CHAT, "https://api.moonshot.ai/v1", ("MOONSHOT_API_KEY",), REASONING_CONTENT,
        base_url_env=("MOONSHOT_API_BASE",),
        extra=fields("thinking"),
        doc="https://platform.moonshot.ai/docs/api/chat",
    ),
    Profile(
        "zai", CHAT, "https://api.z.ai/api/paas/v4", ("ZAI_API_KEY", "ZHIPUAI_API_KEY"),
        REASONING_CONTENT,
        extra=fields("do_sample request_id thinking tool_stream user_id"),
        doc="https://docs.z.ai/api-reference/llm/chat-completion",
    ),
    Profile(
        "qwen", CHAT, "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        ("DASHSCOPE_API_KEY",),
        REASONING_CONTENT,
        base_url_env=("DASHSCOPE_API_BASE",),
        extra=SAMPLING | fields(
            "asr_options enable_code_interpreter enable_search enable_thinking search_options "
            "thinking_budget translation_options vl_high_resolution_images"
        ),
        doc="https://www.alibabacloud.com/help/en/model-studio/use-qwen-by-calling-api",
    ),
    Profile(
        "minimax", CHAT, "https://api.minimax.io/v1", ("MINIMAX_API_KEY",), GATEWAY,
        extra=fields("mask_sensitive_info reasoning_split"),
        doc="https://platform.minimax.io/docs/api-reference/text-openai-api",
    ),
    Profile(
        "upstage", CHAT, "https://api.upstage.ai/v1", ("UPSTAGE_API_KEY",), COMPATIBLE,
        doc="https://console.upstage.ai/api/chat",
    ),
    Profile(
        "baseten", CHAT, "https://inference.baseten.co/v1", ("BASETEN_API_KEY",), REASONING_CONTENT,
        extra=SAMPLING,
        doc="https://docs.baseten.co/development/model-apis/overview",
    ),
    Profile(
        "ai21", CHAT, "https://api.ai21.com/studio/v1", ("AI21_API_KEY",), COMPATIBLE,
        extra=fields("documents"),
        doc="https://docs.ai21.com/reference/jamba-1-6-api-ref",
    ),
    Profile(
        "avian", CHAT, "https://api.avian.io/v1", ("AVIAN_API_KEY",), GATEWAY,
        doc="https://avian.io/docs/",
    ),
    Profile(
        "crusoe", CHAT, "https://api.inference.crusoecloud.com/v1", ("CRUSOE_API_KEY",), REASONING,
        doc="https://docs.crusoecloud.com/managed-inference/overview/",
    ),
    Profile(
        "doubleword", CHAT, "https://api.doubleword.ai/v1", ("DOUBLEWORD_API_KEY",),
        Dialect(
            max_tokens_field="max_tokens",
            passes=ANY,
            replays=("reasoning_content", "reasoning_details"),
        ),
        doc="https://docs.doubleword.ai/",
    ),
    Profile(
        "venice", CHAT, "https://api.venice.ai/api/v1", ("VENICE_API_KEY",), VENICE,
        extra=SAMPLING | fields("max_temp min_temp stop_token_ids venice_parameters"),
        doc="https://docs.venice.ai/api-reference/endpoint/chat/completions",
    ),
    Profile(
        "writer", CHAT, "https://api.writer.com/v1", ("WRITER_API_KEY",),
        Dialect(path="/chat", max_tokens_field="max_tokens", passes=ANY),
        doc="https://dev.writer.com/api-reference/completion-api/chat-completion",
    ),
    Profile(
        "cohere_openai", CHAT, "https://api.cohere.ai/compatibility/v1",
        ("COHERE_API_KEY", "CO_API_KEY"),
        COMPATIBLE,
        doc="https://docs.cohere.com/docs/compatibility-api",
    ),
    Profile(
        "google_openai", CHAT, "https://generativelanguage.googleapis.com/v1beta/openai",
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        COMPATIBLE,
        doc="https://ai.google.dev/gemini-api/docs/openai",
    ),
    Profile(
        "bedrock_mantle_openai", CHAT, "https://bedrock-mantle.us-east-1.api.aws/v1",
        ("AWS_BEARER_TOKEN_BEDROCK",),
        REASONING,
        base_url_env=("BEDROCK_MANTLE_BASE_URL",),
        doc="https://docs.aws.amazon.com/bedrock/latest/userguide/bedrock-mantle.html",
    ),
    Profile(
        "cloudflare", CHAT, None, ("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY"), COMPATIBLE,
        base_url_env=("CLOUDFLARE_BASE_URL",),
        doc="https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/",
    ),
    Profile(
        "databricks", CHAT, None, ("DATABRICKS_TOKEN",),
        Dialect(max_tokens_field="max_tokens", stream_usage=False, passes=ANY),
        base_url_env=("DATABRICKS_BASE_URL",),
        doc="https://docs.databricks.com/aws/en/machine-learning/foundation-model-apis/api-reference",
    ),
    Profile(
        "snowflake", CHAT, None, ("SNOWFLAKE_PAT",), GATEWAY,
        base_url_env=("SNOWFLAKE_BASE_URL",),
        doc="https://docs.snowflake.com/en/user-guide/snowflake-cortex/open_ai_sdk",
    ),
    Profile(
        "github", CHAT, "https://models.github.ai/inference", ("GITHUB_TOKEN", "GITHUB_API_KEY"),
        COMPATIBLE,
        doc="https://docs.github.com/en/rest/models/inference",
    ),
    Profile(
        "github_copilot", CHAT, "https://api.githubcopilot.com", ("GITHUB_COPILOT_API_KEY",),
        COMPATIBLE,
        doc="https://docs.github.com/en/copilot",
    ),
    Profile(
        "vercel", CHAT, "https://ai-gateway.vercel.sh/v1",
        ("AI_GATEWAY_API_KEY", "VERCEL_OIDC_TOKEN"),
        GATEWAY,
        extra=fields("providerOptions reasoning"),
        doc="https://vercel.com/docs/ai-gateway/openai-compat",
    ),
    Profile(
        "langsmith", CHAT, None, ("LANGSMITH_GATEWAY_API_KEY",), COMPATIBLE,
        base_url_env=("LANGSMITH_GATEWAY",),
        doc="https://docs.langchain.com/langsmith",
    ),
)  # fmt: skip
