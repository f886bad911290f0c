"""ChatBedrockConverse over sockets: errors by their class, retries, values, callbacks."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from conure import errors, get_usage_metadata_callback, init_chat_model
from conure.aws import ChatAnthropicBedrock, ChatBedrockConverse
from conure.errors import SettingIgnoredWarning
from tests.live.asking import MODES, ask
from tests.live.server import FaultServer, chunked, reply
from tests.providers.bedrock import CLAUDE, CONVERSE, STREAM, event, exception
from tests.providers.said import Call, Said, saying, serving

mode = pytest.mark.parametrize("mode", MODES)
streamed = pytest.mark.parametrize("mode", ["stream", "astream"])
either = pytest.mark.parametrize("kind", [ChatBedrockConverse, ChatAnthropicBedrock])

HOME = "http://internal.amazon.com/coral/com.amazon.bedrock/"
FAILURES: list[tuple[int, str, str, type[errors.ModelError]]] = [
    (400, "ValidationException", "bad", errors.ModelInvalidRequestError),
    (
        400,
        "ValidationException",
        "Input is too long for requested model.",
        errors.ContextOverflowError,
    ),
    (400, "ServiceQuotaExceededException", "no more", errors.QuotaExceededError),
    (403, "AccessDeniedException", "no access", errors.ModelPermissionDeniedError),
    (403, "ExpiredTokenException", "expired", errors.ModelAuthenticationError),
    (403, "InvalidSignatureException", "skewed", errors.ModelAuthenticationError),
    (403, "UnrecognizedClientException", "unknown", errors.ModelAuthenticationError),
    (404, "ResourceNotFoundException", "end of life", errors.ModelNotFoundError),
    (408, "ModelTimeoutException", "slow", errors.ModelTimeoutError),
    (424, "ModelErrorException", "model failed", errors.ModelAPIError),
    (429, "ModelNotReadyException", "warming up", errors.ModelRateLimitError),
    # Words that elsewhere mean a prompt that is too long.
    (429, "ThrottlingException", "Too many tokens, please wait", errors.ModelRateLimitError),
    (500, "InternalServerException", "oops", errors.ModelAPIError),
    (503, "ServiceUnavailableException", "busy", errors.ModelAPIError),
]


def at(server: Any, kind: Any = ChatBedrockConverse, **parameters: Any) -> Any:
    return kind(
        **({"model": "m", "api_key": "k", "base_url": server.url, "max_retries": 0} | parameters)
    )


@pytest.mark.parametrize("status, name, words, expected", FAILURES)
@either
def test_errors_have_their_class(
    kind: Any, status: int, name: str, words: str, expected: type[errors.ModelError]
) -> None:
    headers = {"x-amzn-errortype": f"{name}:{HOME}", "x-amzn-requestid": "req-1"}
    with (
        FaultServer(reply({"message": words}, status, headers)) as server,
        pytest.raises(errors.ModelError, match=words) as raised,
    ):
        at(server, kind).invoke("hi")
    error = raised.value
    assert type(error) is expected
    assert (error.status_code, error.code, error.request_id) == (status, name, "req-1")


@pytest.mark.parametrize("status, name, words, expected", FAILURES)
@either
def test_exceptions_of_a_stream_have_the_same_class(
    kind: Any, status: int, name: str, words: str, expected: type[errors.ModelError]
) -> None:
    frames = exception(name[0].lower() + name[1:], words)
    with FaultServer(b"".join(chunked(frames, headers={"content-type": STREAM}))) as server:
        if name not in (
            "ExpiredTokenException",
            "InvalidSignatureException",
            "UnrecognizedClientException",
        ):
            with pytest.raises(errors.ModelError, match=words) as raised:
                list(at(server, kind).stream("hi"))
            assert type(raised.value) is expected
            assert (raised.value.status_code, raised.value.code) == (status, name)


@mode
def test_throttling_is_waited_out(mode: str) -> None:
    headers = {"x-amzn-errortype": "ThrottlingException", "retry-after": "0"}
    busy = reply({"message": "Too many tokens, please wait"}, 429, headers)
    answer = b"".join(saying(CONVERSE, Said("fine"), stream="stream" in mode))
    with FaultServer(busy, busy, answer) as server:
        assert ask(at(server, max_retries=2), mode).text == "fine"
        assert len(server.requests) == 3


@streamed
def test_a_stream_is_asked_for_again_only_before_it_said_anything(mode: str) -> None:
    kind = {"content-type": STREAM, "retry-after": "0"}
    opened = event("messageStart", {"role": "assistant"})
    said = opened + event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "one"}})
    slow = exception("throttlingException", "slow down")
    answer = b"".join(saying(CONVERSE, Said("fine"), stream=True))
    with FaultServer(b"".join(chunked(opened, slow, headers=kind)), answer) as server:
        assert ask(at(server, max_retries=1), mode).text == "fine"
    with FaultServer(b"".join(chunked(said, slow, headers=kind)), answer) as server:
        with pytest.raises(errors.ModelRateLimitError, match="slow down") as raised:
            ask(at(server, max_retries=1), mode)
        assert len(server.requests) == 1
    assert raised.value.partial.text == "one"


@streamed
@either
def test_a_corrupt_frame_is_no_answer(kind: Any, mode: str) -> None:
    speaker = CONVERSE if kind is ChatBedrockConverse else CLAUDE
    events = speaker.stream(Said("one two three"))
    place = next(n for n, sent in enumerate(events) if b"three" in sent)
    events[place] = events[place][:-1] + bytes([events[place][-1] ^ 1])
    with (
        FaultServer(b"".join(chunked(*events, headers={"content-type": STREAM}))) as server,
        pytest.raises(errors.ProtocolError, match="wrong checksum") as raised,
    ):
        ask(at(server, kind), mode)
    assert raised.value.partial.text == "one two"


@mode
def test_usage_is_counted_by_the_name_of_the_model(mode: str) -> None:
    with (
        serving(CONVERSE, Said("fine", cost=(3, 4))) as server,
        get_usage_metadata_callback() as usage,
    ):
        ask(at(server, model="us.amazon.nova-lite-v1:0"), mode)
    assert usage.usage_metadata["us.amazon.nova-lite-v1:0"]["total_tokens"] == 7


class Bird(BaseModel):
    """A bird."""

    name: str
    age: int


@mode
def test_values_by_a_schema(mode: str) -> None:
    with serving(CONVERSE, Said('{"name": "Polly", "age": 3}')) as server:
        model = at(server).with_structured_output(Bird, method="json_schema")
        assert model.invoke("hi") == Bird(name="Polly", age=3)
        heard = CONVERSE.hear(server.requests[0])
    assert heard.schema["required"] == ["name", "age"]
    assert (
        server.requests[0].json()["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["name"]
        == "Bird"
    )


def test_values_where_no_tool_can_be_forced() -> None:
    said = Said(calls=(Call("Bird", {"name": "Polly", "age": 3}),))
    with serving(CONVERSE, said) as server:
        model = at(server, model="meta.llama3-1-8b-instruct-v1:0").with_structured_output(Bird)
        with pytest.warns(SettingIgnoredWarning, match="cannot be made to call"):
            assert model.invoke("hi") == Bird(name="Polly", age=3)


def test_a_guardrail_that_blocks_is_a_refusal_where_a_value_is_wanted() -> None:
    wire = CONVERSE.whole(Said("Sorry."))
    trace = {"guardrail": {"actionReason": "Guardrail blocked."}}
    blocked = reply({**wire, "stopReason": "guardrail_intervened", "trace": trace})
    with FaultServer(blocked, blocked) as server:
        with pytest.raises(errors.ModelRefusalError, match="Guardrail blocked"):
            at(server).with_structured_output(Bird).invoke("hi")
        message = at(server).invoke("hi")
    assert message.text == "Sorry."
    assert message.response_metadata["trace"] == trace


@mode
def test_claude_s_previews_and_settings_stand_in_the_body(mode: str) -> None:
    with serving(CLAUDE, Said("fine")) as server:
        model = at(server, ChatAnthropicBedrock, model="anthropic.claude-x", betas=["a-1"], top_k=4)
        ask(model, mode)
        [seen] = server.requests
    assert seen.json()["anthropic_beta"] == ["a-1"]
    assert seen.json()["top_k"] == 4
    assert not {"anthropic-beta", "anthropic-version", "x-api-key"} & seen.headers.keys()


def test_models_may_be_chosen_at_each_call() -> None:
    with serving(CONVERSE, Said("fine")) as server:
        model = init_chat_model(model_provider="bedrock", base_url=server.url, api_key="k")
        model.invoke("hi", config={"configurable": {"model": "amazon.nova-x"}})
        at(server).bind(model="other").invoke("hi")
        targets = [seen.target for seen in server.requests]
    assert targets == ["/model/amazon.nova-x/converse", "/model/other/converse"]
