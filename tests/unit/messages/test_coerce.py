from __future__ import annotations

import copy

import pytest

from conure.errors import ConfigurationError
from conure.messages import (
    AIMessage,
    AIMessageChunk,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
    convert_to_messages,
    to_messages,
)
from conure.messages.message import given_of

HI = HumanMessage("hi")


@pytest.mark.parametrize(
    "given",
    [
        "hi",
        HI,
        ["hi"],
        [HI],
        (HI,),
        iter([HI]),
        ("user", "hi"),
        ("human", "hi"),
        [("user", "hi")],
        [["user", "hi"]],
        {"role": "user", "content": "hi"},
        {"type": "human", "content": "hi"},
        [{"role": "human", "content": "hi"}],
        [{"type": "human", "data": {"content": "hi"}}],
        [
            {
                "lc": 1,
                "type": "constructor",
                "id": ["langchain", "schema", "messages", "HumanMessage"],
                "kwargs": {"content": "hi"},
            }
        ],
        [HI.model_dump()],
    ],
)
def test_what_a_model_takes(given):
    assert to_messages(given) == [HI]


def test_messages_are_passed_on_and_the_list_is_a_new_one():
    given = [HI, AIMessage("a")]
    found = to_messages(given)
    assert [id(m) for m in found] == [id(m) for m in given]
    assert found is not given
    mixed = to_messages([HI, "x"])
    assert mixed[0] is HI


def test_a_prompt_says_what_its_messages_are():
    class Prompt:
        def to_messages(self):
            return [HI]

    assert to_messages(Prompt()) == [HI]


def test_two_texts_are_two_messages_and_a_role_is_a_role():
    assert to_messages(("a", "b")) == [HumanMessage("a"), HumanMessage("b")]
    assert to_messages(("system", "b")) == [SystemMessage("b")]
    assert to_messages(({"role": "user", "content": "a"}, "b")) == [
        HumanMessage("a"),
        HumanMessage("b"),
    ]
    assert convert_to_messages("hi") == [HI]
    assert to_messages([]) == []


@pytest.mark.parametrize(
    "role,message",
    [
        ("user", HumanMessage("a")),
        ("ai", AIMessage("a")),
        ("assistant", AIMessage("a")),
        ("system", SystemMessage("a")),
        ("developer", SystemMessage("a", additional_kwargs={"__openai_role__": "developer"})),
    ],
)
def test_roles(role, message):
    assert to_messages([(role, "a")]) == to_messages([{"role": role, "content": "a"}]) == [message]


