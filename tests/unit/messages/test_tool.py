from __future__ import annotations

from uuid import UUID

import pytest
from pydantic import BaseModel

from conure.errors import ConfigurationError
from conure.messages import ToolMessage


class Weather(BaseModel):
    celsius: int


@pytest.mark.parametrize(
    "content,kept",
    [
        ("x", "x"),
        (["a", {"type": "text", "text": "b"}], ["a", {"type": "text", "text": "b"}]),
        (("a", 1), ["a", "1"]),
        ([Weather(celsius=3)], ['{"celsius":3}']),
        ({"a": "ä"}, '{"a": "ä"}'),
        ({"a": {1, 2}}, str({"a": {1, 2}})),
        (Weather(celsius=3), '{"celsius":3}'),
        (3, "3"),
        (False, "False"),
    ],
)
def test_content_that_is_no_text_becomes_one(content, kept):
    assert ToolMessage(content, tool_call_id="1").content == kept


def test_an_answer_needs_content_and_a_call():
    with pytest.raises(ConfigurationError, match="needs content"):
        ToolMessage(None, tool_call_id="1")
    with pytest.raises(ConfigurationError, match="needs tool_call_id"):
        ToolMessage("x")


@pytest.mark.parametrize("given", ["7", 7, UUID(int=7)])
def test_the_calls_id_becomes_a_text(given):
    assert ToolMessage("x", tool_call_id=given).tool_call_id == str(given)


def test_status_and_artifact():
    message = ToolMessage("x", tool_call_id="1")
    assert (message.status, message.artifact) == ("success", None)
    failed = ToolMessage("x", tool_call_id="1", status="error", artifact=[1])
    assert (failed.status, failed.artifact) == ("error", [1])
    with pytest.raises(ConfigurationError, match="'success' or 'error', not 'failed'"):
        ToolMessage("x", tool_call_id="1", status="failed")


def test_repr_leaves_out_what_says_nothing():
    assert repr(ToolMessage("x", tool_call_id="1")) == "ToolMessage(content='x', tool_call_id='1')"
    failed = ToolMessage("x", tool_call_id="1", status="error", name="f")
    assert repr(failed) == ("ToolMessage(content='x', name='f', tool_call_id='1', status='error')")
