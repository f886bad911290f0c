"""What OpenAI's two APIs take and tell beside words: each feature through ChatOpenAI."""

from __future__ import annotations

import json

import pytest

from conure.errors import ConfigurationError
from conure.messages import AIMessage, HumanMessage, SystemMessage, message_chunk_to_message
from conure.openai import ChatOpenAI
from conure.wire.http import Head
from tests.unit.chat_models.answering import USAGE, model_of, said
from tests.unit.protocols.openai_responses.test_tools import Provider, text


def whole_and_streamed(model, question="hi"):
    chunks = list(model.stream(question))
    return model.invoke(question), message_chunk_to_message(sum(chunks[1:], chunks[0]))


# What the caller says and the provider gets: in the constructor, bound or with the call.
SENT = {
    "metadata": {"run": "1"},
    "prediction": {"type": "content", "content": "class User"},
    "prompt_cache_key": "support-v1",
    "prompt_cache_options": {"mode": "explicit", "ttl": "30m"},
    "prompt_cache_retention": "24h",
    "safety_identifier": "user-1",
    "service_tier": "flex",
    "store": True,
    "top_logprobs": 2,
    "verbosity": "low",
}


@pytest.mark.parametrize("name", SENT)
@pytest.mark.parametrize("how", ["constructor", "model_kwargs", "bind", "call"])
def test_a_setting_is_sent_however_it_is_given(name, how):
    given = {name: SENT[name]}
    if how == "constructor" and name == "metadata":
        pytest.skip("there it is of the run, not of the request")
    made = {"constructor": given, "model_kwargs": {"model_kwargs": given}}.get(how, {})
    model, vendor = model_of(said("x"), **made)
    if how == "bind":
        model = model.bind(**given)
    model.invoke("hi", **(given if how == "call" else {}))
    assert vendor.bodies[0][name] == SENT[name]


def test_the_call_s_cache_key_wins():
    model, vendor = model_of(said("x"), model_kwargs={"prompt_cache_key": "old"})
    model.invoke("hi", prompt_cache_key="new")
    assert vendor.bodies[0]["prompt_cache_key"] == "new"


def test_a_breakpoint_of_the_cache_goes_with_its_block():
    block = {"type": "text", "text": "long", "prompt_cache_breakpoint": {"mode": "explicit"}}
    model, vendor = model_of(said("x"))
    model.invoke([HumanMessage([block])])
    assert vendor.bodies[0]["messages"][0]["content"] == [block]
    provider = Provider([text("x")])
    other = ChatOpenAI(model="m", api_key="k", transport=provider, use_responses_api=True)
    other.invoke([HumanMessage([block])])
    assert provider.bodies[0]["input"][0]["content"] == [{**block, "type": "input_text"}]


def test_what_came_of_a_prediction_is_told():
    counts = {"accepted_prediction_tokens": 30, "rejected_prediction_tokens": 4}
    told = said("x") | {"usage": {**USAGE, "completion_tokens_details": counts}}
    model, _ = model_of(told)
    for reply in whole_and_streamed(model):
        usage = reply.response_metadata["token_usage"]
        assert usage["completion_tokens_details"] == counts


TIERED = {
    "prompt_tokens": 30,
    "completion_tokens": 20,
    "total_tokens": 50,
    "prompt_tokens_details": {"cached_tokens": 10},
    "completion_tokens_details": {"reasoning_tokens": 5},
}


@pytest.mark.parametrize("tier", ["flex", "priority"])
def test_tokens_of_a_tier_are_counted_under_its_name(tier):
    model, vendor = model_of(said("x") | {"usage": TIERED, "service_tier": tier}, service_tier=tier)
    reply = model.invoke("hi")
    assert vendor.bodies[0]["service_tier"] == tier
    assert reply.response_metadata["service_tier"] == tier
    usage = reply.usage_metadata
    assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (30, 20, 50)
    given, made = usage["input_token_details"], usage["output_token_details"]
    assert given == {"cache_read": 10, f"{tier}_cache_read": 10, tier: 20}
    assert made == {"reasoning": 5, f"{tier}_reasoning": 5, tier: 15}


@pytest.mark.parametrize("streamed", [False, True])
def test_tokens_of_a_tier_in_the_other_api(streamed):
    provider = Provider([text("x")])
    provider.reply |= {
        "service_tier": "priority",
        "usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
    }
    model = ChatOpenAI(model="m", api_key="k", transport=provider, use_responses_api=True)
    usage = whole_and_streamed(model)[streamed].usage_metadata
    assert usage["input_token_details"] == {"priority": 3}
    assert usage["output_token_details"] == {"priority": 2}


@pytest.mark.parametrize("tier", ["default", "auto", None])
def test_other_tiers_have_no_name_in_the_counts(tier):
    model, _ = model_of(said("x") | {"usage": TIERED, "service_tier": tier})
    assert model.invoke("hi").usage_metadata["input_token_details"] == {"cache_read": 10}


@pytest.mark.parametrize("name", ["model", "model_name", "modelName"])
def test_fine_tuned_models_by_every_name_of_the_parameter(name):
    tuned = "ft:gpt-3.5-turbo-0613:acme::7qTVM5AR"
    _, vendor = model_of(said("x"))
    fine = ChatOpenAI(**{name: tuned}, api_key="k", transport=vendor, temperature=0)
    fine.invoke("hi")
    assert (vendor.bodies[0]["model"], vendor.bodies[0]["temperature"]) == (tuned, 0)


