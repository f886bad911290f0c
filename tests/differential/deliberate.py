"""Where this library differs from the reference on purpose: program, field, reason.

Programs and fields are patterns as of file names; a field is a path in what came of a program,
`wire.0.body.…` for requests and `shown.0.…` for values. A row that matches nothing fails the
test: the list says what is so, not what was.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

__all__ = ["DELIBERATE", "reason_for"]

CALL = "wire.*.body.tools.*.function"
FORMAT = "wire.*.body.response_format.json_schema"

KINDS = "03 §3.10 WART: every failure is a ModelError of its kind"

DELIBERATE: list[tuple[str, str, str]] = [
    # Messages.
    ("messages-plain-text-file", "*", "05 §5.3 WART: text-plain is sent as text, not refused"),
    ("messages-not-messages", "shown.0.raised.error", "01 §1.5: the error is a ValueError"),
    ("messages-empty-list", "*", "03 §3.1 WART: no messages is an error here, not the provider's"),
    ("*refusal*", "shown.*", "01 §1.8 and 09 #12: a refusal is a block, streamed or whole"),
    ("messages-audio-reply", "wire.1.body.messages.1.content",
     "05 §5.3: spoken history is its id; it has no text to send"),
    ("tool-loop", "wire.1.body.messages.2.name", "09 #30: a tool's name is not lost on the way"),
    # Settings.
    ("*-unknown", "shown.0.raised.error",
     "02 §2.1 and 03 §3.1 WART: an unknown parameter is named, with its nearest match"),
    ("*-response-format", "shown.0.kwargs.parsed",
     "04 §4.4: `parsed` stands there when something was parsed"),
    ("bind-then-tools", "wire.0.body.temperature", "03 §3.6 WART: bound settings are kept"),
    ("structured-on-bound", "wire.0.body.temperature", "03 §3.6 WART: bound settings are kept"),
    ("max-tokens-elsewhere", "wire.0.body.max_*",
     "05 §5.3 WART: other servers know `max_tokens` only"),
    ("configurable-without-model", "shown.0.raised.error",
     "02 §2.2 WART: a ValueError that says which key to pass"),
    ("no-key", "shown.0", "05 §5.2 WART: another address than the vendor's may need no key"),
    # Streams.
    ("stream-usage-default", "wire.0.body.stream_options",
     "05 §5.5 WART: the official address, given in words, is no reason to lose the usage"),
    ("stream-tools", "shown.3.*.2",
     "01 §1.9 WART: the merge key tells a call from the text before it"),
    ("stream-chunk-blocks", "shown.*.0.index",
     "01 §1.9 WART: the merge key tells a call from the text before it"),
    ("stream-bad-arguments", "shown.*",
     "01 §1.9 WART, 09 #11: cut-off arguments are no valid tool call"),
    ("stream-error-within", "shown.1.raised.*",
     "03 §3.10 WART: an error within a stream is a ModelError with its status"),
    # Tools.
    ("strict-tools-*", f"{CALL}.parameters.*",
     "04 §4.5 WART: strict mode refuses `default` and has no optional; null says it"),
    ("convert-tool", "shown.1.parameters.*",
     "04 §4.5 WART: strict mode refuses `default` and has no optional; null says it"),
    ("strict-tools-openai-dict", f"{CALL}.strict", "04 §4.3 WART: strict holds for ready dicts"),
    ("tool-choice-unknown", "*", "04 §4.4 WART: an unknown name is an error that lists the tools"),
    ("bind-tools-empty", "wire.0.body.tools", "04 §4.4 WART: no tools are not sent"),
    ("tool-bad-arguments-reply", "shown.0.blocks.*",
     "01 §1.7 WART: broken calls are blocks, in their place"),
    ("tool-bad-arguments-reply", "shown.0.invalid_tool_calls.0.error",
     "01 §1.9 WART: the error names truncation, and no web page"),
    ("tool-arguments-not-object", "shown.0", "05 §5.3 WART: such a call is invalid, no crash"),
    ("tool-invoke-call-without-type", "shown.0", "04 §4.2 WART, S-021: a call is a call"),
    ("tool-invoke-number-for-str", "shown.0", "04 §4.2 WART: models write numbers for text"),
    ("tool-invoke-directly", "shown.0", "04 §4.1 WART: a tool can be called as the function"),
    ("tool-invoke-wrong-type", "shown.0.raised.error",
     "04 §4.2: a ValueError that a model can act on"),
    ("tool-invoke-missing", "shown.0.raised.error",
     "04 §4.2: a ValueError that a model can act on"),
    # Structured output.
    ("*", f"{FORMAT}.description",
     "04 §4.5: a schema's words are sent once, beside its name"),
    ("*", f"{FORMAT}.schema.description",
     "04 §4.5: a schema's words are sent once, beside its name"),
    ("*", f"{FORMAT}.schema.title",
     "04 §4.5: a schema's words are sent once, beside its name"),
    ("structured-*", "shown.0.raised.error", "04 §4.5: one exception that carries the raw reply"),
    ("structured-pydantic-*-raw", "shown.*",
     "04 §4.5 WART: with include_raw, what went wrong stands in parsing_error"),
    ("structured-schema-*-raw", "shown.*",
     "04 §4.5 WART: with include_raw, what went wrong stands in parsing_error"),
    ("structured-schema-*-field", "shown.0",
     "04 §4.5: the answer is a value that fits, or an exception"),
    ("structured-pydantic-fenced", "shown.0", "04 §4.5: JSON is found within other text"),
    ("structured-call-no-call", "shown.0", "04 §4.5 WART: never None"),
    ("structured-call-bad-call", "shown.0", "04 §4.5 WART: never None"),
    # Failures.
    ("error-40[89]-*", "shown.0.raised.error", KINDS),
    ("error-4[12][23]-*", "shown.0.raised.error", KINDS),
    ("error-200-*", "shown.0.raised.error", KINDS),
    ("error-no-choices", "shown.0.raised.error", KINDS),
    # Helpers.
    ("helper-trim-approximate", "shown.0.*",
     "01 §1.11 WART: a result is not kept without its call"),
    ("helper-tool-message-without-id", "shown.0.raised.error",
     "01 §1.3 WART: a ValueError that names the field"),
]  # fmt: skip


def reason_for(program: str, path: str) -> int | None:
    """Find the row that says why a field of a program differs."""
    for number, (programs, fields, _) in enumerate(DELIBERATE):
        if fnmatchcase(program, programs) and fnmatchcase(path, fields):
            return number
    return None
