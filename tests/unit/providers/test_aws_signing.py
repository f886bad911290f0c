"""Signatures of AWS: right by its documentation, fresh for each attempt, of credentials as found.

The server of these tests signs what it received once more, by code written after the
documentation alone: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
import hashlib
import hmac
import json
import pickle
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from conure import errors, init_chat_model
from conure.aws import ChatAnthropicBedrock, ChatBedrockConverse
from conure.providers.aws_signing import AwsSigner
from conure.providers.bedrock import address, signer
from conure.wire.http import Request
from tests.live.asking import MODES, ask
from tests.live.server import FaultServer, Seen, reply
from tests.providers.bedrock import CONVERSE
from tests.providers.said import Said, serving

botocore = pytest.importorskip("botocore.auth")

ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEYS = {"aws_access_key_id": ID, "aws_secret_access_key": SECRET}
MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
ARN = "arn:aws:bedrock:eu-west-3:000000000000:application-inference-profile/1arbu5hu2sjr"


@pytest.fixture(autouse=True)
def no_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let nothing of the machine that runs the tests be found."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


def at(url: str, kind: Any = ChatBedrockConverse, **parameters: Any) -> Any:
    given = {"model": MODEL, "base_url": url, "region_name": "us-east-1", "max_retries": 0}
    return kind(**(given | parameters))


def signature_of(seen: Seen, secret: str, region: str = "us-east-1") -> str:
    """Sign what was received once more, by the headers that are said to be signed."""
    scope = seen.headers["authorization"].partition("Credential=")[2].partition(",")[0]
    named = seen.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    _, day, *rest = scope.split("/")
    assert rest == [region, "bedrock", "aws4_request"]
    assert {"host", "x-amz-date", "content-type"} <= set(named.split(";"))
    path, _, query = seen.target.partition("?")
    lines = [f"{name}:{' '.join(seen.headers[name].split())}\n" for name in named.split(";")]
    body = hashlib.sha256(seen.body).hexdigest()
    # Every part of a path but S3's is encoded once more.
    canonical = (
        f"{seen.method}\n{quote(path, safe='/-_.~')}\n{query}\n{''.join(lines)}\n{named}\n{body}"
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    date = seen.headers["x-amz-date"]
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope.partition('/')[2]}\n{digest}"
    key = b"AWS4" + secret.encode()
    for part in (day, region, "bedrock", "aws4_request", text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


def signed_by(seen: Seen) -> tuple[str, str]:
    scope = seen.headers["authorization"].partition("Credential=")[2]
    return scope.partition("/")[0], seen.headers["authorization"].partition("Signature=")[2]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dt.datetime]]:
    """Let the signer's clock go on by a second each time that it is looked at."""
    looked: list[dt.datetime] = []

    def now(**_: Any) -> dt.datetime:
        start = dt.datetime(2015, 8, 30, 12, 36, tzinfo=dt.UTC)
        looked.append(start + dt.timedelta(seconds=len(looked)))
        return looked[-1]

    monkeypatch.setattr(botocore, "get_current_datetime", now)
    return looked


def test_a_signature_that_aws_published(clock: list[Any]) -> None:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html has S3's own
    # form; this is the example that the documentation of signature version 4 had for IAM.
    sign = AwsSigner("iam", "us-east-1", None, (ID, SECRET, None))
    url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"
    kind = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    headers = sign(Request("GET", url, kind, None))
    assert headers == {
        "authorization": f"AWS4-HMAC-SHA256 Credential={ID}/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        "x-amz-date": "20150830T123600Z",
    }


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("model", [MODEL, ARN, "amazon.nova-lite-v1:0"])
def test_the_server_comes_to_the_same_signature(mode: str, model: str) -> None:
    with serving(CONVERSE, Said("fine")) as server:
        chat = at(server.url, model=model, aws_session_token="session", **KEYS)
        assert ask(chat, mode, "Grüße").text == "fine"
        [seen] = server.requests
    assert seen.headers["x-amz-security-token"] == "session"
    assert signed_by(seen) == (ID, signature_of(seen, SECRET))
    assert CONVERSE.hear(seen).model == model


def test_headers_and_queries_of_the_user_s_own_are_signed_as_well() -> None:
    own = {"default_headers": {"X-Trace": "  a   b "}, "default_query": {"b": "2", "a": "1"}}
    with FaultServer(reply(CONVERSE.whole(Said("fine")))) as server:
        at(server.url, **KEYS, **own).invoke("hi")
        [seen] = server.requests
    seen.target = seen.target.partition("?")[0] + "?a=1&b=2"
    assert signed_by(seen) == (ID, signature_of(seen, SECRET))


