"""One reply, shown as it is written; tokens and time on stderr when it is over."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from .render import DIM, RESET, harmless, renderer

__all__ = ["answer", "dressed"]


def answer(
    model: Any, messages: Sequence[Any], options: Namespace, *, stoppable: bool = False
) -> Any:
    """Show the reply to `messages` and answer it.

    Where it is `stoppable`, Ctrl-C ends the reply alone: what came so far is the answer, or None.
    """
    began = time.monotonic()
    if options.json or options.no_stream:
        reply = model.invoke(messages)
        _show_whole(reply, as_json=options.json)
    else:
        reply = _show_stream(model.stream(messages), stoppable=stoppable)
    if not options.quiet:
        _footer(reply, time.monotonic() - began)
    return reply


def dressed(stream: TextIO) -> bool:
    """Say whether colours are welcome there."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _show_stream(chunks: Iterable[Any], *, stoppable: bool) -> Any:
    out = sys.stdout
    terminal = dressed(out)
    screen = renderer(terminal=terminal)
    full, ended, thinking = None, True, False
    try:
        for chunk in chunks:
            full = chunk if full is None else full + chunk
            text: str = chunk.text
            if text:
                if thinking:
                    out.write(f"{RESET}\n\n")
                    thinking = False
                out.write(screen.feed(text))
                ended = text.endswith("\n")
            elif terminal and (thought := _reasoning(chunk)):
                out.write(thought if thinking else DIM + thought)
                thinking, ended = True, False
            else:
                continue
            out.flush()
    except KeyboardInterrupt:
        if not stoppable:
            raise
    finally:
        out.write(screen.close() + (RESET if thinking else "") + ("" if ended else "\n"))
        out.flush()
    if full is not None and not full.text:
        _show_refusal(full)
    return full


def _show_whole(reply: Any, *, as_json: bool) -> None:
    if as_json:
        from ..messages import to_json

        print(to_json(reply))
        return
    screen = renderer(terminal=dressed(sys.stdout))
    print(screen.feed(reply.text) + screen.close())
    if not reply.text:
        _show_refusal(reply)


def _show_refusal(reply: Any) -> None:
    if words := reply.additional_kwargs.get("refusal"):
        print(f"(refused) {words}")


def _reasoning(chunk: Any) -> str:
    thoughts = [block for block in chunk.content_blocks if block["type"] == "reasoning"]
    return harmless("".join(block.get("reasoning", "") for block in thoughts))


def _footer(reply: Any, seconds: float) -> None:
    if reply is None:
        return
    facts = [reply.response_metadata.get("model_name")]
    if usage := reply.usage_metadata:
        facts.append(f"tokens: {usage['input_tokens']:,} in, {usage['output_tokens']:,} out")
    facts.append(f"{seconds:.1f} s")
    line = " · ".join(fact for fact in facts if fact)
    print(f"{DIM}{line}{RESET}" if dressed(sys.stderr) else line, file=sys.stderr)
