"""Examples of tools that are run here and of those behind an approval: S-152 to S-171.

Replies are written by hand in the shape of recorded ones of the same feature, or, for computer
use, which none recorded, of https://platform.openai.com/docs/api-reference/responses/object.
"""

from __future__ import annotations

import ast
from base64 import b64encode
from typing import Any

from conure.messages import ToolMessage
from tests.examples.openai_table import PAGE, answer, covers, openai_example, said
from tests.examples.table import Outcome

__all__ = ["CLICKED"]

FIRST, SECOND = (b64encode(b"\x89PNG %d" % number).decode() for number in (1, 2))
SHOWN = ast.literal_eval(PAGE["S-155"])
CLICK = SHOWN[1]["call_id"]
CLICKED = answer(*SHOWN, id="resp_click", model="computer-use-preview-2025-03-11")
CLOSED = answer(said(ast.literal_eval(PAGE["S-159"])), id="resp_closed")
HIDDEN = answer(said(ast.literal_eval(PAGE["S-162"])), id="resp_hidden")
SCREEN = {"type": "input_image", "image_url": f"data:image/png;base64,{SECOND}"}
BACK = {"type": "computer_call_output", "call_id": CLICK, "output": SCREEN}


@openai_example("S-152")
def s152(it: Outcome) -> None:
    assert it.space["screenshot_1_base64"] == FIRST
    assert it.space["screenshot_2_base64"] == SECOND


@openai_example("S-153", after=["S-152"], responses=[CLICKED])
def s153(it: Outcome) -> None:
    assert it.paths == ["/v1/responses"]
    (body,) = it.wire
    assert (body["model"], body["truncation"]) == ("computer-use-preview", "auto")
    assert body["reasoning"] == {"generate_summary": "concise"}
    assert body["tools"] == [it.space["tool"]]
    (message,) = body["input"]
    text, image = message["content"]
    assert (text["type"], text["text"][:15]) == ("input_text", "Click the red X")
    assert image == {"type": "input_image", "image_url": f"data:image/png;base64,{FIRST}"}


@openai_example("S-154", "S-155", after=["S-152", "S-153"], responses=[CLICKED])
def s154(it: Outcome) -> None:
    assert it.value == SHOWN


USED = ["S-152", "S-153", "S-156"]
BOTH: dict[str, Any] = {"responses": [CLICKED, CLOSED]}


def _forms() -> list[Any]:
    url = SCREEN["image_url"]
    return [
        url,
        [{"type": "image_url", "image_url": {"url": url}}],
        [{"type": "image_url", "image_url": url}],
        [{"type": "image", "base64": SECOND, "mime_type": "image/png"}],
    ]


@openai_example("S-156", after=USED[:2], **BOTH)
def s156(it: Outcome) -> None:
    given = it.space["tool_message"]
    others = [given.model_copy(update={"content": form}) for form in _forms()]
    for message in (given, *others):
        assert isinstance(message, ToolMessage)
        history = [it.space["input_message"], it.space["response"], message]
        it.space["llm_with_tools"].invoke(history)
        assert it.wire[-1]["input"][-1] == BACK


@openai_example("S-157", after=USED, **BOTH)
def s157(it: Outcome) -> None:
    first, second = it.wire
    asked, *said_then, output = second["input"]
    assert [asked] == first["input"]
    assert covers(said_then, SHOWN)
    assert output == BACK
    assert second["reasoning"] == {"generate_summary": "concise"}


@openai_example("S-158", "S-159", after=[*USED, "S-157"], **BOTH)
def s158(it: Outcome) -> None:
    assert it.value == ast.literal_eval(PAGE["S-159"])


STATE: dict[str, Any] = {"responses": [CLICKED, HIDDEN]}


@openai_example("S-160", after=USED, **STATE)
def s160(it: Outcome) -> None:
    second = it.wire[1]
    assert second["previous_response_id"] == "resp_click"
    assert second["input"] == [BACK]


@openai_example("S-161", "S-162", after=[*USED, "S-160"], **STATE)
def s161(it: Outcome) -> None:
    assert it.value == ast.literal_eval(PAGE["S-162"])


