"""The libraries that are measured, each behind the same few verbs; streams answer characters seen.

`needs` must be importable where a peer runs; `cold` is what its user writes before a first call.
A verb that a library lacks is left out, and what needs it is not measured.
"""

from __future__ import annotations

import asyncio
import http.client
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

__all__ = ["PEERS", "Peer"]

STREAMING = {"stream": True, "stream_options": {"include_usage": True}}


class Peer:
    """A library without a batch of its own: its users have threads and gates."""

    def messages(self, pairs: list[tuple[str, str]]) -> Any:
        return [{"role": role, "content": text} for role, text in pairs]

    def batch(self, many: list[Any], limit: int) -> list[str]:
        with ThreadPoolExecutor(limit) as threads:
            return list(threads.map(self.invoke, many))

    async def abatch(self, many: list[Any], limit: int) -> list[str]:
        gate = asyncio.Semaphore(limit)

        async def one(messages: Any) -> str:
            async with gate:
                return await self.ainvoke(messages)

        return await asyncio.gather(*map(one, many))


class Floor(Peer):
    """http.client, aiohttp and msgspec's JSON by hand: what every library comes on top of."""

    needs = "msgspec"
    cold = "import http.client, msgspec; http.client.HTTPConnection('127.0.0.1', 1)"
    headers = {"authorization": "Bearer x", "content-type": "application/json"}  # noqa: RUF012

    def __init__(self, url: str) -> None:
        self.url = f"{url}/chat/completions"
        _, self.host, self.path, *_ = urlsplit(self.url)
        self.json, self.session = import_module("msgspec.json"), None
        self.idle: list[http.client.HTTPConnection] = []

    def post(self, messages: Any, **settings: Any) -> tuple[Any, http.client.HTTPResponse]:
        body = self.json.encode({"model": "gpt-4.1", "messages": messages, **settings})
        connection = self.idle.pop() if self.idle else http.client.HTTPConnection(self.host)
        connection.request("POST", self.path, body, self.headers)
        return connection, connection.getresponse()

    def apost(self, messages: Any, **settings: Any) -> Any:
        body = self.json.encode({"model": "gpt-4.1", "messages": messages, **settings})
        if self.session is None:
            aiohttp = import_module("aiohttp")
            self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self.session.post(self.url, data=body, headers=self.headers)

    def invoke(self, messages: Any) -> str:
        connection, reply = self.post(messages)
        answer = self.json.decode(reply.read())
        self.idle.append(connection)
        return answer["choices"][0]["message"]["content"]

    async def ainvoke(self, messages: Any) -> str:
        async with self.apost(messages) as reply:
            return self.json.decode(await reply.read())["choices"][0]["message"]["content"]

    def stream(self, messages: Any) -> int:
        connection, reply = self.post(messages, **STREAMING)
        seen, rest = 0, b""
        while data := reply.read1(65536):
            *events, rest = (rest + data).split(b"\n\n")
            seen += sum(map(self.seen, events))
        self.idle.append(connection)
        return seen

    async def astream(self, messages: Any) -> int:
        seen, rest = 0, b""
        async with self.apost(messages, **STREAMING) as reply:
            async for data in reply.content.iter_any():
                *events, rest = (rest + data).split(b"\n\n")
                seen += sum(map(self.seen, events))
        return seen

    def seen(self, event: bytes) -> int:
        choices = () if event == b"data: [DONE]" else self.json.decode(event[6:])["choices"]
        delta = choices[0]["delta"] if choices else {}
        calls = delta.get("tool_calls", ())
        return len(delta.get("content") or "") + sum(len(c["function"]["arguments"]) for c in calls)


