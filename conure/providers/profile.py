"""Everything conure must know about a vendor to call it: a row of data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from msgspec import Struct

from ..protocols import Protocol
from .auth import Auth, Signer

__all__ = ["Fit", "Profile"]


class Fit(Struct, frozen=True):
    """What parameters that only one vendor knows change: the query of every URL, and dialects."""

    query: Mapping[str, Any] = {}
    older: Mapping[str, Any] = {}
    """fields of the dialect of the API that the row speaks"""
    newer: Mapping[str, Any] = {}
    """fields of the dialect of the maker's newer one"""


class Profile(Struct, frozen=True):
    """One vendor.

    `speaks` names a folder of `conure.protocols`; it is imported when the first model is made.
    The environment variables of `key_env` and the like are tried in order.
    """

    name: str
    speaks: str
    base_url: str | None
    key_env: tuple[str, ...] = ()
    own_dialect: Any = None
    """how the vendor differs; None means: it does not"""
    base_url_env: tuple[str, ...] = ()
    auth: str = "bearer"
    """"bearer", or the header that takes the bare key"""
    extra: frozenset[str] = frozenset()
    """request fields that only this vendor knows, sent as given"""
    header_env: Mapping[str, tuple[str, ...]] = {}
    """headers whose values may come from the environment"""
    proxy_env: tuple[str, ...] = ()
    own_env: Mapping[str, str] = {}
    """other parameters, and the variable that each may come from"""
    key_name: str = ""
    """what the parameter of its key is called elsewhere, where that is not after `name`"""
    default_model: str | None = None
    """what `conure chat` talks to when only this vendor's key is set"""
    model_provider: str | None = None
    """the name in `response_metadata`, where it differs from `name`"""
    traced_as: str = ""
    """the name in the metadata of runs, where it differs from that"""
    json_mode: bool = True
    """whether JSON can be asked for without a schema"""
    json_schema: bool | Callable[[str], bool] = False
    """whether answers can be made to fit a JSON Schema, or for which models"""
    is_maker: bool = False
    """stands for the maker of both APIs, so that a call may choose the newer one by itself"""
    own_names: bool = False
    """models go by names that users gave them, which do not tell what they are"""
    local: bool = False
    """runs on the user's machine: needs no key, may not be running"""
    in_process: bool = False
    """runs in this very process: there is no server and no address"""
    start: str = ""
    """the command that starts it"""
    lists_at: str = ""
    """where below the address the list of models is, as compatible servers give it"""
    read_address: Callable[[str], str] | None = None
    """makes a URL of what the environment and users call the address, where that is none"""
    spellings: Mapping[str, str] = {}
    """parameters under names that other libraries gave them, besides those of everybody"""
    client: Mapping[str, tuple[str, ...]] = {}
    """parameters of the client that only this vendor knows, and where else each is looked for"""
    client_headers: Mapping[str, str] = {}
    """those of them that are sent as headers -> the header"""
    address: Callable[[Mapping[str, Any]], str] | None = None
    """makes the address of these parameters, where it is not given"""
    fit: Callable[[Mapping[str, Any], str], Fit] | None = None
    """tells what these parameters, and the address, change"""
    model_from: str = ""
    """which of them names the model, where `model` does not"""
    sign_in: Callable[[Mapping[str, Any], str], Auth | None] | None = None
    """makes of them what proves who one is; None where a key does"""
    tokens: Callable[[Any], Callable[[], Any]] | None = None
    """makes what is asked for a token where there is no key; it is given `credentials`, or None"""
    signer: Callable[[Mapping[str, Any], str], Signer] | None = None
    """makes what signs requests where there is no key; it is given `client`'s and the address"""
    credentials: frozenset[str] = frozenset()
    """of `client`, what requests are signed with: where given, the environment's key is not used"""
    doc: str = ""

    def takes_json_schema(self, model: str) -> bool:
        known = self.json_schema
        return known if isinstance(known, bool) else known(model)

    @property
    def provider(self) -> str:
        return self.model_provider or self.name

    @property
    def protocol(self) -> Protocol:
        found: Protocol = import_module(f"..protocols.{self.speaks}", __package__).PROTOCOL
        return found

    @property
    def dialect(self) -> Any:
        return self.protocol.dialect() if self.own_dialect is None else self.own_dialect
