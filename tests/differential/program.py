"""A program that both libraries run: its text, with the reference's import lines, and the replies.

`PROGRAMS` has them all; `program(...)` adds one. What every program may use is in `HEAD`. `show`
writes down a value, `attempt(f)` gives what f() gives or raises.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from tests.examples.provider import Reply

__all__ = ["HEAD", "PROGRAMS", "Program", "program"]

HEAD = """
import json
from langchain_openai import ChatOpenAI
from langchain.chat_models import init_chat_model
from langchain_core.messages import *
from langchain.tools import tool

def model(name="gpt-4o", **parameters):
    return ChatOpenAI(**{"model": name, "max_retries": 0, "stream_usage": True, **parameters})
"""


@dataclass
class Program:
    """See the module's docstring."""

    name: str
    source: str
    replies: list[Reply]
    unordered: bool = False
    """whether its requests may arrive in any order"""
    elsewhere: bool = False
    """whether the provider is reached at another address than its own"""


PROGRAMS: list[Program] = []


def program(name: str, source: str, *replies: Reply, **more: Any) -> None:
    PROGRAMS.append(Program(name, textwrap.dedent(source), list(replies) or [Reply("ok")], **more))
