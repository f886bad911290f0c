"""A chat model behind a provider's HTTP API: what stands between `ChatModel` and the plan.

Named classes (`ChatOpenAI` …) are this class with a vendor's name. The parameters are data: they
can be read and set as attributes, and the object is made anew from them after pickling, without
its key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

from ..engine import plan
from ..engine.count import asking_to_count, count
from ..engine.crossing import crossed
from ..engine.effects import Plan
from ..engine.pairs import paired
from ..engine.possible import CLOSER, refuse_impossible, refuses_forcing
from ..engine.request import ModelCall, Target, check_settings, prepare, speaking
from ..errors import SettingIgnoredWarning
from ..messages import BaseMessage
from ..messages.coerce import ModelInput, to_messages
from ..messages.events import Event, Metadata
from ..protocols import Loss
from ..providers import Profile, find
from ..providers.auth import Secret, hidden, is_secret
from ..providers.catalogue import ModelProfile, profile_of
from ..runnables.choice import ConfigurableField
from ..transport.shared import async_transport, sync_transport
from .configurable import AlternativeModels, ConfigurableModel
from .model import ChatModel
from .parameters import CLIENT, LIMITS, RUN, canonical, resolve, spellings
from .preview import Preview, preview_of
from .structured import StructuredMethod
from .telling import Emitter, ModelRequest

if TYPE_CHECKING:
    from ..protocols import Stored
    from ..protocols.counting import Encode
    from .state import State
    from .tokenizer import Tokenize

__all__ = ["RemoteChatModel"]

SECRETS = frozenset({
    "api_key", "azure_ad_async_token_provider", "azure_ad_token", "azure_ad_token_provider",
    "credentials",
})  # fmt: skip
PER_CALL = frozenset({"model"})
NAMES = frozenset({"model", *CLIENT, *LIMITS, *RUN})


class RemoteChatModel(ChatModel):
    """Talk to one vendor's models.

    Parameters are the settings that the vendor's API takes (`temperature`, `max_tokens` …), those
    of the client (`api_key`, `base_url`, `timeout`, `max_retries` …) and those of its runs
    (`callbacks`, `tags`, `metadata`, `rate_limiter` …). An unknown one raises
    `ConfigurationError` with the nearest known name.
    """

    vendor: ClassVar[str] = "openai"

    def __init__(self, *, vendor: str | None = None, **parameters: Any) -> None:
        # Under the same name: an error here is reported with the variables around it.
        parameters = hidden(parameters)
        self._set_up(find(vendor or self.vendor), parameters)

    def _set_up(self, profile: Profile, parameters: Mapping[str, Any]) -> None:
        where = type(self).__name__
        parts = resolve(profile, parameters, where=where)
        self.__dict__.update(
            _profile=profile,
            _given=canonical(profile, parameters),
            _parts=parts,
            _settings=parts.settings,
            run_settings=parts.run,
            name=parts.run.get("name"),
            provider=profile.provider,
            sync_transport=parts.transport or sync_transport(parts.options),
            async_transport=parts.async_transport or async_transport(parts.options),
        )

    # -- the call -----------------------------------------------------------------------------

    def reply(self, request: ModelRequest, emit: Emitter) -> Plan[None]:
        call = self._prepared(request.messages, request.settings, streaming=request.streaming)
        call.on_retry = request.on_retry
        if "model_version" in self._given:
            emit = self._renaming(emit)
        if request.streaming:
            head = yield from plan.stream(call, emit)
        else:
            events, head = yield from plan.complete(call)
            yield from emit(events)
        if not call.target.protocol.names_model:
            yield from emit([Metadata({"model_name": call.model})])
        if self.run_settings.get("include_response_headers"):
            yield from emit([Metadata({"headers": dict(head.headers)})])

    def counting(self, messages: Sequence[BaseMessage], settings: Mapping[str, Any]) -> Plan[int]:
        return count(self._prepared(messages, self._merged(settings), asking_to_count))

    def preview(self, input: ModelInput, *, streaming: bool = False, **settings: Any) -> Preview:
        """Show the request that `invoke` would send, without sending it.

        Raises what `invoke` would before it sends. A key that is a function is not asked.

        >>> from conure.openai import ChatOpenAI
        >>> shown = ChatOpenAI(model="gpt-4.1", api_key="secret").preview("hi")
        >>> shown.body["messages"]
        [{'role': 'user', 'content': 'hi'}]
        >>> shown.headers["authorization"]
        '**********'
        """
        settings = dict(self._merged(settings))
        call = self._prepared(to_messages(input), settings, streaming=streaming, quiet=True)
        return preview_of(call)

    def tokenizer(self) -> Tokenize | None:
        if (own := super().tokenizer()) is not None:
            return own
        named = self.run_settings.get("tiktoken_model_name")
        if named is None and not self._profile.is_maker:
            return None
        from .tokenizer import tokenizer_of

        return tokenizer_of(named or self.model)

    def image_tokens(self, block: dict[str, Any]) -> int:
        from ..messages.image_size import size_in, wanted_detail
        from ..providers.images import image_tokens

        return image_tokens(self.model, size_in(block), wanted_detail(block))

    def _prepared(
        self,
        messages: Sequence[BaseMessage],
        settings: Mapping[str, Any],
        asking: Callable[[Target], Target] | None = None,
        *,
        streaming: bool = False,
        quiet: bool = False,
    ) -> ModelCall:
        parts = self._parts
        model = settings.get("model") or parts.model
        told: list[str] = []
        is_plain = CLOSER.isdisjoint(settings)
        for message in messages if is_plain else ():
            # Nearly every call is texts and nothing else.
            if len(fields := message.__dict__) != 1 or type(fields.get("content")) is not str:
                is_plain = False
                break
        if not is_plain:
            messages, told = self._looked_over(model, messages, settings)
        version = self.run_settings.get("output_version")
        target = speaking(parts.target, model, messages, settings, version)
        call = prepare(
            target if asking is None else asking(target),
            model,
            messages,
            settings,
            streaming=streaming,
            limits=parts.limits,
            retry=parts.retry,
            spread=_spread,
        )
        if told:
            call.warnings = (*told, *call.warnings)
        if call.warnings and not quiet:
            _warn(call.warnings)
        return call

    @property
    def state(self) -> State:
        """What the provider keeps: replies to look at, wait for, go on with; shorter histories."""
        from .state import State

        return State(self)

    def about(
        self,
        encode: Callable[[Stored], Encode],
        request: ModelRequest | None = None,
        *,
        resumed: bool = False,
    ) -> ModelCall:
        """Prepare a call about what the provider keeps, with the settings of the model."""
        from ..engine.stored import about

        asked = request or ModelRequest((), self._settings, streaming=False)
        change = partial(about, encode=encode, resumed=resumed)
        return self._prepared(asked.messages, asked.settings, change)

    def structured_method(self, asked: StructuredMethod | None = None) -> StructuredMethod:
        if asked == "json_mode" and not self._profile.json_mode:
            return "json_schema"
        if asked is not None:
            return asked
        given: Mapping[str, Any] = self._given.get("profile") or {}
        takes = given.get("structured_output", self._profile.takes_json_schema(self.model))
        if not self.forces_tools({}):
            # The other way is left, where the model has it.
            takes = takes or (self.profile or {}).get("structured_output", False)
        return "json_schema" if takes else "function_calling"

    def forces_tools(self, settings: Mapping[str, Any]) -> bool:
        return not refuses_forcing(self.profile, {**self._settings, **settings})

    @property
    def profile(self) -> ModelProfile | None:
        given: ModelProfile | None = self._given.get("profile")
        return profile_of(self.model) if given is None else given

    def _looked_over(
        self, model: str, messages: Sequence[BaseMessage], settings: Mapping[str, Any]
    ) -> tuple[Sequence[BaseMessage], list[str]]:
        """Refuse what the model is known not to take; fit what was said before to whom it is told.

        Where names are users' own, they tell nothing of the model.
        """
        known: ModelProfile | None = self._given.get("profile")
        if known is None and not (self._profile.own_names or self._profile.local):
            known = profile_of(model)
            if known is None:
                _note_unknown(model)
        if known:
            refuse_impossible(known, model, messages, settings)
        messages, told = paired(messages, settings, self.run_settings.get("orphans", "repair"))
        call_id = getattr(self._parts.target.dialect, "call_id", None)
        messages, lost = crossed(messages, self.provider, call_id)
        return messages, [*told, *lost]

    def _check(self, settings: Mapping[str, Any], where: str) -> None:
        check_settings(settings, self._parts.target, where=where, also=PER_CALL)

    def _spelled(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        return canonical(self._profile, settings)

    def _identify(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        facts = {
            "ls_provider": self._profile.traced_as or self.provider,
            "ls_model_name": settings.get("model") or self._named(self._parts.model),
            "ls_model_type": "chat",
            "ls_temperature": settings.get("temperature"),
            "ls_max_tokens": settings.get("max_tokens"),
            "ls_stop": settings.get("stop"),
        }
        return {name: value for name, value in facts.items() if value is not None}

    def _named(self, model: str) -> str:
        """Add the version that the user says the model has, where a reply does not say it."""
        version = str(self._given.get("model_version") or "").lstrip("-")
        return f"{model}-{version}" if version and version not in model else model

    def _renaming(self, emit: Emitter) -> Emitter:
        def renamed(event: Event) -> Event:
            if type(event) is Metadata and isinstance(name := event.fields.get("model_name"), str):
                return Metadata({**event.fields, "model_name": self._named(name)})
            return event

        return lambda batch: emit(list(map(renamed, batch)))

    # -- letting go ---------------------------------------------------------------------------

    def close(self) -> None:
        """Close the sync connections that no call is using; never needed, and the model goes on.

        Models with the same options share their connections.
        """
        self.sync_transport.close()

    async def aclose(self) -> None:
        """Close this event loop's connections; never needed, and the model goes on."""
        await self.async_transport.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    # -- the same model, chosen at each call ----------------------------------------------------

    def configurable_fields(self, **fields: ConfigurableField) -> ConfigurableModel:
        """Return this model with parameters that `config["configurable"]` may set.

        `model.configurable_fields(temperature=ConfigurableField(id="heat"))` reads key `heat`.
        """
        names = NAMES | self._profile.client.keys()
        for name in fields:
            check_settings(
                {name: None}, self._parts.target, where="configurable_fields", also=names
            )

        own = {"vendor": self._profile.name, "model": self.model, **self._given, **self._bound()}
        which = {field.id: name for name, field in fields.items()}
        chosen = ConfigurableModel(partial(_open, type(self)), own, fields=which)
        return chosen if self._config is None else chosen.with_config(self._config)

    def configurable_alternatives(
        self,
        which: ConfigurableField,
        *,
        default_key: str = "default",
        **models: ChatModel | Callable[[], ChatModel],
    ) -> AlternativeModels:
        """Return a model that is this one, or one of `models` where the config names it."""
        return AlternativeModels(which, {default_key: self, **models}, default_key)

    # -- the parameters, as attributes ----------------------------------------------------------

    @property
    def model(self) -> str:
        """The model's name, as sent."""
        return self._parts.model

    model_name = model

    @property
    def lc_secrets(self) -> dict[str, str]:
        """Name the parameters that are secret, and the variables they may come from."""
        row = self._profile
        places = {row.key_name or f"{row.name}_api_key": row.key_env, **row.client}
        return {name: found[0] for name, found in places.items() if found and is_secret(name)}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        name = self._spelling(name)
        given = self._given
        if name in given:
            return given[name]
        if name in self._parts.target.protocol.settings or name in NAMES:
            return None
        if name in self._profile.client:
            return None
        other = self._parts.target.responses
        if other is not None and name in other()[0].settings:
            return None
        raise AttributeError(f"{type(self).__name__} has no attribute or parameter {name!r}")

    def _spelling(self, name: str) -> str:
        return spellings(self._profile).get(name, name)

    def __setattr__(self, name: str, value: Any) -> None:
        name = self._spelling(name)
        bound = {known: bound for known, bound in self._bound().items() if known != name}
        self._set_up(self._profile, {**self._given, **hidden({name: value})})
        self.__dict__["_settings"] = {**self._settings, **bound}

    def _bound(self) -> dict[str, Any]:
        """Give the settings that `bind` added to those of the constructor."""
        own = self._parts.settings
        return {
            name: value
            for name, value in self._settings.items()
            if name not in own or own[name] is not value
        }

    def __repr__(self) -> str:
        if "_given" not in self.__dict__:
            return f"{type(self).__name__}()"  # in a traceback of its own making
        shown = {"model": self._parts.model, **self._given}
        inside = ", ".join(f"{name}={value!r}" for name, value in shown.items())
        return f"{type(self).__name__}({inside})"

    def __copy__(self) -> Self:
        return self._like()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # Nothing in it is ever changed in place, and the connections are meant to be shared.
        return self._like()

    def __getstate__(self) -> dict[str, Any]:
        # Without the keys: after loading they come from the environment again.
        known = self._profile.client
        given = {
            name: value
            for name, value in self._given.items()
            if name not in SECRETS and not (name in known and isinstance(value, Secret))
        }
        return {
            "vendor": self._profile.name,
            "given": given,
            "settings": dict(self._settings),
            "config": self._config,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._set_up(find(state["vendor"]), state["given"])
        self.__dict__.update(_settings=state["settings"], _config=state["config"])


def _open(kind: type[RemoteChatModel], parameters: dict[str, Any]) -> ChatModel:
    return kind(**parameters)


def _spread() -> float:
    from random import random

    return random()  # noqa: S311 - spreads retries out, guards nothing


@cache
def _note_unknown(model: str) -> None:
    from logging import getLogger

    getLogger("conure").info(
        "nothing is known of what %s takes, so nothing is refused before it is sent: "
        "profile={…} can say it",
        model,
    )


def _warn(warnings: tuple[str, ...]) -> None:
    """Warn of what users would not expect; what every change of provider costs is logged."""
    from logging import getLogger
    from warnings import warn

    for warning in warnings:
        if isinstance(warning, Loss) and warning.is_expected:
            getLogger("conure").info(warning)
        else:
            warn(warning, SettingIgnoredWarning, stacklevel=2)
