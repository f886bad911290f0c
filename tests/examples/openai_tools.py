"""Examples of the provider's own tools: S-132 to S-147.

Replies are written by hand in the shape of recorded ones of the same feature.
"""

from __future__ import annotations

import ast
import base64
from typing import Any

from tests.examples.openai_table import PAGE, answer, covers, openai_example, said
from tests.examples.table import Outcome

__all__ = ["SUBJECT"]

SUBJECT = """
from conure.openai import ChatOpenAI
llm = ChatOpenAI(model="gpt-5.4-mini")
"""
# The page forgot to close a list.
SHOWN = ast.literal_eval(PAGE["S-135"].replace("},\n  'id': 'msg", "}],\n  'id': 'msg"))
NEWS = SHOWN[-1]
SEARCHED = answer(
    {
        "id": SHOWN[0]["id"],
        "type": "web_search_call",
        "status": "completed",
        "action": SHOWN[0]["args"],
    },
    said(
        NEWS["text"],
        *({**one, "type": "url_citation"} for one in NEWS["annotations"]),
        id=NEWS["id"],
    ),
)


@openai_example("S-132", given=SUBJECT, responses=[SEARCHED])
def s132(it: Outcome) -> None:
    assert it.paths == ["/v1/responses"]
    assert it.wire[0]["tools"] == [{"type": "web_search"}]
    assert it.value.text == NEWS["text"]


@openai_example("S-133", responses=[SEARCHED])
def s133(it: Outcome) -> None:
    assert it.paths == ["/v1/responses"]
    (body,) = it.wire
    assert (body["model"], body["tools"]) == ("gpt-5.4-mini", [{"type": "web_search"}])
    question = "What was a positive news story from today?"
    assert [one["content"] for one in body["input"]] == [question]


@openai_example("S-134", "S-135", after=["S-133"], responses=[SEARCHED])
def s134(it: Outcome) -> None:
    assert covers(it.value, SHOWN)


@openai_example("S-136", after=["S-133"], responses=[SEARCHED])
def s136(it: Outcome) -> None:
    assert it.wire[1]["stream"] is True
    pieces = it.printed.split("|")
    assert "".join(pieces) == NEWS["text"]
    assert len([piece for piece in pieces if piece]) == len(NEWS["text"].split())


CAT = base64.b64encode(b"a cat with an umbrella").decode()
DRAWN = answer(
    {
        "id": "ig_1",
        "type": "image_generation_call",
        "status": "completed",
        "action": "generate",
        "background": "opaque",
        "output_format": "png",
        "quality": "low",
        "result": CAT,
        "revised_prompt": "A cute fuzzy cat with an umbrella",
        "size": "1024x1024",
    },
    said(""),
)


@openai_example("S-137", given=SUBJECT, responses=[DRAWN])
def s137(it: Outcome) -> None:
    assert it.paths == ["/v1/responses"]
    assert it.wire[0]["tools"] == [{"type": "image_generation"}]


@openai_example("S-138", responses=[DRAWN])
def s138(it: Outcome) -> None:
    assert it.paths == ["/v1/responses"]
    assert it.wire[0]["tools"] == [{"type": "image_generation", "quality": "low"}]


@openai_example("S-139", after=["S-138"], responses=[DRAWN])
def s139(it: Outcome) -> None:
    assert it.value == (b"a cat with an umbrella", 200)
    assert it.space["image"]["mime_type"] == "image/png"


CITED = ast.literal_eval(PAGE["S-145"])
FOUND = ast.literal_eval(PAGE["S-147"])
FILES = answer(
    {
        "id": FOUND["id"],
        "type": "file_search_call",
        "status": "completed",
        "queries": FOUND["args"]["queries"],
        "results": [
            {
                "attributes": {},
                "file_id": CITED[0]["extras"]["file_id"],
                "filename": CITED[0]["title"],
                "score": 0.96,
                "text": "Deep research is...",
                "vector_store_id": "vs_1",
            }
        ],
    },
    said(
        PAGE["S-141"].strip(),
        *(
            {"type": "file_citation", "filename": one["title"], **one["extras"]}
            for one in [*CITED, CITED[0]]
        ),
    ),
)
ASKED: dict[str, Any] = {"after": ["S-140"], "responses": [FILES]}


@openai_example("S-140", "S-141", responses=[FILES])
def s140(it: Outcome) -> None:
    assert it.paths == ["/v1/responses"]
    (body,) = it.wire
    assert body["include"] == ["file_search_call.results"]
    assert body["tools"] == [{"type": "file_search", "vector_store_ids": ["vs_..."]}]
    assert it.printed == PAGE["S-141"]


@openai_example("S-142", "S-143", **ASKED)
def s142(it: Outcome) -> None:
    assert it.value == ast.literal_eval(PAGE["S-143"])


@openai_example("S-144", "S-145", **ASKED)
def s144(it: Outcome) -> None:
    assert covers(it.value, CITED)


@openai_example("S-146", "S-147", **ASKED)
def s146(it: Outcome) -> None:
    assert covers(it.value, FOUND)
