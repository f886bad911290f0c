"""What each parameter of `ChatOpenAI` becomes on the wire: found by making calls with it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from conure.errors import ConfigurationError
from conure.openai import ChatOpenAI
from conure.wire.http import Head, Request, Timeouts

__all__ = ["SAMPLES", "parameters_page"]

PAGE = """\
# Parameters of ChatOpenAI

<!-- Made by docs/_parameters.py, which calls with each of them: `make docs` writes it again. -->

Every parameter may be given to the constructor; those that travel in a request's body, `timeout`,
`extra_headers` and `extra_query` also to `bind` or to one call. Which of the two APIs a call uses
follows from what it needs, or from `use_responses_api`.

| parameter | Chat Completions | Responses |
|---|---|---|
{rows}

*stays here*: it shapes the client or the run and is not sent. *with a warning*: the API has no
such thing, and the call goes on without it. *refused*: leaving it out would change what comes
back, so the call raises `ConfigurationError` before anything is sent. *calls go to the other*: it
is what decides for the Responses API. `AzureChatOpenAI` takes the same and [its
own](../how-to/azure.md).
"""

JSON = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}


HISTORY = ["hi", {"role": "assistant", "content": "hello", "id": "resp_0"}, "go on"]
STREAMED = frozenset({"stream_options", "stream_usage"})


class Listener:
    """A transport that keeps what it was asked and answers nothing of interest."""

    def __init__(self) -> None:
        self.request: Request | None = None
        self.timeouts: Timeouts | None = None
        self._left: list[bytes] = []

    def exchange(self) -> Listener:
        return self

    def send(self, request: Request, timeouts: Timeouts) -> Head:
        self.request, self.timeouts = request, timeouts
        if request.url.partition("?")[0].endswith("/responses"):
            self._left = [b'{"id": "resp_1", "status": "completed", "output": []}']
        else:
            self._left = [b'{"choices": [{"index": 0, "message": {}, "finish_reason": "stop"}]}']
        return Head(200, {"content-type": "application/json"})

    def read(self, timeout: float | None) -> bytes:
        del timeout
        return self._left.pop(0) if self._left else b""

    def close(self) -> None:
        pass


SAMPLES: Mapping[str, Any] = {
    "model": "gpt-5-chat",
    "model_name": "gpt-5-chat",
    "api_key": "other",
    "openai_api_key": "other",
    "base_url": "https://example.com/v1",
    "dialect": {"max_tokens_field": "max_tokens"},
    "openai_api_base": "https://example.com/v1",
    "organization": "org-1",
    "openai_organization": "org-1",
    "default_headers": {"x-team": "birds"},
    "default_query": {"team": "birds"},
    "extra_headers": {"x-team": "birds"},
    "extra_query": {"team": "birds"},
    "temperature": 0.5,
    "top_p": 0.5,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.5,
    "max_tokens": 50,
    "max_completion_tokens": 50,
    "stop": ["end"],
    "stop_sequences": ["end"],
    "seed": 7,
    "n": 2,
    "logprobs": True,
    "top_logprobs": 3,
    "logit_bias": {50256: -100},
    "reasoning_effort": "low",
    "reasoning": {"summary": "auto"},
    "verbosity": "low",
    "response_format": JSON,
    "parallel_tool_calls": False,
    "disabled_params": {"parallel_tool_calls": None},
    "modalities": ["text", "audio"],
    "audio": {"voice": "alloy", "format": "wav"},
    "prediction": {"type": "content", "content": "x"},
    "service_tier": "flex",
    "store": True,
    "user": "u-1",
    "safety_identifier": "u-1",
    "prompt_cache_key": "k",
    "prompt_cache_retention": "24h",
    "prompt_cache_options": {"mode": "explicit"},
    "use_responses_api": True,
    "include": ["reasoning.encrypted_content"],
    "truncation": "auto",
    "context_management": [{"type": "compaction", "compact_threshold": 100_000}],
    "previous_response_id": "resp_0",
    "use_previous_response_id": True,
    "conversation": "conv_1",
    "background": True,
    "instructions": "Be terse.",
    "max_tool_calls": 3,
    "text": {"verbosity": "low"},
    "stream_options": {"include_obfuscation": False},
    "model_kwargs": {"field": 1},
    "extra_body": {"field": 1},
    "timeout": 5.0,
    "request_timeout": 5.0,
    "max_retries": 1,
    "first_event_timeout": 5.0,
    "stream_chunk_timeout": 5.0,
    "deadline": 50.0,
    "streaming": True,
    "stream_usage": False,
    "disable_streaming": True,
    "include_response_headers": True,
    "output_version": "v1",
    "openai_proxy": "http://proxy:3128",
    "proxy": "http://proxy:3128",
    "verify": True,
    "http_client": None,
    "http_async_client": None,
    "http_socket_options": (),
    "transport": None,
    "tiktoken_model_name": "gpt-4o",
    "custom_get_token_ids": len,
    "profile": {"max_input_tokens": 1000},
    "name": "parrot",
    "callbacks": [],
    "tags": ["birds"],
    "metadata": {"team": "birds"},
    "rate_limiter": None,
    "cache": False,
    "verbose": True,
}
"""a value for each parameter; None where any value stays here"""


def parameters_page() -> str:
    """Write the table of what each parameter becomes."""
    rows = (
        f"| `{name}` | {_travels(name, responses=False)} | {_travels(name, responses=True)} |"
        for name in SAMPLES
    )
    return PAGE.format(rows="\n".join(rows))


def _travels(name: str, *, responses: bool) -> str:
    """Say how a parameter travels in one of the two APIs."""
    if name == "use_responses_api":
        return "calls go to the other" if not responses else "stays here"
    given = {name: SAMPLES[name]}
    try:
        plain, _ = _asked({}, responses=responses, streaming=name in STREAMED)
        listener, told = _asked(given, responses=responses, streaming=name in STREAMED)
    except ConfigurationError:
        return "refused" if responses else "calls go to the other"
    if told:
        return "left out, with a warning"
    return "; ".join(_differences(plain, listener)) or "stays here"


def _asked(
    given: Mapping[str, Any], *, responses: bool, streaming: bool = False
) -> tuple[Listener, bool]:
    listener = Listener()
    parameters = {**given, "transport": listener, "use_responses_api": responses}
    if not {"model", "model_name"} & given.keys():
        parameters["model"] = "gpt-4.1"
    if not {"api_key", "openai_api_key"} & given.keys():
        parameters["api_key"] = "k"
    model = cast("Any", ChatOpenAI)(**parameters)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if streaming:
            list(model.stream(HISTORY))
        else:
            model.invoke(HISTORY)
    return listener, bool(caught)


def _differences(plain: Listener, other: Listener) -> Iterator[str]:
    before, after = plain.request, other.request
    assert before is not None
    assert after is not None
    if before.url.partition("?")[0] != after.url.partition("?")[0]:
        yield "address"
    if before.url.partition("?")[2] != after.url.partition("?")[2]:
        yield "query of the URL"
    headers = {k for k, v in after.headers.items() if before.headers.get(k) != v}
    yield from (f"header `{header}`" for header in sorted(headers))
    fields = _fields_changed(json.loads(before.body or b""), json.loads(after.body or b""))
    yield from (f"`{field}`" for field in fields)
    if plain.timeouts != other.timeouts:
        yield "how long a request may take"


def _fields_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Name the fields of a body that one parameter changed, by their paths."""
    for name in {**before, **after}:
        value, known = after.get(name), before.get(name)
        if value == known:
            continue
        inner = cast("Mapping[str, Any]", value)
        if isinstance(value, dict) and name in NESTING and len(inner) == 1:
            yield from (f"{name}.{field}" for field in inner)
        else:
            yield name


# Objects of the body that several parameters share.
NESTING = frozenset({"reasoning", "stream_options", "text"})


if __name__ == "__main__":
    page = Path(__file__).parent / "explain" / "parameters-of-chatopenai.md"
    page.write_text(parameters_page(), encoding="utf-8")
