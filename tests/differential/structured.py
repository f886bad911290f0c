"""Programs that ask for values."""

# Programs stand on one line where they would be typed so.
# ruff: noqa: E501

from __future__ import annotations

from tests.differential.program import program
from tests.examples.provider import Reply, call

__all__: list[str] = []

PYDANTIC = '''
from typing import Optional
from pydantic import BaseModel, Field

class Movie(BaseModel):
    """A movie."""
    title: str = Field(description="Its title")
    year: int
'''
TYPEDDICT = '''
from typing_extensions import Annotated, TypedDict

class Movie(TypedDict):
    """A movie."""
    title: Annotated[str, ..., "Its title"]
    year: Annotated[int, ..., "Its year"]
'''
SCHEMA = """
Movie = {"title": "Movie", "description": "A movie.", "type": "object",
         "properties": {"title": {"type": "string", "description": "Its title"},
                        "year": {"type": "integer"}}, "required": ["title", "year"]}
"""
TOLD = Reply('{"title": "Up", "year": 2009}')
CALLED = Reply(calls=[call("Movie", {"title": "Up", "year": 2009}, "c1")])
KINDS = {"pydantic": PYDANTIC, "typeddict": TYPEDDICT, "schema": SCHEMA}

for kind, made in KINDS.items():
    for method in ("json_schema", "function_calling", "json_mode"):
        reply = CALLED if method == "function_calling" else TOLD
        program(
            f"structured-{kind}-{method}",
            f'{made}\nm = model().with_structured_output(Movie, method="{method}")\n'
            'show(m.invoke("hi"))',
            reply,
        )
        program(
            f"structured-{kind}-{method}-raw",
            f'{made}\nm = model().with_structured_output(Movie, method="{method}", include_raw=True)\n'
            'answer = m.invoke("hi")\nshow(answer["raw"].text, answer["parsed"], answer["parsing_error"])',
            reply,
        )
    program(
        f"structured-{kind}-default",
        f'{made}\nshow(model().with_structured_output(Movie).invoke("hi"))',
        TOLD,
    )
    program(
        f"structured-{kind}-strict",
        f'{made}\nshow(model().with_structured_output(Movie, strict=True).invoke("hi"))',
        TOLD,
    )
    program(
        f"structured-{kind}-stream",
        f'{made}\nparts = list(model().with_structured_output(Movie).stream("hi"))\n'
        "show(parts[-1], len(parts) > 1)",
        TOLD,
    )
    program(
        f"structured-{kind}-async",
        f'{made}\nshow(await model().with_structured_output(Movie).ainvoke("hi"))',
        TOLD,
    )
    program(
        f"structured-{kind}-batch",
        f'{made}\nshow(model().with_structured_output(Movie).batch(["a", "b"]))',
        TOLD,
        unordered=True,
    )

for name, reply in {
    "not-json": Reply("I do not know."),
    "wrong-field": Reply('{"title": "Up", "year": "soon"}'),
    "missing-field": Reply('{"title": "Up"}'),
    "refusal": Reply(message={"refusal": "No.", "content": None}),
    "cut-off": Reply('{"title": "U', finish="length"),
    "filtered": Reply('{"title": "U', finish="content_filter"),
    "fenced": Reply('```json\n{"title": "Up", "year": 2009}\n```'),
    "nothing": Reply(""),
}.items():
    for kind in ("pydantic", "schema"):
        for raw in (False, True):
            program(
                f"structured-{kind}-{name}" + ("-raw" if raw else ""),
                f"{KINDS[kind]}\nm = model().with_structured_output(Movie, include_raw={raw})\n"
                + (
                    'answer = m.invoke("hi")\nshow(answer["parsed"], answer["parsing_error"] is not None)'
                    if raw
                    else 'show(m.invoke("hi"))'
                ),
                reply,
            )
for name, reply in {
    "no-call": Reply("I do not know."),
    "other-call": Reply(calls=[call("Other", {"x": 1}, "c1")]),
    "bad-call": Reply(calls=[call("Movie", '{"title": ', "c1")]),
    "two-calls": Reply(
        calls=[call("Movie", {"title": "Up", "year": 2009}, "c1"),
               call("Movie", {"title": "Cars", "year": 2006}, "c2")]
    ),
    "wrong-field": Reply(calls=[call("Movie", {"title": "Up", "year": "soon"}, "c1")]),
}.items():  # fmt: skip
    program(
        f"structured-call-{name}",
        f'{PYDANTIC}\nshow(model().with_structured_output(Movie, method="function_calling").invoke("hi"))',
        reply,
    )

program(
    "structured-optional",
    """
    from typing import Optional
    from pydantic import BaseModel

    class Movie(BaseModel):
        title: str
        budget: Optional[float] = None

    show(model().with_structured_output(Movie).invoke("hi"))
    """,
    Reply('{"title": "Up", "budget": null}'),
)
program(
    "structured-nested",
    """
    from pydantic import BaseModel

    class Actor(BaseModel):
        name: str

    class Movie(BaseModel):
        cast: list[Actor]
        lead: Actor

    show(model().with_structured_output(Movie).invoke("hi"))
    """,
    Reply('{"cast": [{"name": "a"}], "lead": {"name": "b"}}'),
)
program(
    "structured-enum",
    """
    from enum import Enum
    from typing import Literal, Union
    from pydantic import BaseModel

    class Mood(Enum):
        glad = "glad"
        sad = "sad"

    class Answer(BaseModel):
        mood: Mood
        kind: Literal["a", "b"]
        size: Union[int, str]

    show(model().with_structured_output(Answer).invoke("hi"))
    """,
    Reply('{"mood": "sad", "kind": "a", "size": 3}'),
)
program(
    "structured-json-mode-without-schema",
    'show(model().with_structured_output(None, method="json_mode").invoke("hi"))',
    TOLD,
)
program("structured-unknown-method", 'model().with_structured_output({}, method="magic")')
program("structured-no-schema", "model().with_structured_output(None)")
program(
    "structured-tools",
    PYDANTIC
    + """
def look(x: int) -> int:
    "Look."
m = model().with_structured_output(Movie, tools=[look], strict=True, include_raw=True)
answer = m.invoke("hi")
show(answer["raw"].tool_calls, answer["parsed"], answer["parsing_error"])
""",
    Reply(calls=[call("look", {"x": 1}, "c1")]),
)
program(
    "structured-on-bound",
    PYDANTIC + 'show(model().bind(temperature=0.1).with_structured_output(Movie).invoke("hi"))',
    TOLD,
)
program(
    "structured-old-model",
    SCHEMA + 'show(model("gpt-4").with_structured_output(Movie).invoke("hi"))',
    CALLED,
)
program(
    "structured-in-a-chain",
    PYDANTIC + 'show((model().with_structured_output(Movie) | (lambda m: m.title)).invoke("hi"))',
    TOLD,
)
program(
    "bind-tools-response-format",
    PYDANTIC
    + """
def look(x: int) -> int:
    "Look."
show(model().bind_tools([look], response_format=Movie, strict=True).invoke("hi").text)
""",
    TOLD,
)
