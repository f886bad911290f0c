"""`conure models`: which providers can be used here, and why the others cannot."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypedDict

from .answer import dressed
from .choose import PARROT, address_of, choose, key_of, list_of, local_models, rows
from .render import BOLD, DIM, RESET

if TYPE_CHECKING:
    from ..providers.profile import Profile

__all__ = ["Standing", "run", "standings"]


class Standing(TypedDict):
    """Whether a provider can be used here, and why."""

    provider: str
    usable: bool
    why: str
    default_model: str | None


def run(options: Namespace) -> int:
    """List the providers, those that can be used here first."""
    if options.json:
        from ..wire import json

        print(json.encode(list(standings())).decode())
        return 0
    table = sorted(standings(), key=lambda standing: not standing["usable"])
    chosen = choose(options.model)
    width = max(len(standing["provider"]) for standing in table)
    colours = dressed(sys.stdout)
    for standing in table:
        mark = "yes" if standing["usable"] else "no "
        model = standing["default_model"] if standing["usable"] else None
        line = f"{mark}  {standing['provider']:<{width}}  {standing['why']}"
        line += f"; begins with {model}" if model else ""
        print(f"{BOLD if standing['usable'] else DIM}{line}{RESET}" if colours else line)
    print(f"\nWithout --model: {chosen.name} ({chosen.why}).")
    return 0


def standings() -> Iterator[Standing]:
    """Look at every provider, the built-in ones last."""
    for row in rows():
        usable, why, model = _standing(row)
        yield Standing(
            provider=row.name, usable=usable, why=why, default_model=model or row.default_model
        )
    yield Standing(
        provider="test", usable=True, why="built in, needs no network", default_model=PARROT
    )


def _standing(row: Profile) -> tuple[bool, str, str | None]:
    address = address_of(row, os.environ)
    if row.in_process:
        return False, "runs model files in this process: name one, or a repository of them", None
    if row.local:
        models = local_models(list_of(row, os.environ))
        if models is None:
            return False, f"no server answers at {address}", None
        return True, f"runs at {address}, {len(models)} models", next(iter(models), None)
    variable = key_of(row, os.environ)
    if variable is None and row.key_env:
        return False, f"set {' or '.join(row.key_env)}", None
    if address is None:
        return False, f"set {' or '.join(row.base_url_env) or 'base_url'} to its address", None
    return True, f"{variable} is set" if variable else "needs no key", None