def test_names_of_speakers_go_with_their_messages():
    history = [
        SystemMessage("Yes means no.", name="example_user"),
        HumanMessage("Hi", name="Ann"),
        AIMessage("Hello", name="Polly"),
        {"role": "user", "content": "Hey", "name": "Bob"},
    ]
    model, vendor = model_of(said("x"))
    model.invoke(history)
    names = [message["name"] for message in vendor.bodies[0]["messages"]]
    assert names == ["example_user", "Ann", "Polly", "Bob"]


@pytest.mark.parametrize(
    "model, role", [("o3-mini", "developer"), ("gpt-4.1", "system"), ("gpt-5.5", "system")]
)
def test_who_gives_the_instructions(model, role):
    asking, vendor = model_of(said("x"), model=model)
    asking.invoke([("system", "Be brief."), ("developer", "Be kind."), ("user", "hi")])
    assert [m["role"] for m in vendor.bodies[0]["messages"]] == [role, "developer", "user"]


SPOKEN = {"id": "audio_1", "data": "UklGRg==", "expires_at": 1, "transcript": "Yes."}
ALOUD = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}


def test_sound_comes_back_and_goes_back_by_its_id():
    model, vendor = model_of(said(None, audio=SPOKEN), said("x"), model_kwargs=ALOUD)
    reply = model.invoke("Are you there? Answer aloud.")
    assert {name: vendor.bodies[0][name] for name in ALOUD} == ALOUD
    assert reply.additional_kwargs["audio"] == SPOKEN
    (block,) = reply.content_blocks
    assert (block["type"], block["base64"], block["mime_type"]) == (
        "audio",
        "UklGRg==",
        "audio/wav",
    )
    stored = AIMessage.model_validate_json(reply.model_dump_json())
    for told in (reply, stored, AIMessage("", additional_kwargs={"audio": {"id": "audio_1"}})):
        model.invoke([("user", "Are you there?"), told, ("user", "And now?")])
        assert vendor.bodies[-1]["messages"][1]["audio"] == {"id": "audio_1"}


def test_sound_is_sent_in_the_form_that_the_api_names():
    sound = {"type": "audio", "base64": "UklGRg==", "mime_type": "audio/mpeg"}
    model, vendor = model_of(said("x"), model="gpt-4o-audio-preview")
    model.invoke([HumanMessage([sound])])
    part = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "mp3"}}
    assert vendor.bodies[0]["messages"][0]["content"] == [part]


@pytest.mark.parametrize("name, value", [("modalities", ["audio"]), ("audio", {"voice": "alloy"})])
def test_sound_is_refused_where_nothing_could_say_it(name, value):
    model = ChatOpenAI(model="m", api_key="k", use_responses_api=True, **{name: value})
    with pytest.raises(ConfigurationError, match=f"only Chat Completions takes {name}"):
        model.invoke("hi")


SURE = {"token": "x", "logprob": -0.1, "bytes": [120], "top_logprobs": []}


class Surely:
    """A transport that says how sure it is, by either API, whole or as a stream."""

    def __init__(self):
        self.bodies = []
        self.left = []

    def exchange(self):
        return self

    def send(self, request, timeouts):
        self.bodies.append(body := json.loads(request.body))
        told = self.in_items() if "input" in body else self.in_choices()
        whole, events = told
        if not body["stream"]:
            self.left = [json.dumps(whole).encode()]
            return Head(200, {"content-type": "application/json"})
        self.left = [f"data: {json.dumps(event)}\n\n".encode() for event in events]
        return Head(200, {"content-type": "text/event-stream"})

    def in_choices(self):
        whole = said("xx")
        whole["choices"][0]["logprobs"] = {"content": [SURE, SURE], "refusal": None}
        piece = {"index": 0, "delta": {"content": "x"}, "finish_reason": None}
        piece["logprobs"] = {"content": [SURE], "refusal": None}
        end = {"index": 0, "delta": {}, "finish_reason": "stop", "logprobs": None}
        facts = {"id": "chatcmpl-1", "model": "m-1", "choices": []}
        events = [{**facts, "choices": [choice]} for choice in (piece, piece, end)]
        return whole, [*events, {**facts, "usage": USAGE}]

    def in_items(self):
        item = text("xx")
        item["content"][0]["logprobs"] = [SURE, SURE]
        whole = Provider([item]).reply
        at = {"output_index": 0, "content_index": 0, "item_id": "msg_1"}
        delta = {"type": "response.output_text.delta", **at, "delta": "x", "logprobs": [SURE]}
        done = {"type": "response.output_item.done", "output_index": 0, "item": item}
        return whole, [delta, delta, done, {"type": "response.completed", "response": whole}]

    def read(self, timeout):
        return self.left.pop(0) if self.left else b""

    def close(self):
        pass


@pytest.mark.parametrize("responses", [False, True])
def test_both_apis_say_how_sure_they_were(responses):
    transport = Surely()
    model = ChatOpenAI(
        model="m", api_key="k", transport=transport, use_responses_api=responses
    ).bind(logprobs=True)
    whole, streamed = whole_and_streamed(model)
    assert whole.response_metadata["logprobs"]["content"] == [SURE, SURE]
    assert streamed.response_metadata["logprobs"] == whole.response_metadata["logprobs"]
    assert whole.text == streamed.text == "xx"
    if responses:
        assert transport.bodies[0]["include"] == ["message.output_text.logprobs"]
    else:
        assert transport.bodies[0]["logprobs"] is True