@pytest.mark.parametrize(
    "given,message",
    [
        (
            {
                "role": "tool",
                "content": "a",
                "tool_call_id": "1",
                "name": "f",
                "status": "error",
                "artifact": 3,
            },
            ToolMessage("a", tool_call_id="1", name="f", status="error", artifact=3),
        ),
        ({"role": "function", "content": "a", "name": "f"}, FunctionMessage("a", "f")),
        ({"role": "remove", "id": "7"}, RemoveMessage("7")),
        ({"type": "chat", "role": "critic", "content": "a"}, ChatMessage("a", "critic")),
        ({"role": "assistant", "content": None}, AIMessage("")),
        ({"role": "assistant"}, AIMessage("")),
        (
            {"role": "user", "content": [{"type": "text", "text": "a"}]},
            HumanMessage([{"type": "text", "text": "a"}]),
        ),
        (
            {"role": "user", "content": "a", "name": "bob", "id": "7"},
            HumanMessage("a", name="bob", id="7"),
        ),
        ({"type": "AIMessageChunk", "content": "a"}, AIMessageChunk("a")),
        (
            {
                "role": "assistant",
                "content": "a",
                "usage_metadata": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
            },
            AIMessage(
                "a", usage_metadata={"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
            ),
        ),
        (
            {
                "role": "user",
                "content": "a",
                "additional_kwargs": {"x": 1},
                "response_metadata": {"y": 2},
            },
            HumanMessage("a", additional_kwargs={"x": 1}, response_metadata={"y": 2}),
        ),
    ],
)
def test_dicts(given, message):
    before = copy.deepcopy(given)
    assert to_messages([given]) == [message]
    assert given == before


@pytest.mark.parametrize(
    "call",
    [
        {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
        {"id": "1", "type": "function", "function": {"name": "f", "arguments": {"a": 1}}},
        {"id": "1", "name": "f", "args": {"a": 1}},
        {"id": "1", "name": "f", "args": '{"a": 1}'},
        {"id": "1", "name": "f", "args": {"a": 1}, "type": "tool_call"},
    ],
)
def test_tool_calls_of_either_shape(call):
    (message,) = to_messages([{"role": "assistant", "tool_calls": [call]}])
    assert message.tool_calls == [{"name": "f", "args": {"a": 1}, "id": "1", "type": "tool_call"}]


def test_arguments_that_are_no_json_are_an_invalid_call():
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{a"}}
    (message,) = to_messages([{"role": "assistant", "content": "", "tool_calls": [call]}])
    assert message.tool_calls == []
    assert message.invalid_tool_calls[0]["args"] == "{a"


def test_what_only_a_wire_knows_is_kept_for_it():
    given = {"role": "user", "content": "a", "cache_control": {"type": "ephemeral"}}
    (message,) = to_messages([given])
    assert given_of(message) == {"cache_control": {"type": "ephemeral"}}
    assert message.additional_kwargs == {"cache_control": {"type": "ephemeral"}}
    (reply,) = to_messages([{"role": "assistant", "content": "a", "reasoning_content": "hm"}])
    assert reply.content_blocks[0] == {"type": "reasoning", "reasoning": "hm"}


@pytest.mark.parametrize(
    "item,message",
    [
        (
            {"type": "function_call_output", "call_id": "c", "output": "r"},
            ToolMessage("r", tool_call_id="c", additional_kwargs={"type": "function_call_output"}),
        ),
        ({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}, AIMessage),
        ({"type": "reasoning", "summary": []}, AIMessage),
        ({"type": "mcp_approval_request", "id": "1"}, AIMessage),
        ({"type": "mcp_approval_response", "approve": True}, HumanMessage),
        ({"type": "apply_patch_call_output", "call_id": "c"}, HumanMessage),
        ({"type": "compaction", "encrypted_content": "x"}, HumanMessage),
        ({"type": "input_text", "text": "a"}, HumanMessage),
        ({"type": "text", "text": "a"}, HumanMessage),
    ],
)
def test_items_without_a_role(item, message):
    (found,) = to_messages([item])
    assert found == (message([item]) if isinstance(message, type) else message)


@pytest.mark.parametrize(
    "given,said",
    [
        (3, "a model takes a str, a message, a dict.*not int"),
        (None, "not NoneType"),
        (b"hi", "not bytes"),
        (["hi", 3], r"messages\[1\] is of type int"),
        ([("user", "a", "b")], r"messages\[0\] has 3 items.*\('user', 'hello'\)"),
        ([("user",)], "has 1 items"),
        ([(1, "a")], r"messages\[0\]"),
        ([{"role": "users", "content": "a"}], "role 'users'.*did you mean 'user'"),
        ([{"role": "User", "content": "a"}], "did you mean 'user'"),
        (
            [{"role": "xyzzy", "content": "a"}],
            "none of human, user, ai, assistant.*MESSAGE_COERCION_FAILURE",
        ),
        ([{"role": 3, "content": "a"}], "the role 3"),
        ([{"role": "user"}], r"messages\[0\] \(user\) has no 'content'"),
        ([{"content": "a"}], "has no 'role' .it has 'content'.*write"),
        ([{}], "has no 'role' .it has nothing"),
        ([{"type": "what"}], "has no 'role'"),
        ([{"type": "what", "content": "a"}], "'what'"),
        ([{"role": "tool", "content": "a"}], r"messages\[0\] \(tool\) has no 'tool_call_id'"),
        ([{"role": "function", "content": "a"}], r"messages\[0\]: FunctionMessage needs the name"),
        ([{"role": "remove"}], "needs the id"),
        (["a", {"role": "user", "content": 3}], r"messages\[1\]: HumanMessage content must be"),
        (
            [{"role": "assistant", "tool_calls": ["x"]}],
            r"messages\[0\]: a tool call must be a dict",
        ),
        (
            [{"role": "assistant", "tool_calls": [{"name": "f", "args": 3, "id": "1"}]}],
            r"\['args'\]",
        ),
        ([{"type": "function_call_output", "output": "a"}], "has no 'call_id'"),
        ([{"type": "human", "data": 3}], "has no 'content'"),
        (
            [{"lc": 1, "type": "constructor", "id": ["os", "system"], "kwargs": {}}],
            "only messages are built",
        ),
    ],
)
def test_mistakes_are_named_with_their_place(given, said):
    with pytest.raises(ConfigurationError, match=said):
        to_messages(given)


def test_calls_of_custom_tools_in_openais_shape():
    call = {"id": "1", "type": "custom", "custom": {"name": "code", "input": "print()"}}
    (message,) = to_messages([{"role": "assistant", "content": None, "tool_calls": [call]}])
    assert message.tool_calls == [
        {
            "name": "code",
            "args": {"__arg1": "print()"},
            "id": "1",
            "type": "tool_call",
            "extras": {"type": "custom_tool_call"},
        }
    ]


def test_what_else_a_call_says_is_kept():
    call = {"id": "1", "function": {"name": "f", "arguments": "{}"}, "extra_content": {"x": 1}}
    (message,) = to_messages([{"role": "assistant", "tool_calls": [call]}])
    assert message.tool_calls[0]["extras"] == {"extra_content": {"x": 1}}


def test_texts_of_a_kind_of_their_own_are_texts():
    class Name(str):
        __slots__ = ()

    assert to_messages([HumanMessage(Name("a"))])[0].content == "a"
    assert ToolMessage(Name("a"), tool_call_id="1").content == "a"
