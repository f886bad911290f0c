"""Models whose parameters are chosen at each call, by `config={"configurable": {…}}`.

A configurable model holds no connection of its own: it makes the concrete model that a call's
config describes, keeps the latest few, and lets it answer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Literal, Self, cast

from ..errors import ConfigurationError
from ..providers.auth import hidden, reveal
from ..runnables.choice import ConfigurableField
from ..runnables.config import RunnableConfig, merge_configs, resolve
from .model import ChatModel

__all__ = ["AlternativeModels", "ConfigurableModel"]

# How many concrete models one configurable model keeps.
KEPT = 32


class ConfigurableModel(ChatModel):
    """A chat model that is chosen at each call.

    Values under `config["configurable"]` win over the defaults given here; keys that are not
    configurable are left alone. `bind` and `with_config` are remembered for whichever model is
    chosen.
    """

    def __init__(
        self,
        open_model: Callable[[dict[str, Any]], ChatModel],
        defaults: Mapping[str, Any],
        *,
        fields: Literal["any"] | Sequence[str] | Mapping[str, str],
        prefix: str | None = None,
    ) -> None:
        self._defaults = hidden(defaults)
        if isinstance(fields, str) and fields != "any":
            raise ConfigurationError(
                f'configurable_fields={fields!r}: give "any" or a list of names, e.g. ("{fields}",)'
            )
        self._open = open_model
        self._prefix = f"{prefix.removesuffix('_')}_" if prefix else ""
        self._fields: Mapping[str, str] | None = (
            None
            if fields == "any"
            else fields
            if isinstance(fields, Mapping)
            else {f"{self._prefix}{name}": name for name in fields}
        )
        # With their parameters: a key may name some of them by their place in memory.
        self._made: dict[Hashable, tuple[ChatModel, dict[str, Any]]] = {}

    def with_config(self, config: RunnableConfig | None = None, **entries: Any) -> Self:
        """Return this model with config merged into every call; its model values are defaults."""
        merged = merge_configs(config, cast("RunnableConfig | None", entries or None))
        values = merged.get("configurable") or {}
        chosen = self._values(values)
        left = {key: value for key, value in values.items() if self._name(key) not in chosen}
        rest: dict[str, Any] = {**merged, "configurable": left}
        if not left:
            del rest["configurable"]
        return self._like(
            _defaults=_overlaid(self._defaults, chosen),
            _config=merge_configs(self._config, rest),  # type: ignore[arg-type]
            _made={},
        )

    def with_configurable(self, **values: Any) -> Self:
        """Return this model with other defaults; names are given without the prefix."""
        return self._like(_defaults=_overlaid(self._defaults, values), _made={})

    def chosen(self, config: RunnableConfig | None) -> ChatModel:
        full = resolve(config)
        values = self._values((full or {}).get("configurable") or {})
        parameters = _overlaid(self._defaults, values)
        if not parameters.get("model"):
            choice = f'{{"configurable": {{"{self._prefix}model": "provider:model"}}}}'
            raise ConfigurationError(
                f"no model was chosen: pass config={choice} or give init_chat_model a default"
            )
        key = _identity(parameters)
        made = self._made.get(key)
        if made is None:
            if len(self._made) >= KEPT:
                self._made.clear()
            made = self._made[key] = (self._open(parameters), parameters)
        model = made[0]
        if self._settings:
            model = model.bind(**self._settings)
        return model.with_config(self._config) if self._config else model

    def _values(self, configurable: Mapping[str, Any]) -> dict[str, Any]:
        """Pick the values that choose the model, under their own names."""
        values: dict[str, Any] = {}
        for key, value in configurable.items():
            name = self._name(key)
            if name is not None:
                values[name] = value
        return values

    def _name(self, key: str) -> str | None:
        if self._fields is not None:
            return self._fields.get(key)
        return key.removeprefix(self._prefix) if key.startswith(self._prefix) else None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not self._defaults.get("model"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return getattr(self.chosen(None), name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._defaults!r})"

    def __getstate__(self) -> dict[str, Any]:
        # Without the keys: after loading they come from the environment again.
        state: dict[str, Any] = {**self.__dict__, "_made": {}}
        state["_defaults"] = {
            name: value for name, value in self._defaults.items() if not name.endswith("api_key")
        }
        return state

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # As of a model: nothing in it is changed in place.
        return self._like()


class AlternativeModels(ChatModel):
    """One of several models, by the name that a call's config gives."""

    def __init__(
        self,
        which: ConfigurableField,
        models: Mapping[str, ChatModel | Callable[[], ChatModel]],
        default: str,
    ) -> None:
        self._which = which
        self._models = dict(models)
        self._default = default

    def chosen(self, config: RunnableConfig | None) -> ChatModel:
        values = (resolve(config) or {}).get("configurable") or {}
        name = values.get(self._which.id, self._default)
        found = self._models.get(name)
        if found is None:
            raise ConfigurationError(
                f"configurable[{self._which.id!r}] = {name!r}: choose one of "
                + ", ".join(repr(known) for known in self._models)
            )
        if not isinstance(found, ChatModel):
            found = self._models[name] = found()
        if self._settings:
            found = found.bind(**self._settings)
        return found.with_config(self._config) if self._config else found


def _overlaid(defaults: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Lay chosen values over the defaults; a new model brings its own provider."""
    merged = {**defaults, **hidden(values)}
    if "model" in values and "model_provider" not in values:
        merged.pop("model_provider", None)
    return merged


def _identity(value: Any) -> Hashable:
    """Tell equal parameters by one key, secrets included: nobody is answered with another's key."""
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value).items()
        return frozenset((name, _identity(item)) for name, item in entries)
    if isinstance(value, (list, tuple)):
        return tuple(_identity(item) for item in cast("Sequence[Any]", value))
    told: object = reveal(value)
    try:
        hash(told)
    except TypeError:
        return id(told)
    return type(told), told