COMPUTED = answer(
    {
        "id": "ci_1",
        "type": "code_interpreter_call",
        "status": "completed",
        "code": "print(3**3)",
        "container_id": "cntr_1",
        "outputs": [{"type": "logs", "logs": "27\n"}],
    },
    said("27"),
)
AUTO = [{"type": "code_interpreter", "container": {"type": "auto"}}]


@openai_example("S-163", responses=[COMPUTED])
def s163(it: Outcome) -> None:
    assert it.paths == ["/v1/responses"]
    assert it.wire[0]["include"] == ["code_interpreter_call.outputs"]
    assert it.wire[0]["tools"] == AUTO


@openai_example("S-164", after=["S-163"], responses=[COMPUTED])
def s164(it: Outcome) -> None:
    it.space["llm_with_tools"].invoke([("user", "and 3^4?"), it.space["response"], ("user", "?")])
    body = it.wire[1]
    assert body["tools"] == [{"type": "code_interpreter", "container": "cntr_1"}]
    called = body["input"][1]
    assert (called["container_id"], "extras" in called) == ("cntr_1", False)


(PATCH,) = ast.literal_eval(PAGE["S-167"])
PATCHED = answer(PATCH)
PATCHING: dict[str, Any] = {"responses": [PATCHED, answer(said("Done."))]}


@openai_example("S-165", **PATCHING)
def s165(it: Outcome) -> None:
    assert it.paths == ["/v1/responses"]
    assert it.wire[0]["tools"] == [{"type": "apply_patch"}]


@openai_example("S-166", "S-167", after=["S-165"], **PATCHING)
def s166(it: Outcome) -> None:
    assert covers(it.space["apply_patch_calls"], [PATCH])


@openai_example("S-168", after=["S-165", "S-166"], **PATCHING)
def s168(it: Outcome) -> None:
    asked, called, output = it.wire[1]["input"]
    assert asked["role"] == "user"
    assert called == PATCH
    assert output == {
        "type": "apply_patch_call_output",
        "call_id": PATCH["call_id"],
        "status": "completed",
        "output": "Created hello.txt",
    }
    assert it.space["follow_up"].text == "Done."


LISTED = {
    "id": "mcpl_1",
    "type": "mcp_list_tools",
    "server_label": "deepwiki",
    "tools": [{"name": "ask_question", "description": "Ask", "input_schema": {}}],
    "error": None,
}
SPOKEN = answer(
    LISTED,
    {
        "id": "mcp_1",
        "type": "mcp_call",
        "status": "completed",
        "approval_request_id": None,
        "arguments": '{"question":"Which?"}',
        "error": None,
        "name": "ask_question",
        "output": "stdio and Streamable HTTP",
        "server_label": "deepwiki",
    },
    said("stdio and Streamable HTTP"),
)
REQUEST = {
    "id": "mcpr_1",
    "type": "mcp_approval_request",
    "arguments": '{"repoName":"modelcontextprotocol/modelcontextprotocol"}',
    "name": "read_wiki_structure",
    "server_label": "deepwiki",
}
UNSURE = answer(LISTED, REQUEST, id="resp_unsure")
SERVER = {
    "type": "mcp",
    "server_label": "deepwiki",
    "server_url": "https://mcp.deepwiki.com/mcp",
}


@openai_example("S-169", responses=[SPOKEN])
def s169(it: Outcome) -> None:
    assert it.paths == ["/v1/responses"]
    assert it.wire[0]["tools"] == [{**SERVER, "require_approval": "never"}]
    assert it.space["response"].text == "stdio and Streamable HTTP"


MCP: dict[str, Any] = {"responses": [SPOKEN, UNSURE, SPOKEN]}


@openai_example("S-170", after=["S-169"], **MCP)
def s170(it: Outcome) -> None:
    approval = {"always": {"tool_names": ["read_wiki_structure"]}}
    assert it.wire[1]["tools"] == [{**SERVER, "require_approval": approval}]


@openai_example("S-171", after=["S-169", "S-170"], **MCP)
def s171(it: Outcome) -> None:
    body = it.wire[2]
    assert body["previous_response_id"] == "resp_unsure"
    assert body["input"] == [
        {"type": "mcp_approval_response", "approve": True, "approval_request_id": "mcpr_1"}
    ]
