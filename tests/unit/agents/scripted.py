"""What the tests of agents share: scripted models, calls, and every way to run an agent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from conure.messages import AIMessage
from conure.testing import ScriptedChatModel

__all__ = ["WAYS", "call", "calls", "script", "seen", "texts", "user"]


def call(name: str, id: Any = "1", /, **args: Any) -> dict[str, Any]:
    return {"name": name, "args": args, "id": id, "type": "tool_call"}


def calls(*each: dict[str, Any], text: str = "") -> AIMessage:
    return AIMessage(text, tool_calls=list(each))


def script(*replies: Any, **options: Any) -> ScriptedChatModel:
    return ScriptedChatModel(list(replies), **options)


def user(text: str = "hi", **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **more}


def texts(result: Any) -> list[str]:
    return [str(message.text) for message in result["messages"]]


def seen(result: Any) -> list[tuple[Any, ...]]:
    """Tell what a state holds, but for what each run makes up anew."""
    return [
        (
            message.type,
            message.content,
            message.name,
            getattr(message, "tool_calls", None),
            getattr(message, "tool_call_id", None),
            getattr(message, "status", None),
        )
        for message in result["messages"]
    ]


def _invoke(agent: Any, *args: Any, **options: Any) -> Any:
    return agent.invoke(*args, **options)


def _ainvoke(agent: Any, *args: Any, **options: Any) -> Any:
    return asyncio.run(agent.ainvoke(*args, **options))


def _stream(agent: Any, *args: Any, **options: Any) -> Any:
    return [*agent.stream(*args, stream_mode="values", **options)][-1]


def _astream(agent: Any, *args: Any, **options: Any) -> Any:
    async def last() -> Any:
        stream = agent.astream(*args, stream_mode=["values", "messages"], **options)
        return [item async for mode, item in stream if mode == "values"][-1]

    return asyncio.run(last())


def _events(agent: Any, *args: Any, **options: Any) -> Any:
    return agent.stream_events(*args, version="v3", **options).output


def _aevents(agent: Any, *args: Any, **options: Any) -> Any:
    async def last() -> Any:
        stream = await agent.astream_events(*args, version="v3", **options)
        return await stream.output

    return asyncio.run(last())


WAYS: dict[str, Callable[..., Any]] = {
    "invoke": _invoke,
    "ainvoke": _ainvoke,
    "stream": _stream,
    "astream": _astream,
    "events": _events,
    "aevents": _aevents,
}
