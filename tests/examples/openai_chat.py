"""Examples of setting up, calling, Azure, tools and structured output: S-101 to S-131."""

from __future__ import annotations

import ast
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.openai import ChatOpenAI
from conure.tools import convert_to_openai_function
from tests.examples.openai_table import PAGE, covers, fields, openai_example
from tests.examples.page import run
from tests.examples.provider import Reply, call
from tests.examples.table import Outcome

__all__ = ["FRENCH", "usage"]

ROOT = Path(__file__).parents[2]


def usage(read: int, written: int, **more: Any) -> dict[str, Any]:
    """Count tokens as Chat Completions does."""
    counts = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    return {**counts, **more}


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return project


@openai_example("S-101", "S-102", source="")
def s101(it: Outcome) -> None:
    assert "openai" in _project()["optional-dependencies"]


@openai_example(
    "S-103", given="import os\ndel os.environ['OPENAI_API_KEY']\n", replies=[Reply("ok")]
)
def s103(it: Outcome) -> None:
    ChatOpenAI(model="gpt-5-nano").invoke("hello")
    assert it.requests[0].headers["authorization"] == "Bearer typed-OpenAI"


@openai_example("S-103", replies=[Reply("ok")])
def s103_set(it: Outcome) -> None:
    ChatOpenAI(model="gpt-5-nano").invoke("hello")
    assert it.requests[0].headers["authorization"] == "Bearer sk-test"


@openai_example("S-104", after=["S-103"], replies=[Reply("ok")])
def s104(it: Outcome) -> None:
    assert ChatOpenAI(model="gpt-5-nano").invoke("hello").text == "ok"
    # Nobody else was told.
    assert it.paths == ["/v1/chat/completions"]


@openai_example("S-105", replies=[Reply("ok")])
def s105(it: Outcome) -> None:
    assert it.space["llm"].model == "gpt-5-nano"
    assert it.requests == []
    commented = PAGE["S-105"].replace("# other params...", "").replace("    # ", "    ")
    commented = commented.replace('base_url="..."', 'base_url="http://loopback.openai.com/v1"')
    space: dict[str, Any] = {}
    run(commented.replace("from langchain_openai", "from conure.openai"), space)
    llm = space["llm"]
    assert (llm.stream_usage, llm.temperature, llm.max_tokens) == (True, None, None)
    assert (llm.timeout, llm.reasoning_effort, llm.max_retries) == (None, "low", 2)
    llm.invoke("hello")
    assert it.wire[-1]["reasoning_effort"] == "low"
    assert not {"temperature", "max_tokens", "max_completion_tokens"} & it.wire[-1].keys()
    headers = it.requests[-1].headers
    assert (headers["authorization"], headers["openai-organization"]) == ("Bearer ...", "...")


FRENCH = Reply(
    "J'adore la programmation.",
    model="gpt-4o-2024-05-13",
    usage=usage(31, 5),
    top={"system_fingerprint": "fp_3aa7262c27"},
)
SYSTEM = (
    "You are a helpful assistant that translates English to French. Translate the user sentence."
)


@openai_example("S-106", after=["S-105"], replies=[FRENCH])
def s106(it: Outcome) -> None:
    assert it.wire[0]["messages"] == [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": "I love programming."},
    ]
    assert it.value.content == "J'adore la programmation."


@openai_example(
    "S-107",
    source=PAGE["S-106"],
    after=["S-105"],
    replies=[FRENCH],
)
def s107(it: Outcome) -> None:
    assert covers(fields(repr(it.value)), fields(PAGE["S-107"]))


@openai_example("S-108", "S-109", after=["S-105", "S-106"], replies=[FRENCH])
def s108(it: Outcome) -> None:
    assert it.printed == PAGE["S-109"]


@openai_example("S-110", replies=[FRENCH])
def s110(it: Outcome) -> None:
    chunks = list(it.space["llm"].stream("hello"))
    assert it.wire[0]["stream_options"] == {"include_usage": True}
    whole = sum(chunks[1:], chunks[0])
    assert whole.text == FRENCH.text
    assert covers(whole.usage_metadata, {"input_tokens": 31, "output_tokens": 5})


AZURE: dict[str, Any] = {
    "put": {"https://{your-resource-name}": "http://resource"},
    "replies": [Reply("Fine.")],
}
AZURE_PATH = "/openai/v1/chat/completions"
SCOPE = "https://cognitiveservices.azure.com/.default"


@openai_example("S-111", **AZURE)
def s111(it: Outcome) -> None:
    (seen,) = it.requests
    assert seen.target == f"http://resource.openai.azure.com{AZURE_PATH}"
    assert seen.headers["authorization"] == "Bearer your-azure-api-key"
    assert it.wire[0]["model"] == "gpt-5-mini"
    assert it.printed == "Fine.\n"


