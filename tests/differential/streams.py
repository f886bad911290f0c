"""Programs that stream, and that ask for many at once."""

# Programs stand on one line where they would be typed so.
# ruff: noqa: E501

from __future__ import annotations

from tests.differential.program import program
from tests.examples.provider import Reply, call

__all__: list[str] = []

HELLO = Reply("Hello there, dear world.")
TWO = Reply(
    "Let me see.", calls=[call("f", {"x": 1, "y": "two"}, "c1"), call("g", {"z": [1]}, "c2")]
)

program("stream-text", 'show([c.text for c in model().stream("hi") if c.text])', HELLO)
program(
    "stream-sum",
    """
    full = None
    for chunk in model().stream("hi"):
        full = chunk if full is None else full + chunk
    show(full.content, full.text, full.chunk_position, full.response_metadata["finish_reason"])
    show(full.content_blocks, full.response_metadata["model_name"], full.usage_metadata)
    """,
    HELLO,
)
program(
    "stream-usage",
    """
    full = None
    for chunk in model(stream_usage=True).stream("hi"):
        full = chunk if full is None else full + chunk
    show(full.usage_metadata)
    """,
    HELLO,
)
program("stream-usage-call", 'list(model().stream("hi", stream_usage=True))', HELLO)
program("stream-no-usage", 'list(model(stream_usage=False).stream("hi"))', HELLO)
program("stream-no-usage-elsewhere", 'list(model(stream_usage=False).stream("hi"))', elsewhere=True)
program("stream-usage-default", 'list(model(stream_usage=None).stream("hi"))')
program(
    "stream-tools",
    """
    full = None
    for chunk in model().stream("hi"):
        full = chunk if full is None else full + chunk
    show(full.content, full.tool_calls, full.invalid_tool_calls)
    show([(c["name"], c["id"], c["index"], c["args"]) for c in full.tool_call_chunks])
    show(message_chunk_to_message(full).tool_calls)
    """,
    TWO,
)
program(
    "stream-tools-steps",
    """
    full = None
    for chunk in model().stream("hi"):
        full = chunk if full is None else full + chunk
        if chunk.tool_call_chunks:
            show(full.tool_calls)
    """,
    TWO,
)
program(
    "stream-tool-chunks",
    """
    for chunk in model().stream("hi"):
        for call in chunk.tool_call_chunks:
            show({name: call[name] for name in ("name", "args", "id", "type")})
    """,
    Reply(calls=[call("f", {"x": 1}, "c1")]),
)
program(
    "stream-chunk-blocks",
    """
    for chunk in model().stream("hi"):
        if chunk.content_blocks:
            show(chunk.content_blocks)
    """,
    TWO,
)
program(
    "stream-refusal",
    """
    full = None
    for chunk in model().stream("hi"):
        full = chunk if full is None else full + chunk
    show(full.content, full.additional_kwargs.get("refusal"), full.content_blocks)
    """,
    Reply(message={"refusal": "No."}),
)
program(
    "stream-bad-arguments",
    """
    full = None
    for chunk in model().stream("hi"):
        full = chunk if full is None else full + chunk
    show(full.tool_calls, full.invalid_tool_calls)
    """,
    Reply(calls=[call("f", '{"x": ', "c1")]),
)
program(
    "stream-goes-back",
    """
    full = None
    for chunk in model().stream("hi"):
        full = chunk if full is None else full + chunk
    results = [ToolMessage("r", tool_call_id="c1"), ToolMessage("s", tool_call_id="c2")]
    model().invoke(["hi", full, *results])
    """,
    TWO,
)
program(
    "stream-logprobs",
    """
    full = None
    for chunk in model(logprobs=True).stream("hi"):
        full = chunk if full is None else full + chunk
    show(len(full.response_metadata["logprobs"]["content"]))
    """,
    Reply(
        "a b c",
        choice={"logprobs": {"content": [{"token": "a", "logprob": -1.0, "bytes": [97],
                                          "top_logprobs": []}]}},
    ),
)  # fmt: skip
program("streaming-true", 'show(model(streaming=True).invoke("hi").text)', HELLO)
program("stream-kwarg", 'show(model().invoke("hi", stream=True).text)', HELLO)
program(
    "disable-streaming",
    'show([c.text for c in model(disable_streaming=True).stream("hi")][0])',
    HELLO,
)
program(
    "disable-streaming-tools",
    """
    def f(x: int) -> int:
        "Do it."
    m = model(disable_streaming="tool_calling")
    list(m.stream("hi"))
    list(m.bind_tools([f]).stream("hi"))
    """,
    HELLO,
)
program("ainvoke", 'show(await model().ainvoke("hi"))', HELLO)
program("astream", 'show([c.text async for c in model().astream("hi") if c.text])', HELLO)
program("abatch", 'show([m.text for m in await model().abatch(["a", "b"])])',
        Reply(echo=True), unordered=True)  # fmt: skip
program("batch", 'show([m.text for m in model().batch(["a", "b", "c"])])',
        Reply(echo=True), unordered=True)  # fmt: skip
program("batch-empty", "show(model().batch([]))")
program("batch-same", 'show([m.text for m in model().batch(["a", "a", "a"])])',
        Reply(echo=True), unordered=True)  # fmt: skip
program("batch-one-at-a-time",
        'show([m.text for m in model().batch(["a", "b"], config={"max_concurrency": 1})])',
        Reply(echo=True))  # fmt: skip
program("batch-configs",
        'show([m.text for m in model().batch(["a", "b"], config=[{"tags": ["x"]}, {"tags": ["y"]}])])',
        Reply(echo=True), unordered=True)  # fmt: skip
program("batch-configs-short", 'model().batch(["a", "b"], config=[{}])', Reply(echo=True))
program(
    "batch-as-completed",
    'show(sorted((i, m.text) for i, m in model().batch_as_completed(["a", "b", "c"])))',
    Reply(echo=True),
    unordered=True,
)
program(
    "abatch-as-completed",
    """
    show(sorted([(i, m.text) async for i, m in model().abatch_as_completed(["a", "b"])]))
    """,
    Reply(echo=True),
    unordered=True,
)
BAD = Reply(status=400, body={"error": {"message": "bad", "type": "invalid_request_error"}})
program("batch-raises", 'model().batch(["a"])', BAD)
program("batch-return-exceptions", 'show(model().batch(["a"], return_exceptions=True))', BAD)
program("batch-bound", 'show([m.text for m in model().bind(stop=["x"]).batch(["a", "b"])])',
        Reply(echo=True), unordered=True)  # fmt: skip
program(
    "stream-error",
    'list(model().stream("hi"))',
    Reply(status=401, body={"error": {"message": "no", "code": "invalid_api_key"}}),
)
program(
    "stream-error-within",
    """
    for chunk in model().stream("hi"):
        if chunk.text:
            show(chunk.text)
    """,
    Reply(
        events=[
            {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m",
             "choices": [{"index": 0, "delta": {"content": "Hel"}, "finish_reason": None}]},
            {"error": {"message": "overloaded", "type": "server_error", "code": 500}},
        ]
    ),
)  # fmt: skip