def test_every_attempt_is_signed_anew(clock: list[Any]) -> None:
    busy = reply({"message": "slow down"}, 503, {"retry-after": "0"})
    answer = reply(CONVERSE.whole(Said("fine")))
    with FaultServer(busy, answer) as server:
        assert at(server.url, max_retries=1, **KEYS).invoke("hi").text == "fine"
        first, second = server.requests
    assert first.headers["x-amz-date"] != second.headers["x-amz-date"]
    for seen in (first, second):
        assert signed_by(seen) == (ID, signature_of(seen, SECRET))


def test_claude_in_its_own_language_is_signed_too() -> None:
    said = {"id": "m", "content": [{"type": "text", "text": "fine"}], "stop_reason": "end_turn"}
    with FaultServer(reply(said)) as server:
        assert at(server.url, ChatAnthropicBedrock, **KEYS).invoke("hi").text == "fine"
        [seen] = server.requests
    assert seen.target == f"/model/{quote(MODEL, safe='')}/invoke"
    assert signed_by(seen) == (ID, signature_of(seen, SECRET))


# -- which credentials --------------------------------------------------------------------------


def asked_with(**parameters: Any) -> Seen:
    with FaultServer(reply(CONVERSE.whole(Said("fine")))) as server:
        at(server.url, **parameters).invoke("hi")
        return server.requests[0]


def test_keys_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOTHER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    seen = asked_with()
    assert signed_by(seen) == ("AKIDOTHER", signature_of(seen, "secret"))


def test_keys_of_a_profile(tmp_path: Path) -> None:
    text = "[work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = hidden\n"
    (tmp_path / "credentials").write_text(text)
    seen = asked_with(credentials_profile_name="work")
    assert signed_by(seen) == ("AKIDWORK", signature_of(seen, "hidden"))


def test_a_bearer_key_needs_no_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "ABSK-env")
    assert asked_with().headers["authorization"] == "Bearer ABSK-env"
    assert asked_with(api_key="ABSK").headers["authorization"] == "Bearer ABSK"
    assert asked_with(bedrock_api_key=lambda: "t").headers["authorization"] == "Bearer t"


def test_keys_that_are_given_count_more_than_the_environment_s(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "ABSK-env")
    assert signed_by(asked_with(**KEYS))[0] == ID
    (tmp_path / "credentials").write_text(
        "[work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = hidden\n"
    )
    assert signed_by(asked_with(credentials_profile_name="work"))[0] == "AKIDWORK"


def test_credentials_that_make_no_sense_together() -> None:
    with pytest.raises(errors.ConfigurationError, match="api_key and aws_access_key_id are both"):
        at("https://h", api_key="k", **KEYS)
    with pytest.raises(errors.ConfigurationError, match="belong together"):
        at("https://h", aws_access_key_id=ID)
    with pytest.raises(errors.ConfigurationError, match="belong together"):
        at("https://h", aws_session_token="t")


@pytest.mark.parametrize("mode", MODES)
def test_nothing_is_sent_without_credentials(mode: str) -> None:
    with FaultServer() as server:
        with pytest.raises(errors.MissingKeyError, match="AWS_BEARER_TOKEN_BEDROCK"):
            ask(at(server.url), mode)
        assert server.requests == []


def test_a_profile_that_is_not_there() -> None:
    with pytest.raises(errors.ConfigurationError, match=r"nobody.*credentials_profile_name"):
        asked_with(credentials_profile_name="nobody")


def test_credentials_that_cannot_be_had(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile work]\ncredential_process = false\n")
    with pytest.raises(errors.ModelAuthenticationError, match="could not be had"):
        asked_with(credentials_profile_name="work")


def process(tmp_path: Path, minutes: int) -> Path:
    """Set up a profile whose keys are made by a program, and are good for so long."""
    count = tmp_path / "count"
    program = tmp_path / "keys.py"
    program.write_text(
        "import datetime, json, pathlib\n"
        f"count = pathlib.Path({str(count)!r})\n"
        "number = int(count.read_text()) + 1 if count.exists() else 1\n"
        "count.write_text(str(number))\n"
        "now = datetime.datetime.now(datetime.timezone.utc)\n"
        f"end = now + datetime.timedelta(minutes={minutes})\n"
        'print(json.dumps({"Version": 1, "AccessKeyId": f"AKID{number}", '
        '"SecretAccessKey": "s", "SessionToken": "t", "Expiration": end.isoformat()}))\n'
    )
    config = (
        f"[profile work]\ncredential_process = {sys.executable} {program}\nregion = eu-west-1\n"
    )
    (tmp_path / "config").write_text(config)
    return count


@pytest.mark.parametrize("minutes, times", [(60, 1), (1, 3)])
def test_keys_are_renewed_when_they_are_old(tmp_path: Path, minutes: int, times: int) -> None:
    count = process(tmp_path, minutes)
    with FaultServer(*[reply(CONVERSE.whole(Said("fine")))] * 2) as server:
        model = at(server.url, credentials_profile_name="work")
        for _ in range(2):
            model.invoke("hi")
        seen = server.requests
    # What is good for a minute only is renewed before it is used, so three times in two calls.
    assert count.read_text() == str(times)
    assert [signed_by(each)[0] for each in seen] == (
        ["AKID1"] * 2 if times == 1 else ["AKID2", "AKID3"]
    )


