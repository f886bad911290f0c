"""Settings of a Converse call, and what families of models make of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.aws import ChatBedrock, ChatBedrockConverse
from conure.errors import ConfigurationError
from conure.messages import HumanMessage
from conure.protocols.bedrock_converse import PROTOCOL
from conure.providers import find

DIALECT = find("bedrock_converse").dialect
NOVA = "us.amazon.nova-lite-v1:0"
TOOL = {"type": "function", "function": {"name": "f", "description": "d", "parameters": {"a": 1}}}
OTHER = {"type": "function", "function": {"name": "g"}}


def written(model: str = NOVA, **settings: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    encoded = PROTOCOL.encode(model, [HumanMessage("hi")], settings, False, DIALECT)
    body = dict(encoded.body)
    del body["messages"]
    return body, encoded.warnings


def body(model: str = NOVA, **settings: Any) -> dict[str, Any]:
    found, warnings = written(model, **settings)
    assert warnings == ()
    return found


def test_nothing_is_said_that_nobody_asked_for() -> None:
    assert body() == {}


def test_what_the_api_has_of_its_own() -> None:
    assert body(temperature=0, max_tokens=5, top_p=0.5, stop="x") == {
        "inferenceConfig": {"temperature": 0, "maxTokens": 5, "topP": 0.5, "stopSequences": ["x"]}
    }
    assert body(stop_sequences=["a", "b"])["inferenceConfig"] == {"stopSequences": ["a", "b"]}
    settings: dict[str, Any] = {
        "performance_config": {"latency": "optimized"},
        "request_metadata": {"team": "birds"},
        "prompt_variables": {"a": {"text": "b"}},
        "additional_model_response_field_paths": ["/stop_sequence"],
    }
    assert body(**settings) == {
        "performanceConfig": {"latency": "optimized"},
        "requestMetadata": {"team": "birds"},
        "promptVariables": {"a": {"text": "b"}},
        "additionalModelResponseFieldPaths": ["/stop_sequence"],
    }
    for tier in ("flex", {"type": "flex"}):
        assert body(service_tier=tier) == {"serviceTier": {"type": "flex"}}
    assert body(extra_body={"newField": 1}) == {"newField": 1}


def test_what_only_a_family_knows() -> None:
    assert body("anthropic.claude-3-haiku", top_k=5, betas="b") == {
        "additionalModelRequestFields": {"top_k": 5, "anthropic_beta": ["b"]}
    }
    assert body(NOVA, top_k=5) == {"additionalModelRequestFields": {"inferenceConfig": {"topK": 5}}}
    given = {"additional_model_request_fields": {"top_k": 9, "x": 1}, "top_k": 5}
    assert body("meta.llama", model_kwargs={"y": 2}, **given) == {
        "additionalModelRequestFields": {"top_k": 9, "x": 1, "y": 2}
    }


@pytest.mark.parametrize(
    "model, fields",
    [
        (
            "us.anthropic.claude-sonnet-4-6",
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}},
        ),
        (
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            {"thinking": {"type": "enabled", "budget_tokens": 2048}},
        ),
        (
            "us.amazon.nova-2-lite-v1:0",
            {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}},
        ),
        ("openai.gpt-oss-120b-1:0", {"reasoning_effort": "low"}),
    ],
)
def test_how_much_to_think(model: str, fields: Any) -> None:
    assert body(model, reasoning_effort="low") == {"additionalModelRequestFields": fields}
    assert body(model, reasoning_effort="none") == {}
    arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/x"
    known = body(arn, reasoning_effort="low", base_model_id=model)
    assert known == {"additionalModelRequestFields": fields}


def test_models_that_take_no_sampling() -> None:
    found, warnings = written("us.anthropic.claude-sonnet-5", temperature=0.2, max_tokens=9)
    assert found == {"inferenceConfig": {"maxTokens": 9}}
    assert warnings == ("temperature was left out: this model does not take it",)


# -- tools ----------------------------------------------------------------------------------------


def test_definitions_of_tools() -> None:
    spec = {"name": "f", "description": "d", "inputSchema": {"json": {"a": 1}}}
    own = {"toolSpec": {"name": "x", "inputSchema": {"json": {}}}}
    anthropic = {"name": "h", "input_schema": {"b": 2}, "strict": True}
    server = {"systemTool": {"name": "nova_grounding"}}
    tools = [TOOL, OTHER, own, anthropic, server]
    assert body(tools=tools)["toolConfig"]["tools"] == [
        {"toolSpec": spec},
        {"toolSpec": {"name": "g", "inputSchema": {"json": {"type": "object", "properties": {}}}}},
        own,
        {"toolSpec": {"name": "h", "inputSchema": {"json": {"b": 2}}, "strict": True}},
        server,
    ]


@pytest.mark.parametrize(
    "choice, expected",
    [
        ("auto", {"auto": {}}),
        ("any", {"any": {}}),
        ("required", {"any": {}}),
        (True, {"any": {}}),
        ("f", {"tool": {"name": "f"}}),
        ({"type": "function", "function": {"name": "f"}}, {"tool": {"name": "f"}}),
        ({"type": "tool", "name": "f"}, {"tool": {"name": "f"}}),
        ({"type": "any"}, {"any": {}}),
        ({"tool": {"name": "f"}}, {"tool": {"name": "f"}}),
    ],
)
def test_choices_among_tools(choice: Any, expected: Any) -> None:
    assert body(tools=[TOOL], tool_choice=choice)["toolConfig"]["toolChoice"] == expected


@pytest.mark.parametrize("choice", ["none", False])
def test_no_tool_at_all(choice: Any) -> None:
    assert body(tools=[TOOL], tool_choice=choice) == {}
    assert body(tools=[TOOL]) == body(tools=[TOOL], tool_choice=None)


def test_models_that_cannot_be_made_to_call() -> None:
    assert "toolChoice" not in body("meta.llama3-1-8b", tools=[TOOL])["toolConfig"]
    assert body("meta.llama3-1", tools=[TOOL], tool_choice="auto")["toolConfig"]["toolChoice"]
    found, warnings = written("meta.llama3-1-8b", tools=[TOOL], tool_choice="f")
    assert "toolChoice" not in found["toolConfig"]
    assert warnings == ("tool_choice was left out: this model cannot be made to call a tool",)
    # Where some tool can be demanded and there is but one, that is the same.
    one = body("mistral.mistral-large", tools=[TOOL], tool_choice="f")
    assert one["toolConfig"]["toolChoice"] == {"any": {}}
    _, warnings = written("mistral.mistral-large", tools=[TOOL, OTHER], tool_choice="f")
    assert len(warnings) == 1
    told = body(
        "meta.llama3-1", tools=[TOOL], tool_choice="f", supports_tool_choice_values=["tool"]
    )
    assert told["toolConfig"]["toolChoice"] == {"tool": {"name": "f"}}


def test_claude_cannot_be_forced_while_it_thinks_within_a_budget() -> None:
    thinking = {"type": "enabled", "budget_tokens": 1024}
    for given in ({"thinking": thinking}, {"model_kwargs": {"reasoning_config": thinking}}):
        found, warnings = written("anthropic.claude-3-7", tools=[TOOL], tool_choice="any", **given)
        assert "toolChoice" not in found["toolConfig"]
        assert len(warnings) == 1


def test_parallel_calls_cannot_be_forbidden() -> None:
    assert body(tools=[TOOL], parallel_tool_calls=False)
    _, warnings = written(tools=[TOOL, OTHER], parallel_tool_calls=False)
    assert "parallel_tool_calls" in warnings[0]


# -- values ---------------------------------------------------------------------------------------

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}}}


def test_a_schema_is_a_text() -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "A", "schema": SCHEMA, "strict": True}}
    [(key, config)] = body(response_format=wanted).items()
    assert key == "outputConfig"
    assert config["textFormat"]["type"] == "json_schema"
    named = config["textFormat"]["structure"]["jsonSchema"]
    assert named["name"] == "A"
    schema = json.loads(named["schema"])
    assert schema["additionalProperties"] is False
    assert "minimum" not in schema["properties"]["a"]
    assert body(response_format=SCHEMA)["outputConfig"]["textFormat"]["structure"] == {
        "jsonSchema": {"schema": named["schema"]}
    }
    own = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": "{}"}}}}
    assert body(output_config=own) == {"outputConfig": own}


def test_json_without_a_schema_cannot_be_had() -> None:
    found, warnings = written(response_format={"type": "json_object"})
    assert (found, len(warnings)) == ({}, 1)
    with pytest.raises(ConfigurationError, match="response_format must be a dict"):
        written(response_format=3)


# -- the class ------------------------------------------------------------------------------------


def test_every_name_that_langchain_has() -> None:
    model = ChatBedrock(
        model_id="m", bedrock_api_key="k", endpoint_url="https://h", guardrails={"a": 1},
        base_model="anthropic.claude", provider="anthropic", region_name="r", top_p=1,
        credentials_profile_name=None,
    )  # fmt: skip
    assert ChatBedrock is ChatBedrockConverse
    assert (model.model_id, model.model, model.guardrail_config) == ("m", "m", {"a": 1})
    assert model.base_model_id == "anthropic.claude"
    assert model.endpoint_url == model.base_url == "https://h"
    assert model.max_tokens is None


@pytest.mark.parametrize("name", ["client", "config", "temprature"])
def test_what_is_not_taken_is_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"does not know '{name}'"):
        ChatBedrockConverse(**{"model": "m", "api_key": "k", "base_url": "https://h", name: 1})