class LangChain(Peer):
    """The shape that conure shares with LangChain."""

    needs = "langchain_openai"
    models, said = "langchain.chat_models", "langchain_core.messages"
    cold = (
        "from langchain.chat_models import init_chat_model as i; i('openai:gpt-4.1', api_key='x')"
    )

    def __init__(self, url: str) -> None:
        make = import_module(self.models).init_chat_model
        self.model = make("openai:gpt-4.1", base_url=url, api_key="x")
        self.in_items = make("openai:gpt-4.1", base_url=url, api_key="x", use_responses_api=True)

    def messages(self, pairs: list[tuple[str, str]]) -> Any:
        said = import_module(self.said)
        kinds = {"user": said.HumanMessage, "assistant": said.AIMessage}
        return [kinds[role](text) for role, text in pairs]

    def invoke(self, messages: Any) -> str:
        return self.model.invoke(messages).content

    async def ainvoke(self, messages: Any) -> str:
        return (await self.model.ainvoke(messages)).content

    def stream(self, messages: Any) -> int:
        return sum(map(self.seen, self.model.stream(messages)))

    async def astream(self, messages: Any) -> int:
        return sum([self.seen(chunk) async for chunk in self.model.astream(messages)])

    def seen(self, chunk: Any) -> int:
        return len(chunk.content) + sum(len(call["args"] or "") for call in chunk.tool_call_chunks)

    def invoke_in_items(self, messages: Any) -> str:
        return self.in_items.invoke(messages).content[0]["text"]

    def stream_in_items(self, messages: Any) -> int:
        return sum(map(self.seen_in_items, self.in_items.stream(messages)))

    async def astream_in_items(self, messages: Any) -> int:
        return sum([self.seen_in_items(chunk) async for chunk in self.in_items.astream(messages)])

    def seen_in_items(self, chunk: Any) -> int:
        return sum([len(element.get("text", "")) for element in chunk.content])

    def chunks(self, messages: Any) -> list[Any]:
        return list(self.model.stream(messages))

    def add_up(self, chunks: list[Any]) -> int:
        return self.seen(sum(chunks[1:], chunks[0]))

    def batch(self, many: list[Any], limit: int) -> list[str]:
        return [reply.content for reply in self.model.batch(many, {"max_concurrency": limit})]

    async def abatch(self, many: list[Any], limit: int) -> list[str]:
        return [r.content for r in await self.model.abatch(many, {"max_concurrency": limit})]


class Conure(LangChain):
    """What this repository is."""

    needs = "conure"
    models, said = "conure.chat_models", "conure.messages"
    cold = "from conure import init_chat_model; init_chat_model('openai:gpt-4.1', api_key='x')"


class OpenAI(Peer):
    """The vendor's own client."""

    needs = "openai"
    cold = "import openai; openai.OpenAI(api_key='x')"

    def __init__(self, url: str) -> None:
        openai = import_module("openai")
        self.make = openai.OpenAI(base_url=url, api_key="x").chat.completions.create
        self.amake = openai.AsyncOpenAI(base_url=url, api_key="x").chat.completions.create
        self.respond = openai.OpenAI(base_url=url, api_key="x").responses.create

    def invoke(self, messages: Any) -> str:
        return self.make(model="gpt-4.1", messages=messages).choices[0].message.content

    async def ainvoke(self, messages: Any) -> str:
        reply = await self.amake(model="gpt-4.1", messages=messages)
        return reply.choices[0].message.content

    def stream(self, messages: Any) -> int:
        return sum(map(self.seen, self.make(model="gpt-4.1", messages=messages, **STREAMING)))

    async def astream(self, messages: Any) -> int:
        chunks = await self.amake(model="gpt-4.1", messages=messages, **STREAMING)
        return sum([self.seen(chunk) async for chunk in chunks])

    def invoke_in_items(self, messages: Any) -> str:
        return self.respond(model="gpt-4.1", input=messages).output_text

    def stream_in_items(self, messages: Any) -> int:
        events = self.respond(model="gpt-4.1", input=messages, stream=True)
        return sum(len(e.delta) for e in events if e.type == "response.output_text.delta")

    def seen(self, chunk: Any) -> int:
        deltas = [choice.delta for choice in chunk.choices]
        calls = [call for delta in deltas for call in delta.tool_calls or ()]
        return len(
            "".join([d.content or "" for d in deltas] + [c.function.arguments for c in calls])
        )


PEERS: dict[str, Any] = {"floor": Floor, "conure": Conure, "openai": OpenAI, "langchain": LangChain}
