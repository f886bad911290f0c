"""`init_chat_model`: one string picks the provider and the model."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Literal, overload

from ..errors import ConfigurationError
from ..providers import canonical, closest, infer, names
from .configurable import ConfigurableModel
from .model import ChatModel

__all__ = ["init_chat_model", "open_model", "split"]

# Providers with a named class or a room of their own, by import path; every other row of the
# vendors' table is a RemoteChatModel. Paths, not imports: rooms above are loaded when asked for.
CLASSES = {
    "anthropic": "conure.anthropic:ChatAnthropic",
    "anthropic_bedrock": "conure.aws:ChatAnthropicBedrock",
    "azure_openai": "conure.openai:AzureChatOpenAI",
    "bedrock": "conure.aws:ChatBedrock",
    "bedrock_converse": "conure.aws:ChatBedrockConverse",
    "cohere": "conure.cohere:ChatCohere",
    "deepseek": "conure.deepseek:ChatDeepSeek",
    "fireworks": "conure.fireworks:ChatFireworks",
    "google_anthropic_vertex": "conure.anthropic:ChatAnthropicVertex",
    "google_genai": "conure.google_genai:ChatGoogleGenerativeAI",
    "google_vertexai": "conure.google_vertexai:ChatVertexAI",
    "groq": "conure.groq:ChatGroq",
    "huggingface": "conure.huggingface:ChatHuggingFace",
    "local": "conure.local:ChatLocal",
    "mistralai": "conure.mistralai:ChatMistralAI",
    "ollama": "conure.ollama:ChatOllama",
    "openai": "conure.openai:ChatOpenAI",
    "openrouter": "conure.openrouter:ChatOpenRouter",
    "perplexity": "conure.perplexity:ChatPerplexity",
    "test": "conure.testing:open_model",
    "together": "conure.together:ChatTogether",
    "xai": "conure.xai:ChatXAI",
}


@overload
def init_chat_model(
    model: str,
    *,
    model_provider: str | None = None,
    configurable_fields: None = None,
    config_prefix: str | None = None,
    **parameters: Any,
) -> ChatModel: ...


@overload
def init_chat_model(
    model: None = None,
    *,
    model_provider: str | None = None,
    configurable_fields: Literal["any"] | Sequence[str] | None = None,
    config_prefix: str | None = None,
    **parameters: Any,
) -> ConfigurableModel: ...


@overload
def init_chat_model(
    model: str | None = None,
    *,
    model_provider: str | None = None,
    configurable_fields: Literal["any"] | Sequence[str],
    config_prefix: str | None = None,
    **parameters: Any,
) -> ConfigurableModel: ...


def init_chat_model(
    model: str | None = None,
    *,
    model_provider: str | None = None,
    configurable_fields: Literal["any"] | Sequence[str] | None = None,
    config_prefix: str | None = None,
    **parameters: Any,
) -> ChatModel:
    """Make a chat model from one string, such as `"openai:gpt-5.5"` or `"gpt-5.5"`.

    Without a provider the model's name tells it, where it can. Without a model, or with
    `configurable_fields`, the model is chosen at each call by `config={"configurable": {…}}`,
    whose keys begin with `config_prefix`; `"any"` lets the config set everything, `api_key` and
    `base_url` included. `parameters` go to the model's class. Nothing is sent.

    Raises `ConfigurationError` for an unknown provider or parameter, `MissingKeyError` without
    a key.

    >>> init_chat_model("test:echo").invoke("hello").text
    'hello'
    """
    if model and configurable_fields is None:
        return open_model({"model": model, "model_provider": model_provider, **parameters})
    if configurable_fields is None:
        configurable_fields = ("model", "model_provider")
    given = {"model": model, "model_provider": model_provider, **parameters}
    return ConfigurableModel(
        open_model,
        {name: value for name, value in given.items() if value is not None},
        fields=configurable_fields,
        prefix=config_prefix,
    )


def open_model(parameters: dict[str, Any]) -> ChatModel:
    """Make the concrete model that `parameters`, `model_provider` among them, describe."""
    parameters = dict(parameters)
    model = parameters.pop("model", None)
    provider, model = split(model, parameters.pop("model_provider", None))
    path = CLASSES.get(provider)
    if path is None:
        from .remote import RemoteChatModel

        return RemoteChatModel(vendor=provider, model=model, **parameters)
    module, _, name = path.partition(":")
    made: ChatModel = getattr(import_module(module), name)(model=model, **parameters)
    return made


def split(model: object, provider: object = None) -> tuple[str, str]:
    """Tell provider and model apart.

    >>> split("openai:gpt-5.5"), split("o4-mini"), split("ollama:llama3:8b")
    (('openai', 'gpt-5.5'), ('openai', 'o4-mini'), ('ollama', 'llama3:8b'))
    """
    if not isinstance(model, str) or not model.strip():
        raise ConfigurationError(
            'which model? Give its name as "provider:model", e.g. "openai:gpt-5.5"'
            if not model
            else f"the model's name must be a str, not {type(model).__name__}"
        )
    if provider is not None and not isinstance(provider, str):
        raise ConfigurationError(f"model_provider must be a str, not {type(provider).__name__}")
    before, colon, rest = model.partition(":")
    prefix = _known(before) if colon else None
    if provider is not None:
        chosen = _known(provider)
        if chosen is None:
            raise _unknown_provider(provider)
        if prefix == chosen and before != model:
            model = rest
        elif prefix is not None and chosen not in {"openrouter", "litellm"}:
            raise ConfigurationError(
                f"{model!r} names the provider {prefix}, model_provider says {chosen}: give one"
            )
    elif prefix is not None:
        chosen, model = prefix, rest
    else:
        chosen = infer(model)
        if chosen is None:
            raise _cannot_infer(model, before if colon else None)
    if not model.strip():
        raise ConfigurationError(f'no model after the colon: write "{chosen}:<model>"')
    return chosen, model


def _known(name: str) -> str | None:
    name = name.strip().lower().replace("-", "_")
    return name if name in CLASSES else canonical(name)


def _unknown_provider(name: str) -> ConfigurationError:
    near = closest(name)
    hint = f" Did you mean {near!r}?" if near else ""
    known = ", ".join(sorted({*names(), "test"}))
    return ConfigurationError(
        f"unknown provider {name!r}.{hint} Known: {known}. Any OpenAI-compatible endpoint works as "
        f'init_chat_model("name", model_provider="openai", base_url="https://…/v1")'
    )


def _cannot_infer(model: str, prefix: str | None) -> ConfigurationError:
    near = closest(prefix or model)
    if near and prefix:
        hint = f'Did you mean "{near}{model.removeprefix(prefix)}"?'
    else:
        hint = f'Write "provider:{model}"' + (f', perhaps "{near}:{model}".' if near else ".")
    return ConfigurationError(
        f"cannot tell the provider of {model!r} from its name. {hint} An OpenAI-compatible "
        f'endpoint works as init_chat_model({model!r}, model_provider="openai", '
        'base_url="https://…/v1")'
    )