def test_looking_for_credentials_does_not_hold_the_event_loop_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process(tmp_path, 60)
    threads: list[threading.Thread] = []
    frozen = AwsSigner._frozen

    def spied(self: AwsSigner) -> Any:
        threads.append(threading.current_thread())
        return frozen(self)

    monkeypatch.setattr(AwsSigner, "_frozen", spied)

    async def twice() -> None:
        with serving(CONVERSE, Said("fine")) as server:
            model = at(server.url, credentials_profile_name="work")
            await model.ainvoke("hi")
            await model.ainvoke("hi")

    asyncio.run(twice())
    assert [thread is threading.main_thread() for thread in threads] == [False, True]


# -- where ----------------------------------------------------------------------------------------


def test_the_region_by_all_the_ways(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def of(**parameters: Any) -> str:
        model = ChatBedrockConverse(**({"model": "m", "api_key": "k"} | parameters))
        return model._parts.target.base_url

    assert of(model=ARN) == "https://bedrock-runtime.eu-west-3.amazonaws.com"
    with pytest.raises(errors.ConfigurationError, match="region_name=…, or set AWS_REGION"):
        of()
    (tmp_path / "config").write_text("[default]\nregion = sa-east-1\n[profile x]\nregion = me-1\n")
    assert of() == "https://bedrock-runtime.sa-east-1.amazonaws.com"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert of() == "https://bedrock-runtime.eu-central-1.amazonaws.com"
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    assert of() == "https://bedrock-runtime.us-west-2.amazonaws.com"
    assert of(region_name="cn-north-1") == "https://bedrock-runtime.cn-north-1.amazonaws.com.cn"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://all.example")
    assert of() == "https://all.example"
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://one.example")
    assert of() == "https://one.example"
    assert of(endpoint_url="https://mine.example/") == "https://mine.example"


@pytest.mark.parametrize(
    "url, region",
    [
        ("https://bedrock-runtime.ap-south-1.amazonaws.com", "ap-south-1"),
        ("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("https://vpce-1-x.bedrock-runtime.us-east-2.vpce.amazonaws.com", "us-east-2"),
    ],
)
def test_an_address_tells_its_region(url: str, region: str) -> None:
    assert repr(signer(KEYS, url)) == f"AwsSigner('bedrock', {region!r})"


def test_an_address_that_tells_no_region() -> None:
    with pytest.raises(errors.ConfigurationError, match="signed for a region"):
        signer(KEYS, "https://gateway.example")
    assert (
        repr(signer({**KEYS, "region_name": "r-1"}, "https://g")) == "AwsSigner('bedrock', 'r-1')"
    )


# -- without the package, and secrets -------------------------------------------------------------


@pytest.fixture
def no_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name.partition(".")[0] == "botocore":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "botocore", None)


@pytest.mark.usefixtures("no_botocore")
def test_without_botocore_an_error_names_the_extra_and_the_key() -> None:
    for given in ({}, KEYS, {"credentials_profile_name": "work"}):
        with pytest.raises(errors.ConfigurationError, match=r"conure\[aws\].*AWS_BEARER_TOKEN"):
            at("https://h", **given)


@pytest.mark.usefixtures("no_botocore")
def test_a_key_needs_nothing_installed() -> None:
    assert asked_with(api_key="k").headers["authorization"] == "Bearer k"
    with pytest.raises(errors.ConfigurationError, match="which AWS region"):
        address({})


def test_secrets_are_not_shown_nor_pickled() -> None:
    model = at("https://h", aws_session_token="tttt", **KEYS)
    auth = model._parts.target.auth
    for shown in (repr(model), repr(auth), repr(model._parts), str(model.aws_secret_access_key)):
        assert not any(secret in shown for secret in (ID, SECRET, "tttt"))
    state = pickle.dumps(model)
    assert not any(secret.encode() in state for secret in (ID, SECRET, "tttt"))
    assert pickle.loads(state).region_name == "us-east-1"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(auth.sign)
    assert copy.deepcopy(model).model == model.model


def test_one_string_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "k")
    for name in ("bedrock_converse:amazon.nova", "bedrock:amazon.nova", "amazon.nova-lite", ARN):
        model = init_chat_model(name)
        assert type(model) is ChatBedrockConverse
        assert (model.model_id, model.provider) == (
            name.removeprefix("bedrock_converse:").removeprefix("bedrock:"),
            "bedrock_converse",
        )
    assert type(init_chat_model(f"anthropic_bedrock:{MODEL}")) is ChatAnthropicBedrock
    assert json.dumps(ChatBedrockConverse.create_cache_point(ttl="1h"))
