from __future__ import annotations

import copy
import pickle

import pytest

from conure.errors import ConfigurationError
from conure.messages import (
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
    blocks_of,
)


def test_content_is_positional_or_named():
    assert HumanMessage("hi") == HumanMessage(content="hi")
    assert HumanMessage("hi").content == "hi"


def test_list_content_holds_texts_and_blocks_and_is_the_messages_own():
    given = ["a", {"type": "text", "text": "b"}]
    message = HumanMessage(given)
    given.append("c")
    assert message.content == ["a", {"type": "text", "text": "b"}]
    assert HumanMessage(("a", "b")).content == ["a", "b"]


@pytest.mark.parametrize(
    "content,said",
    [
        (None, "HumanMessage needs content"),
        (3, "not int: 3"),
        ({"type": "text"}, "not dict; put it into a list"),
        (["a", 3], r"content\[1\] must be a str or a block .*not int: 3"),
        (b"bytes", "not bytes"),
    ],
)
def test_wrong_content_is_named(content, said):
    with pytest.raises(ValueError, match=said):
        HumanMessage(content)
    with pytest.raises(ConfigurationError):
        HumanMessage(content)


def test_a_message_needs_content():
    with pytest.raises(ConfigurationError, match="SystemMessage needs content"):
        SystemMessage()


@pytest.mark.parametrize(
    "kind,name",
    [
        (HumanMessage("x"), "human"),
        (SystemMessage("x"), "system"),
        (ChatMessage("x", role="critic"), "chat"),
        (FunctionMessage("x", name="f"), "function"),
        (RemoveMessage("1"), "remove"),
        (ToolMessage("x", tool_call_id="1"), "tool"),
    ],
)
def test_types(kind, name):
    assert kind.type == name


def test_defaults_are_fresh():
    one, other = HumanMessage("a"), HumanMessage("a")
    one.additional_kwargs["x"] = 1
    one.response_metadata["y"] = 2
    assert other.additional_kwargs == other.response_metadata == {}
    assert one.additional_kwargs == {"x": 1}
    assert (one.name, one.id) == (None, None)


def test_ids_and_names_become_texts():
    assert HumanMessage("a", id=7, name=8).id == "7"
    assert HumanMessage("a", id=7, name=8).name == "8"


def test_unknown_keywords_are_kept_and_shown():
    message = HumanMessage("a", mood="good")
    assert message.mood == "good"
    assert message.model_dump()["mood"] == "good"
    assert "mood='good'" in repr(message)
    assert message != HumanMessage("a")
    assert HumanMessage(**message.model_dump()) == message


@pytest.mark.parametrize("name", ["text", "pretty_repr", "_hidden", "__class__"])
def test_what_a_message_computes_cannot_be_given(name):
    with pytest.raises(ConfigurationError, match="cannot be set"):
        HumanMessage("a", **{name: "x"})


def test_a_wrong_type_is_named():
    assert HumanMessage("a", type="human").type == "human"
    with pytest.raises(ConfigurationError, match="its type is 'human'"):
        HumanMessage("a", type="ai")


@pytest.mark.parametrize("field", ["additional_kwargs", "response_metadata"])
def test_dict_fields_are_checked(field):
    with pytest.raises(ConfigurationError, match=f"{field} must be a dict, not str"):
        HumanMessage("a", **{field: "x"})


def test_text_is_a_str_that_may_be_called():
    message = HumanMessage(["a", {"type": "text", "text": "b"}, {"type": "image", "url": "u"}])
    assert message.text == "ab"
    with pytest.warns(DeprecationWarning, match="leave the parentheses away"):
        assert message.text() == "ab"
    assert HumanMessage([{"type": "text"}, {"type": "text", "text": None}]).text == ""
    assert isinstance(HumanMessage("x").text, str)


def test_repr_and_str():
    message = HumanMessage("hi", id="1")
    assert repr(message) == (
        "HumanMessage(content='hi', additional_kwargs={}, response_metadata={}, id='1')"
    )
    assert str(message) == "content='hi' additional_kwargs={} response_metadata={} id='1'"


