"""Programs that send messages in every form."""

# Programs stand on one line where they would be typed so.
# ruff: noqa: E501

from __future__ import annotations

from tests.differential.program import program
from tests.examples.provider import Reply, call

__all__: list[str] = []

for name, given in {
    "str": '"hello"',
    "one-human": '[HumanMessage("hello")]',
    "roles": '[{"role": "system", "content": "s"}, {"role": "user", "content": "u"},'
    ' {"role": "assistant", "content": "a"}, {"role": "user", "content": "v"}]',
    "types": '[{"type": "system", "content": "s"}, {"type": "human", "content": "u"},'
    ' {"type": "ai", "content": "a"}, {"type": "human", "content": "v"}]',
    "tuples": '[("system", "s"), ("human", "u"), ("ai", "a"), ("user", "v")]',
    "strings": '["one", "two"]',
    "developer": '[{"role": "developer", "content": "d"}, ("user", "u")]',
    "names": '[HumanMessage("u", name="ann"), AIMessage("a", name="bob"), SystemMessage("s", name="x"),'
    ' HumanMessage("v")]',
    "text-blocks": '[HumanMessage([{"type": "text", "text": "one"}, {"type": "text", "text": "two"}])]',
    "system-blocks": '[SystemMessage([{"type": "text", "text": "one"}]), HumanMessage("u")]',
    "content-blocks": '[HumanMessage(content_blocks=[{"type": "text", "text": "one"}])]',
    "image-url": '[HumanMessage([{"type": "text", "text": "what?"},'
    ' {"type": "image", "url": "https://example.com/a.png"}])]',
    "image-base64": '[HumanMessage([{"type": "image", "base64": "AAAA", "mime_type": "image/png"}])]',
    "image-openai": '[HumanMessage([{"type": "image_url", "image_url":'
    ' {"url": "https://example.com/a.png", "detail": "low"}}])]',
    "image-v0": '[HumanMessage([{"type": "image", "source_type": "url", "url": "https://example.com/a"}])]',
    "audio": '[HumanMessage([{"type": "audio", "base64": "AAAA", "mime_type": "audio/wav"}])]',
    "audio-openai": '[HumanMessage([{"type": "input_audio", "input_audio":'
    ' {"data": "AAAA", "format": "wav"}}])]',
    "file": '[HumanMessage([{"type": "file", "base64": "AAAA", "mime_type": "application/pdf",'
    ' "filename": "a.pdf"}])]',
    "file-id": '[HumanMessage([{"type": "file", "file_id": "file-1"}])]',
    "file-url": '[HumanMessage([{"type": "file", "url": "https://example.com/a.pdf"}])]',
    "empty-human": '[HumanMessage("")]',
    "empty-ai": '[HumanMessage("u"), AIMessage(""), HumanMessage("v")]',
    "chat-message": '[ChatMessage("hello", role="user")]',
    "tool-calls": '[HumanMessage("u"), AIMessage("", tool_calls=[{"name": "f", "args": {"x": "é"},'
    ' "id": "c1"}]), ToolMessage("r", tool_call_id="c1")]',
    "tool-calls-and-text": '[HumanMessage("u"), AIMessage("so", tool_calls=[{"name": "f", "args": {},'
    ' "id": "c1"}]), ToolMessage("r", tool_call_id="c1")]',
    "invalid-tool-calls": '[HumanMessage("u"), AIMessage("", invalid_tool_calls=[{"name": "f",'
    ' "args": "{x", "id": "c1", "error": "bad", "type": "invalid_tool_call"}]),'
    ' ToolMessage("r", tool_call_id="c1", status="error")]',
    "openai-tool-dicts": '[{"role": "user", "content": "u"}, {"role": "assistant", "content": None,'
    ' "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments":'
    ' "{\\"x\\": 1}"}}]}, {"role": "tool", "tool_call_id": "c1", "content": "r"}]',
    "langchain-tool-dicts": '[("user", "u"), {"role": "assistant", "content": "", "tool_calls":'
    ' [{"name": "f", "args": {"x": 1}, "id": "c1"}]},'
    ' {"role": "tool", "tool_call_id": "c1", "content": "r"}]',
    "tool-blocks": '[HumanMessage("u"), AIMessage("", tool_calls=[{"name": "f", "args": {}, "id": "c1"}]),'
    ' ToolMessage([{"type": "text", "text": "r"}], tool_call_id="c1")]',
    "tool-object-content": '[HumanMessage("u"), AIMessage("", tool_calls=[{"name": "f", "args": {},'
    ' "id": "c1"}]), ToolMessage(5, tool_call_id="c1")]',
    "ai-reasoning-blocks": '[HumanMessage("u"), AIMessage([{"type": "reasoning", "reasoning": "hm"},'
    ' {"type": "text", "text": "a"}]), HumanMessage("v")]',
    "ai-tool-use-blocks": '[HumanMessage("u"), AIMessage(content_blocks=[{"type": "text", "text": "a"},'
    ' {"type": "tool_call", "name": "f", "args": {"x": 1}, "id": "c1"}]),'
    ' ToolMessage("r", tool_call_id="c1")]',
    "anthropic-image": '[HumanMessage([{"type": "image", "source": {"type": "base64",'
    ' "media_type": "image/png", "data": "AAAA"}}])]',
    "function-message": '[HumanMessage("u"), FunctionMessage("r", name="f")]',
    "mixed": '[SystemMessage("s"), ("user", "u"), {"role": "assistant", "content": "a"}, "v"]',
    "unicode": '["né ☃ 🦜"]',
    "chunk-in-history": '[HumanMessage("u"), AIMessageChunk("a") + AIMessageChunk("b"), HumanMessage("v")]',
    "plain-text-file": '[HumanMessage([{"type": "text-plain", "text": "t", "mime_type": "text/plain"}])]',
    "video": '[HumanMessage([{"type": "video", "url": "https://example.com/v.mp4"}])]',
    "not-messages": "[1, 2]",
    "unknown-role": '[("wizard", "u")]',
    "empty-list": "[]",
    "dict-without-content": '[{"role": "user"}]',
}.items():
    program(f"messages-{name}", f"show(model().invoke({given}))")

program("messages-o-series", 'show(model("o3").invoke([("system", "s"), ("user", "u")]))')
program("messages-o-mini-2", 'show(model("o4-mini").invoke([("system", "s"), ("user", "u")]))')
program(
    "messages-reply-goes-back",
    """
    m = model()
    first = m.invoke("one")
    show(first, m.invoke([("user", "one"), first, ("user", "two")]))
    """,
    Reply("hello"),
)
program(
    "messages-tool-reply-goes-back",
    """
    m = model()
    first = m.invoke("one")
    show(first, m.invoke(["one", first, ToolMessage("r", tool_call_id="c1")]))
    """,
    Reply(calls=[call("f", {"x": [1, {"y": None}]}, "c1")]),
    Reply("done"),
)
program(
    "messages-refusal-reply",
    'show(model().invoke("one"))',
    Reply(message={"refusal": "No.", "content": None}),
)
program(
    "messages-audio-reply",
    """
    m = model("gpt-4o-audio-preview", modalities=["text", "audio"], audio={"voice": "alloy", "format": "wav"})
    first = m.invoke("sing")
    show(first.additional_kwargs["audio"]["id"])
    m.invoke(["sing", first, "again"])
    """,
    Reply(
        message={"audio": {"id": "au1", "data": "AAAA", "expires_at": 9, "transcript": "la"}},
    ),
)
