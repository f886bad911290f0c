"""Write the pages that are made from the code: `make docs`."""

from __future__ import annotations

from pathlib import Path

from conure import providers
from conure.providers.profile import Profile

__all__ = ["providers_page"]

HERE = Path(__file__).parent

PROVIDERS = """\
# Providers

<!-- Made by docs/_generate.py from the rows in conure/providers: `make docs` writes it again. -->

`init_chat_model("provider:model")` takes any of these {count}. `conure models` says which of them
can be used on your machine. Where a provider has no row, [its address is
enough](../how-to/own-endpoint.md).

| provider | key | address |
|---|---|---|
{rows}

Addresses are defaults: `base_url=` and, where a provider has one, its environment variable come
first. Local servers need no key. To add a vendor is [one row](../contribute/add-a-vendor.md).
"""


def providers_page() -> str:
    """Write the table of providers from their rows."""
    rows = [providers.find(name) for name in sorted(providers.names())]
    return PROVIDERS.format(count=len(rows), rows="\n".join(map(_row, rows)))


def _row(row: Profile) -> str:
    name = f"[`{row.name}`]({row.doc})" if row.doc else f"`{row.name}`"
    keys = ", then ".join(f"`{key}`" for key in row.key_env)
    keys = keys or ("`credentials=`, or what the machine has" if row.tokens else "none")
    variables = ", ".join(f"`{variable}`" for variable in row.base_url_env)
    if row.signer is not None:
        keys += ", or signed requests"
    asked = ", ".join(f"`{name}=`" for name, places in row.client.items() if places)
    address = f"`{row.base_url}`" if row.base_url else asked or "`base_url=`"
    return f"| {name} | {keys} | {address}{f' ({variables})' if variables else ''} |"


if __name__ == "__main__":
    (HERE / "providers" / "index.md").write_text(providers_page(), encoding="utf-8")