def test_equality_is_of_class_and_fields():
    assert HumanMessage("a") != SystemMessage("a")
    assert HumanMessage("a", id="1") != HumanMessage("a", id="2")
    assert HumanMessage("a") != "a"
    with pytest.raises(TypeError, match="unhashable"):
        hash(HumanMessage("a"))


def test_messages_add_up_to_a_conversation():
    a, b = HumanMessage("a"), SystemMessage("b")
    assert a + b == [a, b]
    assert a.__add__([b, a]) == [a, b, a]


@pytest.mark.parametrize(
    "message",
    [
        HumanMessage("a", name="n", extra={"x": [1]}),
        ChatMessage("a", "critic"),
        RemoveMessage(3),
        ToolMessage(["a"], tool_call_id="1", artifact={"x": 1}, status="error"),
    ],
)
def test_copies(message):
    for made in (
        copy.copy(message),
        copy.deepcopy(message),
        pickle.loads(pickle.dumps(message)),
        message.model_copy(),
        message.model_copy(deep=True),
    ):
        assert made == message
        assert made is not message


def test_model_copy_with_updates_leaves_the_original():
    message = HumanMessage("a")
    assert message.model_copy(update={"content": "b", "id": "1"}) == HumanMessage("b", id="1")
    assert message == HumanMessage("a")


def test_model_dump():
    message = HumanMessage("a", additional_kwargs={"k": [1]})
    assert message.model_dump() == {
        "content": "a",
        "additional_kwargs": {"k": [1]},
        "response_metadata": {},
        "type": "human",
        "name": None,
        "id": None,
    }
    message.model_dump()["additional_kwargs"]["k"].append(2)
    assert message.additional_kwargs == {"k": [1]}
    assert message.model_dump(include={"content"}) == {"content": "a"}
    assert "id" not in message.model_dump(exclude_none=True)
    assert "content" not in message.model_dump(exclude=["content"])
    assert HumanMessage.model_validate_json(message.model_dump_json()) == message
    assert message.model_dump_json(indent=2).startswith('{\n  "content"')


def test_model_validate():
    assert HumanMessage.model_validate({"content": "a"}) == HumanMessage("a")
    assert HumanMessage.model_validate({"role": "user", "content": "a"}) == HumanMessage("a")
    assert BaseMessage.model_validate({"type": "human", "content": "a"}) == HumanMessage("a")
    message = HumanMessage("a")
    assert HumanMessage.model_validate(message) is message
    with pytest.raises(ConfigurationError, match="expected HumanMessage, but this is of type 'ai'"):
        HumanMessage.model_validate({"type": "ai", "content": "a"})
    with pytest.raises(ConfigurationError, match="expected HumanMessage or a dict"):
        HumanMessage.model_validate(3)


def test_a_remove_message_is_an_id_and_nothing_else():
    assert RemoveMessage("7").content == ""
    assert RemoveMessage(id="7").id == "7"
    with pytest.raises(ConfigurationError, match="no content"):
        RemoveMessage("7", content="x")
    with pytest.raises(ConfigurationError, match="needs the id"):
        RemoveMessage()


def test_roles_and_function_names_are_required():
    with pytest.raises(ConfigurationError, match="needs a role"):
        ChatMessage("a")
    with pytest.raises(ConfigurationError, match="needs the name"):
        FunctionMessage("a")
    assert FunctionMessage("a", "f").name == "f"


def test_content_blocks_are_copies():
    message = HumanMessage([{"type": "text", "text": "a", "annotations": []}])
    message.content_blocks[0]["annotations"].append(1)
    assert message.content[0]["annotations"] == []
    assert message.content_blocks == message.content_blocks
    assert blocks_of(HumanMessage("")) == []


def test_content_blocks_can_be_given():
    blocks = [{"type": "text", "text": "a"}]
    assert HumanMessage(content_blocks=blocks).content == blocks
    assert HumanMessage("other", content_blocks=blocks).content == blocks
