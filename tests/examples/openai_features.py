"""Examples of fine-tuned models, files, predictions, sound, caching and tiers: S-186 to S-201.

The replies' own fields are written by hand as Chat Completions documents them.
"""

from __future__ import annotations

import ast
from typing import Any

from conure.openai import ChatOpenAI
from tests.examples.openai_chat import FRENCH, usage
from tests.examples.openai_table import PAGE, answer, covers, fields, openai_example, said
from tests.examples.page import run
from tests.examples.provider import Reply
from tests.examples.table import Outcome

__all__ = ["TUNED"]

TUNED = "ft:gpt-3.5-turbo-0613:langchain::7qTVM5AR"
TUNED_REPLY = Reply("J'adore la programmation.", model=TUNED, usage=usage(31, 8))


@openai_example(
    "S-186",
    after=["S-105", "S-106"],
    replies=[FRENCH, TUNED_REPLY],
)
def s186(it: Outcome) -> None:
    assert (it.wire[1]["model"], it.wire[1]["temperature"]) == (TUNED, 0)
    # As the page's prose spells it.
    assert ChatOpenAI(modelName=TUNED).model == TUNED


@openai_example(
    "S-187", source=PAGE["S-186"], after=["S-105", "S-106"], replies=[FRENCH, TUNED_REPLY]
)
def s187(it: Outcome) -> None:
    wanted = fields(PAGE["S-187"])
    for name in ("logprobs", "system_fingerprint"):
        # As S-107: what is null is not there.
        assert wanted["response_metadata"].pop(name) is None
    assert covers(fields(repr(it.value)), wanted)


GIVEN = """
from conure.openai import ChatOpenAI
llm = ChatOpenAI(model="gpt-5.4-mini")
content_block = {"type": "image", "url": "https://example.org/cat.jpg"}
url_string = "https://example.org/cat.jpg"
base64_string = "AAAA"
"""
SEEN: dict[str, Any] = {
    "given": GIVEN,
    "replies": [Reply("A cat.")],
    "responses": [answer(said("A cat."))],
}
PROMPT = "Describe the (image / PDF / audio...)"


def _sent(it: Outcome, name: str, model: str = "gpt-5.4-mini") -> tuple[list[Any], list[Any]]:
    """Send each block of an example; give what both APIs were told."""
    old: list[Any] = []
    new: list[Any] = []
    for statement in ast.parse(PAGE[name]).body:
        run(ast.unparse(statement), it.space)
        run(PAGE["S-188"], it.space)
        for use, found in ((False, old), (True, new)):
            llm = ChatOpenAI(model=model, use_responses_api=use)
            assert llm.invoke([it.space["message"]]).text == "A cat."
            (message,) = it.wire[-1]["input" if use else "messages"]
            text, block = message["content"]
            assert text == {"type": "input_text" if use else "text", "text": PROMPT}
            found.append(block)
    return old, new


@openai_example("S-188", **SEEN)
def s188(it: Outcome) -> None:
    it.space["llm"].invoke([it.space["message"]])
    (message,) = it.wire[0]["messages"]
    assert message["role"] == "user"
    assert [part["type"] for part in message["content"]] == ["text", "image_url"]


@openai_example("S-189", **SEEN)
def s189(it: Outcome) -> None:
    url = it.space["url_string"]
    old, new = _sent(it, "S-189")
    assert old == [{"type": "image_url", "image_url": {"url": url}}] * 2
    assert new == [{"type": "input_image", "image_url": url}] * 2


@openai_example("S-190", **SEEN)
def s190(it: Outcome) -> None:
    url = "data:image/jpeg;base64,AAAA"
    old, new = _sent(it, "S-190")
    assert old == [{"type": "image_url", "image_url": {"url": url}}] * 2
    assert new == [{"type": "input_image", "image_url": url}] * 2


@openai_example("S-191", **SEEN)
def s191(it: Outcome) -> None:
    file = {"filename": "my-file.pdf", "file_data": "data:application/pdf;base64,AAAA"}
    old, new = _sent(it, "S-191")
    assert old == [{"type": "file", "file": file}] * 2
    assert new == [{"type": "input_file", **file}] * 2


