"""Programs that use messages without any model."""

# Programs stand on one line where they would be typed so.
# ruff: noqa: E501

from __future__ import annotations

from tests.differential.program import program

__all__: list[str] = []

MESSAGES = """
from langchain_core.messages import convert_to_openai_messages
from langchain_core.messages.utils import count_tokens_approximately
talk = [SystemMessage("You help.", id="1"), HumanMessage("Hi", id="2"), HumanMessage("there", id="3"),
        AIMessage("Hello!", id="4", name="bot"), HumanMessage("What is 2 + 2?", id="5", name="ann"),
        AIMessage("", id="6", tool_calls=[{"name": "add", "args": {"a": 2, "b": 2}, "id": "c1"}]),
        ToolMessage("4", tool_call_id="c1", id="7"), AIMessage("It is 4.", id="8")]
def contents(messages):
    return [(m.type, m.content) for m in messages]
"""
COUNT = "token_counter=len"
for name, source in {
    "trim-last": f"show(contents(trim_messages(talk, max_tokens=3, {COUNT}, strategy='last')))",
    "trim-first": f"show(contents(trim_messages(talk, max_tokens=3, {COUNT}, strategy='first')))",
    "trim-system": f"show(contents(trim_messages(talk, max_tokens=4, {COUNT}, include_system=True)))",
    "trim-start-on": f"show(contents(trim_messages(talk, max_tokens=5, {COUNT}, start_on='human')))",
    "trim-end-on": f"show(contents(trim_messages(talk, max_tokens=5, {COUNT},"
    " end_on=('human', 'tool'))))",
    "trim-approximate": "show(contents(trim_messages(talk, max_tokens=25,"
    " token_counter=count_tokens_approximately)))",
    "trim-partial": "show(contents(trim_messages([HumanMessage('a\\nb\\nc\\nd')], max_tokens=8,"
    " token_counter=lambda ms: sum(len(m.content) for m in ms), allow_partial=True,"
    " strategy='first')))",
    "trim-wrong-strategy": f"trim_messages(talk, max_tokens=3, {COUNT}, strategy='middle')",
    "filter-types": "show(contents(filter_messages(talk, include_types=['human'])))",
    "filter-classes": "show(contents(filter_messages(talk, include_types=[AIMessage])))",
    "filter-names": "show(contents(filter_messages(talk, include_names=['bot', 'ann'])))",
    "filter-exclude": "show(contents(filter_messages(talk, exclude_ids=['1'], exclude_types=['ai'])))",
    "filter-tool-calls": "show(contents(filter_messages(talk, exclude_tool_calls=True)))",
    "filter-tool-call-ids": "show(contents(filter_messages(talk, exclude_tool_calls=['c1'])))",
    "merge-runs": "show(contents(merge_message_runs(talk)))",
    "merge-runs-lists": "show(contents(merge_message_runs([HumanMessage('a'),"
    " HumanMessage([{'type': 'text', 'text': 'b'}])])))",
    "merge-runs-separator": "show(contents(merge_message_runs(talk, chunk_separator='|')))",
    "buffer": "show(get_buffer_string(talk))",
    "buffer-prefixes": "show(get_buffer_string(talk, human_prefix='H', ai_prefix='A'))",
    "openai-messages": "show(convert_to_openai_messages(talk))",
    "openai-one-message": "show(convert_to_openai_messages(HumanMessage('hi')))",
    "openai-blocks": "show(convert_to_openai_messages([HumanMessage([{'type': 'text', 'text': 'a'},"
    " {'type': 'image_url', 'image_url': {'url': 'https://example.com/a.png'}}])]))",
    "openai-text-format": "show(convert_to_openai_messages([HumanMessage("
    "[{'type': 'text', 'text': 'a'}, {'type': 'text', 'text': 'b'}])], text_format='string'))",
    "openai-text-blocks": "show(convert_to_openai_messages([HumanMessage('a')], text_format='block'))",
    "count": "show(count_tokens_approximately(talk))",
    "count-strings": "show(count_tokens_approximately(['hello there', ('system', 'be kind')]))",
    "count-chars": "show(count_tokens_approximately(talk, chars_per_token=2.0,"
    " extra_tokens_per_message=0.0))",
    "count-blocks": "show(count_tokens_approximately([HumanMessage([{'type': 'text',"
    " 'text': 'hello'}])]))",
    "pretty": "show([m.pretty_repr() for m in talk])",
    "pretty-list": "show(HumanMessage([{'type': 'text', 'text': 'a'}]).pretty_repr())",
    "repr": "show([repr(m) for m in talk])",
    "str": "show([str(m) for m in talk])",
    "repr-chunk": "show(repr(AIMessageChunk('a', id='1')), repr(HumanMessageChunk('b')))",
    "equality": "show(HumanMessage('a') == HumanMessage('a'), HumanMessage('a') == AIMessage('a'),"
    " HumanMessage('a', id='1') == HumanMessage('a'), AIMessage('a') == AIMessageChunk('a'))",
    "hash": "hash(HumanMessage('a'))",
    "dicts": "show(messages_to_dict(talk))",
    "from-dicts": "show(messages_from_dict(messages_to_dict(talk)) == talk)",
    "message-to-dict": "show(message_to_dict(HumanMessage('a')))",
    "dump": "show(HumanMessage('a', id='1', name='n').model_dump())",
    "dump-ai": "show(AIMessage('a', tool_calls=[{'name': 'f', 'args': {}, 'id': '1'}]).model_dump())",
    "convert": "show(convert_to_messages(['a', ('ai', 'b'), {'role': 'system', 'content': 'c'}]))",
    "convert-extra-keys": "show(convert_to_messages([{'role': 'user', 'content': 'a', 'name': 'n',"
    " 'id': '1', 'own': 5}]))",
    "convert-unknown": "convert_to_messages([('wizard', 'a')])",
    "text-of-list": "show(AIMessage(['a', {'type': 'text', 'text': 'b'}, {'type': 'image',"
    " 'url': 'https://example.com'}]).text)",
    "content-blocks-str": "show(HumanMessage('a').content_blocks, HumanMessage('').content_blocks)",
    "content-blocks-tools": "show(AIMessage('a', tool_calls=[{'name': 'f', 'args': {}, 'id': '1'}])"
    ".content_blocks)",
    "additional-tool-calls": "show(AIMessage('', additional_kwargs={'tool_calls': [{'id': '1',"
    " 'type': 'function', 'function': {'name': 'f', 'arguments': '{\"x\": 1}'}}]}))",
    "usage": "show(AIMessage('a', usage_metadata={'input_tokens': 1, 'output_tokens': 2,"
    " 'total_tokens': 3}).usage_metadata)",
    "tool-message": "show(ToolMessage('r', tool_call_id='1', status='error', artifact={'a': 1}))",
    "tool-message-id": "show(ToolMessage('r', tool_call_id=5).tool_call_id)",
    "tool-message-without-id": "ToolMessage('r')",
    "tool-message-tuple": "show(ToolMessage((1, 'a'), tool_call_id='1').content)",
    "no-content": "HumanMessage()",
    "number-content": "HumanMessage(3)",
    "numeric-id": "show(HumanMessage('a', id=5).id)",
    "extra-attribute": "show(HumanMessage('a', own=1).own)",
    "remove": "show(RemoveMessage(id='1').id, RemoveMessage(id='1').content)",
    "copy": "show(talk[4].model_copy(update={'content': 'b'}))",
    "chunks-text": "show(AIMessageChunk('a') + AIMessageChunk('b', id='x'))",
    "chunks-list": "show((AIMessageChunk([{'type': 'text', 'text': 'a', 'index': 0}])"
    " + AIMessageChunk([{'type': 'text', 'text': 'b', 'index': 0}])).content)",
    "chunks-str-and-list": "show((AIMessageChunk('a')"
    " + AIMessageChunk([{'type': 'text', 'text': 'b'}])).content)",
    "chunks-tools": "show((AIMessageChunk('', tool_call_chunks=[{'name': 'f', 'args': '{\"x\"',"
    " 'id': '1', 'index': 0}]) + AIMessageChunk('', tool_call_chunks=[{'name': None,"
    " 'args': ': 1}', 'id': None, 'index': 0}])).tool_calls)",
    "chunks-two-tools": "show((AIMessageChunk('', tool_call_chunks=[{'name': 'f', 'args': '{}',"
    " 'id': '1', 'index': 0}]) + AIMessageChunk('', tool_call_chunks=[{'name': 'g',"
    " 'args': '{}', 'id': '2', 'index': 1}])).tool_calls)",
    "chunks-usage": "u = {'input_tokens': 1, 'output_tokens': 2, 'total_tokens': 3}\n"
    "show((AIMessageChunk('', usage_metadata=u) + AIMessageChunk('', usage_metadata=u))"
    ".usage_metadata)",
    "chunks-id": "show((AIMessageChunk('', id='lc_run--1') + AIMessageChunk('', id='own')).id)",
    "chunks-other-kinds": "show(HumanMessageChunk('a') + HumanMessageChunk('b'),"
    " (ToolMessageChunk('a', tool_call_id='1') + ToolMessageChunk('b', tool_call_id='1')).content)",
    "chunks-with-message": "AIMessageChunk('a') + AIMessage('b')",
    "chunks-list-of-chunks": "show((AIMessageChunk('a') + [AIMessageChunk('b'), AIMessageChunk('c')])"
    ".content)",
    "chunk-to-message": "show(message_chunk_to_message(AIMessageChunk('a') + AIMessageChunk('b')))",
    "pickle": "import pickle\nshow(pickle.loads(pickle.dumps(talk[5])) == talk[5])",
}.items():
    program(f"helper-{name}", MESSAGES + source)