@openai_example("S-112", **AZURE)
def s112(it: Outcome) -> None:
    it.space["llm"].invoke("again")
    assert it.paths == [AZURE_PATH] * 2
    tokens = [seen.headers["authorization"] for seen in it.requests]
    assert tokens == [f"Bearer token-1 for {SCOPE}", f"Bearer token-2 for {SCOPE}"]
    assert it.printed == "Fine.\n"


@openai_example("S-113", source="")
def s113(it: Outcome) -> None:
    assert not any("azure" in name for name in _project()["dependencies"])
    texts = [path.read_text("utf-8") for path in (ROOT / "conure").rglob("*.py")]
    assert not any("import azure" in text or "from azure" in text for text in texts)


@openai_example("S-114", replies=[Reply("Hello!")])
def s114(it: Outcome) -> None:
    assert it.space["response"].text == "Hello!"
    assert it.requests[0].headers["authorization"] == f"Bearer token-1 for {SCOPE}"
    with pytest.raises(ConfigurationError, match="ainvoke"):
        it.space["llm_async"].invoke("Hello!")


@openai_example("S-115", after=["S-105", "S-116"], source="")
def s115(it: Outcome) -> None:
    shape = eval(PAGE["S-115"])
    assert convert_to_openai_function(it.space["GetWeather"]).keys() == shape.keys()


ASKED = ast.literal_eval(PAGE["S-122"])
SUNNY = {"model": "gpt-4o-2024-05-13", "top": {"system_fingerprint": "fp_3aa7262c27"}}


def _asked(id: str) -> Reply:
    return Reply("", calls=[call("GetWeather", ASKED[0]["args"], id)], usage=usage(68, 17), **SUNNY)


LOOSE = _asked("call_o9udf3EVOWiV4Iupktpbpofk")
STRICT = _asked("call_jUqhd8wzAIzInTJl72Rla8ht")


@openai_example("S-116", after=["S-105"], replies=[LOOSE])
def s116(it: Outcome) -> None:
    it.space["llm_with_tools"].invoke("hello")
    (tool,) = it.wire[0]["tools"]
    assert tool["type"] == "function"
    function = tool["function"]
    assert function["name"] == "GetWeather"
    assert function["description"] == "Get the current weather in a given location"
    location = function["parameters"]["properties"]["location"]
    wanted = {"type": "string", "description": "The city and state, e.g. San Francisco, CA"}
    assert covers(location, wanted)
    assert "strict" not in function


@openai_example("S-117", "S-118", after=["S-105", "S-116"], replies=[LOOSE])
def s117(it: Outcome) -> None:
    assert covers(fields(repr(it.value)), _asked_on_the_page("S-118"))


@openai_example("S-119", "S-120", after=["S-105", "S-116"], replies=[STRICT])
def s119(it: Outcome) -> None:
    function = it.wire[0]["tools"][0]["function"]
    assert function["strict"] is True
    assert function["parameters"]["additionalProperties"] is False
    assert function["parameters"]["required"] == ["location"]
    assert covers(fields(repr(it.value)), _asked_on_the_page("S-120"))


def _asked_on_the_page(name: str) -> dict[str, Any]:
    wanted = fields(PAGE[name])
    # Of an older edition: calls are in `tool_calls`, once.
    wanted["additional_kwargs"].pop("tool_calls", None)
    # That S-107 is about.
    del wanted["response_metadata"]["logprobs"]
    return wanted


@openai_example("S-121", "S-122", after=["S-105", "S-116", "S-119"], replies=[STRICT])
def s121(it: Outcome) -> None:
    assert it.value == ASKED


INCEPTION = {
    "title": "Inception",
    "year": 2010,
    "director": "Christopher Nolan",
    "rating": 8.8,
}


@openai_example("S-127", "S-128", replies=[Reply(json.dumps(INCEPTION))])
def s127(it: Outcome) -> None:
    sent = it.wire[0]["response_format"]
    assert sent["type"] == "json_schema"
    assert (sent["json_schema"]["name"], sent["json_schema"]["strict"]) == ("Movie", True)
    schema = sent["json_schema"]["schema"]
    assert set(schema["required"]) == INCEPTION.keys()
    assert schema["properties"]["year"]["description"] == "The year the movie was released"
    assert repr(it.value) == PAGE["S-128"].strip()


WEIGHED = {"answer": "Neither", "justification": "A pound is a pound."}


@openai_example(
    "S-131",
    replies=[
        Reply(calls=[call("get_weather", {"location": "SF"}, "call_1")]),
        Reply(json.dumps(WEIGHED)),
    ],
)
def s131(it: Outcome) -> None:
    for body in it.wire:
        function = body["tools"][0]["function"]
        assert (function["name"], function["strict"]) == ("get_weather", True)
        assert body["response_format"]["json_schema"]["name"] == "OutputSchema"
    asked = it.space["tool_call_response"]
    assert [one["args"] for one in asked.tool_calls] == [{"location": "SF"}]
    parsed = it.space["structured_response"].additional_kwargs["parsed"]
    assert parsed == it.space["OutputSchema"](**WEIGHED)
