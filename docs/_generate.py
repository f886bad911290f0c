"""Write the pages that are made from the code: `make docs`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conure import providers
from conure.chat_models.init import CLASSES
from conure.providers.profile import Profile

__all__ = ["pages", "providers_page", "vendor_page"]

HERE = Path(__file__).parent
RECORDED: dict[str, dict[str, dict[str, list[int]]]] = json.loads(
    (HERE / "providers" / "recorded.json").read_text(encoding="utf-8")
)
"""what the tests found in recorded traffic; `python -m tests.replay.vendors` writes it again"""

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

## What recorded answers show

Answers that these providers really gave, asked for through their rows or classes over a loopback
socket: each passes where text, calls, reasoning, citations, counts and the reason to stop are the
wire's own, or where an error says what the provider said.

| API | provider | answers | passed |
|---|---|--:|--:|
{recorded}
"""

VENDOR = """\
# `{name}`

<!-- Made by docs/_generate.py from the row in conure/providers: `make docs` writes it again. -->

{intro}

{example}

| | |
|---|---|
{facts}

## What recorded answers show

{recorded}
"""
SHOWN = """\
Answers that this provider really gave, asked for through its row over a loopback socket:

| {api} | recorded | passed |
|---|--:|--:|
{rows}
"""
UNSEEN = """\
None of its answers has been recorded yet: it is known by its documentation. [A
recording](../contribute/add-a-vendor.md#show-that-it-works) is welcome."""
EXAMPLE = """\
```python
from conure import init_chat_model

model = init_chat_model({arguments})
```"""
NOT_RUN = "<!-- not run: needs what only your machine has -->\n"
ANSWERS = ("whole", "streamed", "broken off", "error replies", "errors inside a 200")
NAMES = {
    "whole": "whole answers",
    "streamed": "streams",
    "broken off": "streams that end too early",
    "error replies": "errors",
}
PROTOCOLS = {
    "anthropic_messages": "Anthropic Messages",
    "bedrock_converse": "Bedrock Converse",
    "cohere": "Cohere's chat API, version 2",
    "gemini": "Gemini's generateContent",
    "ollama": "Ollama's chat API",
    "openai_chat": "OpenAI's Chat Completions",
}


def providers_page() -> str:
    """Write the table of providers from their rows."""
    rows = [providers.find(name) for name in sorted(providers.names())]
    return PROVIDERS.format(
        count=len(rows),
        rows="\n".join(map(_row, rows)),
        recorded="\n".join(_sums(sorted({api for apis in RECORDED.values() for api in apis}))),
    )


def _sums(apis: list[str]) -> Iterator[str]:
    """Add up what was recorded of each API, by provider and of all of them."""
    for api in apis:
        sums: dict[str, tuple[int, int]] = {}
        for name, recorded in RECORDED.items():
            if counts := recorded.get(api):
                shown = [counts[kind] for kind in ANSWERS if kind in counts]
                sums[f"[`{name}`]({name}.md)"] = sum(n for n, _ in shown), sum(n for _, n in shown)
        if len(sums) > 1:
            both = zip(*sums.values(), strict=True)
            sums["all"] = sum(next(both)), sum(next(both))
        for name, (asked, passed) in sums.items():
            yield f"| {api} | {name} | {asked} | {passed} |"


def vendor_page(row: Profile) -> str:
    """Write the page of one vendor from its row and from what the tests found."""
    speaks = PROTOCOLS[row.speaks]
    where = f"at `{row.base_url}`" if row.base_url and not row.in_process else "at your own address"
    intro = f"[Its documentation]({row.doc}). " if row.doc else ""
    intro += f"Spoken is {speaks}, {'in this process' if row.in_process else where}."
    example = EXAMPLE.format(arguments=_arguments(row))
    shown = [_shown(api, counts) for api, counts in RECORDED.get(row.name, {}).items()]
    return VENDOR.format(
        name=row.name,
        intro=intro,
        example=NOT_RUN + example if row.in_process or row.tokens else example,
        facts="\n".join(f"| {name} | {said} |" for name, said in _facts(row).items() if said),
        recorded="\n".join(shown).rstrip() or UNSEEN,
    )


def _arguments(row: Profile) -> str:
    arguments = [f'"{row.name}:{row.default_model or "some-model"}"']
    if row.key_env:
        arguments.append('api_key="a key"')
    if "region_name" in row.client:
        arguments.append('region_name="eu-central-1"')
    elif "project" in row.client and not row.base_url:
        arguments.append('project="a project"')
    elif row.base_url is None:
        arguments.append('base_url="https://llm.example/v1"')
    if len(arguments) < 3:
        return ", ".join(arguments)
    return "".join(f"\n    {argument}," for argument in arguments) + "\n"


def _facts(row: Profile) -> dict[str, str]:
    """Say what a row says, in the words of those who use it."""
    module, _, name = CLASSES.get(row.name, "").partition(":")
    by = "`json_schema`" if row.json_schema is True else "`function_calling`"
    if callable(row.json_schema):
        by = "`json_schema`, for models that can be held to one"
    return {
        "class": f"`{module}.{name}`" if name else "",
        "key": _keys(row),
        "variables with its address": _listed(row.base_url_env),
        "parameters of its own": _listed(row.client),
        "fields of its own": _listed(sorted(row.extra)),
        "other names of parameters": ", ".join(
            f"`{other}` for `{own}`" for other, own in sorted(row.spellings.items())
        ),
        "`with_structured_output` asks by": by,
        **(_dialect(row.dialect) if row.speaks == "openai_chat" else {}),
    }


def _dialect(dialect: Any) -> dict[str, str]:
    replays = dialect.replays
    back = "the field it came in" if replays is None else _listed(replays) or "no field"
    if dialect.passes == frozenset({"*"}):
        passes = "of every type"
    else:
        passes = _listed(sorted(dialect.passes))
    return {
        "earlier reasoning goes back in": back,
        "`max_tokens` is sent as": f"`{dialect.max_tokens_field}`",
        "settings sent under another name": ", ".join(
            f"`{ours}` as `{theirs}`" for ours, theirs in sorted(dialect.renames.items())
        ),
        "settings left out, with a warning": _listed(sorted(dialect.drops)),
        "content parts sent as they are": passes,
        "thoughts in `<think>` tags": "are told from the text" if dialect.think_tags else "",
    }


def _listed(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _shown(api: str, counts: dict[str, list[int]]) -> str:
    rows = [f"| {NAMES.get(what, what)} | {n} | {passed} |" for what, (n, passed) in counts.items()]
    return SHOWN.format(api=api, rows="\n".join(rows))


def pages() -> dict[str, str]:
    """Write every page that is made from the rows."""
    made = {f"{name}.md": vendor_page(providers.find(name)) for name in providers.names()}
    return {**made, "index.md": providers_page()}


def _row(row: Profile) -> str:
    name = f"[`{row.name}`]({row.name}.md)"
    variables = ", ".join(f"`{variable}`" for variable in row.base_url_env)
    asked = ", ".join(f"`{name}=`" for name, places in row.client.items() if places)
    address = f"`{row.base_url}`" if row.base_url else asked or "`base_url=`"
    return f"| {name} | {_keys(row)} | {address}{f' ({variables})' if variables else ''} |"


def _keys(row: Profile) -> str:
    keys = ", then ".join(f"`{key}`" for key in row.key_env)
    keys = keys or ("`credentials=`, or what the machine has" if row.tokens else "none")
    return keys + ", or signed requests" if row.signer is not None else keys


if __name__ == "__main__":
    for file, text in pages().items():
        (HERE / "providers" / file).write_text(text, encoding="utf-8")