@openai_example("S-192", **SEEN)
def s192(it: Outcome) -> None:
    sound = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
    old, new = _sent(it, "S-192", "gpt-4o-audio-preview")
    assert old == new == [sound] * 2


REWRITTEN, _, METADATA = PAGE["S-194"].rpartition("\n{")
FACTS = ast.literal_eval("{" + METADATA)
PREDICTED = Reply(
    REWRITTEN,
    model=FACTS["model_name"],
    usage=FACTS["token_usage"],
    top={"system_fingerprint": FACTS["system_fingerprint"]},
)


@openai_example(
    "S-193", "S-194", given="from conure.openai import ChatOpenAI\n", replies=[PREDICTED]
)
def s193(it: Outcome) -> None:
    assert it.paths == ["/v1/chat/completions"]
    (body,) = it.wire
    code = it.space["code"]
    assert body["prediction"] == {"type": "content", "content": code}
    assert [one["role"] for one in body["messages"]] == ["user", "user"]
    assert body["messages"][1]["content"] == code
    text, _, shown = it.printed.rpartition("\n{")
    assert text == REWRITTEN
    wanted = {name: value for name, value in FACTS.items() if name != "logprobs"}
    assert covers(ast.literal_eval("{" + shown), wanted)


# The page has words in place of the data.
SOUND = {**ast.literal_eval(PAGE["S-196"]), "data": "UklGRiQAAABXQVZF"}
HEARD = Reply(None, message={"audio": SOUND})
ALOUD: dict[str, Any] = {"replies": [HEARD]}


@openai_example("S-195", "S-196", **ALOUD)
def s195(it: Outcome) -> None:
    (body,) = it.wire
    assert body["modalities"] == ["text", "audio"]
    assert body["audio"] == {"voice": "alloy", "format": "wav"}
    assert (body["model"], body["temperature"]) == ("gpt-4o-audio-preview", 0)
    said_aloud = it.space["output_message"]
    assert said_aloud.additional_kwargs["audio"] == SOUND
    assert said_aloud.content_blocks[0]["mime_type"] == "audio/wav"


@openai_example("S-197", after=["S-195"], **ALOUD)
def s197(it: Outcome) -> None:
    first, spoken, second = it.wire[1]["messages"]
    assert (first["role"], second["role"]) == ("user", "user")
    assert (spoken["role"], spoken["audio"]) == ("assistant", {"id": SOUND["id"]})
    assert second["content"] == "And what is your name? Just give your name."


CACHED = Reply("ok", usage=usage(2006, 5, prompt_tokens_details={"cached_tokens": 1920}))
SILENT = Reply("ok", usage=usage(2006, 5))


@openai_example("S-198", replies=[CACHED])
def s198(it: Outcome) -> None:
    assert it.wire[0]["prompt_cache_key"] == "translation-assistant-v1"
    assert it.printed == "Cached tokens used: 1920\n"


@openai_example("S-198", replies=[SILENT])
def s198_untold(it: Outcome) -> None:
    assert it.printed == "Cached tokens used: 0\n"


@openai_example("S-199", after=["S-198"], replies=[CACHED])
def s199(it: Outcome) -> None:
    keys = ["customer-support-v1", "internal-support-v1", "assistant-premium-v1"]
    assert [body["prompt_cache_key"] for body in it.wire[1:]] == keys


@openai_example("S-200", after=["S-198"], replies=[CACHED])
def s200(it: Outcome) -> None:
    keys = ["default-cache-v1", "override-cache-v1"]
    assert [body["prompt_cache_key"] for body in it.wire[1:]] == keys


@openai_example(
    "S-201",
    given="from conure.openai import ChatOpenAI\n",
    replies=[Reply("ok", top={"service_tier": "flex"})],
)
def s201(it: Outcome) -> None:
    reply = it.space["llm"].invoke("hello")
    assert (it.wire[0]["model"], it.wire[0]["service_tier"]) == ("o4-mini", "flex")
    assert reply.response_metadata["service_tier"] == "flex"
