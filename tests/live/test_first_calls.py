"""The very first calls of a process, many at once: what is imported on first use is all there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.live.asking import whole
from tests.live.server import FaultServer, reply

SETUP = """
import asyncio, sys
from concurrent.futures import ThreadPoolExecutor
from conure import init_chat_model
model = init_chat_model("openai:m", base_url=sys.argv[1], api_key="k", max_retries=0)
"""
IN_THREADS = """
with ThreadPoolExecutor(30) as threads:
    replies = list(threads.map(model.invoke, ["hello"] * 30))
"""
IN_A_LOOP = """
async def crowd():
    return await asyncio.gather(*(model.ainvoke("hello") for _ in range(30)))
replies = asyncio.run(crowd())
"""
CHECK = """
assert [reply.text for reply in replies] == ["hello there"] * 30
"""


@pytest.mark.parametrize("calls", [IN_THREADS, IN_A_LOOP], ids=["threads", "loop"])
def test_a_crowd_of_first_calls(calls):
    with FaultServer([reply(whole())]) as server:
        command = [sys.executable, "-W", "error", "-c", SETUP + calls + CHECK, server.url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
