"""Measures one peer in this process, in CPU time per call or chunk: `measure.py PEER BASE`.

Run by run.py under the peer's own interpreter; prints a JSON line for each scenario. CPU is this
process's own: neither the provider nor a busy machine counts. Peers must see what was sent.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from peers import PEERS
from provider import REPLY, pieces

__all__ = ["SCENARIOS"]

QUESTION = [("user", "Why do parrots talk?")]
HISTORY = [("user" if i % 2 else "assistant", "a wörd or two. " * 27) for i in range(199)]
CPU_SECONDS, WALL_SECONDS = 0.2, 2.0
ONE_LOOP = asyncio.Runner()  # one for all: some peers do not survive a second


class Scenario(NamedTuple):
    """What a peer does with the provider at `at`, for `count` units, and what it must see."""

    unit: str
    at: str
    count: int
    work: Callable[[Any, Any], Any]
    sees: Any
    given: Callable[[Any], Any] = lambda peer: peer.messages(QUESTION)


def calls(count: int, work: Callable[[Any, Any], Any], *given: Callable[[Any], Any]) -> Scenario:
    return Scenario("call", "text-1-0", count, work, [REPLY] * count, *given)


def stream(verb: str, kind: str, count: int, gap: int = 0) -> Scenario:
    at, sees = f"{kind}-{count}-{gap}", sum(map(len, pieces(kind, count)))
    return Scenario("chunk", at, count, lambda peer, asked: getattr(peer, verb)(asked), sees)


def addition(count: int) -> Scenario:
    def given(peer: Any) -> list[Any]:
        return peer.chunks(peer.messages(QUESTION))

    work = "chunk", f"tool-{count}-0", count, lambda peer, chunks: peer.add_up(chunks)
    return Scenario(*work, sees=count * 4, given=given)


def one_by_one(peer: Any, asked: Any) -> list[str]:
    return [peer.invoke(asked) for _ in range(20)]


def one_by_one_in_items(peer: Any, asked: Any) -> list[str]:
    return [peer.invoke_in_items(asked) for _ in range(20)]


async def together(peer: Any, asked: Any) -> list[str]:
    return await asyncio.gather(*(peer.ainvoke(asked) for _ in range(100)))


SCENARIOS = {
    "invoke": calls(20, one_by_one),
    "invoke, 200 messages": calls(20, one_by_one, lambda peer: peer.messages(HISTORY + QUESTION)),
    "ainvoke, 100 in flight": calls(100, together),
    "stream": stream("stream", "text", 2000),
    "stream, one event per read": stream("stream", "text", 200, 300),
    "stream of a tool call": stream("stream", "tool", 300),
    "astream": stream("astream", "text", 2000),
    "astream, one event per read": stream("astream", "text", 200, 300),
    "Responses: invoke": calls(20, one_by_one_in_items),
    "Responses: stream": stream("stream_in_items", "text", 2000),
    "Responses: stream, one event per read": stream("stream_in_items", "text", 200, 300),
    "Responses: astream": stream("astream_in_items", "text", 2000),
    "adding up 300 tool call chunks": addition(300),
    "adding up 4800 tool call chunks": addition(4800),
    "batch of 500, 50 in flight": calls(500, lambda peer, x: peer.batch([x] * 500, 50)),
    "abatch of 1000, 100 in flight": calls(1000, lambda peer, x: peer.abatch([x] * 1000, 100)),
}


def measured(scenario: Scenario, peer: Any) -> float:
    """CPU microseconds per unit, garbage collector on as users have it."""
    given = scenario.given(peer)

    def run() -> Any:
        answer = scenario.work(peer, given)
        return ONE_LOOP.run(answer) if asyncio.iscoroutine(answer) else answer

    if (seen := run()) != scenario.sees:
        raise AssertionError(f"saw {seen!s:.60}, the provider sent {scenario.sees!s:.60}")
    gc.collect()
    done, wall, cpu = 0, time.perf_counter(), time.process_time()
    while time.process_time() - cpu < CPU_SECONDS and time.perf_counter() - wall < WALL_SECONDS:
        run()
        done += scenario.count
    return (time.process_time() - cpu) / done * 1e6


def main(name: str, base: str) -> None:
    for label, scenario in SCENARIOS.items():
        peer = PEERS[name](f"{base}/{scenario.at}/v1")
        line: dict[str, Any] = {"scenario": label}
        try:
            line["value"] = measured(scenario, peer)
        except Exception as error:  # noqa: BLE001 - a peer's failure is a result
            if getattr(error, "obj", None) is not peer:  # else a verb that it does not have
                line["error"] = repr(error)[:200]
        print(json.dumps(line), flush=True)
        if getattr(peer, "session", None):
            ONE_LOOP.run(peer.session.close())


if __name__ == "__main__":
    with ONE_LOOP:
        main(*sys.argv[1:])
